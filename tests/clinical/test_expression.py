"""The grammar of conditions, and what its errors say."""

from __future__ import annotations

import pytest

from triage_app.clinical.expression import parse
from triage_app.clinical.syntax import (
    And,
    Compare,
    Count,
    Flags,
    Given,
    Limbs,
    Members,
    Met,
    Name,
    Not,
    OneOf,
    Or,
    Quantity,
)
from triage_app.errors import ContentError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rf.stroke", Name("rf.stroke")),
        ("a or b and not c", Or((Name("a"), And((Name("b"), Not(Name("c"))))))),
        ("(a or b) and c", And((Or((Name("a"), Name("b"))), Name("c")))),
        ("dur >= 0.7", Compare("dur", ">=", "0.7")),
        ("t.walk != ok", Compare("t.walk", "!=", "ok")),
        ("region in {hand, foot}", OneOf("region", ("hand", "foot"))),
        ("region not in {hand}", Not(OneOf("region", ("hand",)))),
        ("digits has thumb", OneOf("digits", ("thumb",))),
        ("count(digits in {thumb, index}) >= 2", Count("digits", ("thumb", "index"), ">=", 2)),
        ("blank(age) or answered(age)", Or((Given("age", blank=True), Given("age", blank=False)))),
        ("met(N06-C5)", Met("N06-C5")),
        ("unsure(T2, E) >= 2", Flags("unsure", ("T2", "E"), ">=", 2)),
        ("blank_flags(T1)", Flags("blank_flags", ("T1",), ">=", 1)),
        ("any leg", Limbs(Quantity.ANY, "leg", None)),
        ("both arms (met(N01))", Limbs(Quantity.BOTH, "arm", Met("N01"))),
        (
            "any t.* (it >= weak and it.reason != pain)",
            Members(
                Quantity.ANY, "t.*", And((Compare("it", ">=", "weak"), Compare("it.reason", "!=", "pain")))
            ),
        ),
    ],
)
def test_a_condition_is_read_into_its_parts(text: str, expected: object) -> None:
    assert parse(text, where="rule X") == expected


def test_a_definition_stands_for_its_condition() -> None:
    assert parse("not weak", where="rule X", definitions={"weak": Met("N1")}) == Not(Met("N1"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a and", "rule X, position 6: found 'the end', expected a name, 'not' or '('"),
        ("a b", "rule X, position 3: found 'b', expected 'the end'"),
        ("(a or b", "rule X, position 8: found 'the end', expected ')'"),
        ("a = ", "rule X, position 5: found 'the end', expected a code or a number"),
        ("a in hand", "rule X, position 6: found 'hand', expected '{'"),
        ("a ; b", "rule X, position 3: found ';', expected a name, a number or an operator"),
        ("both limb (a)", "rule X, position 6: found 'limb', expected 'arms' or 'legs'"),
        (
            "any tests (a)",
            "rule X, position 5: found 'tests', expected limb, arm, leg or a family such as t.*",
        ),
        ("count(a in {b}) >= two", "rule X, position 20: found 'two', expected a whole number"),
        ("most(a)", "rule X, position 1: found 'most', expected count, blank, answered, met"),
        ("met(a, b)", "rule X, position 1: found 'met', expected one name inside met(…)"),
    ],
)
def test_an_error_names_rule_and_position_and_what_was_found_and_expected(text: str, message: str) -> None:
    with pytest.raises(ContentError) as caught:
        parse(text, where="rule X")
    assert message in str(caught.value)
