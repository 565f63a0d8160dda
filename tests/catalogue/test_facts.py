"""The facts of a case become answers: what others were answered, what stays blank, which gates stand open."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from triage_app.catalogue.facts import read_facts
from triage_app.catalogue.table import Table
from triage_app.catalogue.vocabulary_file import read_vocabulary
from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.terms import LimbKind, Side
from triage_app.clinical.vocabulary import Vocabulary
from triage_app.errors import ContentError

WORDS = Path(__file__).parents[2] / "questionnaires" / "nerve-symptoms" / "1.0.0" / "vocabulary.toml"


@cache
def vocabulary() -> Vocabulary:
    return read_vocabulary(Table("vocabulary.toml", tomllib.loads(WORDS.read_text("utf-8"))))


def facts(toml: str) -> Answers:
    return read_facts(Table("people.toml, case Alice", tomllib.loads(toml)), vocabulary())


def refusal(toml: str) -> str:
    with pytest.raises(ContentError) as caught:
        facts(toml)
    return str(caught.value)


def limb(toml: str) -> Limb:
    """The answers of one right hand."""
    (found,) = facts(f'others = "no"\n[[limb]]\nregion = "hand"\nside = "right"\n{toml}').limbs
    return found


def test_others_no_answers_every_other_question_no_or_normal() -> None:
    answers = facts('others = "no"\nanswers = { age = 60 }')
    assert answers.person["rf.stroke"] == "no"
    assert answers.person["trend"] == "same"
    assert answers.person["hx.amyloid_clues"] == ("none",)
    assert answers.person["age"] == Decimal(60)


@pytest.mark.parametrize("others", ["", 'others = "blank"'])
def test_others_blank_leaves_every_other_question_unanswered(others: str) -> None:
    assert facts(f'{others}\nanswers = {{ "rf.crps" = "no" }}') == Answers({"rf.crps": "no"})


def test_any_other_word_for_others_is_refused() -> None:
    assert refusal('others = "yes"') == ("people.toml, case Alice, others: found 'yes', expected no or blank")


def test_a_blank_question_is_left_out_whatever_others_says() -> None:
    answers = facts('others = "no"\nblank = ["feel", "trend"]\n[[limb]]\nregion = "hand"\nside = "left"')
    assert "trend" not in answers.person
    assert "feel" not in answers.limbs[0].answers
    assert answers.limbs[0].answers["night"] == "none"


def test_a_blank_red_flag_was_asked_so_its_gate_is_open() -> None:
    answers = facts('others = "no"\nblank = ["rf.cast"]')
    assert "rf.cast" not in answers.person
    assert answers.person["g.cast"] == "yes"


@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_a_red_flag_that_is_answered_opens_its_first_gate(answer: str) -> None:
    answers = facts(f'others = "no"\nanswers = {{ "rf.lyme" = "{answer}" }}')
    assert (answers.person["g.cut"], answers.person["g.skin"]) == ("yes", "no")


def test_a_gate_that_is_open_already_suffices() -> None:
    answers = facts('others = "no"\nanswers = { "rf.lyme" = "yes", "g.skin" = "unsure" }')
    assert (answers.person["g.cut"], answers.person["g.skin"]) == ("no", "unsure")


def test_a_limb_that_opens_the_gate_suffices() -> None:
    leg = '[[limb]]\nregion = "leg"\nside = "left"'
    assert facts('others = "no"\nanswers = { "rf.sexual" = "yes" }').person["back"] == "yes"
    assert facts(f'others = "no"\nanswers = {{ "rf.sexual" = "yes" }}\n{leg}').person["back"] == "no"


def test_a_gate_behind_a_gate_opens_both() -> None:
    answers = facts('others = "no"\nanswers = { "pp.tight" = "yes" }')
    assert (answers.person["hx.procedure_6wk"], answers.person["g.procedure"]) == ("yes", "yes")


def test_a_private_question_that_is_answered_shows_that_its_gate_was_open() -> None:
    assert facts('others = "no"\nanswers = { "safe.home" = "no" }').person["g.injury"] == "yes"
    assert facts('others = "no"').person["g.injury"] == "no"


def test_a_detail_is_filled_only_while_its_question_is_in_play() -> None:
    yes = facts('others = "no"\nanswers = { "rf.wound" = "yes" }')
    no = facts('others = "no"\nanswers = { "rf.wound" = "no" }')
    assert yes.person["rf.wound.bothers"] == "no"
    assert "rf.wound.bothers" not in no.person
    assert "rf.wound.hours" not in yes.person  # nobody's normal: it stays blank and reads at its worst


def test_the_deciding_detail_of_a_bare_flag_stays_blank() -> None:
    bare = facts('others = "no"\nanswers = { "rf.bileg" = "yes" }')
    told = facts('others = "no"\nanswers = { "rf.bileg" = "yes", "rf.bileg.weak" = "yes" }')
    assert "rf.bileg.new" not in bare.person
    assert told.person["rf.bileg.new"] == "no"


def test_getting_worse_is_not_taken_for_pain_alone() -> None:
    assert "trend.what" not in facts('others = "no"\nanswers = { trend = "worse" }').person


def test_a_dotted_key_means_the_same_quoted_or_not() -> None:
    quoted = facts(
        '[answers]\n"rf.wound.hours" = 2\n[[limb]]\nregion = "hand"\nside = "right"\n"t.pinch" = "weak"'
    )
    nested = facts(
        '[answers]\nrf.wound.hours = 2\n[[limb]]\nregion = "hand"\nside = "right"\nt.pinch = "weak"'
    )
    assert quoted == nested
    assert nested.limbs[0].answers["t.pinch"] == "weak"


def test_the_region_makes_the_limb() -> None:
    rows = [("hand", "left"), ("shoulder", "right"), ("foot", "right"), ("trunk", "middle")]
    toml = "\n".join(f'[[limb]]\nregion = "{region}"\nside = "{side}"' for region, side in rows)
    assert [(found.kind, found.side) for found in facts(toml).limbs] == [
        (LimbKind.ARM, Side.LEFT),
        (LimbKind.ARM, Side.RIGHT),
        (LimbKind.LEG, Side.RIGHT),
        (LimbKind.TRUNK, Side.MIDDLE),
    ]


def test_an_arm_is_asked_nothing_about_legs() -> None:
    assert "t.pinch" in limb("").answers
    assert "t.heel_walk" not in limb("").answers


def test_two_entries_of_one_limb_are_one_limb_with_the_worse_answers() -> None:
    answers = facts(
        """
        [[limb]]
        region = "hand"
        side = "right"
        digits = ["thumb"]
        night = "ge3"
        "mass.size_cm" = 2
        ring_split = "outer"
        [[limb]]
        region = "shoulder"
        side = "right"
        digits = ["little"]
        night = "le2"
        "mass.size_cm" = 6
        ring_split = "inner"
        """
    )
    (found,) = answers.limbs
    assert found.answers["region"] == "hand"
    assert found.answers["digits"] == ("thumb", "little")
    assert found.answers["night"] == "ge3"
    assert found.answers["mass.size_cm"] == Decimal(6)
    assert found.answers["ring_split"] == "outer"


def test_what_is_asked_of_the_person_may_stand_in_a_limb() -> None:
    toml = '[[limb]]\nregion = "leg"\nside = "{}"\nback = "{}"\n'
    answers = facts(toml.format("left", "yes") + toml.format("right", "no"))
    assert answers.person == {"back": "yes"}
    assert all("back" not in found.answers for found in answers.limbs)


@pytest.mark.parametrize("digits", ["[]", '["none"]', '"none"'])
def test_an_empty_list_of_codes_is_none(digits: str) -> None:
    assert limb(f"digits = {digits}").answers["digits"] == ("none",)


def test_a_number_that_is_a_code_is_read_as_a_number() -> None:
    assert facts("answers = { adl = 2, dur = 0.7 }").person == {"adl": Decimal(2), "dur": Decimal("0.7")}
    assert facts('answers = { "hx.palsies" = "2" }').person == {"hx.palsies": Decimal(2)}


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ('answers = { "rf.strok" = "yes" }', "answers: found rf.strok, expected a linkId of vocabulary.toml"),
        ('answers = { night = "ge3" }', "answers: found night, expected one that is asked of the person"),
        (
            'answers = { "rf.stroke" = "maybe" }',
            "answers, rf.stroke: found maybe, expected one of no, unsure, yes",
        ),
        (
            'answers = { "rf.stroke" = true }',
            "answers, rf.stroke: found True, expected one of no, unsure, yes",
        ),
        ('answers = { trend = ["same", "worse"] }', "answers, trend: found 2 answers, expected one"),
        ('answers = { age = "old" }', "answers, age: found 'old', expected a number"),
        ("answers = { age = true }", "answers, age: found True, expected a number"),
        ('answers = { age = "unsure" }', "answers, age: found 'unsure', expected a number"),
        ('answers = "none"', "answers: found 'none', expected a table"),
        ('blank = ["rf.strok"]', "blank: found the unknown linkId rf.strok"),
        (
            '[[limb]]\nregion = "toe"\nside = "left"',
            "limb 1, region: found toe, expected one of hand, arm, shoulder,",
        ),
        ('[[limb]]\nside = "left"', "limb 1: the key region is missing, expected a text"),
        ('[[limb]]\nregion = "hand"', "limb 1: the key side is missing, expected a text"),
        (
            '[[limb]]\nregion = "hand"\nside = "both"',
            "limb 1, side: found 'both', expected one of right, left, middle",
        ),
        (
            '[[limb]]\nregion = "hand"\nside = "middle"',
            "limb 1, side: found middle, expected left or right of the hand",
        ),
        (
            '[[limb]]\nregion = "hand"\nside = "left"\nfeal = "less"',
            "limb 1: found feal, expected a linkId of vocabulary.toml",
        ),
        (
            '[[limb]]\nregion = "hand"\nside = "left"\ndigits = ["pinky"]',
            "limb 1, digits: found pinky, expected one of none, unsure, thumb,",
        ),
    ],
)
def test_what_is_unknown_is_refused_by_file_case_and_key(toml: str, expected: str) -> None:
    assert refusal(toml).startswith(f"people.toml, case Alice, {expected}")


def test_a_question_of_another_kind_of_limb_is_refused() -> None:
    assert refusal('[[limb]]\nregion = "hand"\nside = "left"\n"t.heel_walk" = "weak"') == (
        "people.toml, case Alice, limb 1: found t.heel_walk, expected one that is asked of the arm"
    )
