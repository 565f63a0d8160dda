"""Advice is shown only where it cannot harm, and never instead of being seen."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from patient_text import PATHWAY, patient_words, vocabulary

from triage_app.catalogue.rules_file import read_rules, rule_lines
from triage_app.catalogue.table import read_toml
from triage_app.catalogue.vocabulary_file import read_vocabulary
from triage_app.clinical.advice import advice_for
from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.engine import assess, holds
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import LimbKind, Side, Urgency

CARDS = patient_words()["advice"]
CARE_AT_HOME = {f"A{number}" for number in range(1, 11)}


def load_rules() -> RuleSet:
    path = PATHWAY / "rules.toml"
    return read_rules(
        read_toml(path),
        read_vocabulary(read_toml(PATHWAY / "vocabulary.toml")),
        pathway="nerve-symptoms",
        version="1.0.0",
        checksum="",
        lines=rule_lines(path),
    )


RULES = load_rules()
WRIST = {
    **{
        "digits": ("thumb", "index", "middle"),
        "const": "intermittent",
        "night": "le2",
        "relief.shake": "yes",
    },
    "region": "hand",
}


def normal(scope: str, limbs: str = "arm") -> dict[str, Value]:
    """Return every normal answer of that scope."""
    return {
        link_id: plain(item["normal"])
        for link_id, item in vocabulary()["item"].items()
        if "normal" in item and item["scope"] == scope and limbs in item.get("limbs", [limbs])
    }


def plain(value: object) -> Value:
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, str) else Decimal(str(value))


def shown(person: dict[str, Value] | None = None, hand: dict[str, Value] | None = None) -> set[str]:
    """Return the cards for Alice, 45, whose right hand tingles at night, with other answers as given."""
    limb = Limb(LimbKind.ARM, Side.RIGHT, normal("limb") | WRIST | (hand or {}))
    answers = Answers(normal("patient") | (person or {}), (limb,))
    return set(advice_for(CARDS, answers, assess(answers, RULES), RULES))


def test_the_cards_are_those_of_the_evidence() -> None:
    assert list(CARDS) == [f"A{number}" for number in range(1, 19)]


@pytest.mark.parametrize("code", CARDS)
def test_a_card_has_words_a_stop_rule_and_reasons_to_withhold(code: str) -> None:
    card = CARDS[code]
    assert card["text"]
    assert card["stop"]
    assert card["withhold"]
    assert card["show_for"]


@pytest.mark.parametrize("code", CARDS)
def test_every_condition_of_a_card_can_be_read(code: str) -> None:
    for condition in [*CARDS[code]["withhold"], *CARDS[code].get("when", [])]:
        holds(condition, Answers({"age": Decimal(45)}), RULES)


@pytest.mark.parametrize("code", CARDS)
def test_a_card_is_for_everyone_or_for_a_pattern_that_patients_may_read(code: str) -> None:
    assert set(CARDS[code]["show_for"]) <= {"all", *patient_words()["pattern"]}


@pytest.mark.parametrize("code", sorted(CARE_AT_HOME))
def test_care_at_home_is_withheld_from_children_and_from_anyone_to_be_seen_within_two_weeks(
    code: str,
) -> None:
    assert {"age < 18", "blank_flags(T1, T2, E, S) >= 1"} <= set(CARDS[code]["withhold"])
    assert CARDS[code]["at"] == ["SELF_CARE", "ROUTINE", "SOON"]


def test_what_guards_a_person_is_shown_at_every_urgency() -> None:
    assert {code for code, card in CARDS.items() if "at" not in card} == {"A11", "A12", "A13", "A16"}


def test_a_card_names_only_levels_that_there_are() -> None:
    assert all(set(card.get("at", [])) <= set(Urgency.__members__) for card in CARDS.values())


def test_a_hand_that_tingles_at_night_may_try_a_splint() -> None:
    assert "A1" in shown()
    assert "A3" not in shown()


@pytest.mark.parametrize(
    ("person", "hand"),
    [
        ({"hx.ra": "yes"}, {}),
        ({"hx.ra": "unsure"}, {}),
        ({"hx.pregnant": "after_birth"}, {}),
        ({"g.swelling": "yes", "rf.arm_swell": "no"}, {}),
        ({"g.cast": "yes", "rf.cast": "no"}, {}),
        ({}, {"feel": "less"}),
        ({"age": Decimal(15)}, {}),
    ],
    ids=["joints", "joints unsure", "after birth", "swelling", "cast", "numb", "child"],
)
def test_the_splint_is_withheld_where_it_could_harm(person: dict[str, Value], hand: dict[str, Value]) -> None:
    assert "A1" not in shown(person, hand)


@pytest.mark.parametrize(
    "person",
    [
        {"age": Decimal(80)},
        {"hx.anticoagulant": "yes", "rf.bleed": "no"},
        {"hx.kidney": "unsure"},
        {"hx.pregnant": "yes", "rf.preg": "no"},
    ],
)
def test_pain_tablets_are_not_mentioned_to_whom_they_could_harm(person: dict[str, Value]) -> None:
    assert "A10" in shown({"pain": Decimal(3)})
    assert "A10" not in shown({"pain": Decimal(3), **person})


def test_nerve_glides_are_withheld_when_anything_is_weak_or_irritable() -> None:
    assert "A7" in shown()
    assert "A7" not in shown(hand={"t.pinch": "unsure", "t.pinch.reason": "pain"})
    assert "A7" not in shown({"pain": Decimal(8)})
    assert "A7" not in shown({"neck": "yes"})


@pytest.mark.parametrize(
    "person",
    [
        {"g.sudden": "yes", "rf.stroke": "yes", "rf.stroke.when": "h24", "rf.stroke.still": "yes"},
        {"g.skin": "yes", "rf.zoster": "yes"},
        {"rf.systemic": "yes"},
    ],
    ids=["emergency", "same day", "two weeks"],
)
def test_a_person_who_must_be_seen_gets_no_care_at_home(person: dict[str, Value]) -> None:
    assert not shown(person) & CARE_AT_HOME


def test_a_blank_warning_sign_withholds_care_at_home() -> None:
    person = {link_id: value for link_id, value in normal("patient").items() if link_id != "rf.saddle"}
    answers = Answers(person, (Limb(LimbKind.ARM, Side.RIGHT, normal("limb") | WRIST),))
    assert not set(advice_for(CARDS, answers, assess(answers, RULES), RULES)) & CARE_AT_HOME


def test_a_stroke_sign_that_passed_says_not_to_drive() -> None:
    person = {"g.sudden": "yes", "rf.stroke": "yes", "rf.stroke.when": "d2_7", "rf.stroke.still": "no"}
    limb = Limb(LimbKind.ARM, Side.RIGHT, normal("limb") | WRIST)
    answers = Answers(normal("patient") | person, (limb,))
    found = assess(answers, RULES)
    assert found.urgency is Urgency.SAME_DAY
    assert "A12" in advice_for(CARDS, answers, found, RULES)


def test_a_tight_limb_is_told_to_keep_it_level_and_cut_nothing() -> None:
    cards = shown({"g.injury": "yes", "rf.compart": "yes"})
    assert {"A17", "A18"} <= cards


def test_no_card_promises_to_avoid_an_operation() -> None:
    text = " ".join(card["text"] + card["stop"] for card in CARDS.values())
    assert not re.search(r"(avoid|without|instead of) (an? )?(operation|surgery)", text)
