"""The hospital fails when told to, and stores what it says that it stores."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import requests
from flask.testing import FlaskClient

from triage_app.sandbox import Fault, Hospital, RunningSandbox
from triage_app.sandbox.faults import MEANING, SLOW_SECONDS, Faults

from .conftest import Caller, observation

DOORS = ["/fhir/metadata", "/fhir/.well-known/smart-configuration", "/auth/jwks", "/fhir/Patient/alice"]


@pytest.mark.parametrize("door", DOORS)
def test_down_shuts_every_door_of_the_app_and_none_of_the_hospitals(
    http: FlaskClient, hospital: Hospital, door: str
) -> None:
    hospital.faults.set("down")
    assert http.get(door).status_code == 503
    assert http.get("/chart/alice").status_code == 200
    hospital.faults.set("down", False)
    assert http.get("/fhir/metadata").status_code == 200


def test_throttled_names_the_seconds_to_wait(alice: Caller, hospital: Hospital) -> None:
    hospital.faults.set("throttled", times=1)
    answer = alice.get("/Patient/alice")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert alice.get("/Patient/alice").status_code == 200


def test_a_login_page_comes_with_200_and_is_no_fhir(alice: Caller, hospital: Hospital) -> None:
    hospital.faults.set("login-page")
    answer = alice.post("/Observation", observation())
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert hospital.store.all("Observation") == []


def test_access_refused_answers_401_to_a_good_token(alice: Caller, hospital: Hospital) -> None:
    hospital.faults.set("access-refused", times=1)
    assert alice.get("/Patient/alice").status_code == 401
    assert alice.get("/Patient/alice").status_code == 200


def test_a_write_may_be_stored_and_then_answered_with_500(alice: Caller, hospital: Hospital) -> None:
    hospital.faults.set("500-after-commit", times=1)
    assert alice.post("/Observation", observation()).status_code == 500
    assert len(hospital.store.all("Observation")) == 1


def test_that_fault_waits_for_a_write_that_succeeds(alice: Caller, hospital: Hospital) -> None:
    hospital.faults.set("500-after-commit", times=1)
    assert alice.get("/Patient/alice").status_code == 200
    assert alice.post("/Observation", {}).status_code == 400
    assert alice.post("/Observation", observation()).status_code == 500


def test_that_fault_lets_a_batch_of_reads_pass(alice: Caller, hospital: Hospital) -> None:
    hospital.faults.set("500-after-commit")
    entry = [{"request": {"method": "GET", "url": "Patient/alice"}}]
    assert alice.post("/", {"resourceType": "Bundle", "type": "batch", "entry": entry}).status_code == 200
    said = hospital.wire.entries()[-1].summary
    assert said == "The app read back 1 of what was stored in one batch and found 1."


def test_a_connection_is_dropped_before_or_after_the_write(running: RunningSandbox) -> None:
    url, session = f"{running.fhir_url}/metadata", requests.Session()
    running.faults.set("dropped", times=1)
    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=5)
    assert session.get(url, timeout=5).status_code == 200
    assert [one.status for one in running.wire.entries()] == [0, 200]
    assert running.wire.entries()[0].summary.endswith("the connection was dropped.")


def test_every_fault_has_its_meaning() -> None:
    assert set(MEANING) == set(Fault)


def test_slow_keeps_readers_waiting_and_nobody_else(
    alice: Caller, http: FlaskClient, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(hospital.faults, "keep_waiting", lambda: kept.append("reader"))
    hospital.faults.set("slow")
    assert alice.get("/Patient/alice").status_code == 200
    assert kept == ["reader"]
    alice.post("/Observation", observation())
    http.get("/chart/alice")
    http.get("/fhir/.well-known/smart-configuration")
    assert kept == ["reader"]


@pytest.mark.parametrize("hurry", [lambda faults: faults.clear(), lambda faults: faults.set("slow", False)])
def test_who_waits_is_let_go_when_slowness_is_switched_off(hurry: Callable[[Faults], None]) -> None:
    faults = Faults()
    faults.set("slow")
    waiting = threading.Thread(target=faults.keep_waiting, daemon=True)
    waiting.start()
    hurry(faults)
    waiting.join(SLOW_SECONDS / 2)
    assert not waiting.is_alive()


def test_a_fault_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="gravity"):
        Faults().set("gravity")


def test_clearing_ends_all_faults() -> None:
    faults = Faults()
    faults.set("down")
    faults.set("throttled", times=3)
    faults.clear()
    assert not any(faults.is_on(fault) for fault in Fault)


def test_faults_are_switched_on_their_page(http: FlaskClient, hospital: Hospital) -> None:
    answer = http.post("/faults", data={"fault": "down", "on": "yes"})
    assert (answer.status_code, answer.location) == (303, "/faults")
    assert hospital.faults.is_on(Fault.DOWN)
    assert "Switch off" in http.get("/faults").text
    http.post("/faults", data={"fault": "down", "on": "no"})
    assert not hospital.faults.is_on(Fault.DOWN)


def test_another_site_cannot_switch_faults(http: FlaskClient, hospital: Hospital) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:5000"):
        answer = http.post("/faults", data={"fault": "down", "on": "yes"}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert http.post("/faults", data={"fault": "gravity", "on": "yes"}).status_code == 400
    assert not hospital.faults.is_on(Fault.DOWN)
