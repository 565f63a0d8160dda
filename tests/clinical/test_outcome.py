"""What follows when rules are met: urgency, grades, patterns, routes, findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.changes import what_would_change
from triage_app.clinical.engine import assess
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import LimbKind, Mode, Severity, Side, Urgency
from triage_app.errors import ContentError

Rules = Callable[[str], RuleSet]
NO_FLAGS: Mapping[str, Value] = {
    "rf.stroke": "no",
    "rf.chest": "no",
    "rf.cold": "no",
    "rf.thin": "no",
    "rf.scalp": "no",
    "rf.private": "no",
}


def arm(side: Side = Side.RIGHT, **answers: Value) -> Limb:
    return Limb(LimbKind.ARM, side, {name.replace("__", "."): value for name, value in answers.items()})


def person(*limbs: Limb, **answers: Value) -> Answers:
    given = {name.replace("__", "."): value for name, value in answers.items()}
    return Answers({**NO_FLAGS, **given}, limbs)


def routes(found: Assessment) -> list[str]:
    return [route.code for route in found.routes]


# ---- Urgency


def test_the_highest_floor_wins_and_lower_rules_stay_met_beneath_it(rules_of: Rules) -> None:
    rules = rules_of("""
    [[rule]]
    id = "A"
    when = "hx.diabetes"
    urgency = "SOON"
    [[rule]]
    id = "B"
    when = "trend = worse"
    urgency = "SAME_DAY"
    """)
    found = assess(person(hx__diabetes="yes", trend="worse"), rules)
    assert found.urgency is Urgency.SAME_DAY
    assert found.decided_by == ("B",)
    assert [outcome.urgency for outcome in found.trace] == [Urgency.SOON, Urgency.SAME_DAY]


def test_nothing_met_is_routine_and_never_self_care(rules_of: Rules) -> None:
    assert assess(person(), rules_of("")).urgency is Urgency.ROUTINE


def test_call_wins_over_go_and_the_nearest_due_holds(rules_of: Rules) -> None:
    rules = rules_of("""
    [[rule]]
    id = "GO"
    when = "rf.chest"
    urgency = "EMERGENCY"
    mode = "go"
    [[rule]]
    id = "CALL"
    when = "rf.stroke"
    urgency = "EMERGENCY"
    mode = "call"
    [[rule]]
    id = "D7"
    when = "rf.thin"
    urgency = "URGENT_2W"
    due_days = 7
    [[rule]]
    id = "D3"
    when = "trend = worse"
    urgency = "SOON"
    due_days = 3
    """)
    both = assess(person(rf__chest="yes", rf__stroke="yes"), rules)
    assert both.mode is Mode.CALL
    assert assess(person(rf__chest="yes"), rules).mode is Mode.GO
    assert assess(person(rf__thin="yes", trend="worse"), rules).due_days == 7


def test_a_blank_sign_that_must_be_known_leaves_the_result_undetermined(rules_of: Rules) -> None:
    rules = rules_of(
        '[[rule]]\nid = "UN0"\nwhen = "blank_flags(T1, T2, E, S)"\nurgency = "ROUTINE"\nundetermined = true'
    )
    assert assess(person(), rules).determined
    without = {name: value for name, value in NO_FLAGS.items() if name != "rf.cold"}
    assert assess(Answers(without), rules).incomplete
    assert assess(Answers({**NO_FLAGS, "rf.thin": "no"}), rules).determined


def test_a_rule_may_read_the_urgency_that_the_others_give(rules_of: Rules) -> None:
    rules = rules_of("""
    [[rule]]
    id = "LATE"
    when = "hx.diabetes and urgency >= SOON"
    urgency = "SAME_DAY"
    [[rule]]
    id = "EARLY"
    when = "trend = worse"
    urgency = "SOON"
    """)
    assert assess(person(hx__diabetes="yes", trend="worse"), rules).urgency is Urgency.SAME_DAY
    assert assess(person(hx__diabetes="yes", trend="same"), rules).urgency is Urgency.ROUTINE


# ---- Findings


PAST_RULES = """
[[rule]]
id = "E"
when = "rf.stroke and rf.stroke.when = today"
urgency = "EMERGENCY"
mode = "call"
[[rule]]
id = "F"
when = "rf.cold or rf.chest"
urgency = "SAME_DAY"
[[rule]]
id = "C-PAST"
when = "past_flags"
urgency = "ROUTINE"
routes = ["PC"]
[[rule]]
id = "W"
scope = "limb"
when = "any t.* (it = cannot and it.reason != pain)"
urgency = "SAME_DAY"
raises = ["rf.lost"]
"""


def test_a_yes_outside_every_window_is_listed_as_past(rules_of: Rules) -> None:
    found = assess(person(rf__stroke="yes", rf__stroke__when="older"), rules_of(PAST_RULES))
    assert [(finding.flag, finding.state, finding.urgency) for finding in found.flags] == [
        ("rf.stroke", "past", Urgency.ROUTINE)
    ]
    assert routes(found) == ["PC"]


def test_a_yes_beside_another_that_meets_the_rule_is_not_raised_by_it(rules_of: Rules) -> None:
    rules = rules_of("""
    [[rule]]
    id = "E"
    when = "(rf.stroke and rf.stroke.when = today) or rf.chest"
    urgency = "EMERGENCY"
    mode = "go"
    """)
    found = assess(person(rf__stroke="yes", rf__stroke__when="older", rf__chest="yes"), rules)
    assert {finding.flag: finding.state for finding in found.flags} == {
        "rf.chest": "raised",
        "rf.stroke": "past",
    }


def test_a_raised_flag_lists_the_answers_that_raised_it(rules_of: Rules) -> None:
    found = assess(person(rf__stroke="yes", rf__stroke__when="today"), rules_of(PAST_RULES))
    assert found.flags[0].raised_by == {"rf.stroke": "yes", "rf.stroke.when": "today"}
    assert found.flags[0].urgency is Urgency.EMERGENCY


def test_what_made_the_rule_of_a_flag_met_is_listed_with_it(rules_of: Rules) -> None:
    rules = rules_of("""
    [[rule]]
    id = "A"
    when = "rf.cold and (trend = worse or any limb (feel = none) or hx.diabetes)"
    urgency = "SOON"
    """)
    found = assess(person(arm(feel="none"), rf__cold="yes", trend="worse", hx__diabetes="no"), rules)
    assert found.flags[0].raised_by == {"rf.cold": "yes", "trend": "worse", "arm-right/feel": "none"}


def test_a_derived_finding_is_listed_with_the_limb_that_raised_it(rules_of: Rules) -> None:
    found = assess(person(arm(t__spread="cannot")), rules_of(PAST_RULES))
    assert [(finding.flag, dict(finding.raised_by)) for finding in found.flags] == [
        ("rf.lost", {"arm-right/t.spread": "cannot"})
    ]


def test_every_yes_and_every_unsure_is_listed_beneath_a_higher_one(rules_of: Rules) -> None:
    found = assess(
        person(rf__stroke="yes", rf__stroke__when="today", rf__cold="yes", rf__thin="unsure"),
        rules_of(PAST_RULES),
    )
    assert [(finding.flag, finding.state) for finding in found.flags] == [
        ("rf.stroke", "raised"),
        ("rf.cold", "raised"),
        ("rf.thin", "unsure"),
    ]


def test_a_contradiction_names_what_to_ask_again(rules_of: Rules) -> None:
    rules = rules_of("""
    [[rule]]
    id = "X"
    when = "rf.thin = no and any limb (any t.* (it = cannot))"
    asks_again = ["rf.thin"]
    """)
    assert assess(person(arm(t__spread="cannot")), rules).contradictions == ("rf.thin",)
    assert assess(person(arm(t__spread="ok")), rules).contradictions == ()


# ---- Severity


SEVERITY_RULES = """
[[rule]]
id = "MILD"
scope = "limb"
when = "feel = normal and every t.* (it = ok)"
severity = "mild"
[[rule]]
id = "MODERATE"
scope = "limb"
when = "feel = less"
severity = "moderate"
[[rule]]
id = "MOTOR"
scope = "limb"
when = "any t.* (it = weak and it.reason != pain)"
severity = "moderate"
motor = true
[[rule]]
id = "SEVERE"
scope = "limb"
when = "feel = none"
severity = "severe"
[[rule]]
id = "STEP"
when = "trend = worse"
severity_step = { none = "mild", mild = "moderate", motor = "severe" }
[score]
feel = [["feel >= less", 4]]
lost = [["feel = none", 2]]
strength = [["any t.* (it = weak)", 4], ["any t.* (it = cannot)", 6]]
"""


@pytest.mark.parametrize(
    ("limb", "trend", "severity", "motor"),
    [
        (arm(feel="normal", t__spread="ok"), "same", Severity.MILD, False),
        (arm(feel="normal", t__spread="ok"), "worse", Severity.MODERATE, False),
        (arm(feel="less", t__spread="ok"), "same", Severity.MODERATE, False),
        (arm(feel="less", t__spread="ok"), "worse", Severity.MODERATE, False),
        (arm(feel="normal", t__spread="weak"), "same", Severity.MODERATE, True),
        (arm(feel="normal", t__spread="weak"), "worse", Severity.SEVERE, True),
        (arm(feel="normal", t__spread="weak", **{"t.spread.reason": "pain"}), "same", Severity.NONE, False),
        (arm(feel="none", t__spread="ok"), "same", Severity.SEVERE, False),
        (arm(feel="none"), "same", Severity.SEVERE, False),
        (arm(t__spread="ok"), "same", Severity.UNKNOWN, False),
        (arm(), "worse", Severity.UNKNOWN, False),
    ],
)
def test_the_worst_anchor_grades_the_limb(
    rules_of: Rules, limb: Limb, trend: str, severity: Severity, motor: bool
) -> None:
    found = assess(person(limb, trend=trend), rules_of(SEVERITY_RULES))
    assert (found.limbs[0].severity, found.limbs[0].motor) == (severity, motor)
    assert found.severity is severity


def test_the_whole_is_as_bad_as_the_worst_limb(rules_of: Rules) -> None:
    found = assess(
        person(arm(Side.LEFT, feel="none"), arm(feel="normal", t__spread="ok"), trend="same"),
        rules_of(SEVERITY_RULES),
    )
    assert found.severity is Severity.SEVERE
    assert {limb.code: limb.severity for limb in found.limbs} == {"arm-left": "severe", "arm-right": "mild"}
    assert found.limbs[0].anchors == ("SEVERE",)


def test_a_blank_makes_the_display_score_a_range(rules_of: Rules) -> None:
    rules = rules_of(SEVERITY_RULES)
    assert assess(person(arm(feel="none", t__spread="weak")), rules).limbs[0].score == (10, 10)
    assert assess(person(arm(feel="less")), rules).limbs[0].score == (4, 10)
    assert assess(person(arm(feel="normal", t__spread="unsure")), rules).limbs[0].score == (0, 6)


def test_two_descriptions_of_one_limb_resolve_to_the_worse(rules_of: Rules) -> None:
    limbs = (arm(feel="none", t__spread="ok"), arm(feel="normal", t__spread="ok"))
    one = assess(person(*limbs, trend="same"), rules_of(SEVERITY_RULES))
    other = assess(person(*reversed(limbs), trend="same"), rules_of(SEVERITY_RULES))
    assert one == other
    assert [limb.severity for limb in one.limbs] == [Severity.SEVERE]


# ---- Patterns and routes


PATTERN_RULES = """
[choice."SURGERY/SPINE"]
root = "SPINE"
else = "SURGERY"
[[rule]]
id = "M"
scope = "limb"
when = "digits has thumb"
patterns = { median = 3 }
[[rule]]
id = "U"
scope = "limb"
when = "digits has little"
patterns = { ulnar = 3 }
[[rule]]
id = "I"
scope = "limb"
when = "digits has index"
patterns = { median = 1 }
[[rule]]
id = "R"
scope = "limb"
when = "digits has middle"
patterns = { root = 4, median = -1 }
[[rule]]
id = "F"
when = "rf.stroke"
urgency = "SAME_DAY"
patterns = { stroke = 1 }
[[rule]]
id = "SEND"
scope = "limb"
when = "feel = less"
urgency = "SOON"
routes = ["SURGERY/SPINE"]
[[rule]]
id = "NAMED"
when = "self_care_pattern and one_pattern"
note = true
"""


@pytest.mark.parametrize(
    ("digits", "patterns", "routes_"),
    [
        (("thumb",), ["median"], ["SURGERY"]),
        (("thumb", "index", "little"), ["median", "ulnar"], ["SURGERY"]),
        (("index",), [], ["SURGERY"]),
        (("middle",), ["root"], ["SPINE"]),
        (("middle", "thumb", "index"), ["root", "median"], ["SPINE"]),
        (("middle", "thumb"), ["root"], ["SPINE"]),
        (("little", "thumb"), ["median", "ulnar"], ["SURGERY"]),
    ],
)
def test_patterns_are_named_from_weight_three_and_those_within_a_point_together(
    rules_of: Rules, digits: tuple[str, ...], patterns: list[str], routes_: list[str]
) -> None:
    found = assess(person(arm(digits=digits, feel="less")), rules_of(PATTERN_RULES))
    assert [score.code for score in found.limbs[0].patterns] == patterns
    assert routes(found) == routes_


def test_the_clinicians_list_holds_patterns_too_weak_to_be_named(rules_of: Rules) -> None:
    found = assess(person(arm(digits=("index",), feel="less")), rules_of(PATTERN_RULES))
    assert found.limbs[0].patterns == ()
    assert [score.code for score in found.patterns] == ["median"]


def test_the_list_of_the_whole_holds_weak_patterns_too(rules_of: Rules) -> None:
    found = assess(person(arm(digits=("middle", "thumb"))), rules_of(PATTERN_RULES))
    assert [(score.code, score.weight) for score in found.patterns] == [("root", 4), ("median", 2)]


def test_a_tie_of_a_root_with_another_sends_to_both(rules_of: Rules) -> None:
    rules = rules_of(PATTERN_RULES.replace("root = 4", "root = 3"))
    found = assess(person(arm(digits=("middle", "little"), feel="less")), rules)
    assert routes(found) == ["SURGERY", "SPINE"]


def test_the_patterns_of_flags_come_first(rules_of: Rules) -> None:
    found = assess(person(arm(digits=("thumb",)), rf__stroke="yes"), rules_of(PATTERN_RULES))
    assert [score.code for score in found.patterns] == ["stroke", "median"]


@pytest.mark.parametrize(
    ("left", "right", "named"),
    [
        (("thumb",), ("thumb", "index"), True),
        (("thumb",), ("little",), False),
        (("thumb", "little"), ("thumb", "little"), False),
        (("index",), ("index",), False),
    ],
)
def test_one_pattern_is_named_alone_and_alike_in_every_limb(
    rules_of: Rules, left: tuple[str, ...], right: tuple[str, ...], named: bool
) -> None:
    answers = person(arm(Side.LEFT, digits=left), arm(digits=right))
    assert (assess(answers, rules_of(PATTERN_RULES)).notes == ("NAMED",)) is named


def test_a_rule_of_a_child_names_no_pattern(rules_of: Rules) -> None:
    rules = rules_of(PATTERN_RULES + '[[rule]]\nid = "CHILD"\nwhen = "hx.diabetes"\nno_patterns = true\n')
    found = assess(person(arm(digits=("thumb",)), hx__diabetes="yes", rf__stroke="yes"), rules)
    assert found.patterns == ()


ROUTE_RULES = """
[[rule]]
id = "HOME"
when = "trend = better"
urgency = "SELF_CARE"
routes = ["PC"]
[[rule]]
id = "HINT"
when = "hx.diabetes"
routes = ["EDX"]
[[rule]]
id = "CUT"
when = "rf.thin"
urgency = "URGENT_2W"
routes = ["SURGERY"]
[[rule]]
id = "NERVE"
when = "rf.cold"
suppresses = ["SURGERY"]
[[rule]]
id = "BURN"
when = "trend = same"
urgency = "ROUTINE"
routes = ["ABLATION"]
[[rule]]
id = "PN00"
when = "urgency >= URGENT_2W or hx.diabetes"
blocks = ["ABLATION"]
"""


def test_at_self_care_nothing_is_suggested(rules_of: Rules) -> None:
    found = assess(person(trend="better", hx__diabetes="yes"), rules_of(ROUTE_RULES))
    assert (found.urgency, routes(found)) == (Urgency.SELF_CARE, [])


def test_a_rule_without_floor_suggests_its_route_and_raises_nothing(rules_of: Rules) -> None:
    found = assess(person(hx__diabetes="yes"), rules_of(ROUTE_RULES))
    assert (found.urgency, routes(found)) == (Urgency.ROUTINE, ["EDX"])


def test_a_route_is_shut_while_the_rule_that_suppresses_it_is_met(rules_of: Rules) -> None:
    rules = rules_of(ROUTE_RULES)
    assert "SURGERY" in routes(assess(person(rf__thin="yes"), rules))
    assert "SURGERY" not in routes(assess(person(rf__thin="yes", rf__cold="yes"), rules))


def test_a_blocked_route_opens_only_when_the_rule_is_known_not_to_be_met(rules_of: Rules) -> None:
    rules = rules_of(ROUTE_RULES)
    assert routes(assess(person(trend="same", hx__diabetes="no"), rules)) == ["ABLATION"]
    assert "ABLATION" not in routes(assess(person(trend="same"), rules))
    assert "ABLATION" not in routes(assess(person(trend="same", hx__diabetes="unsure"), rules))
    assert "ABLATION" not in routes(assess(person(trend="same", hx__diabetes="no", rf__thin="yes"), rules))


# ---- What would have changed it


def test_one_answer_is_found_that_would_have_lowered_the_urgency(rules_of: Rules) -> None:
    changes = what_would_change(person(rf__stroke="yes", rf__stroke__when="today"), rules_of(PAST_RULES))
    assert [(change.rule_id, change.answers, change.urgency) for change in changes] == [
        ("E", (("rf.stroke", "yes", "no"),), Urgency.ROUTINE)
    ]


def test_two_answers_are_named_where_one_does_not_do(rules_of: Rules) -> None:
    changes = what_would_change(person(rf__cold="yes", rf__chest="yes"), rules_of(PAST_RULES))
    assert [(path, new) for path, _, new in changes[0].answers] == [("rf.chest", "no"), ("rf.cold", "no")]


def test_an_answer_below_which_there_is_nothing_needs_no_search(rules_of: Rules) -> None:
    changes = what_would_change(person(trend="better"), rules_of(ROUTE_RULES))
    assert [(change.rule_id, change.answers, change.complete) for change in changes] == [("HOME", (), True)]


def test_none_of_two_is_said_where_three_signs_say_the_same(rules_of: Rules) -> None:
    rules = rules_of('[[rule]]\nid = "A"\nwhen = "rf.cold or rf.chest or rf.thin"\nurgency = "SAME_DAY"\n')
    changes = what_would_change(person(rf__cold="yes", rf__chest="yes", rf__thin="yes"), rules)
    assert [(change.answers, change.urgency) for change in changes] == [((), None)]


# ---- Rules that cannot be


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[rule]]\nid="A"\nwhen="met(B)"\n[[rule]]\nid="B"\nwhen="met(A)"',
            "hangs on itself through A -> B -> A",
        ),
        (
            '[[rule]]\nid="A"\nwhen="severity = mild"\nseverity="severe"\nscope="limb"',
            "hangs on itself through A -> A",
        ),
        (
            '[[rule]]\nid="A"\nwhen="leading_weight >= 3"\npatterns={median=1}\nscope="limb"',
            "hangs on itself",
        ),
        ('[[rule]]\nid="A"\nwhen="met(Z)"', "found met(Z), expected the id of a rule"),
        (
            '[[rule]]\nid="A"\nwhen="urgency >= SOON"\nseverity="mild"',
            "reads the urgency, expected no severity",
        ),
        ('[[rule]]\nid="A"\nwhen="feel = less"', "found feel, expected it inside any, every or both"),
        (
            '[[rule]]\nid="A"\nwhen="trend = awful"',
            "found trend with awful, expected better, same, unsure, worse",
        ),
        (
            '[[rule]]\nid="A"\nwhen="severity = awful"',
            "found awful, expected one of none, mild, moderate, severe",
        ),
        ('[[rule]]\nid="A"\nwhen="age = old"', "age: found = old, expected a comparison with a number"),
        ('[[rule]]\nid="A"\nwhen="any x.* (it = no)"', "found x.*, expected a family that has items"),
        ('[[rule]]\nid="A"\nwhen="unsure(T9)"', "found T9, expected a red flag or a class of red flags"),
        (
            '[[rule]]\nid="A"\nwhen="nobody"',
            "found nobody, expected a linkId of vocabulary.toml or a definition",
        ),
        (
            '[[rule]]\nid="A"\nwhen="any leg (any arm)"\nscope="limb"',
            "found any leg, expected it only outside",
        ),
    ],
)
def test_a_wrong_rule_is_refused_by_name(rules_of: Rules, text: str, message: str) -> None:
    with pytest.raises(ContentError, match="rule A") as caught:
        rules_of(text)
    assert message in str(caught.value)


DROP = """
[[rule]]
id = "A"
scope = "limb"
when = "t.spread = cannot"
urgency = "SOON"
raises = ["rf.lost"]
"""


def test_a_finding_shows_the_worse_of_two_tellings_of_one_limb(rules_of: Rules) -> None:
    rules = rules_of(DROP)
    worse, milder = arm(t__spread="cannot"), arm(t__spread="ok")
    for limbs in ((worse, milder), (milder, worse)):
        (finding,) = assess(person(*limbs), rules).flags
        assert finding.raised_by == {"arm-right/t.spread": "cannot"}
