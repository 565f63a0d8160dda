"""An emergency sign shows its instruction in the answer to the posted page, whatever else is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from interview_walk import Html, Walk, a_walk

from triage_app.errors import StorageError

STROKE = {"rf.stroke.when": "h24", "rf.stroke.still": "yes"}
SCREEN_1 = {"g.sudden": "yes", "g.speech": "no", "g.spread": "no", "g.breath": "no", "rf.chest": "no"}


@pytest.fixture
def alice(tmp_path: Path) -> Walk:
    return a_walk(tmp_path)


@pytest.fixture
def at_the_details(alice: Walk) -> tuple[Walk, dict[str, str]]:
    """Alice has the page open that will tell of a stroke."""
    alice.post("q/screen.1", SCREEN_1)
    alice.post("q/rf.stroke", {"rf.stroke": "yes"})
    return alice, {**alice.page("q/rf.stroke/details").hidden, **STROKE}


def test_the_instruction_comes_in_the_same_response(at_the_details: tuple[Walk, dict[str, str]]) -> None:
    alice, fields = at_the_details
    response = alice.send("q/rf.stroke/details", fields)
    page = Html(response.text)
    assert response.status_code == 200
    assert page.heading == "Call 999 now"
    assert page.links["Call 999"] == "tel:999"
    assert "your face, speech, sight or balance changed within minutes" in page.text


def test_the_instruction_says_that_nothing_was_sent_and_leads_back_and_on(
    at_the_details: tuple[Walk, dict[str, str]],
) -> None:
    alice, fields = at_the_details
    page = Html(alice.send("q/rf.stroke/details", fields).text)
    assert "It has not been sent to your clinic yet" in page.text
    assert page.links["I chose this by mistake – go back"] == alice.url("q/rf.stroke/details")
    assert page.links["Check and send what I told you"] == alice.url("check")
    assert page.links["Go on with the questions"].startswith(alice.url("q/"))
    assert alice.answers()["person"]["rf.stroke.when"] == "h24"


def test_unfinished_answers_may_be_sent_when_a_sign_is_an_emergency(
    at_the_details: tuple[Walk, dict[str, str]],
) -> None:
    alice, fields = at_the_details
    alice.send("q/rf.stroke/details", fields)
    page = alice.page("check")
    assert "Sending your answers does not replace this" in page.text
    assert "Send my answers" in alice.get("check").text


@pytest.mark.parametrize("broken", ["fetch_launch", "fetch_draft", "save_draft"])
def test_with_the_database_down_the_instruction_still_shows_and_claims_nothing(
    at_the_details: tuple[Walk, dict[str, str]], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    alice, fields = at_the_details

    def fail(*_: object, **__: object) -> None:
        raise StorageError("the database is gone")

    monkeypatch.setattr(alice.services.storage, broken, fail)
    response = alice.send("q/rf.stroke/details", fields)
    page = Html(response.text)
    assert (response.status_code, page.heading) == (200, "Call 999 now")
    assert "Nobody has been told" in page.text
    assert "saved" not in page.text


def test_whatever_breaks_the_instruction_shows(
    at_the_details: tuple[Walk, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, fields = at_the_details

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(alice.services.storage, "save_draft", fail)
    assert Html(alice.send("q/rf.stroke/details", fields).text).heading == "Call 999 now"


def test_a_page_that_is_no_longer_asked_still_gives_the_instruction(
    at_the_details: tuple[Walk, dict[str, str]],
) -> None:
    alice, fields = at_the_details
    alice.post("q/screen.1", dict.fromkeys(SCREEN_1, "no"))
    page = Html(alice.send("q/rf.stroke/details", fields).text)
    assert page.heading == "Call 999 now"
    assert "Nobody has been told" in page.text


def test_a_forged_hidden_answer_is_ignored(at_the_details: tuple[Walk, dict[str, str]]) -> None:
    alice, fields = at_the_details
    calm = {**fields, "of": "<script>", "rf.stroke.when": "older", "rf.stroke.still": "no"}
    assert alice.send("q/rf.stroke/details", calm).status_code == 303


def test_a_session_that_is_over_still_gets_the_instruction(
    at_the_details: tuple[Walk, dict[str, str]],
) -> None:
    alice, fields = at_the_details
    ended = replace(alice.services.storage.fetch_launch("launch-1"), ended_at=alice.clock.now)
    alice.services.storage.save_launch(ended)
    assert Html(alice.send("q/rf.stroke/details", fields).text).heading == "Call 999 now"


def test_without_a_genuine_form_nothing_is_saved_but_the_instruction_shows(
    at_the_details: tuple[Walk, dict[str, str]],
) -> None:
    alice, fields = at_the_details
    page = Html(alice.send("q/rf.stroke/details", {**fields, "form_token": "forged"}).text)
    assert page.heading == "Call 999 now"
    assert "Nobody has been told" in page.text
    assert "rf.stroke.when" not in alice.answers()["person"]


def test_an_ordinary_answer_with_the_database_down_is_an_honest_error(
    alice: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {**alice.page("q/screen.1").hidden, **dict.fromkeys(SCREEN_1, "no")}

    def fail(*_: object, **__: object) -> None:
        raise StorageError("the database is gone")

    monkeypatch.setattr(alice.services.storage, "save_draft", fail)
    assert alice.send("q/screen.1", fields).status_code in (500, 503)


def test_answers_of_two_pages_together_can_be_the_emergency(alice: Walk, give: Callable[..., None]) -> None:
    give("q/screen.2", **{"rf.saddle": "unsure", "rf.bladder": "no", "rf.bowel": "no", "g.legs": "no"})
    give("q/rf.saddle/details", **{"rf.saddle.since": "unsure"})
    response = alice.post("q/limb", {"limb": "left-leg"})
    assert Html(response.text).heading == "Go to the emergency department now"


@pytest.fixture
def give(alice: Walk) -> Callable[..., None]:
    def give(path: str, **fields: str) -> None:
        assert alice.post(path, fields).status_code in (200, 303)

    return give


def test_going_on_after_an_instruction_does_not_show_it_at_every_page(
    at_the_details: tuple[Walk, dict[str, str]],
) -> None:
    alice, fields = at_the_details
    alice.send("q/rf.stroke/details", fields)
    response = alice.post("q/age", {"age": "52"})
    assert response.status_code == 303


def test_a_page_with_open_lines_still_shows_the_instruction(alice: Walk) -> None:
    alice.post("q/screen.1", {**SCREEN_1, "g.sudden": "no", "rf.chest": "yes"})
    hidden = alice.page("q/rf.chest/details").hidden
    page = Html(alice.send("q/rf.chest/details", {**hidden, "rf.chest.when": "h24", "extra": "x"}).text)
    assert page.heading == "Call 999 now"
    assert "you have pressure in your chest" in page.text


def test_when_sending_fails_the_instruction_stands_before_everything(
    at_the_details: tuple[Walk, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, fields = at_the_details
    alice.send("q/rf.stroke/details", fields)
    hidden = alice.page("check").hidden

    def fail(*_: object, **__: object) -> None:
        raise StorageError("the database is gone")

    monkeypatch.setattr(alice.services.storage, "save_submission", fail)
    page = Html(alice.send("send", hidden).text)
    assert page.heading == "Call 999 now"
    assert "It has not been sent to your clinic yet" in page.text
    assert page.links["Check and send what I told you"] == alice.url("check")
