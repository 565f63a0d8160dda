"""The form asks what the vocabulary names, with the same answers, and opens each sign by its gates."""

from __future__ import annotations

from typing import Any

import pytest
from patient_text import items, options, questionnaire, questions, vocabulary

KNOWN: dict[str, dict[str, Any]] = vocabulary()["item"]
ASKED = {item["linkId"]: item for item in questions()}
TYPES = {"yesno": "choice", "choice": "choice", "multi": "choice", "integer": "integer", "decimal": "decimal"}
PARENTS = {child["linkId"]: item for item in items() for child in item.get("item", ())}


def coded(item: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (question, answer) of every condition of the item that asks for a code."""
    return {
        (condition["question"], condition["answerCoding"]["code"])
        for condition in item.get("enableWhen", ())
        if "answerCoding" in condition
    }


def conditions(link_id: str) -> set[tuple[str, str]]:
    return coded(ASKED[link_id])


def page_conditions(link_id: str) -> set[tuple[str, str]]:
    return coded(PARENTS[link_id])


def test_the_form_asks_exactly_what_the_vocabulary_names() -> None:
    to_ask = {
        k for k, item in KNOWN.items() if item.get("source") != "calculated" and item.get("asked", True)
    }
    assert set(ASKED) == to_ask


@pytest.mark.parametrize("link_id", sorted(ASKED))
def test_type_answers_and_limits_are_those_of_the_vocabulary(link_id: str) -> None:
    item, known = ASKED[link_id], KNOWN[link_id]
    assert item["type"] == TYPES[known["type"]]
    assert bool(item.get("repeats")) == (known["type"] == "multi")
    assert {option["code"] for option in options(item)} == {str(code) for code in known.get("options", ())}
    limits = {e["url"].rsplit("/", 1)[-1]: e for e in item.get("extension", ())}
    for name, key in (("minValue", "min"), ("maxValue", "max")):
        if key in known:
            value = limits[name].get("valueInteger", limits[name].get("valueDecimal"))
            assert value == known[key]


def test_answers_in_order_of_concern_are_shown_in_it() -> None:
    for link_id, item in ASKED.items():
        shown = [option["code"] for option in options(item) if option["code"] != "unsure"]
        known = [str(code) for code in KNOWN[link_id].get("options", ()) if code != "unsure"]
        if KNOWN[link_id].get("ordered") and not item.get("repeats") and set(shown) != {"yes", "no"}:
            assert shown == known, link_id


def test_a_question_of_a_limb_stands_in_the_limb() -> None:
    limb = next(item for item in questionnaire()["item"] if item["linkId"] == "limb")
    inside = {item["linkId"] for item in items(limb) if item["linkId"] in ASKED}
    assert inside == {link_id for link_id in ASKED if KNOWN[link_id]["scope"] == "limb"}


def test_a_sign_is_opened_by_any_answer_but_the_first_of_any_of_its_gates() -> None:
    for link_id in ASKED:
        known = KNOWN[link_id]
        if not known.get("gates"):
            continue
        wanted = {(gate, code) for gate in known["gates"] for code in KNOWN[gate]["options"][1:]}
        wanted |= {("limb.kind", kind) for kind in known.get("gate_limbs", ())}
        assert (conditions(link_id) or page_conditions(link_id)) == wanted, link_id


def test_a_sign_that_needs_an_age_is_asked_when_the_age_is_blank() -> None:
    for link_id in (k for k in ASKED if "age_from" in KNOWN[k]):
        rules = [
            c for c in (PARENTS[link_id] | ASKED[link_id]).get("enableWhen", ()) if c["question"] == "age"
        ]
        rules = rules or PARENTS[link_id]["enableWhen"]
        assert {(r["operator"], r.get("answerInteger"), r.get("answerBoolean")) for r in rules} == {
            (">=", KNOWN[link_id]["age_from"], None),
            ("exists", None, False),
        }


def test_a_detail_is_nested_under_its_parent_and_opened_as_the_vocabulary_says() -> None:
    for link_id in ASKED:
        parent = KNOWN[link_id].get("parent")
        if isinstance(parent, str):
            assert ASKED[parent].get("repeats") or PARENTS[link_id]["linkId"] == parent
            assert conditions(link_id) == {(parent, code) for code in KNOWN[link_id]["when"]}, link_id


def test_the_time_of_a_weakness_is_asked_when_any_test_is_not_passed() -> None:
    opened = page_conditions("weak.since")
    tests = {link_id for link_id in ASKED if link_id.startswith("t.") and not link_id.endswith(".reason")}
    assert opened == {(test, code) for test in tests for code in ("weak", "cannot", "unsure")}
    assert set(KNOWN["weak.since"]["parent"]) == tests


def test_a_question_about_one_kind_of_limb_waits_for_that_kind() -> None:
    for link_id in ASKED:
        kinds = set(KNOWN[link_id].get("limbs", ()))
        if not kinds or isinstance(KNOWN[link_id].get("parent"), str):
            continue
        above = conditions(link_id) | page_conditions(link_id)
        opens = {code for question, code in above if question == "limb.kind"}
        assert opens == kinds or link_id == "ring_split", link_id


def test_age_alone_decides_whether_a_whole_page_of_the_screen_is_left_out() -> None:
    for group in (
        item for item in items() if item["linkId"].startswith("screen.") and item["type"] == "group"
    ):
        assert {c["question"] for c in group.get("enableWhen", ())} <= {"age", "hx.procedure_6wk"}
