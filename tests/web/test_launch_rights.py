"""Granted less than asked for: said before the first question, kept to until the end, nothing sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from browsing import BASE_URL, Browser
from factories import NOW, a_delivery, an_ehr, some_settings
from flask import Flask
from interview_walk import Clock, Html, Walk

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.errors import NotAllowed
from triage_app.sandbox import RunningSandbox, SandboxOptions, serve_sandbox
from triage_app.settings import Secret
from triage_app.workflow.decide import decide

Start = Callable[..., tuple[Flask, Browser]]
V1 = ("launch", "openid", "fhirUser", "online_access", "patient/*.read", "patient/*.write")


@pytest.fixture
def start(tmp_path: Any, catalogue: Catalogue) -> Iterator[Start]:
    """An app and a hospital that withholds some scopes."""
    running: list[RunningSandbox] = []

    def run(*withheld: str, scopes: tuple[str, ...] = ()) -> tuple[Flask, Browser]:
        options = SandboxOptions(port=0, app_url=BASE_URL, ask_consent=False, withheld_scopes=withheld)
        running.append(serve_sandbox(options))
        secret = Secret(options.client_secret)
        ehr = an_ehr(fhir_base_url=running[-1].fhir_url, client_secret=secret, scopes=scopes)
        settings = some_settings(ehr, database_url=f"sqlite:///{tmp_path}/triage.db", base_url=BASE_URL)
        app = create_app(settings, services=create_services(settings, catalogue=catalogue))
        return app, Browser(app.test_client(), running[-1])

    yield run
    for sandbox in running:
        sandbox.stop()


def walk_of(app: Flask, browser: Browser) -> Walk:
    launch = app.extensions["services"].storage.fetch_launch(browser.launch_id())
    return Walk(app, browser.client, launch, Clock(NOW))


def writes(browser: Browser) -> list[str]:
    return [
        entry.path
        for entry in browser.sandbox.wire.entries()
        if entry.method in ("POST", "PUT") and "/fhir" in entry.path
    ]


@pytest.mark.parametrize(
    "withheld",
    [
        "patient/QuestionnaireResponse.crs",
        "patient/Observation.crs",
        "patient/ServiceRequest.crus",
        "patient/Task.crus",
        "patient/Provenance.cs",
    ],
)
def test_where_writing_is_refused_alice_is_told_before_the_first_question(
    withheld: str, start: Start
) -> None:
    alice = walk_of(*start(withheld))
    page = alice.page("")
    assert "Your answers will not be sent" in page.text
    assert "Nobody will read it unless you show it" in page.text
    assert "They go into your record" not in page.text


def test_what_cannot_be_written_is_shown_to_copy_and_nothing_leaves(start: Start) -> None:
    app, browser = start("patient/Task.crus")
    alice = walk_of(app, browser)
    assert alice.walk({"limb": "right-arm", "region": "hand", "digits": ["thumb"]}) == "check"
    check = alice.page("check")
    assert "Your answers are not sent to anybody" in check.text
    assert alice.send("send", check.hidden).status_code == 303
    result = alice.get("result").text
    text = Html(result).text
    assert "Your answers were not sent" in text
    assert "in your record and" not in text
    assert "A clinician reads them" not in text
    assert "A clinician reads what you told us" not in text
    assert "Try again" not in text
    assert "Not in the health record." in result.split("<textarea")[1].split("</textarea>")[0]
    assert writes(browser) == []
    assert app.extensions["services"].storage.pending_deliveries() == []


def test_with_every_scope_nothing_is_said_and_the_answers_go(start: Start) -> None:
    app, browser = start()
    alice = walk_of(app, browser)
    assert "will not be sent" not in alice.page("").text
    assert alice.walk({}) == "check"
    assert alice.send("send", alice.page("check").hidden).status_code == 303
    assert "Your answers are in your record" in alice.page("result").text


def test_scopes_of_version_1_are_understood(start: Start) -> None:
    app, browser = start(scopes=V1)
    assert "will not be sent" not in walk_of(app, browser).page("").text


def test_scopes_of_version_1_that_only_read_are_understood(start: Start) -> None:
    app, browser = start("patient/*.write", scopes=V1)
    assert "Your answers will not be sent" in walk_of(app, browser).page("").text


def test_what_waits_is_not_tried_with_a_launch_that_may_not_write(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []
    monkeypatch.setattr("triage_app.workflow.finish_launch.deliver_waiting", lambda *_: tried.append(1))
    app, browser = start("patient/Task.crus")
    app.extensions["services"].storage.save_delivery(a_delivery())
    browser.launch("alice")
    assert tried == []


def test_bob_cannot_decide_where_writing_is_refused(start: Start) -> None:
    app, browser = start("patient/Task.crus")
    launch_id = browser.launch_id("alice", "Practitioner/bob")
    services = app.extensions["services"]
    launch = services.storage.fetch_launch(launch_id)
    with pytest.raises(NotAllowed, match="granted no writing"):
        decide(services, launch, "ServiceRequest/1", "accept")
    assert writes(browser) == []


def test_answers_that_were_never_sent_are_erased_in_time(start: Start) -> None:
    app, browser = start("patient/Task.crus")
    alice = walk_of(app, browser)
    alice.walk({})
    alice.send("send", alice.page("check").hidden)
    services = app.extensions["services"]
    [kept] = services.storage.fetch_submissions(ehr="general", patient="alice")
    services.storage.purge(now=kept.created_at + timedelta(days=6))
    assert services.storage.fetch_submission(ehr="general", submission_id=kept.id) == kept
    services.storage.purge(now=kept.created_at + timedelta(days=7))
    erased = services.storage.fetch_submission(ehr="general", submission_id=kept.id)
    assert not erased.snapshot


def test_whose_record_it_is_stands_above_send(start: Start) -> None:
    app, browser = start()
    alice = walk_of(app, browser)
    assert alice.walk({}) == "check"
    text = alice.page("check").text
    assert "They go to the record of Alice" in text
    assert text.index("They go to the record of Alice") < text.index("A clinician reads them")
