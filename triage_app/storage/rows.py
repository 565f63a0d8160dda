"""The rows as values: what the database keeps, free of SQL. Times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from triage_app.delivery.states import DeliveryState as DeliveryState


class Role(StrEnum):
    """Who sits before the screen; a RelatedPerson counts as patient and is a proxy."""

    PATIENT = "patient"
    CLINICIAN = "clinician"


class Mode(StrEnum):
    """How the browser holds the app: as a page of its own, or in a frame of the EHR."""

    TOP = "top"
    EMBEDDED = "embedded"


class DeliveryKind(StrEnum):
    """What a delivery carries: a submission's resources, or a clinician's decision."""

    TRANSACTION = "transaction"
    DECISION = "decision"


@dataclass(frozen=True)
class Pending:
    """A launch that waits for its callback; taken once, by its state."""

    state: str = field(repr=False)
    launch: str
    ehr: str
    mode: Mode
    endpoints: Mapping[str, Any]
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    cookie_hash: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Launch:
    """One launch is one session: one patient, one user, one browser.

    ``user`` is the fhirUser as a relative reference (``Practitioner/7``). Tokens are sealed at rest.
    ``context`` is what the EHR said besides (``fhir.launch_context``), sealed too;
    ``subject`` the login's name in its id_tokens, which may not change.
    ``refreshing_until``: somebody is trading the refresh token, which works once; others wait.
    """

    id: str
    ehr: str
    patient: str
    user: str
    role: Role
    mode: Mode
    encounter: str | None
    scopes: tuple[str, ...]
    access_token: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    cookie_hash: str
    language: str
    need_patient_banner: bool = True
    refreshing_until: datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    subject: str | None = field(default=None, repr=False)

    @property
    def is_proxy(self) -> bool:
        """Return whether somebody else answers for the patient."""
        return self.role is Role.PATIENT and self.user != f"Patient/{self.patient}"


@dataclass(frozen=True)
class Draft:
    """Answers on their way: they belong to the patient and the one who answers, not to a launch."""

    id: str
    ehr: str
    patient: str
    author: str
    pathway: str
    version: str
    checksum: str
    answers: Mapping[str, Any] = field(repr=False)
    sequence: int
    launch: str
    started_at: datetime
    touched_at: datetime


@dataclass(frozen=True)
class Submission:
    """What was sent off, as it was; never changed. ``draft`` is the id of the draft that it came from."""

    id: str
    ehr: str
    patient: str
    launch: str
    pathway: str
    version: str
    snapshot: Mapping[str, Any] = field(repr=False)
    sha256: str
    created_at: datetime
    draft: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One promise to the EHR: what to write, how far that is, and what the EHR called it.

    ``fence`` grows with every claim; a mark with an older fence is refused. ``resumed`` says that the claim
    took over from a sender that never reported, so the EHR may hold the write already. ``marked_at`` is when
    its state was last written.
    """

    id: str
    submission: str | None
    ehr: str
    patient: str
    kind: DeliveryKind
    bundle: Mapping[str, Any] = field(repr=False)
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    lease_until: datetime | None = None
    fence: int = 0
    ids: Mapping[str, Any] = field(default_factory=dict)
    last_error: str | None = None
    rung: str | None = None
    launch: str | None = None
    resumed: bool = False
    marked_at: datetime | None = None


@dataclass(frozen=True)
class Lane:
    """The road to one EHR: paused until a time, after so many failures in a row."""

    ehr: str
    paused_until: datetime | None = None
    failures: int = 0


@dataclass(frozen=True)
class AuditEntry:
    """Who did what when; never what was answered."""

    ehr: str
    at: datetime
    action: str
    launch: str | None = None
    patient: str | None = None
    user: str | None = None
    subject: str | None = None
