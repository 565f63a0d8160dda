"""A session is one launch in one browser, for a limited time; a form belongs to its page and patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from browsing import BASE_URL, Browser
from flask import Flask, g
from flask.typing import ResponseReturnValue

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.errors import StorageError
from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import Settings
from triage_app.storage import Storage
from triage_app.storage.rows import Launch
from triage_app.web.form_token import make_form_token
from triage_app.web.security import guarded


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept() -> list[str]:
    return []


@pytest.fixture
def app(settings: Settings, catalogue: Catalogue, clock: Clock, kept: list[str]) -> Flask:
    services = replace(create_services(settings, catalogue=catalogue), clock=clock)
    app = create_app(settings, services=services)

    def keep(launch: Launch) -> None:
        kept.append(launch.patient)

    @app.route("/l/<launch_id>/note", methods=["GET", "POST"])
    @guarded(role="patient", late=keep)
    def note(launch: Launch) -> ResponseReturnValue:
        return f"note of {launch.patient} by {g.launch.user}"

    @app.get("/l/<launch_id>/chart")
    @guarded(role="clinician")
    def chart(launch: Launch) -> ResponseReturnValue:
        return f"chart of {launch.patient}"

    return app


def token_for(app: Flask, launch_id: str, page: str = "note") -> str:
    services = app.extensions["services"]
    return make_form_token(services.settings, services.storage.fetch_launch(launch_id), page)


def test_two_tabs_with_two_patients_never_mix(browser_of_alice: Browser, app: Flask) -> None:
    alice, charlie = browser_of_alice.launch_id("alice"), browser_of_alice.launch_id("charlie")
    for launch_id, patient in ((alice, "alice"), (charlie, "charlie"), (alice, "alice")):
        assert browser_of_alice.get(f"/l/{launch_id}/note").text.startswith(f"note of {patient} ")
    crossed = browser_of_alice.post(f"/l/{charlie}/note", data={"form_token": token_for(app, alice)})
    assert crossed.status_code == 403
    straight = browser_of_alice.post(f"/l/{charlie}/note", data={"form_token": token_for(app, charlie)})
    assert straight.text.startswith("note of charlie")


def test_charlies_browser_does_not_open_alices_session(
    browser_of_alice: Browser, browser_of_charlie: Browser
) -> None:
    alice, charlie = browser_of_alice.launch_id("alice"), browser_of_charlie.launch_id("charlie")
    assert browser_of_charlie.get(f"/l/{alice}/note").status_code == 401
    stolen = browser_of_charlie.client.get_cookie(f"nt-{charlie}", domain="127.0.0.1")
    assert stolen is not None
    browser_of_charlie.client.set_cookie(f"nt-{alice}", stolen.value, domain="127.0.0.1")
    assert browser_of_charlie.get(f"/l/{alice}/note").status_code == 401


@pytest.mark.parametrize("launch_id", ["unknown", "..%2f..", "%00", "x" * 500])
def test_an_unknown_launch_is_no_session(launch_id: str, browser_of_alice: Browser) -> None:
    assert browser_of_alice.get(f"/l/{launch_id}/note").status_code in (401, 404)


def test_a_patient_does_not_see_the_clinicians_page(browser_of_alice: Browser) -> None:
    launch_id = browser_of_alice.launch_id("alice")
    assert browser_of_alice.get(f"/l/{launch_id}/chart").status_code == 403


def test_a_clinician_does_not_see_the_patients_page(browser_of_alice: Browser) -> None:
    launch_id = browser_of_alice.launch_id("alice", "Practitioner/bob")
    assert browser_of_alice.get(f"/l/{launch_id}/note").status_code == 403
    assert browser_of_alice.get(f"/l/{launch_id}/chart").text == "chart of alice"


@pytest.mark.parametrize("token", [None, "", "forged", "W10.forged.forged"])
def test_a_form_without_its_token_changes_nothing(token: str | None, browser_of_alice: Browser) -> None:
    launch_id = browser_of_alice.launch_id()
    data = {} if token is None else {"form_token": token}
    assert browser_of_alice.post(f"/l/{launch_id}/note", data=data).status_code == 403


def test_a_token_of_another_page_is_refused(browser_of_alice: Browser, app: Flask) -> None:
    launch_id = browser_of_alice.launch_id()
    data = {"form_token": token_for(app, launch_id, "send")}
    assert browser_of_alice.post(f"/l/{launch_id}/note", data=data).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(
    headers: dict[str, str], browser_of_alice: Browser, app: Flask
) -> None:
    launch_id = browser_of_alice.launch_id()
    data = {"form_token": token_for(app, launch_id)}
    assert browser_of_alice.post(f"/l/{launch_id}/note", data=data, headers=headers).status_code == 403
    own = {"Origin": BASE_URL, "Sec-Fetch-Site": "same-origin"}
    assert browser_of_alice.post(f"/l/{launch_id}/note", data=data, headers=own).status_code == 200


@pytest.mark.parametrize(("user", "page", "minutes"), [(None, "note", 20), ("Practitioner/bob", "chart", 15)])
def test_an_idle_session_ends(
    user: str | None, page: str, minutes: int, browser_of_alice: Browser, clock: Clock
) -> None:
    launch_id = browser_of_alice.launch_id("alice", user)
    clock.now += timedelta(minutes=minutes, seconds=-1)
    assert browser_of_alice.get(f"/l/{launch_id}/{page}").status_code == 200
    clock.now += timedelta(minutes=minutes, seconds=-1)
    assert browser_of_alice.get(f"/l/{launch_id}/{page}").status_code == 200
    clock.now += timedelta(minutes=minutes)
    answer = browser_of_alice.get(f"/l/{launch_id}/{page}")
    assert answer.status_code == 401
    assert "session is over" in answer.text


def test_a_session_in_use_ends_after_eight_hours(browser_of_alice: Browser, clock: Clock) -> None:
    launch_id = browser_of_alice.launch_id()
    for _ in range(8 * 4 - 1):
        clock.now += timedelta(minutes=15)
        assert browser_of_alice.get(f"/l/{launch_id}/note").status_code == 200
    clock.now += timedelta(minutes=15)
    assert browser_of_alice.get(f"/l/{launch_id}/note").status_code == 401


def test_a_late_answer_is_kept_and_the_person_is_told(
    browser_of_alice: Browser, app: Flask, clock: Clock, kept: list[str]
) -> None:
    launch_id = browser_of_alice.launch_id()
    data = {"form_token": token_for(app, launch_id)}
    clock.now += timedelta(minutes=25)
    answer = browser_of_alice.post(f"/l/{launch_id}/note", data=data)
    assert answer.status_code == 401
    assert kept == ["alice"]
    assert "Your last answer was kept" in answer.text


def test_a_late_answer_with_a_forged_form_is_not_kept(
    browser_of_alice: Browser, clock: Clock, kept: list[str]
) -> None:
    launch_id = browser_of_alice.launch_id()
    clock.now += timedelta(minutes=25)
    assert browser_of_alice.post(f"/l/{launch_id}/note", data={"form_token": "forged"}).status_code == 403
    assert kept == []


def test_after_signing_out_nothing_opens_and_no_token_is_left(
    browser_of_alice: Browser, app: Flask, kept: list[str]
) -> None:
    launch_id = browser_of_alice.launch_id()
    cookie = browser_of_alice.client.get_cookie(f"nt-{launch_id}", domain="127.0.0.1")
    token = browser_of_alice.form_token(f"/l/{launch_id}/sign-out")
    answer = browser_of_alice.post(f"/l/{launch_id}/sign-out", data={"form_token": token})
    assert answer.status_code == 200
    assert "You are signed out" in answer.text
    assert cookie is not None
    browser_of_alice.client.set_cookie(f"nt-{launch_id}", cookie.value, domain="127.0.0.1")
    for page in ("note", "", "sign-out"):
        assert browser_of_alice.get(f"/l/{launch_id}/{page}").status_code == 401
    late = browser_of_alice.post(f"/l/{launch_id}/note", data={"form_token": token_for(app, launch_id)})
    assert (late.status_code, kept) == (401, [])
    assert app.extensions["services"].storage.fetch_launch(launch_id).access_token is None


def test_signing_out_takes_a_form(browser_of_alice: Browser) -> None:
    launch_id = browser_of_alice.launch_id()
    assert browser_of_alice.post(f"/l/{launch_id}/sign-out").status_code == 403
    assert browser_of_alice.get(f"/l/{launch_id}/note").status_code == 200


def test_a_session_survives_a_restart_of_the_app(
    browser_of_alice: Browser, settings: Settings, sandbox: RunningSandbox
) -> None:
    launch_id = browser_of_alice.launch_id()
    cookie = browser_of_alice.client.get_cookie(f"nt-{launch_id}", domain="127.0.0.1")
    assert cookie is not None
    restarted = Browser(create_app(settings).test_client(), sandbox)
    restarted.client.set_cookie(f"nt-{launch_id}", cookie.value, domain="127.0.0.1")
    assert restarted.get(f"/l/{launch_id}/").status_code == 200


def test_many_browsers_have_many_sessions(a_browser: Callable[[], Browser]) -> None:
    ids = {a_browser().launch_id() for _ in range(5)}
    assert len(ids) == 5
    assert all(len(launch_id) >= 22 for launch_id in ids)


def test_a_browser_with_many_launches_forgets_those_that_are_over(
    browser_of_alice: Browser, app: Flask, clock: Clock
) -> None:
    old = [browser_of_alice.launch_id() for _ in range(20)]
    storage = app.extensions["services"].storage
    for launch_id in old:
        storage.end_launch(storage.fetch_launch(launch_id), now=clock.now)
    alive = [browser_of_alice.launch_id("alice"), browser_of_alice.launch_id("charlie")]
    for launch_id in old:
        assert browser_of_alice.client.get_cookie(f"nt-{launch_id}", domain="127.0.0.1") is None
    for launch_id in alive:
        assert browser_of_alice.get(f"/l/{launch_id}/note").status_code == 200


def test_signing_out_asks_the_hospital_to_forget_the_token(
    browser_of_alice: Browser, sandbox: RunningSandbox
) -> None:
    launch_id = browser_of_alice.launch_id()
    token = browser_of_alice.form_token(f"/l/{launch_id}/sign-out")
    sandbox.wire.clear()
    browser_of_alice.post(f"/l/{launch_id}/sign-out", data={"form_token": token})
    assert [entry.path for entry in sandbox.wire.entries()] == ["/auth/revoke"]


def test_signing_out_works_while_the_hospital_is_down(
    browser_of_alice: Browser, sandbox: RunningSandbox
) -> None:
    launch_id = browser_of_alice.launch_id()
    token = browser_of_alice.form_token(f"/l/{launch_id}/sign-out")
    sandbox.faults.set("dropped")
    answer = browser_of_alice.post(f"/l/{launch_id}/sign-out", data={"form_token": token})
    assert answer.status_code == 200
    assert browser_of_alice.get(f"/l/{launch_id}/").status_code == 401


def test_a_form_made_for_another_patient_of_the_same_launch_id_is_refused(
    browser_of_alice: Browser, app: Flask
) -> None:
    launch_id = browser_of_alice.launch_id("alice")
    services = app.extensions["services"]
    launch = services.storage.fetch_launch(launch_id)
    for changes in ({"patient": "charlie"}, {"ehr": "other"}):
        token = make_form_token(services.settings, replace(launch, **changes), "note")
        assert browser_of_alice.post(f"/l/{launch_id}/note", data={"form_token": token}).status_code == 403


def test_a_page_of_trouble_has_the_hospitals_number_with_the_database_down(
    browser_of_alice: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_id = browser_of_alice.launch_id()
    data = {"form_token": token_for(app, launch_id)}

    def broken(*_arguments: object) -> None:
        raise StorageError("the database failed")

    monkeypatch.setattr(Storage, "fetch_launch", broken)
    answer = browser_of_alice.post(f"/l/{launch_id}/note", data=data)
    assert answer.status_code == 503
    assert 'href="tel:999"' in answer.text
