"""A connection has a good token: one caller refreshes, the others wait, another patient ends it all."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, cast

import pytest
from factories import NOW, a_launch, some_settings

from triage_app.ehr import Identity, SmartClient, TokenAnswer
from triage_app.errors import EHRUnauthorized, EHRUnavailable, IdentityRefused, TokenRefused
from triage_app.settings import EHR
from triage_app.storage import Storage
from triage_app.workflow.connections import connect, refresh
from triage_app.workflow.services import Services

OVER = {"expires_at": NOW}


@dataclass
class Hospital:
    """A token endpoint that takes each refresh token once and remembers who came twice."""

    good: str = "alice-refresh-token"
    patient: str | None = None
    user: str | Exception | None = None
    rotates: bool = True
    reused: int = 0
    lock: Lock = field(default_factory=Lock)

    def discover(self, _ehr: EHR) -> None:
        """Nothing is asked here."""

    def refresh(
        self, _ehr: EHR, _endpoints: None, *, refresh_token: str, scopes: tuple[str, ...], now: datetime
    ) -> TokenAnswer:
        with self.lock:
            if refresh_token != self.good:
                self.reused += 1
                raise TokenRefused("the token endpoint answered 400 (invalid_grant)")
            if self.rotates:
                self.good += "+"
            return TokenAnswer(
                access_token=f"access for {self.good}",
                refresh_token=self.good if self.rotates else None,
                id_token=None if self.user is None else "a.b.c",
                scopes=scopes,
                expires_in_seconds=3600,
                patient=self.patient,
                encounter=None,
                need_patient_banner=True,
            )

    def verify_id_token(self, *_where: object, **_what: object) -> Identity:
        if isinstance(self.user, Exception):
            raise self.user
        return Identity(subject="x", user=str(self.user), role="patient")


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


@pytest.fixture
def services(hospital: Hospital, tmp_path: Path) -> Iterator[Services]:
    settings = some_settings()
    storage = Storage(f"sqlite:///{tmp_path}/triage.db", settings.sealing_keys)
    storage.migrate()
    yield Services(
        settings=settings,
        catalogue=cast("Any", None),
        storage=storage,
        smart=cast("SmartClient", hospital),
        gateway=cast("Any", None),
        clock=lambda: NOW,
        pause=lambda _seconds: None,
    )
    storage.close()


def test_a_good_token_is_used_as_it_is(services: Services) -> None:
    assert connect(services, a_launch()).access_token == "alice-access-token"
    assert connect(services, a_launch(expires_at=None)).access_token == "alice-access-token"


@pytest.mark.parametrize("left", [timedelta(), timedelta(seconds=30), timedelta(hours=-1)])
def test_a_token_that_is_over_or_nearly_is_refreshed_and_stored_first(
    left: timedelta, services: Services
) -> None:
    launch = a_launch(expires_at=NOW + left)
    services.storage.save_launch(launch)
    assert connect(services, launch).access_token == "access for alice-refresh-token+"
    stored = services.storage.fetch_launch(launch.id)
    assert stored is not None
    assert stored.refresh_token == "alice-refresh-token+"
    assert stored.expires_at == NOW + timedelta(hours=1)
    assert stored.refreshing_until is None


def test_a_refresh_token_that_the_hospital_keeps_is_kept(services: Services, hospital: Hospital) -> None:
    hospital.rotates = False
    services.storage.save_launch(a_launch(**OVER))
    refresh(services, a_launch(**OVER))
    stored = services.storage.fetch_launch("launch-1")
    assert stored is not None
    assert stored.refresh_token == "alice-refresh-token"


def test_many_callers_trade_a_refresh_token_once(services: Services, hospital: Hospital) -> None:
    services.storage.save_launch(a_launch(**OVER))
    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(lambda _: connect(services, a_launch(**OVER)).access_token, range(16)))
    assert tokens == {"access for alice-refresh-token+"}
    assert hospital.reused == 0


def test_a_refresher_that_died_is_replaced_after_its_lease(services: Services) -> None:
    services.storage.save_launch(a_launch(**OVER, refreshing_until=NOW + timedelta(seconds=1)))
    with pytest.raises(EHRUnavailable):
        refresh(services, a_launch(**OVER))
    services.storage.save_launch(a_launch(**OVER, refreshing_until=NOW))
    assert refresh(services, a_launch(**OVER)).access_token == "access for alice-refresh-token+"


def test_without_a_refresh_token_a_new_launch_is_asked_for(services: Services) -> None:
    with pytest.raises(EHRUnauthorized):
        connect(services, a_launch(**OVER, refresh_token=None))


def test_a_refused_refresh_asks_for_a_new_launch(services: Services, hospital: Hospital) -> None:
    hospital.good = "another"
    services.storage.save_launch(a_launch(**OVER))
    with pytest.raises(EHRUnauthorized):
        connect(services, a_launch(**OVER))


def test_an_ended_launch_has_no_connection(services: Services) -> None:
    with pytest.raises(EHRUnauthorized):
        connect(services, a_launch(access_token=None))


def test_the_same_patient_and_user_may_be_named_again(services: Services, hospital: Hospital) -> None:
    hospital.patient, hospital.user = "alice", "Patient/alice"
    services.storage.save_launch(a_launch(**OVER))
    assert connect(services, a_launch(**OVER)).access_token == "access for alice-refresh-token+"


@pytest.mark.parametrize(
    ("patient", "user"),
    [
        ("charlie", None),
        (None, "Patient/charlie"),
        ("alice", "Practitioner/bob"),
        ("alice", IdentityRefused("id_token: iss: found another one")),
    ],
)
def test_a_token_for_somebody_else_ends_the_session(
    patient: str | None, user: str | Exception | None, services: Services, hospital: Hospital
) -> None:
    hospital.patient, hospital.user = patient, user
    services.storage.save_launch(a_launch(**OVER))
    with pytest.raises(EHRUnauthorized, match="another patient"):
        connect(services, a_launch(**OVER))
    ended = services.storage.fetch_launch("launch-1")
    assert ended is not None
    assert (ended.access_token, ended.ended_at) == (None, NOW)
    assert [entry.action for entry in services.storage.fetch_audit(ehr="general")] == ["context-changed"]
