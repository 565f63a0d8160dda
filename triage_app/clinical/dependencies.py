"""Which answers and which other rules a rule hangs on; refuses rules that hang on themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from triage_app.clinical.derived import DERIVED, PATTERN_NAMES, SEVERITY_NAMES
from triage_app.clinical.expression import bind
from triage_app.clinical.syntax import (
    And,
    Compare,
    Count,
    Expression,
    Given,
    Limbs,
    Members,
    Met,
    Name,
    Not,
    OneOf,
    Or,
    walk,
)
from triage_app.clinical.vocabulary import Vocabulary
from triage_app.errors import ContentError

if TYPE_CHECKING:
    from triage_app.clinical.rules import Rule


def reads(expression: Expression, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the linkIds that the expression reads, families spelled out, in the order of reading."""
    return tuple(dict.fromkeys(_reads(expression, vocabulary)))


def _reads(expression: Expression, vocabulary: Vocabulary) -> Iterator[str]:
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _reads(part, vocabulary)
        case Not(part) | Limbs(body=part) if part is not None:
            yield from _reads(part, vocabulary)
        case Members(family=family, body=body):
            for member in vocabulary.family(family):
                yield from _reads(bind(body, member.link_id), vocabulary)
        case Name(name) | Compare(name=name) | OneOf(name=name) | Count(name=name) | Given(name=name):
            if name in vocabulary.items:
                yield name


def derived_names(expression: Expression) -> frozenset[str]:
    """Return the derived names that the expression reads."""
    return frozenset(
        part.name
        for part in walk(expression)
        if isinstance(part, Name | Compare | OneOf) and part.name in DERIVED
    )


def mentioned(expression: Expression) -> frozenset[str]:
    """Return the ids of the rules that the expression asks about with ``met``."""
    return frozenset(part.rule_id for part in walk(expression) if isinstance(part, Met))


def order(rules: tuple[Rule, ...]) -> Mapping[str, int]:
    """Return the stage of each rule: 0, or later where it reads the urgency that earlier stages give.

    Raise ContentError when a rule asks about an unknown rule, or hangs on itself.
    """
    by_id = {rule.rule_id: rule for rule in rules}
    for rule in rules:
        for other in sorted(mentioned(rule.when) - by_id.keys()):
            raise ContentError(f"{rule.where}: found met({other}), expected the id of a rule")
    _refuse_cycles(by_id)
    found: dict[str, int] = {}
    for rule in rules:
        _stage(rule, by_id, found)
    for rule in rules:
        if found[rule.rule_id] and (rule.severity or rule.motor or rule.patterns or rule.severity_step):
            raise ContentError(f"{rule.where}: reads the urgency, expected no severity and no patterns")
    return found


def _stage(rule: Rule, by_id: Mapping[str, Rule], found: dict[str, int]) -> int:
    if rule.rule_id not in found:
        own = (2 if rule.blocks else 1) if "urgency" in derived_names(rule.when) else 0
        others = (_stage(by_id[other], by_id, found) for other in mentioned(rule.when))
        found[rule.rule_id] = max([own, *others])
    return found[rule.rule_id]


def _hangs_on(rule: Rule, rules: Mapping[str, Rule]) -> frozenset[str]:
    names = derived_names(rule.when)
    needed = set(mentioned(rule.when))
    for other in rules.values():
        grades = other.severity is not None or other.motor or bool(other.severity_step)
        if (names & SEVERITY_NAMES and grades) or (names & PATTERN_NAMES and other.patterns):
            needed.add(other.rule_id)
    return frozenset(needed)


def _refuse_cycles(rules: Mapping[str, Rule]) -> None:
    needs = {rule_id: _hangs_on(rule, rules) for rule_id, rule in rules.items()}
    done: set[str] = set()

    def visit(rule_id: str, path: tuple[str, ...]) -> None:
        if rule_id in path:
            circle = " -> ".join([*path[path.index(rule_id) :], rule_id])
            raise ContentError(f"{rules[rule_id].where}: hangs on itself through {circle}")
        if rule_id not in done:
            for other in sorted(needs[rule_id]):
                visit(other, (*path, rule_id))
            done.add(rule_id)

    for rule_id in rules:
        visit(rule_id, ())
