"""The mark of an answer that was given beside a fact of the chart goes out and comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from person import FILING, FORM, SPANISH, TOLD
from strategies import TEXT, answers_of

from triage_app.clinical.answers import Answers
from triage_app.fhir.check import check
from triage_app.fhir.exact_json import dumps, loads
from triage_app.fhir.origin import ANSWER_ORIGIN, Origin, OriginState, origins_in, without_sources
from triage_app.fhir.response import from_response, to_response

ORIGINS = {
    "age": Origin(OriginState.CHANGED, "60 years old, born 3 April 1966", "Patient/alice"),
    "arm-right/const": Origin(OriginState.CONFIRMED, "Numbness <all> the time", "Condition/7"),
    "arm-left/digits": Origin(OriginState.CONFIRMED, "No source is given"),
}


def written(answers: Answers = TOLD, origins: Any = ORIGINS) -> dict[str, Any]:
    return to_response(FORM, answers, FILING, shown=FORM, origins=origins)


def test_marks_come_back_as_they_went_out_on_the_answers_of_the_person_and_of_each_limb() -> None:
    assert origins_in(written()) == ORIGINS


def test_the_answers_themselves_are_untouched_by_their_marks() -> None:
    response = written()
    check(response)
    assert from_response(response, FORM) == TOLD


def test_an_answer_without_a_fact_has_no_mark() -> None:
    assert "extension" not in str(to_response(FORM, TOLD, FILING, shown=FORM)["item"])
    assert origins_in(to_response(FORM, TOLD, FILING, shown=SPANISH)) == {}


def test_the_mark_is_the_extension_that_we_publish() -> None:
    assert ORIGINS["age"].to_extension() == {
        "url": "https://w3id.org/nerve-triage/StructureDefinition/answer-origin",
        "extension": [
            {"url": "state", "valueCode": "chart-changed"},
            {"url": "shown", "valueString": "60 years old, born 3 April 1966"},
            {"url": "source", "valueReference": {"reference": "Patient/alice"}},
        ],
    }


@given(answers=answers_of(FORM), states=st.data(), shown=TEXT)
def test_any_answer_can_carry_a_mark_through_the_bytes(answers: Answers, states: Any, shown: str) -> None:
    origins = {
        path: Origin(states.draw(st.sampled_from(list(OriginState))), shown[:80])
        for path, _ in answers.paths()
    }
    assert origins_in(loads(dumps(written(answers, origins)))) == origins


BROKEN = [
    {"url": ANSWER_ORIGIN},
    {"url": ANSWER_ORIGIN, "extension": "state"},
    {"url": ANSWER_ORIGIN, "extension": [{"url": "state", "valueCode": "guessed"}]},
    {"url": ANSWER_ORIGIN, "extension": [{"url": "state", "valueCode": "chart-changed"}]},
    {
        "url": ANSWER_ORIGIN,
        "extension": [{"url": "state", "valueCode": ["chart-changed"]}, {"url": "shown", "valueString": 7}],
    },
    {"url": "https://example.org/another", "extension": []},
    "answer-origin",
]


@pytest.mark.parametrize("extension", BROKEN)
def test_a_mark_of_another_hand_that_is_not_sound_is_left_out(extension: object) -> None:
    response = written(origins={"age": ORIGINS["age"]})
    (age,) = (item for item in response["item"][0]["item"] if item["linkId"] == "age")
    age["answer"][0]["extension"] = [extension]
    assert origins_in(response) == {}


def test_a_mark_that_is_too_long_is_cut_when_it_is_read() -> None:
    response = written(origins={"age": Origin(OriginState.CHANGED, "x" * 5000, "Condition/" + "1" * 900)})
    assert {(len(one.shown), len(one.source)) for one in origins_in(response).values()} == {(300, 300)}


def test_without_its_source_a_mark_says_the_same() -> None:
    bare = without_sources(written())
    assert {path: replace(origin, source="") for path, origin in ORIGINS.items()} == origins_in(bare)
    assert from_response(bare, FORM) == TOLD
    assert without_sources(bare) == bare
    assert origins_in(written()) == ORIGINS
