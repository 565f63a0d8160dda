"""Launches against the pretend hospital that go well: what is asked, what is kept, how little is fetched."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import Browser
from factories import NOW, a_delivery
from flask import Flask

from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import EHR
from triage_app.storage import Storage
from triage_app.storage.rows import Launch


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def storage(app: Flask) -> Storage:
    return app.extensions["services"].storage


def test_alice_launches_and_comes_to_her_first_page(browser_of_alice: Browser, storage: Storage) -> None:
    finished = browser_of_alice.launch("alice")
    assert finished.status_code == 303
    launch = storage.fetch_launch(finished.location.split("/")[2])
    assert (launch.patient, launch.user, launch.role) == ("alice", "Patient/alice", "patient")
    assert browser_of_alice.get(finished.location).status_code == 200


def test_bob_launches_from_alices_chart_and_comes_to_the_review(
    browser_of_alice: Browser, storage: Storage
) -> None:
    finished = browser_of_alice.launch("alice", "Practitioner/bob")
    assert finished.location.endswith("/review")
    launch = storage.fetch_launch(finished.location.split("/")[2])
    assert (launch.patient, launch.user, launch.role) == ("alice", "Practitioner/bob", "clinician")


def test_the_authorisation_request_carries_all_that_smart_asks_for(
    browser_of_alice: Browser, hospital: EHR
) -> None:
    query = query_of(browser_of_alice.press_launch().location)
    assert query["response_type"] == "code"
    assert query["client_id"] == hospital.client_id
    assert query["redirect_uri"] == "http://127.0.0.1:8000/callback/general"
    assert query["aud"] == hospital.fhir_base_url
    assert query["code_challenge_method"] == "S256"
    assert {"launch", "openid", "fhirUser"} <= set(query["scope"].split())
    assert all(len(query[name]) >= 32 for name in ("state", "nonce", "launch", "code_challenge"))


def test_two_launches_share_no_secret(browser_of_alice: Browser) -> None:
    first, second = (query_of(browser_of_alice.press_launch().location) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


def test_the_verifier_kept_for_a_launch_is_the_one_of_its_challenge(
    browser_of_alice: Browser, storage: Storage
) -> None:
    query = query_of(browser_of_alice.press_launch().location)
    pending = storage.take_pending(query["state"], now=NOW)
    digest = hashlib.sha256(pending.code_verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == query["code_challenge"]


def test_a_warm_launch_asks_the_hospital_for_a_token_and_at_most_the_patient(
    browser_of_alice: Browser, sandbox: RunningSandbox
) -> None:
    browser_of_alice.get(browser_of_alice.launch().location)
    sandbox.wire.clear()
    browser_of_alice.get(browser_of_alice.launch().location)
    asked = [entry.path for entry in sandbox.wire.entries() if not entry.path.startswith("/auth/authorize")]
    assert 1 <= len(asked) <= 2, asked


def test_the_callback_leaves_no_code_in_the_address(browser_of_alice: Browser) -> None:
    finished = browser_of_alice.launch()
    assert "?" not in finished.location
    assert finished.headers["Cache-Control"] == "no-store"
    assert finished.headers["Referrer-Policy"] == "no-referrer"


def test_the_browsers_secret_changes_when_the_session_begins(browser_of_alice: Browser) -> None:
    launched = browser_of_alice.press_launch()
    before = launched.headers["Set-Cookie"].split(";")[0]
    after = browser_of_alice.get(browser_of_alice.log_in(launched)).headers["Set-Cookie"].split(";")[0]
    assert before.split("=")[0] == after.split("=")[0]
    assert before != after


def test_on_loopback_the_cookie_is_plain_and_lax(browser_of_alice: Browser) -> None:
    cookie = browser_of_alice.press_launch().headers["Set-Cookie"]
    assert cookie.startswith("nt-")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_the_launch_is_in_the_audit_trail(browser_of_alice: Browser, storage: Storage) -> None:
    launch_id = browser_of_alice.launch_id()
    [entry] = storage.fetch_audit(ehr="general", launch=launch_id)
    assert (entry.action, entry.patient, entry.user) == ("launch", "alice", "Patient/alice")


def test_what_waits_for_a_patient_is_sent_at_the_next_launch(
    browser_of_alice: Browser, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_for: list[str] = []

    def send(_services: object, launch: Launch) -> None:
        sent_for.append(launch.patient)

    monkeypatch.setattr("triage_app.workflow.finish_launch.deliver_waiting", send)
    storage.save_delivery(a_delivery())
    browser_of_alice.launch("charlie")
    browser_of_alice.launch("alice")
    assert sent_for == ["alice"]
