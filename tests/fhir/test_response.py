"""Answers go into a QuestionnaireResponse and come back the same."""

from __future__ import annotations

import copy
import xml.dom.minidom
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid5

import pytest
from hypothesis import given
from person import FILING, FORM, SPANISH, SUBMISSION
from strategies import answers_of

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.terms import LimbKind, Side
from triage_app.errors import InvalidDocument
from triage_app.fhir.exact_json import dumps, loads
from triage_app.fhir.filing import Party
from triage_app.fhir.response import from_response, to_response

TOLD = Answers(
    {
        "gate.sudden": "yes",
        "rf.stroke": "unsure",
        "rf.stroke.when": "h24",
        "pain": Decimal(6),
        "dur": Decimal("7.10"),
    },
    (Limb(LimbKind.ARM, Side.RIGHT, {"digits": ("thumb", "little"), "t.thumb_up": "weak"}),),
)
RESPONSE = to_response(FORM, TOLD, FILING, shown=FORM)


def item(resource: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return the item at the end of a path of linkIds; details hang below the first answer."""
    found = resource
    for link_id in path:
        children = found.get("item") or found["answer"][0]["item"]
        found = next(child for child in children if child["linkId"] == link_id)
    return found


@given(answers_of(FORM))
def test_answers_come_back_the_same_from_the_bytes_that_were_sent(answers: Answers) -> None:
    sent = dumps(to_response(FORM, answers, FILING, shown=SPANISH))
    assert from_response(loads(sent), FORM) == answers


@given(answers_of(FORM))
def test_the_narrative_is_well_formed_whatever_was_typed(answers: Answers) -> None:
    xml.dom.minidom.parseString(to_response(FORM, answers, FILING, shown=FORM)["text"]["div"])


def test_the_response_names_the_exact_form_and_its_own_key() -> None:
    assert RESPONSE["questionnaire"] == "https://w3id.org/nerve-triage/Questionnaire/nerve-symptoms|1.0.0"
    assert RESPONSE["_questionnaire"]["extension"][0]["valueString"] == "Nerve symptoms"
    assert RESPONSE["identifier"] == {
        "system": "https://w3id.org/nerve-triage/id",
        "value": str(uuid5(SUBMISSION, "response")),
    }
    assert RESPONSE["authored"] == "2026-11-20T10:42:00.000+00:00"
    assert RESPONSE["encounter"] == {"reference": "Encounter/visit-1"}
    assert "id" not in RESPONSE


def test_details_hang_below_the_answer_and_limbs_repeat_their_group() -> None:
    when = item(RESPONSE, "screen", "rf.stroke", "rf.stroke.when")
    assert when["answer"][0]["valueCoding"]["code"] == "h24"
    both = replace(TOLD, limbs=(*TOLD.limbs, Limb(LimbKind.LEG, Side.LEFT)))
    written = to_response(FORM, both, FILING, shown=FORM)
    assert [found["linkId"] for found in written["item"]] == ["screen", "limb", "limb", "course"]


def test_a_response_is_completed_only_when_every_required_question_is_answered() -> None:
    assert RESPONSE["status"] == "completed"
    blank = Answers({"pain": Decimal(6)})
    assert to_response(FORM, blank, FILING, shown=FORM)["status"] == "in-progress"


def test_a_number_keeps_its_digits_and_an_integer_stays_one() -> None:
    assert b'"valueDecimal":7.10' in dumps(RESPONSE)
    assert b'"valueInteger":6' in dumps(RESPONSE)


def test_texts_are_as_shown_and_displays_stay_in_the_base_language() -> None:
    written = to_response(FORM, TOLD, replace(FILING, language="es"), shown=SPANISH)
    gate = item(written, "screen", "screen.1", "gate.sudden")
    assert gate["text"] == "¿Empezó de golpe?"
    coding = gate["answer"][0]["valueCoding"]
    assert coding["display"] == "Yes"
    assert coding["_display"]["extension"][0]["extension"] == [
        {"url": "lang", "valueCode": "es"},
        {"url": "content", "valueString": "Sí"},
    ]
    assert written["language"] == "es"
    assert from_response(written, FORM) == TOLD


def test_the_narrative_lists_every_answer_and_what_was_left_blank() -> None:
    div = RESPONSE["text"]["div"]
    assert "Answered by Alice Adams on 2026-11-20 10:42" in div
    assert "Yes, but &lt;weakly&gt;" in div
    assert "Not answered: How old are you?; How often is it numb? (Arm: right)" in div


def test_limbs_are_named_where_there_are_names() -> None:
    written = to_response(FORM, TOLD, FILING, shown=FORM, limbs={"arm-right": "Right arm"})
    assert '<th colspan="2">Right arm</th>' in written["text"]["div"]
    assert "How often is it numb? (Right arm)" in written["text"]["div"]


def test_a_helper_whom_the_login_does_not_show_is_contained() -> None:
    helped = replace(FILING, author=Party("#helper", "", "Daughter"))
    written = to_response(FORM, TOLD, helped, shown=FORM)
    assert written["author"] == {"reference": "#helper", "display": "Daughter"}
    assert written["contained"][0]["relationship"] == [{"text": "Daughter"}]
    assert written["source"]["reference"] == "Patient/alice"


@pytest.mark.parametrize(("country", "claims"), [("US", 2), ("GB", 1), ("", 1)])
def test_us_core_is_claimed_only_in_the_us(country: str, claims: int) -> None:
    written = to_response(FORM, TOLD, replace(FILING, country=country), shown=FORM)
    assert len(written["meta"]["profile"]) == claims


SPOILT: list[tuple[str, Callable[[dict[str, Any]], Any], list[str]]] = [
    ("another resource", lambda r: r.update(resourceType="Patient"), ["resourceType", "Patient"]),
    ("another form", lambda r: r.update(questionnaire="urn:other|1"), ["questionnaire", "urn:other|1"]),
    ("no version", lambda r: r.update(questionnaire=FORM.url), ["questionnaire", "1.0.0"]),
    ("an unknown item", lambda r: item(r, "course", "pain").update(linkId="ghost"), ["linkId", "ghost"]),
    ("an item elsewhere", lambda r: r["item"].append(item(r, "course", "pain")), ["item.linkId", "pain"]),
    (
        "an item twice",
        lambda r: item(r, "course")["item"].append(item(r, "course", "pain")),
        ["pain", "it once"],
    ),
    (
        "two answers",
        lambda r: item(r, "course", "pain")["answer"].append({"valueInteger": 7}),
        ["pain.answer"],
    ),
    ("a string", lambda r: item(r, "course", "pain").update(answer=[{"valueString": "6"}]), ["valueString"]),
    (
        "a text number",
        lambda r: item(r, "course", "pain").update(answer=[{"valueInteger": "6"}]),
        ["a number"],
    ),
    (
        "a true number",
        lambda r: item(r, "course", "pain").update(answer=[{"valueInteger": True}]),
        ["a number"],
    ),
    ("no value", lambda r: item(r, "course", "pain").update(answer=[{}]), ["pain", "no value"]),
    ("two values", lambda r: item(r, "course", "pain")["answer"][0].update(valueString="6"), ["valueString"]),
    (
        "another system",
        lambda r: item(r, "screen", "rf.stroke")["answer"][0]["valueCoding"].update(system="urn:x"),
        ["rf.stroke.valueCoding", "one of no, unsure, yes"],
    ),
    ("a group with an answer", lambda r: item(r, "screen").update(answer=[]), ["screen.answer"]),
    ("items on a question", lambda r: item(r, "course", "pain").update(item=[]), ["pain.item"]),
    ("a limb without side", lambda r: item(r, "limb")["item"].pop(1), ["limb", "side None"]),
    ("items that are no list", lambda r: r.update(item="x"), ["item.item", "a list of objects"]),
    ("an item that is no object", lambda r: r.update(item=[1]), ["item.item", "a list of objects"]),
    (
        "a modifier",
        lambda r: item(r, "course", "pain").update(modifierExtension=[{"url": "urn:not"}]),
        ["pain.modifierExtension"],
    ),
]


@pytest.mark.parametrize(("spoil", "says"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_a_response_that_is_not_of_the_form_is_refused_by_name(
    spoil: Callable[[dict[str, Any]], Any], says: list[str]
) -> None:
    broken = copy.deepcopy(RESPONSE)
    spoil(broken)
    with pytest.raises(InvalidDocument) as caught:
        from_response(broken, FORM)
    for part in [*says, "expected"]:
        assert part in str(caught.value)
