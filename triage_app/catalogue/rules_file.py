"""Reads rules.toml, whose grammar is explained at its top and in clinical/README.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage_app.catalogue.table import Table
from triage_app.clinical.checks import compile_check
from triage_app.clinical.expression import parse
from triage_app.clinical.routes import OTHERWISE
from triage_app.clinical.rules import Rule, RuleSet, ScoreRow
from triage_app.clinical.syntax import Expression
from triage_app.clinical.terms import LimbKind, Mode, Severity, Urgency
from triage_app.clinical.vocabulary import Scope, Vocabulary
from triage_app.errors import ContentError


def read_rules(
    table: Table,
    vocabulary: Vocabulary,
    *,
    pathway: str,
    version: str,
    checksum: str,
    lines: Mapping[str, int],
) -> RuleSet:
    """Return the rules, every condition compiled; ``lines`` gives the line of each rule's id.

    Raise ContentError naming the rule, its line and the key that is wrong.
    """
    definitions = _definitions(table.table("define", {}))
    rules = [
        _rule(Table(_where(row, lines), row), vocabulary, definitions, lines) for row in table.rows("rule")
    ]
    found = RuleSet(
        pathway=pathway,
        version=version,
        checksum=checksum,
        vocabulary=vocabulary,
        rules=tuple(rules),
        choices=_choices(table.table("choice", {}), vocabulary),
        score=_score(table.table("score", {}), vocabulary, definitions),
    )
    table.anything("version")
    table.done()
    _check_whole(found)
    return found


def rule_lines(path: Path) -> dict[str, int]:
    """Return the line (from 1) at which each rule's id stands."""
    found: dict[str, int] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        key, _, value = line.partition("=")
        if key.strip() == "id":
            found.setdefault(value.strip().strip("\"'"), number)
    return found


def _where(row: Any, lines: Mapping[str, int]) -> str:
    rule_id = row.get("id", "without id") if isinstance(row, Mapping) else "without id"
    line = lines.get(str(rule_id))
    return f"rules.toml{f' line {line}' if line else ''}, rule {rule_id}"


def _definitions(table: Table) -> dict[str, Expression]:
    """Return the named expressions; each may use those above it."""
    found: dict[str, Expression] = {}
    for name in table:
        found[name] = parse(table.text(name), where=f"{table.where}, {name}", definitions=found)
    return found


def _rule(
    entry: Table, vocabulary: Vocabulary, definitions: Mapping[str, Expression], lines: Mapping[str, int]
) -> Rule:
    rule = Rule(
        rule_id=entry.text("id"),
        scope=entry.code("scope", Scope),
        condition=entry.text("when"),
        when=parse(entry.text("when"), where=f"{entry.where}, when", definitions=definitions),
        urgency=entry.code("urgency", Urgency, None),
        mode=entry.code("mode", Mode, None),
        due_days=entry.whole("due_days", None),
        routes=entry.texts("routes"),
        severity=entry.code("severity", Severity, None),
        motor=entry.yes("motor"),
        severity_step=_steps(entry),
        patterns=_weights(entry.table("patterns", {}), vocabulary),
        pattern_limbs=_limbs(entry),
        raises=entry.texts("raises"),
        note=entry.yes("note"),
        blocks=entry.texts("blocks"),
        suppresses=entry.texts("suppresses"),
        asks_again=entry.texts("asks_again"),
        undetermined=entry.yes("undetermined"),
        no_patterns=entry.yes("no_patterns"),
        sources=entry.texts("sources"),
        line=lines.get(entry.text("id"), 0),
    )
    entry.done()
    _check_rule(rule, vocabulary, entry)
    return rule


def _limbs(entry: Table) -> frozenset[LimbKind]:
    return frozenset(entry.member(kind, LimbKind, "limbs") for kind in entry.texts("limbs", tuple(LimbKind)))


def _steps(entry: Table) -> dict[str, str]:
    steps = entry.table("severity_step", {})
    for grade in steps:
        if grade != "motor":
            steps.member(grade, Severity, grade)
    return {grade: steps.code(grade, Severity).value for grade in steps}


def _weights(table: Table, vocabulary: Vocabulary) -> dict[str, int]:
    found = {}
    for name in table:
        code = vocabulary.aliases.get(name, name)
        if code not in vocabulary.patterns:
            raise ContentError(f"{table.where}: found {name}, which is no pattern of vocabulary.toml")
        found[code] = table.whole(name)
    return found


def _check_rule(rule: Rule, vocabulary: Vocabulary, entry: Table) -> None:
    if (rule.urgency is Urgency.EMERGENCY) is not (rule.mode is not None):
        raise ContentError(f"{entry.where}: an EMERGENCY, and nothing else, has a mode (call or go)")
    if rule.severity is Severity.UNKNOWN:
        raise ContentError(f"{entry.where}, severity: found unknown, which no rule can say")
    if rule.due_days is not None and rule.urgency is None:
        raise ContentError(f"{entry.where}: found due_days without an urgency")
    for flag in rule.raises:
        if flag not in vocabulary.findings and vocabulary.flag_of(flag) != flag:
            raise ContentError(f"{entry.where}, raises: found {flag}, expected a red flag or a finding")
    for link_id in rule.asks_again:
        if link_id not in vocabulary.items:
            raise ContentError(f"{entry.where}, asks_again: found {link_id}, which is not an item")


def _choices(table: Table, vocabulary: Vocabulary) -> dict[str, dict[str, str]]:
    found = {}
    for name in table:
        choice = table.table(name)
        found[name] = {kind: choice.text(kind) for kind in choice}
        choice.text(OTHERWISE)
        for route in found[name].values():
            if route not in vocabulary.routes:
                raise ContentError(f"{choice.where}: found {route}, which is no route of vocabulary.toml")
    return found


def _score(
    table: Table, vocabulary: Vocabulary, definitions: Mapping[str, Expression]
) -> tuple[ScoreRow, ...]:
    rows = []
    for name in table:
        where = f"{table.where}, {name}"
        steps = []
        for row in table.rows(name):
            if not (
                isinstance(row, list)
                and len(row) == 2
                and isinstance(row[0], str)
                and isinstance(row[1], int)
            ):
                raise ContentError(f"{where}: found {row!r}, expected [condition, points]")
            expression = parse(row[0], where=where, definitions=definitions)
            steps.append((compile_check(expression, vocabulary, Scope.LIMB, where=where), row[1]))
        rows.append(ScoreRow(name, tuple(steps)))
    return tuple(rows)


def _check_whole(rules: RuleSet) -> None:
    """Refuse doubled ids, unknown routes, unknown names and circles."""
    seen: set[str] = set()
    for rule in rules.rules:
        if rule.rule_id in seen:
            raise ContentError(f"{rule.where}: stands twice")
        seen.add(rule.rule_id)
        for route in (*rule.routes, *rule.blocks, *rule.suppresses):
            if route not in rules.vocabulary.routes and route not in rules.choices:
                raise ContentError(
                    f"{rule.where}: found the route {route}, expected one of vocabulary.toml or [choice]"
                )
    rules.prepare()
