"""Every rule is met by some answers and just missed by others, and no alternative in it can be forgotten."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from triage_app.catalogue.facts import read_facts
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.table import Table
from triage_app.clinical.answers import Answers
from triage_app.clinical.checks import compile_check
from triage_app.clinical.dependencies import reads
from triage_app.clinical.engine import assess
from triage_app.clinical.judging import Judging
from triage_app.clinical.logic import SOFT
from triage_app.clinical.rules import Rule, RuleSet
from triage_app.clinical.syntax import And, Expression, Limbs, Members, Not, Or
from triage_app.clinical.terms import Truth

HERE = Path(__file__).parent
RULES: RuleSet = Catalogue.load(HERE.parent / "questionnaires").newest("nerve-symptoms").rules
SAID_TWICE = {
    "E13": {"rf.cancer.leg_weak"},  # weak legs suffice, with spine pain or without
    "E20": {"pp.block", "pp.block.on_record"},  # no block, an unsure one and one without a record
    "E34": {"pp.block", "pp.block.on_record"},
    "S16": {"pp.block", "pp.block.on_record"},
    "U22": {"rf.ascend.start"},  # also counts without both feet
}
"""Alternatives that another one contains; they stand there for the reader."""


@cache
def pairs() -> dict[str, list[tuple[Answers, Answers]]]:
    """Return, for each rule, answers that meet it beside answers that just miss it."""
    found: dict[str, list[tuple[Answers, Answers]]] = {}
    for row in tomllib.loads((HERE / "rule_pairs.toml").read_text("utf-8"))["pair"]:
        found.setdefault(row["rule"], []).append((facts(row, "meets"), facts(row, "misses")))
    return found


def facts(row: dict[str, dict[str, object]], side: str) -> Answers:
    return read_facts(Table(f"{row['rule']} {side}", {"others": "no", **row[side]}), RULES.vocabulary)


def test_every_rule_has_a_pair() -> None:
    assert pairs().keys() == RULES.by_id.keys()


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.rule_id)
def test_a_rule_is_met_and_just_missed(rule: Rule) -> None:
    for meets, misses in pairs()[rule.rule_id]:
        found = assess(meets, RULES)
        assert rule.urgency is None or found.urgency >= rule.urgency
        assert rule.rule_id in {outcome.rule_id for outcome in found.trace if outcome.truth is Truth.MET}
        missed = assess(misses, RULES).trace
        assert rule.rule_id not in {outcome.rule_id for outcome in missed if outcome.truth is Truth.MET}


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES.rules if rule.rule_id not in RULES.unsettled],
    ids=lambda rule: rule.rule_id,
)
def test_an_alternative_that_is_forgotten_is_noticed(rule: Rule) -> None:
    examples = [answers for pair in pairs()[rule.rule_id] for answers in pair]
    whole = [holds(rule, rule.when, answers) for answers in examples]
    unnoticed = {
        name
        for part, without in shorter(rule.when)
        if [holds(rule, without, answers) for answers in examples] == whole
        for name in reads(part, RULES.vocabulary) or (str(part),)
    }
    assert unnoticed == SAID_TWICE.get(rule.rule_id, set())


def holds(rule: Rule, when: Expression, answers: Answers) -> tuple[bool, ...]:
    """Return, for each place where the rule is decided, whether the condition is met there."""
    judging = Judging(RULES, answers)
    check = compile_check(when, RULES.vocabulary, rule.scope, where=rule.where)
    return tuple(check.truth(place) >= SOFT for place in judging.places(rule))


def shorter(expression: Expression) -> Iterator[tuple[Expression, Expression]]:
    """Yield (alternative, the condition without it) for every part of every "or"."""
    match expression:
        case And(parts) | Or(parts):
            yield from shorter_by_a_part(type(expression), parts)
        case Not(part):
            yield from ((inner, Not(changed)) for inner, changed in shorter(part))
        case Members(body=body) | Limbs(body=body) if body is not None:
            yield from ((inner, replace(expression, body=changed)) for inner, changed in shorter(body))


def shorter_by_a_part(
    join: type[And] | type[Or], parts: tuple[Expression, ...]
) -> Iterator[tuple[Expression, Expression]]:
    for number, part in enumerate(parts):
        before, after = parts[:number], parts[number + 1 :]
        if join is Or:
            yield part, Or((*before, *after))
        for inner, changed in shorter(part):
            yield inner, join((*before, changed, *after))
