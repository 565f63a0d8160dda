"""What must be known before the answers are trusted is said, and is not said without cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from reviewing import WASTED, WORSE, Clinic, answers, words

from triage_app.web.review_page import words_of
from triage_app.web.review_remarks import remarks_on
from triage_app.workflow.open_review import open_review


@pytest.fixture
def alice(clinic: Clinic) -> str:
    patient = clinic.new_alice()
    clinic.tells(patient, answers(clinic.pathway, WORSE, **WASTED))
    return patient


def items(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in holder.get("item", ()):
        yield item
        yield from items(item)


def test_nothing_is_remarked_where_all_is_as_it_should_be(clinic: Clinic, alice: str) -> None:
    assert "rv-remark" not in clinic.opens(alice).get().text


def test_a_result_that_does_not_come_out_again_is_said_to_be_not_reproduced(
    clinic: Clinic, alice: str
) -> None:
    (overall,) = [
        one
        for one in clinic.chart(alice)["Observation"]
        if one["code"]["coding"][0]["code"] == "triage-overall"
    ]
    value = overall["valueCodeableConcept"]
    coding = {**value["coding"][0], "code": "SELF_CARE"}
    clinic.change(overall, valueCodeableConcept={**value, "coding": [coding]})
    text = clinic.opens(alice).text()
    assert "Not reproduced: the result in the chart is not what these answers come to." in text
    assert "SELF_CARE" in text


def test_answers_that_were_changed_in_the_chart_are_said_to_be_altered(clinic: Clinic, alice: str) -> None:
    (response,) = clinic.chart(alice)["QuestionnaireResponse"]
    (pain,) = [item for item in items(response) if item["linkId"] == "pain"]
    pain["answer"] = [{"valueInteger": 1}]
    clinic.change(response, status="amended")
    text = clinic.opens(alice).text()
    assert "Altered: the chart does not hold what was sent." in text
    assert "amended" in text


def test_answers_from_another_app_are_said_to_be_so_and_bring_no_suggestion(
    clinic: Clinic, alice: str
) -> None:
    (response,) = clinic.chart(alice)["QuestionnaireResponse"]
    other = clinic.new_alice()
    theirs = {
        **response,
        "id": f"{other}-elsewhere",
        "identifier": {"system": "urn:elsewhere", "value": "1"},
        "subject": {"reference": f"Patient/{other}"},
        "source": {"reference": f"Patient/{other}"},
        "author": {"reference": f"Patient/{other}"},
    }
    clinic.change(theirs)
    review = clinic.opens(other)
    text = review.text()
    assert "From another app: these answers were filled in elsewhere." in text
    assert "1 red flag" in text
    assert review.forms() == []
    assert "Not reproduced" not in text


def test_withdrawn_answers_are_told_and_not_shown(clinic: Clinic, alice: str) -> None:
    (response,) = clinic.chart(alice)["QuestionnaireResponse"]
    clinic.change(response, status="entered-in-error")
    text = clinic.opens(alice).text()
    assert "Entered in error: answers of" in text
    assert "There are no answers that can be shown." in text
    assert "Thin muscle" not in text


def test_answers_that_cannot_be_read_are_told_with_the_reason(clinic: Clinic, alice: str) -> None:
    (response,) = clinic.chart(alice)["QuestionnaireResponse"]
    clinic.change(response, questionnaire=f"{clinic.pathway.url}|9.9.9")
    text = clinic.opens(alice).text()
    assert "Unreadable: answers of" in text
    assert "9.9.9" in text


def test_answers_that_wait_here_are_told_so_that_the_chart_is_not_taken_for_whole(
    own_clinic: Clinic,
) -> None:
    alice = own_clinic.new_alice()
    own_clinic.tells(alice, answers(own_clinic.pathway), fault="down")
    text = own_clinic.opens(alice).text()
    assert "Not the whole picture: 1 submission of this patient, kept here, not yet in the chart." in text


def test_another_version_is_named_with_the_newest(clinic: Clinic, alice: str) -> None:
    launch = clinic.launch_of(clinic.opens(alice).address.split("/")[2])
    (response,) = open_review(clinic.services, launch).responses
    newer = replace(clinic.pathway, version="9.9.9")
    before = replace(response, pathway=newer)
    found = list(remarks_on(response, before, newer, words_of(clinic.services, launch, clinic.pathway)))
    other, compare = (one.heading for one in found)
    assert other == "Other version: answered with version 1.0.0 of questions and rules, the newest is 9.9.9."
    assert compare.startswith("Compare with care: the answers of ")
    assert compare.endswith("were given to version 9.9.9, these to version 1.0.0.")


def test_a_result_whose_emergency_signs_are_not_all_answered_is_at_least_that_urgent(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    clinic.tells(alice, answers(clinic.pathway, g__sudden="yes", rf__stroke=None))
    page = clinic.opens(alice).get().text
    assert "At least: an emergency or same-day sign was not answered." in words(page)


def test_a_shorter_time_within_the_same_level_is_sooner(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    daily = {"const": "daily", "night": "ge3"}
    clinic.tells(alice, answers(clinic.pathway, daily), days_ago=9)
    clinic.tells(alice, answers(clinic.pathway, daily, g__sudden="yes", rf__stroke=None))
    assert "Seen within 1 day sooner: was “Ordinary appointment”" in clinic.opens(alice).text()
