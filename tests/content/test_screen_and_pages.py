"""The screen comes first, reaches everyone whom a sign can concern, and a common hand takes 25 pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from patient_text import items, questionnaire, vocabulary

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import enabled_paths
from triage_app.clinical.pages import pages
from triage_app.clinical.terms import LimbKind, Side
from triage_app.fhir.questionnaire import to_form

FORM = to_form(questionnaire())
KNOWN = vocabulary()["item"]
GATES = {
    "screen.1": ["g.sudden", "g.speech", "g.spread", "g.breath", "rf.chest"],
    "screen.2": ["rf.saddle", "rf.bladder", "rf.bowel", "g.legs"],
    "screen.3": ["g.cut", "g.injury", "g.procedure", "g.cast", "g.hot", "g.pain"],
    "screen.4": ["g.colour", "g.swelling", "g.thin", "g.movement", "g.lump", "g.skin", "g.lid"],
    "screen.5": [
        *("g.clumsy", "g.band", "rf.multi_nerve", "g.newpain"),
        *("g.attacks", "rf.isch_rest", "rf.systemic"),
    ],
    "screen.6": [
        *("hx.anticoagulant", "hx.cancer", "hx.immuno", "hx.diabetes"),
        *("hx.kidney", "rf.n2o", "hx.pregnant"),
    ],
    "screen.7": ["rf.self_harm"],
}
ALL_GATES = [gate for page in GATES.values() for gate in page]
SIGNS = [link_id for link_id, item in KNOWN.items() if item.get("class") in ("T1", "T2", "E", "S", "U")]
LONGEST_HAND_PATH = 25


def alice(**person: Value) -> Answers:
    """Return Alice, 58, who answers no to every gate but those given."""
    answers: dict[str, Value] = {"age": Decimal(58), "back": "no", **dict.fromkeys(ALL_GATES, "no")}
    return Answers(answers | person)


def asked(answers: Answers) -> frozenset[str]:
    return enabled_paths(FORM, answers)


def test_the_screen_is_first_and_in_its_order() -> None:
    groups = {item["linkId"]: item for item in items() if item["linkId"] in GATES}
    assert list(groups) == list(GATES)
    for name, gates in GATES.items():
        assert [child["linkId"] for child in groups[name]["item"] if child["type"] != "display"] == gates
    paths = [page.path for page in pages(FORM, alice())]
    assert paths[: len(GATES) + 1] == ["screen.1", "screen.2", "age", *list(GATES)[2:]]


@pytest.mark.parametrize("age", [None, 18, 49, 90])
def test_every_gate_is_asked_of_every_adult_whatever_else_is_blank(age: int | None) -> None:
    answers = Answers({} if age is None else {"age": Decimal(age)})
    assert set(ALL_GATES) <= asked(answers)


def test_a_child_is_asked_the_first_two_pages_and_then_nobody_asks_more() -> None:
    paths = [page.path for page in pages(FORM, Answers({"age": Decimal(14)}))]
    assert paths[:3] == ["screen.1", "screen.2", "age"]
    assert {path for path in paths[3:] if path != "limb"} == set()


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_a_sign_is_asked_as_soon_as_one_of_its_gates_is_not_no(sign: str, answer: str) -> None:
    for gate in KNOWN[sign].get("gates", ()):
        opening: dict[str, Value] = {gate: answer}
        if gate not in ALL_GATES:
            opening |= {"g.procedure": "yes"}
        assert sign in asked(alice(**opening)), f"{sign} behind {gate}"


@pytest.mark.parametrize("sign", [sign for sign in SIGNS if sign not in ALL_GATES])
def test_a_sign_is_not_asked_while_all_its_gates_are_no(sign: str) -> None:
    assert sign not in asked(alice())


def test_a_leg_opens_the_question_that_hand_patients_are_spared() -> None:
    leg = Answers(alice().person, (Limb(LimbKind.LEG, Side.LEFT),))
    hand = Answers(alice().person, (Limb(LimbKind.ARM, Side.LEFT),))
    assert "rf.sexual" in asked(leg)
    assert "rf.sexual" not in asked(hand)


def test_stroke_signs_are_asked_right_after_the_first_page() -> None:
    paths = [page.path for page in pages(FORM, alice(**{"g.sudden": "yes"}))]
    assert paths[1] == "rf.stroke"
    assert paths.index("rf.sudden_focal") < paths.index("screen.2")


def test_the_details_of_a_cauda_sign_follow_its_page() -> None:
    paths = [page.path for page in pages(FORM, alice(**{"rf.bladder": "yes"}))]
    assert paths[paths.index("screen.2") + 1] == "rf.bladder/details"


def test_a_common_hand_takes_at_most_25_pages() -> None:
    hand = Limb(
        LimbKind.ARM,
        Side.RIGHT,
        {"region": "hand", "digits": ("thumb", "index", "middle"), "const": "intermittent", "night": "ge3"},
    )
    person = alice(pain=Decimal(4), trend="same", tried_wk=Decimal(3)).person
    found = [page.path for page in pages(FORM, Answers(person, (hand,)))]
    assert len(found) <= LONGEST_HAND_PATH, found


def test_a_second_hand_adds_only_its_own_pages() -> None:
    right, left = (Limb(LimbKind.ARM, side, {"digits": ("thumb",)}) for side in (Side.RIGHT, Side.LEFT))
    one = pages(FORM, Answers(alice().person, (right,)))
    two = pages(FORM, Answers(alice().person, (right, left)))
    assert {page.path for page in two} - {page.path for page in one} == {
        page.path.replace("right-arm", "left-arm") for page in one if page.path.startswith("right-arm")
    }
