"""The form is a valid R4 Questionnaire that any renderer asks in the same way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from patient_text import QUESTIONNAIRES, items, options, questionnaire, questions, vocabulary

from triage_app.fhir.questionnaire import to_form

CANONICAL = "https://w3id.org/nerve-triage/Questionnaire/nerve-symptoms"
CODE_SYSTEM = "https://w3id.org/nerve-triage/CodeSystem/"


def control(item: dict[str, Any]) -> str:
    for extension in item.get("extension", ()):
        if extension["url"].endswith("/questionnaire-itemControl"):
            return str(extension["valueCodeableConcept"]["coding"][0]["code"])
    return ""


def below(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return items(item)


def test_the_form_says_what_it_is() -> None:
    form = questionnaire()
    assert (form["url"], form["version"], form["status"]) == (CANONICAL, "1.0.0", "draft")
    assert form["extension"][0]["valueCoding"]["code"] == "semver"
    profiles = [profile.rsplit("/", 1)[-1] for profile in form["meta"]["profile"]]
    assert profiles == ["sdc-questionnaire-behave", "sdc-questionnaire-render"]


def test_the_form_is_r4_and_our_reader_takes_it() -> None:
    Questionnaire.model_validate(questionnaire())
    assert to_form(questionnaire()).url == CANONICAL


def test_the_parts_stand_in_their_order() -> None:
    assert [item["linkId"] for item in questionnaire()["item"]] == ["screen", "limb", "course", "history"]


def test_every_link_id_is_there_once() -> None:
    link_ids = [item["linkId"] for item in items()]
    assert sorted(link_ids) == sorted(set(link_ids))


def test_conditions_point_back_and_ask_only_for_an_answer_that_is_there() -> None:
    earlier: dict[str, dict[str, Any]] = {}
    for item in items():
        for condition in item.get("enableWhen", ()):
            asked = earlier.get(condition["question"])
            assert asked is not None, f"{item['linkId']} waits for a later or unknown question"
            assert condition["operator"] in ("=", ">=", "exists")
            if "answerCoding" in condition:
                codes = {(option["system"], option["code"]) for option in options(asked)}
                assert (condition["answerCoding"]["system"], condition["answerCoding"]["code"]) in codes
        if len(item.get("enableWhen", ())) > 1:
            assert item["enableBehavior"] == "any"
        earlier[item["linkId"]] = item


def test_children_hang_only_under_single_answers_and_groups() -> None:
    for item in items():
        if item["type"] == "group":
            assert item["item"]
        elif item["type"] == "display":
            assert not set(item) & {"required", "repeats", "answerOption", "item", "code"}
        elif item.get("repeats"):
            assert all(child["type"] == "display" for child in item.get("item", ()))


def test_no_question_of_a_page_waits_for_another_of_the_same_page() -> None:
    """Without JavaScript a page is posted whole; what it opens must come on a later page."""
    for group in (item for item in items() if item["type"] == "group" and "." in item["linkId"]):
        here = {child["linkId"] for child in group["item"]}
        waits = {c["question"] for child in group["item"] for c in child.get("enableWhen", ())}
        assert not here & waits, group["linkId"]


def test_only_warning_signs_gates_and_the_limb_are_required() -> None:
    known = vocabulary()["item"]
    gates = {gate for item in known.values() for gate in item.get("gates", ())}
    flags = {link_id for link_id, item in known.items() if "class" in item}
    asked = {item["linkId"] for item in questions()}
    required = {item["linkId"] for item in items() if item.get("required")}
    assert required == ((gates | flags) & asked) | {"limb.kind", "side"}


def test_none_and_not_sure_exclude_other_answers_of_several() -> None:
    for item in questions():
        for option in item.get("answerOption", ()):
            exclusive = any(e["url"].endswith("optionExclusive") for e in option.get("extension", ()))
            assert exclusive == (
                bool(item.get("repeats")) and option["valueCoding"]["code"] in ("none", "unsure")
            )


def test_a_page_of_check_boxes_holds_only_yes_and_no_questions() -> None:
    for group in (item for item in items() if item["type"] == "group" and control(item) == "check-box"):
        for child in group["item"]:
            if child["type"] != "display":
                assert {"yes", "no"} <= {option["code"] for option in options(child)}, child["linkId"]


@pytest.mark.parametrize("page", ["screen.1", "screen.2", "screen.7"])
def test_the_gravest_signs_are_asked_one_by_one(page: str) -> None:
    group = next(item for item in items() if item["linkId"] == page)
    assert control(group) == ""
    assert all(control(child) == "radio-button" for child in group["item"] if child["type"] == "choice")


def code_systems() -> dict[str, dict[str, Any]]:
    files = sorted((QUESTIONNAIRES / "terminology").glob("codesystem-*.json"))
    return {system["url"]: system for system in (json.loads(file.read_text("utf-8")) for file in files)}


def test_every_answer_has_the_display_of_its_code_system() -> None:
    displays = {
        (url, concept["code"]): concept["display"]
        for url, system in code_systems().items()
        for concept in system["concept"]
    }
    for item in questions():
        for option in options(item):
            assert displays[option["system"], option["code"]] == option["display"], item["linkId"]


def test_one_answer_list_is_one_code_system() -> None:
    for item in questions():
        assert len({option["system"] for option in options(item)}) <= 1


def test_the_three_answers_of_a_sign_stand_as_yes_no_not_sure() -> None:
    for item in questions():
        codes = [option["code"] for option in options(item)]
        if set(codes) == {"yes", "no", "unsure"}:
            assert codes == ["yes", "no", "unsure"], item["linkId"]


def test_pain_has_its_loinc_code() -> None:
    pain = next(item for item in questions() if item["linkId"] == "pain")
    assert pain["code"][0]["code"] == "72514-3"
    assert pain["code"][0]["system"] == "http://loinc.org"
