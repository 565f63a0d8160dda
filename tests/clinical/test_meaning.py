"""What a blank and a "not sure" mean, class by class."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.assessment import RuleOutcome
from triage_app.clinical.engine import assess, emergencies, holds
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import LimbKind, Mode, Side, Truth, Urgency
from triage_app.errors import InvalidAnswer

Rules = Callable[[str], RuleSet]
MET, NOT_MET, OPEN = Truth.MET, Truth.NOT_MET, Truth.NOT_EVALUABLE


@pytest.fixture
def truth(rules_of: Rules) -> Callable[..., Truth]:
    """Tells how far a condition holds for a person's answers, and those of a right arm."""

    def find(condition: str, arm: dict[str, Value] | None = None, **person: Value) -> Truth:
        given = {name.replace("__", "."): value for name, value in person.items()}
        limbs = () if arm is None else (Limb(LimbKind.ARM, Side.RIGHT, arm),)
        return holds(condition, Answers(given, limbs), rules_of(""))

    return find


def in_arm(answers: dict[str, Value]) -> Answers:
    return Answers({}, (Limb(LimbKind.ARM, Side.RIGHT, answers),))


def outcome(answers: Answers, rules: RuleSet) -> RuleOutcome:
    return assess(answers, rules).trace[0]


def test_a_blank_leaves_a_condition_open_unless_it_is_settled_without_it(truth: Callable[..., Truth]) -> None:
    assert truth("hx.diabetes") is OPEN
    assert truth("hx.diabetes and trend = worse", trend="better") is NOT_MET
    assert truth("hx.diabetes or trend = worse", trend="worse") is MET
    assert truth("not hx.diabetes") is OPEN


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ({"g.one": "no", "g.two": "no"}, "no"),
        ({"g.one": "no"}, "blank"),
        ({"g.one": "yes", "g.two": "no"}, "blank"),
        ({}, "blank"),
        ({"g.one": "no", "g.two": "no", "rf.stroke": "yes"}, "yes"),
    ],
)
def test_a_flag_is_a_no_when_all_its_gates_are(
    rules_of: Rules, gates: dict[str, Value], expected: str
) -> None:
    rules = rules_of("")
    found = {
        "yes": holds("rf.stroke", Answers(gates), rules),
        "no": holds("rf.stroke = no", Answers(gates), rules),
        "blank": holds("blank_flags(rf.stroke)", Answers(gates), rules),
    }
    assert [name for name, held in found.items() if held is MET] == [expected]


def test_a_blank_or_unsure_detail_of_a_flag_is_read_at_its_worst(truth: Callable[..., Truth]) -> None:
    assert truth("rf.stroke.when = today", rf__stroke="yes") is MET
    assert truth("rf.stroke.when = today", rf__stroke="yes", rf__stroke__when="unsure") is MET
    assert truth("rf.stroke.hours <= 4", rf__stroke="yes") is MET
    assert truth("rf.cold.old = no", rf__cold="yes") is MET
    assert truth("rf.stroke.when = today", rf__stroke="yes", rf__stroke__when="older") is NOT_MET


def test_a_detail_whose_flag_is_a_no_equals_nothing(truth: Callable[..., Truth]) -> None:
    assert truth("rf.stroke.when >= older", rf__stroke="no", rf__stroke__when="today") is NOT_MET
    assert truth("rf.stroke.hours <= 4", rf__stroke="no") is NOT_MET
    assert truth("blank(rf.stroke.when)", rf__stroke="no") is NOT_MET


def test_a_given_detail_says_yes_for_a_flag_that_is_blank(truth: Callable[..., Truth]) -> None:
    assert truth("rf.stroke", rf__stroke__when="today") is MET
    assert truth("rf.stroke", rf__stroke="no", rf__stroke__when="today") is NOT_MET


def test_a_flag_from_an_age_is_a_no_below_it_only_when_the_age_is_known(
    truth: Callable[..., Truth],
) -> None:
    assert truth("rf.scalp = no", age=Decimal(49)) is MET
    assert truth("blank_flags(rf.scalp)", age=Decimal(50)) is MET
    assert truth("blank_flags(rf.scalp)") is MET


def test_a_limb_opens_the_flag_that_waits_for_it(rules_of: Rules) -> None:
    arm = Answers({"g.two": "no"}, (Limb(LimbKind.ARM, Side.LEFT),))
    leg = Answers({"g.two": "no"}, (Limb(LimbKind.LEG, Side.LEFT),))
    assert holds("rf.private = no", arm, rules_of("")) is MET
    assert holds("blank_flags(rf.private)", leg, rules_of("")) is MET


def test_unsure_is_read_as_the_next_worse_answer_with_the_floor_in_full(rules_of: Rules) -> None:
    rules = rules_of(
        """
        [[rule]]
        id = "S"
        scope = "limb"
        when = "feel = less"
        urgency = "SOON"
        severity = "severe"
        patterns = { median = 3 }
        [[rule]]
        id = "T"
        scope = "limb"
        when = "feel = none"
        urgency = "SAME_DAY"
        """
    )
    found = assess(in_arm({"feel": "unsure"}), rules)
    assert found.urgency is Urgency.SOON
    assert found.severity == "moderate"
    assert found.patterns == ()
    assert found.trace[0].softened


def test_unsure_never_meets_the_harmless_side(truth: Callable[..., Truth]) -> None:
    assert truth("any limb (feel = normal)", {"feel": "unsure"}) is NOT_MET
    assert truth("trend != worse", trend="unsure") is NOT_MET
    assert truth("not hx.diabetes", hx__diabetes="unsure") is NOT_MET


def test_an_unsure_test_meets_only_the_rule_that_names_it(truth: Callable[..., Truth]) -> None:
    arm: dict[str, Value] = {"t.spread": "unsure"}
    assert truth("any limb (any t.* (it >= weak))", arm) is OPEN
    assert truth("any limb (any t.* (it = weak or it = unsure))", arm) is MET


def test_self_care_never_hangs_on_an_unsure_answer(rules_of: Rules) -> None:
    rules = rules_of('[[rule]]\nid = "S"\nwhen = "hx.diabetes"\nurgency = "SELF_CARE"\n')
    assert assess(Answers({"hx.diabetes": "unsure"}), rules).urgency is Urgency.ROUTINE
    assert assess(Answers({"hx.diabetes": "yes"}), rules).urgency is Urgency.SELF_CARE


UNSURE_RULES = """
[[rule]]
id = "UN1"
when = "unsure(rf.stroke)"
urgency = "EMERGENCY"
mode = "call"
routes = ["ED"]
[[rule]]
id = "UN3"
when = "unsure(T2, E)"
urgency = "URGENT_2W"
[[rule]]
id = "UN4"
when = "unsure(T2, E) >= 2"
urgency = "SAME_DAY"
[[rule]]
id = "E1"
when = "rf.stroke and rf.stroke.when = today"
urgency = "EMERGENCY"
mode = "go"
[[rule]]
id = "S1"
when = "rf.stroke and rf.stroke.when = week"
urgency = "SAME_DAY"
[[rule]]
id = "E2"
when = "rf.chest"
urgency = "EMERGENCY"
mode = "go"
[[rule]]
id = "S2"
when = "rf.cold and rf.cold.old = no"
urgency = "SAME_DAY"
[[rule]]
id = "R2"
when = "rf.cold and rf.cold.old"
urgency = "SOON"
"""


@pytest.mark.parametrize(
    ("answers", "urgency", "mode"),
    [
        ({"rf.stroke": "unsure"}, Urgency.EMERGENCY, Mode.CALL),
        ({"rf.stroke": "unsure", "rf.stroke.when": "week"}, Urgency.SAME_DAY, None),
        ({"rf.stroke": "unsure", "rf.stroke.when": "older"}, Urgency.ROUTINE, None),
        ({"rf.chest": "unsure"}, Urgency.URGENT_2W, None),
        ({"rf.cold": "unsure", "rf.cold.old": "yes"}, Urgency.SOON, None),
        ({"rf.chest": "unsure", "rf.cold": "unsure"}, Urgency.SAME_DAY, None),
        ({"rf.chest": "unsure", "rf.cold": "unsure", "rf.cold.old": "yes"}, Urgency.URGENT_2W, None),
    ],
)
def test_an_unsure_flag_gives_its_tier_but_no_more_than_a_yes_would(
    rules_of: Rules, answers: dict[str, Value], urgency: Urgency, mode: Mode | None
) -> None:
    found = assess(Answers(answers), rules_of(UNSURE_RULES))
    assert (found.urgency, found.mode) == (urgency, mode)
    assert {finding.state for finding in found.flags} == {"unsure"}
    assert {outcome.urgency for outcome in found.trace if outcome.urgency} >= {urgency}


def test_a_rule_that_is_not_met_in_full_sends_nobody(rules_of: Rules) -> None:
    rules = rules_of(UNSURE_RULES)
    full, lowered = (
        assess(Answers({"rf.stroke": "unsure", "rf.stroke.when": when}), rules) for when in ("today", "week")
    )
    assert [route.code for route in full.routes] == ["ED"]
    assert lowered.routes == ()


def test_a_rule_that_cannot_be_evaluated_is_not_met_for_another(rules_of: Rules) -> None:
    rules = rules_of("""
    [[rule]]
    id = "A"
    when = "hx.diabetes"
    [[rule]]
    id = "B"
    when = "not met(A)"
    urgency = "SOON"
    """)
    assert assess(Answers(), rules).urgency is Urgency.SOON
    assert assess(Answers({"hx.diabetes": "yes"}), rules).urgency is Urgency.ROUTINE


def test_while_the_form_is_filled_in_a_blank_detail_is_not_yet_asked(rules_of: Rules) -> None:
    rules = rules_of(UNSURE_RULES)
    assert emergencies(Answers({"rf.stroke": "yes"}), rules) == ()
    assert [found.rule_id for found in emergencies(Answers({"rf.stroke.when": "today"}), rules)] == ["E1"]
    assert [found.rule_id for found in emergencies(Answers({"rf.chest": "yes"}), rules)] == ["E2"]
    assert emergencies(Answers({"rf.stroke": "unsure", "rf.stroke.when": "week"}), rules) == ()
    unsure = Answers({"rf.stroke": "unsure", "rf.stroke.when": "today"})
    assert [found.rule_id for found in emergencies(unsure, rules)] == ["UN1"]


def test_what_is_not_asked_of_an_arm_is_no_answer_of_that_arm(truth: Callable[..., Truth]) -> None:
    assert truth("any limb (t.walk >= ok)", {}) is NOT_MET
    assert truth("any limb (every t.* (it = ok))", {"t.spread": "ok"}) is MET
    assert truth("any limb (every t.* (it = ok))", {}) is OPEN


def test_unsure_among_several_answers_is_literal_where_a_rule_names_it(truth: Callable[..., Truth]) -> None:
    for said in (("unsure",), ("thumb", "unsure")):
        assert truth("any arm (digits has unsure)", {"digits": said}) is MET
    assert truth("any arm (digits has index)", {"digits": ("thumb", "unsure")}) is OPEN
    assert truth("any arm (digits has unsure)", {"digits": ("thumb",)}) is NOT_MET


def test_unsure_among_several_answers_stands_for_any_more_of_them(truth: Callable[..., Truth]) -> None:
    some = {"digits": ("thumb", "unsure")}
    assert truth("any arm (count(digits in {thumb, index}) >= 1)", some) is MET
    assert truth("any arm (count(digits in {thumb, index}) >= 2)", some) is OPEN
    assert truth("any arm (count(digits in {thumb, index}) >= 3)", some) is NOT_MET
    assert truth("any arm (count(digits in {thumb, index}) >= 1)", {}) is OPEN


def test_several_answers_are_counted(truth: Callable[..., Truth]) -> None:
    two: dict[str, Value] = {"digits": ("thumb", "index")}
    assert truth("any arm (count(digits in {thumb, index, middle}) >= 2)", two) is MET
    assert truth("any arm (digits has little)", two) is NOT_MET
    assert truth("any arm (digits has little)", {"digits": ("unsure",)}) is OPEN
    assert truth("any arm (digits has little)", {"digits": ()}) is NOT_MET


def test_both_sides_and_every_limb_need_a_limb(rules_of: Rules) -> None:
    rules = rules_of("")
    left, right = (Limb(LimbKind.ARM, side, {"feel": "none"}) for side in (Side.LEFT, Side.RIGHT))
    assert holds("both arms (feel = none)", Answers({}, (left, right)), rules) is MET
    assert holds("both arms (feel = none)", Answers({}, (left,)), rules) is NOT_MET
    assert holds("every limb (feel = none)", Answers(), rules) is NOT_MET
    assert holds("any arm and not any leg", Answers({}, (left,)), rules) is MET


def test_an_answer_that_is_no_option_is_refused_by_name(rules_of: Rules) -> None:
    rules = rules_of('[[rule]]\nid = "A"\nwhen = "trend = worse"\nurgency = "SOON"\n')
    with pytest.raises(
        InvalidAnswer, match="trend: found awful, expected one of better, same, unsure, worse"
    ):
        assess(Answers({"trend": "awful"}), rules)


def test_the_trace_gives_what_each_rule_read_and_none_where_it_was_blank(rules_of: Rules) -> None:
    rules = rules_of(
        '[[rule]]\nid = "A"\nwhen = "hx.diabetes and any limb (feel >= less or any t.* (it = weak))"\n'
    )
    found = outcome(Answers({}, (Limb(LimbKind.ARM, Side.RIGHT, {"feel": "less"}),)), rules)
    assert dict(found.inputs) == {"hx.diabetes": None, "arm-right/feel": "less", "arm-right/t.spread": None}
    assert found.truth is OPEN
