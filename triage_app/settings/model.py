"""The values that every part reads: Settings, and one EHR per hospital of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from triage_app.settings.checks import check_ehr, check_settings
from triage_app.settings.scopes import default_scopes


class AcceptAs(StrEnum):
    """What a clinician's accept creates: a draft plan, or an active order where site policy allows it."""

    PLAN = "plan"
    ORDER = "order"


class ClientAuthentication(StrEnum):
    """How the app proves itself at a token endpoint, in OAuth's names, and ``public`` where it does not."""

    PUBLIC = "public"
    SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the name of a method
    SECRET_POST = "client_secret_post"  # noqa: S105 - the name of a method
    PRIVATE_KEY = "private_key_jwt"


@dataclass(frozen=True)
class Secret:
    """A text that never shows itself: ``str`` and ``repr`` are masked, ``reveal()`` gives it."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the secret itself; for the one line that needs it."""
        return self._value

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True)
class SealingKey:
    """One AES-256 key and the short id that is written beside what it sealed."""

    key_id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class EHR:
    """One hospital of the registry: how to reach it, and whom its patients call.

    ``fhir_base_url`` is the ``iss`` of a launch, compared letter by letter. ``authorization_hosts`` are the
    hosts, besides that of the FHIR base, where its authorisation server may live. ``openid_issuer`` is the
    ``iss`` of its id_tokens where that is not what its own discovery document says. ``largest_transaction``
    is how many entries its server takes in one transaction, where it has a limit. Without ``scopes`` the app
    asks for what it needs; ``read_chart`` says that this includes reading the patient's history.
    ``client_keys`` are private keys (PEM or JWK): the first that fits signs, all are published.
    ``client_authentication`` is needed only where secret or keys leave a choice.
    """

    key: str
    name: str
    fhir_base_url: str
    client_id: str
    time_zone: str
    country: str
    emergency_number: str
    same_day_phone: str
    same_day_hours: str
    out_of_hours_phone: str
    crisis_helpline: str
    clinic_name: str
    reply_within: str
    client_secret: Secret | None = None
    client_keys: tuple[Secret, ...] = ()
    client_authentication: ClientAuthentication | None = None
    scopes: tuple[str, ...] = ()
    read_chart: bool = True
    authorization_hosts: tuple[str, ...] = ()
    openid_issuer: str | None = None
    client_id_in_body: bool = False
    standalone: bool = False
    authorize_by_post: bool = False
    ehr_style: bool = False
    frame_ancestors: tuple[str, ...] = ()
    accept_as: AcceptAs = AcceptAs.PLAN
    largest_transaction: int | None = None

    def __post_init__(self) -> None:
        if not self.scopes:
            object.__setattr__(self, "scopes", default_scopes(read_chart=self.read_chart))
        check_ehr(self)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which this hospital's people read times."""
        return ZoneInfo(self.time_zone)

    @property
    def authentication(self) -> ClientAuthentication:
        """Return how the app proves itself here: as told, else by keys, secret, or not at all."""
        if self.client_authentication is not None:
            return self.client_authentication
        if self.client_keys:
            return ClientAuthentication.PRIVATE_KEY
        return ClientAuthentication.SECRET_BASIC if self.client_secret else ClientAuthentication.PUBLIC

    @property
    def callback_path(self) -> str:
        """Return where this EHR alone sends browsers back to, so that no answer passes for another's."""
        return f"/callback/{self.key}"

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Return every host that this EHR's addresses may name."""
        return frozenset({urlsplit(self.fhir_base_url).hostname or "", *self.authorization_hosts})


@dataclass(frozen=True)
class Settings:
    """Everything that an operator decides. Durations carry their unit in the name."""

    registry: Mapping[str, EHR]
    base_url: str
    secret_keys: tuple[Secret, ...]
    sealing_keys: tuple[SealingKey, ...]
    database_url: str = "sqlite:///nerve-triage.db"
    questionnaires: Path | None = None
    debug: bool = False
    proxies: int = 0
    language: str = "en"
    log_level: str = "INFO"
    patient_idle_minutes: int = 20
    clinician_idle_minutes: int = 15
    session_hours: int = 8
    retention_days: int = 7
    discovery_minutes: int = 60
    connect_timeout_seconds: float = 3.05
    read_timeout_seconds: float = 10.0
    response_limit_kib: int = 8192
    form_limit_kib: int = 512
    chart_seconds: float = 2.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "registry", MappingProxyType(dict(self.registry)))
        check_settings(self)

    def redirect_uri(self, ehr: EHR) -> str:
        """Return the address that this EHR has registered for us."""
        return f"{self.base_url}{ehr.callback_path}"

    @property
    def over_tls(self) -> bool:
        """Return whether browsers reach us over https."""
        return self.base_url.startswith("https://")

    def ehr_of_issuer(self, issuer: str) -> EHR | None:
        """Return the EHR whose FHIR base is exactly ``issuer``, or None."""
        return next((ehr for ehr in self.registry.values() if ehr.fhir_base_url == issuer), None)
