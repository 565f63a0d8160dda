"""A Questionnaire is read as a form, or refused by name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from triage_app.errors import InvalidDocument
from triage_app.fhir.questionnaire import to_form

SMALL = json.loads((Path(__file__).parent.parent / "golden/small-questionnaire.json").read_text("utf-8"))
CORE = "http://hl7.org/fhir/StructureDefinition"
EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"


def item(resource: dict[str, Any], link_id: str) -> dict[str, Any]:
    """Return the item of the resource with that linkId."""
    waiting = list(resource["item"])
    while waiting:
        found = waiting.pop()
        if found["linkId"] == link_id:
            return found
        waiting += found.get("item", [])
    raise KeyError(link_id)


def test_a_form_has_the_words_options_and_limits_of_its_questionnaire() -> None:
    questions = {question.link_id: question for question in to_form(SMALL).walk()}
    assert questions["rf.stroke"].help == "Look in a mirror & smile."
    assert "rf.stroke.help" not in questions
    assert questions["digits"].repeats
    assert [option.code for option in questions["digits"].options if option.exclusive] == ["none"]
    assert (questions["pain"].minimum, questions["pain"].maximum) == (Decimal(0), Decimal(10))
    assert questions["worry"].max_length == 200
    assert questions["digits"].control == "check-box"
    assert questions["rf.stroke"].required
    assert questions["rf.stroke"].enable_any


@pytest.mark.parametrize("language", ["es", "es-MX"])
def test_a_translation_is_taken_where_there_is_one_and_the_base_language_elsewhere(language: str) -> None:
    form = to_form(SMALL, language=language)
    questions = {question.link_id: question for question in form.walk()}
    assert form.title == "Síntomas de los nervios"
    assert questions["gate.sudden"].text == "¿Empezó de golpe?"
    assert questions["gate.sudden"].options[0].display == "No"
    assert questions["gate.sudden"].options[2].display == "Sí"
    assert questions["pain"].text == "How bad is your pain, 0 to 10?"


def set_key(link_id: str, **keys: Any) -> Callable[[dict[str, Any]], None]:
    return lambda resource: item(resource, link_id).update(keys)


def condition(**keys: Any) -> Callable[[dict[str, Any]], None]:
    return lambda resource: item(resource, "t.thumb_up")["enableWhen"][0].update(keys)


BROKEN: list[tuple[str, Callable[[dict[str, Any]], Any], list[str]]] = [
    ("another resource", lambda r: r.update(resourceType="Patient"), ["resourceType", "Patient"]),
    ("no url", lambda r: r.pop("url"), ["Questionnaire: url"]),
    ("no version", lambda r: r.pop("version"), ["Questionnaire: version"]),
    ("no items", lambda r: r.pop("item"), ["Questionnaire: item"]),
    ("no linkId", lambda r: item(r, "pain").pop("linkId"), ["linkId"]),
    ("an item type", set_key("pain", type="quantity"), ["pain: type", "quantity", "decimal"]),
    ("a boolean", set_key("pain", type="boolean"), ["pain: type", "boolean"]),
    ("an open choice", set_key("const", type="open-choice"), ["const: type", "open-choice"]),
    ("a value set", set_key("const", answerValueSet="x"), ["const: answerValueSet"]),
    ("an initial value", set_key("pain", initial=[{"valueInteger": 1}]), ["pain: initial"]),
    (
        "a modifier",
        set_key("pain", modifierExtension=[{"url": "urn:x"}]),
        ["pain: modifierExtension", "urn:x"],
    ),
    ("a root modifier", lambda r: r.update(modifierExtension=[{"url": "urn:x"}]), ["modifierExtension"]),
    (
        "an expression",
        set_key("pain", extension=[{"url": EXPRESSION}]),
        ["pain: extension", "enableWhenExpr"],
    ),
    (
        "hidden",
        set_key("pain", extension=[{"url": f"{CORE}/questionnaire-hidden"}]),
        ["questionnaire-hidden"],
    ),
    ("read only", set_key("pain", readOnly=True), ["pain: readOnly"]),
    (
        "a slider",
        lambda r: item(r, "const")["extension"][0]["valueCodeableConcept"]["coding"][0].update(code="slider"),
        ["const: itemControl", "slider", "radio-button"],
    ),
    ("an operator", condition(operator="~"), ["t.thumb_up: enableWhen.operator", "~"]),
    ("a date condition", condition(answerDate="2020-01-01"), ["enableWhen.answerDate"]),
    ("exists with a code", condition(operator="exists"), ["enableWhen.answerBoolean"]),
    ("an unknown question", condition(question="nobody"), ["enableWhen.question", "nobody"]),
    ("a later question", condition(question="pain"), ["enableWhen.question", "pain", "stands earlier"]),
    ("itself", condition(question="t.thumb_up"), ["enableWhen.question", "t.thumb_up"]),
    ("a code that is no option", condition(answerCoding={"code": "toe"}), ["enableWhen.answerCoding", "toe"]),
    ("order on a choice", condition(operator=">"), ["t.thumb_up: enableWhen", "digits"]),
    ("no behaviour", lambda r: item(r, "rf.stroke").pop("enableBehavior"), ["rf.stroke: enableBehavior"]),
    ("a doubled linkId", set_key("pain", linkId="dur"), ["dur: linkId", "once"]),
    ("an empty group", set_key("arm", item=[]), ["arm: item"]),
    ("a choice without options", set_key("const", answerOption=[]), ["const: answerOption"]),
    (
        "options on a number",
        set_key("pain", answerOption=[{"valueCoding": {"system": "s", "code": "c"}}]),
        ["pain: answerOption"],
    ),
    ("a text option", set_key("const", answerOption=[{"valueString": "x"}]), ["answerOption.valueString"]),
    (
        "a code without system",
        lambda r: item(r, "const")["answerOption"][0]["valueCoding"].pop("system"),
        ["const: system"],
    ),
    (
        "a doubled code",
        lambda r: item(r, "const")["answerOption"].append(item(r, "const")["answerOption"][0]),
        ["const: answerOption", "once"],
    ),
    ("a repeating number", set_key("pain", repeats=True), ["pain: repeats"]),
    ("a second repeating group", set_key("course", repeats=True), ["course: repeats"]),
    (
        "details below check boxes",
        lambda r: item(r, "digits").update(item=[item(r, "const")]),
        ["digits: item"],
    ),
    ("a limb that does not repeat", set_key("limb", repeats=False), ["limb: type"]),
    ("a limb without side", lambda r: item(r, "side").update(linkId="sides"), ["limb: item", "side"]),
    (
        "a limb of another kind",
        lambda r: item(r, "limb.kind")["answerOption"][1]["valueCoding"].update(code="tail"),
        ["limb.kind: answerOption", "tail"],
    ),
    (
        "a limit that is no number",
        lambda r: item(r, "pain")["extension"][0].update(valueInteger="0"),
        ["pain: minValue"],
    ),
]


@pytest.mark.parametrize(("spoil", "says"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_we_would_not_carry_out_is_refused_by_name(
    spoil: Callable[[dict[str, Any]], Any], says: list[str]
) -> None:
    broken = copy.deepcopy(SMALL)
    spoil(broken)
    with pytest.raises(InvalidDocument) as caught:
        to_form(broken)
    for part in [*says, "expected"]:
        assert part in str(caught.value)


def test_an_extension_that_only_dresses_the_form_is_taken() -> None:
    dressed = copy.deepcopy(SMALL)
    item(dressed, "pain")["extension"].append({"url": f"{CORE}/questionnaire-unit", "valueCoding": {}})
    assert to_form(dressed) == to_form(SMALL)
