"""Which questions are asked, and which answers a form takes."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import check, enabled_paths, in_play, missing_required, read_answer
from triage_app.clinical.questionnaire import EnableWhen, Option, Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side
from triage_app.errors import InvalidAnswer
from triage_app.fhir.questionnaire import to_form

SMALL = Path(__file__).parent.parent / "golden" / "small-questionnaire.json"
FORM = to_form(json.loads(SMALL.read_text(encoding="utf-8")))
QUESTIONS = {question.link_id: question for question in FORM.walk()}
RIGHT_ARM = Limb(LimbKind.ARM, Side.RIGHT, {"digits": ("thumb",), "t.thumb_up": "weak"})
LEFT_LEG = Limb(LimbKind.LEG, Side.LEFT, {"const": "constant"})


def choice(link_id: str, *conditions: EnableWhen, enable_any: bool = False) -> Question:
    options = (Option("no", "s", "No"), Option("yes", "s", "Yes"))
    return Question(link_id, "choice", "", options=options, enable_when=conditions, enable_any=enable_any)


def form_of(*items: Question) -> Questionnaire:
    return Questionnaire("u", "1", "t", "en", items)


def test_a_question_without_condition_is_asked() -> None:
    assert {"gate.sudden", "age", "pain"} <= enabled_paths(FORM, Answers())


@pytest.mark.parametrize(("gate", "asked"), [("no", False), ("unsure", True), ("yes", True)])
def test_a_sign_is_asked_after_its_gate_says_yes_or_unsure(gate: str, asked: bool) -> None:
    assert ("rf.stroke" in enabled_paths(FORM, Answers({"gate.sudden": gate}))) is asked


def test_details_wait_for_an_answer_to_a_sign_that_is_itself_asked() -> None:
    told = {"gate.sudden": "yes", "rf.stroke": "yes"}
    assert "rf.stroke.when" in enabled_paths(FORM, Answers(told))
    assert "rf.stroke.when" not in enabled_paths(FORM, Answers({**told, "gate.sudden": "no"}))
    assert "rf.stroke.when" not in enabled_paths(FORM, Answers({"gate.sudden": "yes"}))


def test_what_is_nested_below_a_question_waits_for_its_answer_even_without_a_condition() -> None:
    form = form_of(replace(choice("a"), items=(choice("b"),)))
    assert "b" not in enabled_paths(form, Answers())
    assert "b" in enabled_paths(form, Answers({"a": "no"}))


def test_a_condition_inside_a_limb_looks_at_the_same_limb_only() -> None:
    left = Limb(LimbKind.ARM, Side.LEFT, {"digits": ("little",)})
    enabled = enabled_paths(FORM, Answers({}, (RIGHT_ARM, left)))
    assert "arm-right/t.thumb_up" in enabled
    assert "arm-left/t.thumb_up" not in enabled


def test_what_stands_below_a_group_that_is_not_asked_is_not_asked() -> None:
    leg = Limb(LimbKind.LEG, Side.LEFT, {"digits": ("thumb",), "t.thumb_up": "weak", "const": "never"})
    enabled = enabled_paths(FORM, Answers({}, (leg,)))
    assert "leg-left/arm" not in enabled
    assert "leg-left/digits" not in enabled
    assert in_play(FORM, Answers({}, (leg,))).limbs[0].answers == {"const": "never"}


def test_a_person_question_may_ask_for_any_limb() -> None:
    limb = Question("limb", "group", "", repeats=True, items=(choice("const"),))
    form = form_of(limb, choice("later", EnableWhen("const", "=", "yes")))
    numb = Limb(LimbKind.LEG, Side.LEFT, {"const": "yes"})
    fine = Limb(LimbKind.LEG, Side.RIGHT, {"const": "no"})
    assert "later" in enabled_paths(form, Answers({}, (fine, numb)))
    assert "later" not in enabled_paths(form, Answers({}, (fine,)))


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("exists", True, "no", True),
        ("exists", False, "no", False),
        ("exists", False, None, True),
        ("=", "yes", "yes", True),
        ("=", "yes", None, False),
        ("!=", "yes", "no", True),
        ("!=", "yes", "yes", False),
        ("!=", "yes", None, False),
        (">", Decimal(3), Decimal(4), True),
        (">", Decimal(3), Decimal(3), False),
        (">=", Decimal(3), Decimal(3), True),
        ("<", Decimal(3), Decimal("2.9"), True),
        ("<=", Decimal(3), Decimal("3.1"), False),
        ("<", Decimal(3), None, False),
    ],
)
def test_each_operator_of_enable_when_means_what_r4_says(
    operator: str, wanted: str | bool | Decimal, value: Value | None, holds: bool
) -> None:
    form = form_of(choice("a"), choice("b", EnableWhen("a", operator, wanted)))
    answers = Answers({} if value is None else {"a": value})
    assert ("b" in enabled_paths(form, answers)) is holds


def test_several_conditions_are_joined_by_the_enable_behavior() -> None:
    conditions = (EnableWhen("a", "=", "yes"), EnableWhen("b", "=", "yes"))
    told = Answers({"a": "yes", "b": "no"})
    every = form_of(choice("a"), choice("b"), choice("c", *conditions))
    either = form_of(choice("a"), choice("b"), choice("c", *conditions, enable_any=True))
    assert "c" not in enabled_paths(every, told)
    assert "c" in enabled_paths(either, told)


def test_a_chain_of_conditions_falls_as_a_whole() -> None:
    form = form_of(
        choice("a"), choice("b", EnableWhen("a", "=", "yes")), choice("c", EnableWhen("b", "=", "yes"))
    )
    answers = Answers({"a": "no", "b": "yes", "c": "yes"})
    assert in_play(form, answers).person == {"a": "no"}


def test_dropping_what_is_not_asked_changes_nothing_else() -> None:
    answers = Answers(
        {"gate.sudden": "no", "rf.stroke": "yes", "ghost": "1", "pain": Decimal(3)}, (LEFT_LEG,)
    )
    played = in_play(FORM, answers)
    assert played == Answers({"gate.sudden": "no", "pain": Decimal(3)}, (LEFT_LEG,))
    assert enabled_paths(FORM, played) == enabled_paths(FORM, answers)


def test_required_questions_that_are_asked_and_blank_are_missing() -> None:
    assert missing_required(FORM, Answers()) == ("gate.sudden",)
    assert missing_required(FORM, Answers({"gate.sudden": "yes"})) == ("rf.stroke",)
    assert missing_required(FORM, Answers({"gate.sudden": "unsure", "rf.stroke": "unsure"})) == ()


def test_answers_that_fit_the_form_have_no_problem() -> None:
    told = {"gate.sudden": "no", "pain": Decimal(6), "dur": Decimal("0.7"), "worry": "two\nlines"}
    assert check(FORM, Answers(told, (RIGHT_ARM, LEFT_LEG))) == ()


@pytest.mark.parametrize(
    ("answers", "path", "says"),
    [
        (Answers({"ghost": "no"}), "ghost", "expected a question of this form"),
        (Answers({"const": "never"}), "const", "expected it under a limb"),
        (
            Answers({}, (replace(LEFT_LEG, answers={"pain": Decimal(1)}),)),
            "leg-left/pain",
            "outside the limbs",
        ),
        (Answers({"screen": "no"}), "screen", "it is a group"),
        (Answers({"gate.sudden": "perhaps"}), "gate.sudden", "expected one of no, unsure, yes"),
        (Answers({"gate.sudden": ("no",)}), "gate.sudden", "expected one code"),
        (Answers({"rf.stroke": "yes"}), "rf.stroke", "the question is not asked"),
        (Answers({"pain": Decimal(11)}), "pain", "a number from 0 to 10"),
        (Answers({"pain": Decimal("6.5")}), "pain", "a whole number"),
        (Answers({"pain": "6"}), "pain", "expected a number"),
        (Answers({"dur": Decimal("NaN")}), "dur", "expected a number"),
        (Answers({"worry": "x" * 201}), "worry", "at most 200"),
        (Answers({"worry": "\x00"}), "worry", "control character"),
        (Answers({}, (LEFT_LEG, LEFT_LEG)), "leg-left", "each limb once"),
        (Answers({}, (Limb(LimbKind.TRUNK, Side.MIDDLE),)), "trunk-middle/limb.kind", "one of arm, leg"),
    ],
)
def test_whatever_does_not_fit_is_named(answers: Answers, path: str, says: str) -> None:
    problems = {problem.link_id: problem.reason for problem in check(FORM, answers)}
    assert says in problems[path]


@pytest.mark.parametrize(
    ("link_id", "raw", "value"),
    [
        ("gate.sudden", ["yes"], "yes"),
        ("gate.sudden", ["yes", "yes"], "yes"),
        ("gate.sudden", [], None),
        ("gate.sudden", [" "], None),
        ("digits", ["little", "thumb"], ("thumb", "little")),
        ("digits", ["none"], ("none",)),
        ("pain", [" 6 "], Decimal(6)),
        ("dur", ["0.70"], Decimal("0.70")),
        ("worry", [" my\njob "], "my\njob"),
    ],
)
def test_what_is_typed_or_ticked_is_read(link_id: str, raw: list[str], value: Value | None) -> None:
    assert read_answer(QUESTIONS[link_id], raw) == value


@pytest.mark.parametrize(
    ("link_id", "raw", "says"),
    [
        ("gate.sudden", ["maybe"], "found “maybe”, expected one of no, unsure, yes"),
        ("gate.sudden", ["yes", "no"], "found 2 answers, expected one"),
        ("digits", ["none", "thumb"], "found none with other answers, expected it alone"),
        ("digits", ["toe"], "expected one of none, thumb, little"),
        ("pain", ["six"], "found “six”, expected a whole number such as 3"),
        ("pain", ["6.0"], "expected a whole number"),
        ("pain", ["11"], "found 11, expected a number from 0 to 10"),
        ("pain", ["٣"], "expected a whole number"),
        ("pain", ["1e1"], "expected a whole number"),
        ("dur", ["1,5"], "written with a point and without a comma"),
        ("dur", ["9" * 400], "expected a number"),
        ("dur", ["nan"], "expected a number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_was_expected(
    link_id: str, raw: list[str], says: str
) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        read_answer(QUESTIONS[link_id], raw)
    assert caught.value.link_id == link_id
    assert says in caught.value.reason
    assert len(str(caught.value)) < 200
