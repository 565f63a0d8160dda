"""Start and finish of a launch as a story: what is kept, what must come back, who is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from factories import NOW, an_ehr, some_settings

from triage_app.ehr import Endpoints, Identity, SmartClient, TokenAnswer
from triage_app.errors import (
    ConsentRefused,
    IdentityRefused,
    LaunchError,
    StateMismatch,
    TokenRefused,
    UnknownIssuer,
)
from triage_app.settings import EHR
from triage_app.storage import Storage
from triage_app.storage.rows import Mode, Role
from triage_app.workflow.finish_launch import Callback, LaunchFinish, finish_launch
from triage_app.workflow.services import Services
from triage_app.workflow.sessions import hash_secret
from triage_app.workflow.start_launch import LaunchStart, find_ehr, start_launch

ISSUER = "http://localhost:9999/fhir"
ENDPOINTS = Endpoints(ISSUER, f"{ISSUER}/authorize", f"{ISSUER}/token", f"{ISSUER}/jwks")
ALICE = Identity("alice-login", "Patient/alice", "patient")
GRANTED = TokenAnswer(
    access_token="alice-access-token",
    refresh_token=None,
    id_token="a.b.c",
    scopes=("launch", "patient/Patient.r"),
    expires_in_seconds=3600,
    patient="alice",
    encounter="visit-1",
    need_patient_banner=False,
)


@dataclass
class Hospital:
    """Answers as it is told, and remembers what it was asked."""

    endpoints: Endpoints = ENDPOINTS
    tokens: TokenAnswer = GRANTED
    user: Identity = ALICE
    asked: dict[str, Any] = field(default_factory=dict)
    tokens_asked_at: list[str] = field(default_factory=list)

    def discover(self, _ehr: EHR) -> Endpoints:
        return self.endpoints

    def authorize_url(self, _ehr: EHR, _endpoints: Endpoints, **query: str) -> str:
        self.asked = query
        return f"{ISSUER}/authorize?state={query['state']}"

    def exchange_code(
        self, _ehr: EHR, endpoints: Endpoints, *, code: str, code_verifier: str, now: datetime
    ) -> TokenAnswer:
        self.tokens_asked_at.append(endpoints.token_endpoint)
        assert code_verifier == self.asked["code_verifier"]
        return self.tokens

    def verify_id_token(self, _ehr: EHR, _endpoints: Endpoints, **what: Any) -> Identity:
        assert what["nonce"] == self.asked["nonce"]
        return self.user


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


@pytest.fixture
def services(hospital: Hospital, tmp_path: Path) -> Iterator[Services]:
    settings = some_settings(an_ehr(fhir_base_url=ISSUER))
    storage = Storage(f"sqlite:///{tmp_path}/triage.db", settings.sealing_keys)
    storage.migrate()
    yield Services(
        settings=settings,
        catalogue=cast("Any", None),
        storage=storage,
        smart=cast("SmartClient", hospital),
        gateway=cast("Any", None),
        clock=lambda: NOW,
    )
    storage.close()


def start(services: Services, *, embedded: bool = False) -> LaunchStart:
    return start_launch(services, ehr=find_ehr(services, ISSUER), launch="handle-1", embedded=embedded)


def finish(services: Services, started: LaunchStart, hospital: Hospital, **changes: Any) -> LaunchFinish:
    callback = replace(Callback(ehr="general", state=hospital.asked["state"], code="code-1"), **changes)
    return finish_launch(services, callback, secret_of={started.launch_id: started.secret}.get, language="en")


def test_a_launch_that_fits_becomes_a_session(services: Services, hospital: Hospital) -> None:
    started = start(services)
    finished = finish(services, started, hospital)
    launch = services.storage.fetch_launch(started.launch_id)
    assert launch == finished.launch
    assert (launch.patient, launch.user, launch.role, launch.encounter) == (
        "alice",
        "Patient/alice",
        Role.PATIENT,
        "visit-1",
    )
    assert launch.expires_at == NOW + timedelta(hours=1)
    assert not launch.need_patient_banner
    assert not launch.is_proxy
    assert launch.cookie_hash == hash_secret(finished.secret) != hash_secret(started.secret)


def test_a_parent_is_a_proxy(services: Services, hospital: Hospital) -> None:
    hospital.user = Identity("dora-login", "RelatedPerson/dora", "patient")
    launch = finish(services, start(services), hospital).launch
    assert (launch.role, launch.is_proxy) == (Role.PATIENT, True)


def test_a_frame_is_remembered(services: Services, hospital: Hospital) -> None:
    assert finish(services, start(services, embedded=True), hospital).launch.mode is Mode.EMBEDDED


def test_the_code_goes_where_discovery_pointed_when_the_launch_began(
    services: Services, hospital: Hospital
) -> None:
    started = start(services)
    hospital.endpoints = replace(hospital.endpoints, token_endpoint="http://localhost:9999/elsewhere")
    finish(services, started, hospital)
    assert hospital.tokens_asked_at == [f"{ISSUER}/token"]


@pytest.mark.parametrize("issuer", [None, "https://evil.example/fhir", f"{ISSUER}/"])
def test_an_ehr_that_names_itself_at_the_callback_must_do_so_rightly(
    issuer: str | None, services: Services, hospital: Hospital
) -> None:
    hospital.endpoints = replace(hospital.endpoints, names_issuer_in_callback=True)
    with pytest.raises(StateMismatch, match="iss"):
        finish(services, start(services), hospital, issuer=issuer)
    assert finish(services, start(services), hospital, issuer=ISSUER)


def test_ten_minutes_are_given_to_log_in(services: Services, hospital: Hospital) -> None:
    started = start(services)
    late = replace(services, clock=lambda: NOW + timedelta(minutes=10))
    with pytest.raises(StateMismatch):
        finish(late, started, hospital)


def test_an_ehr_that_left_the_registry_finishes_nothing(services: Services, hospital: Hospital) -> None:
    started = start(services)
    other = an_ehr(key="other", fhir_base_url="http://localhost:9998/fhir")
    with pytest.raises(StateMismatch):
        finish(replace(services, settings=some_settings(other)), started, hospital)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"state": None}, StateMismatch),
        ({"state": "x" * 5000}, StateMismatch),
        ({"code": None}, LaunchError),
        ({"code": "x" * 9000}, LaunchError),
        ({"error": "access_denied"}, ConsentRefused),
        ({"error": "<script>"}, ConsentRefused),
    ],
)
def test_a_callback_that_does_not_fit_asks_for_no_token(
    changes: dict[str, Any], kind: type[Exception], services: Services, hospital: Hospital
) -> None:
    with pytest.raises(kind) as raised:
        finish(services, start(services), hospital, **changes)
    assert "<script>" not in str(raised.value)
    assert hospital.tokens_asked_at == []


@pytest.mark.parametrize(
    ("changes", "kind"), [({"patient": None}, TokenRefused), ({"id_token": None}, IdentityRefused)]
)
def test_tokens_without_patient_or_identity_are_no_session(
    changes: dict[str, Any], kind: type[Exception], services: Services, hospital: Hospital
) -> None:
    hospital.tokens = replace(GRANTED, **changes)
    started = start(services)
    with pytest.raises(kind):
        finish(services, started, hospital)
    assert services.storage.fetch_launch(started.launch_id) is None


def test_an_unknown_issuer_is_not_looked_up(services: Services) -> None:
    with pytest.raises(UnknownIssuer) as raised:
        find_ehr(services, "https://evil.example/fhir")
    assert "evil" not in str(raised.value)
