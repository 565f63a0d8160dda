"""Sending, and the page after it: the action first, only what is true, nothing that diagnoses."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW
from flask import Flask
from interview_walk import Clock, Html, Walk

from triage_app.sandbox.server import RunningSandbox
from triage_app.web.form_token import make_form_token
from triage_app.workflow.services import utc_now

CARPAL_TUNNEL = {
    "limb": "right-arm",
    "region": "hand",
    "digits": ["thumb", "index", "middle"],
    "const": "intermittent",
    "night": "ge3",
    "relief.shake": "yes",
}
CONFIDENT = re.compile(
    r"you have (carpal|an? [a-z ]*(syndrome|neuropathy|nerve))|diagnosed|\d+ ?%|nothing to worry|probably",
    re.IGNORECASE,
)


@pytest.fixture
def alice(browser_of_alice: Any, app: Flask) -> Walk:
    launch_id = browser_of_alice.launch("alice").location.split("/")[2]
    launch = app.extensions["services"].storage.fetch_launch(launch_id)
    return Walk(app, browser_of_alice.client, launch, Clock(NOW))


def sent(alice: Walk, said: dict[str, object]) -> Html:
    """Alice answers, sends, and reads the result."""
    assert alice.walk(said) == "check"  # type: ignore[arg-type]
    fields = alice.page("check").hidden
    response = alice.send("send", fields)
    assert (response.status_code, response.location) == (303, alice.url("result"))
    return alice.page("result")


def test_the_result_says_what_to_do_when_to_call_and_that_it_is_in_the_record(alice: Walk) -> None:
    page = sent(alice, CARPAL_TUNNEL)
    assert "Your answers are in your record" in page.text
    assert "Your answers are similar to what a nerve squeezed at the wrist can cause" in page.text
    assert "Call 999 now if:" in page.text
    assert "today if:" in page.text
    assert re.search(r"Your reference: [0-9A-F]{8}", page.text)


def test_the_safety_net_stands_before_any_explanation(alice: Walk) -> None:
    text = sent(alice, CARPAL_TUNNEL).text
    assert text.index("Call 999 now if:") < text.index("Your answers are similar")


def test_no_result_diagnoses_reassures_or_counts(alice: Walk) -> None:
    assert not CONFIDENT.search(sent(alice, CARPAL_TUNNEL).text)


def test_with_the_hospital_down_the_page_never_says_sent(alice: Walk, sandbox: RunningSandbox) -> None:
    alice.walk(CARPAL_TUNNEL)
    fields = alice.page("check").hidden
    sandbox.faults.set("down")
    alice.send("send", fields)
    page = alice.page("result")
    assert "saved here, but not yet in your record" in page.text
    assert "Sent " not in page.text
    sandbox.faults.clear()
    ten_minutes_on = replace(alice.services, clock=lambda: utc_now() + timedelta(minutes=10))
    alice.app.extensions["services"] = ten_minutes_on
    assert alice.send("result", {"form_token": page.tokens[0]}).location == alice.url("result")
    assert "Your answers are in your record" in alice.page("result").text


def test_sending_twice_is_sending_once(alice: Walk) -> None:
    alice.walk(CARPAL_TUNNEL)
    fields = alice.page("check").hidden
    first, second = alice.send("send", fields), alice.send("send", fields)
    assert first.location == second.location == alice.url("result")
    kept = alice.services.storage.fetch_submissions(ehr=alice.launch.ehr, patient="alice")
    assert len(kept) == 1


def test_unfinished_answers_are_not_sent(alice: Walk, app: Flask) -> None:
    with app.test_request_context():
        token = make_form_token(alice.services.settings, alice.launch, "send")
    alice.post("q/age", {"age": "40"})
    response = alice.send("send", {"form_token": token})
    assert (response.status_code, response.location) == (303, alice.url("check"))
    assert alice.services.storage.fetch_submissions(ehr=alice.launch.ehr, patient="alice") == []


def test_an_emergency_result_stands_above_everything_and_gives_no_home_care(alice: Walk) -> None:
    alice.post(
        "q/screen.1",
        {"g.sudden": "no", "g.speech": "no", "g.spread": "no", "g.breath": "no", "rf.chest": "yes"},
    )
    alice.post("q/rf.chest/details", {"rf.chest.when": "h24"})
    alice.send("send", alice.page("check").hidden)
    page = alice.page("result")
    assert page.heading == "Call 999 now"
    assert "similar to" not in page.text
    assert "wrist splint" not in page.text


def test_a_sign_for_today_says_so_and_keeps_home_care_back(alice: Walk) -> None:
    lost = {"limb": "right-arm", "t.wrist_up": "cannot", "weak.since": "wk1_4", "g.movement": "yes"}
    page = sent(alice, lost)
    assert "Speak to a clinician today" in page.text
    assert "You told us:" in page.text
    assert "nerve glides" not in page.text
    assert "Your answers are similar" not in page.text


def test_before_anything_was_sent_there_is_no_result(alice: Walk) -> None:
    assert alice.get("result").status_code == 404


def test_finishing_ends_the_session_and_clears_the_browser(alice: Walk) -> None:
    page = sent(alice, CARPAL_TUNNEL)
    response = alice.send("sign-out", page.hidden)
    assert response.status_code == 200
    assert "Clear-Site-Data" in response.headers
    assert alice.get("result").status_code in (401, 403)
