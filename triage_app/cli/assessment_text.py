"""An assessment as lines for a terminal, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Value
from triage_app.clinical.assessment import Assessment, Change, LimbAssessment, PatternScore, RuleOutcome
from triage_app.clinical.terms import Truth


def as_text(found: Assessment, changes: Iterable[Change], pathway: Pathway) -> str:
    """Return the result as lines: the outcome first, then why, then what would have changed it."""
    return "\n".join([*_outcome(found), "", *_reasons(found, pathway), "", *_changes(changes)])


def _outcome(found: Assessment) -> Iterator[str]:
    mode = f" ({found.mode})" if found.mode else ""
    due = f", due in {found.due_days} days" if found.due_days is not None else ""
    yield f"urgency   {found.urgency.name}{mode}{due}"
    if found.incomplete:
        yield "          not determined: a sign that must be known was left blank"
    yield f"red flags {_listed(f'{flag.flag} ({flag.state})' for flag in found.flags)}"
    yield f"severity  {found.severity}"
    for limb in found.limbs:
        yield _limb(limb)
    yield f"pattern   {_patterns(found.patterns)}"
    yield f"routes    {_listed(route.code for route in found.routes)}"
    yield f"pathway   {found.pathway} {found.version}, SHA-256 {found.checksum}"


def _limb(limb: LimbAssessment) -> str:
    low, high = limb.score
    score = f"{low}" if low == high else f"{low} to {high}"
    motor = ", motor" if limb.motor else ""
    return (
        f"{limb.code:<10}{limb.severity}{motor}, score {score} of 24, similar to {_patterns(limb.patterns)}"
    )


def _patterns(patterns: tuple[PatternScore, ...]) -> str:
    return ", ".join(f"{pattern.code} ({pattern.weight})" for pattern in patterns) or "no pattern fits"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def _reasons(found: Assessment, pathway: Pathway) -> Iterator[str]:
    words = pathway.words_in("en")
    yield "rules met"
    for outcome in found.trace:
        if outcome.truth is Truth.MET:
            floor = outcome.urgency.name if outcome.urgency is not None else "-"
            said = words.find("clinician", "rule", outcome.rule_id) or ""
            where = f" [{outcome.limb}]" if outcome.limb else ""
            yield f"  {outcome.rule_id:<9}{floor:<10} {said}{where} ({', '.join(outcome.sources)})"
    open_rules = [outcome.rule_id for outcome in found.trace if outcome.truth is Truth.NOT_EVALUABLE]
    yield f"not evaluable: {_listed(dict.fromkeys(open_rules))}"


def _changes(changes: Iterable[Change]) -> Iterator[str]:
    yield "the smallest change of answers that would have changed this"
    for change in changes:
        if change.urgency is None:
            yield f"  {change.rule_id:<9}none of one or two answers"
        else:
            edits = " and ".join(f"{path} = {_value(value)}" for path, _, value in change.answers)
            yield f"  {change.rule_id:<9}{edits}: {change.urgency.name}"


def _value(value: Value | None) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def as_plain(found: Assessment, changes: Iterable[Change], pathway: Pathway) -> dict[str, Any]:
    """Return the whole result, the trace included, as JSON-ready values."""
    return {
        "pathway": found.pathway,
        "version": found.version,
        "checksum": found.checksum,
        "signed_off": pathway.signed_off,
        "urgency": found.urgency.name,
        "mode": found.mode,
        "due_days": found.due_days,
        "incomplete": found.incomplete,
        "severity": found.severity,
        "limbs": [_plain_limb(limb) for limb in found.limbs],
        "patterns": [_plain_pattern(pattern) for pattern in found.patterns],
        "routes": [{"code": route.code, "rules": list(route.rules)} for route in found.routes],
        "red_flags": [
            {"code": flag.flag, "state": flag.state, "raised_by": _plain_answers(flag.raised_by)}
            for flag in found.flags
        ],
        "notes": list(found.notes),
        "ask_again": list(found.contradictions),
        "decided_by": list(found.decided_by),
        "trace": [_plain_outcome(outcome) for outcome in found.trace],
        "what_would_change": [
            {
                "rule": change.rule_id,
                "limb": change.limb,
                "answers": {path: _plain_value(value) for path, _, value in change.answers},
                "urgency": None if change.urgency is None else change.urgency.name,
            }
            for change in changes
        ],
    }


def _plain_outcome(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "rule": outcome.rule_id,
        "limb": outcome.limb,
        "outcome": outcome.truth.value,
        "inputs": _plain_answers(outcome.inputs),
        "urgency": None if outcome.urgency is None else outcome.urgency.name,
        "sources": list(outcome.sources),
    }


def _plain_limb(limb: LimbAssessment) -> dict[str, Any]:
    return {
        "limb": limb.code,
        "severity": limb.severity,
        "motor": limb.motor,
        "score": list(limb.score),
        "anchors": list(limb.anchors),
        "patterns": [_plain_pattern(pattern) for pattern in limb.patterns],
    }


def _plain_pattern(pattern: PatternScore) -> dict[str, Any]:
    return {"code": pattern.code, "weight": pattern.weight, "rules": list(pattern.rules)}


def _plain_answers(answers: Mapping[str, Value | None]) -> dict[str, Any]:
    return {path: _plain_value(value) for path, value in answers.items()}


def _plain_value(value: Value | None) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value
