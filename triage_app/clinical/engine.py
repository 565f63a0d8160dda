"""Assesses one set of answers: urgency, severity, patterns, routes, flags and the whole trace. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment, LimbAssessment, RuleOutcome
from triage_app.clinical.checks import compile_check
from triage_app.clinical.expression import parse
from triage_app.clinical.findings import list_findings
from triage_app.clinical.judging import Decision, Judging
from triage_app.clinical.logic import SOFT, TRUTHS
from triage_app.clinical.meaning import Meaning
from triage_app.clinical.routes import suggest_routes
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import LimbKind, Mode, Side, Truth, Urgency
from triage_app.clinical.trace import Trace, outcome
from triage_app.clinical.vocabulary import Scope

__all__ = ["assess", "emergencies", "holds"]


def assess(answers: Answers, rules: RuleSet, *, partial: bool = False) -> Assessment:
    """Return what the rules conclude; the same answers always give the same result.

    ``partial``: the form is still being filled in, so a blank detail is "not yet asked" rather than
    as bad as can be. Raise InvalidAnswer when an answer is not among its item's options.
    """
    judging = Judging(rules, answers, partial=partial)
    met = judging.met()
    floors = [decision.floor for decision in met if decision.floor is not None]
    urgency = max(floors, default=Urgency.ROUTINE)
    deciding = [decision for decision in met if decision.floor == urgency]
    return Assessment(
        pathway=rules.pathway,
        version=rules.version,
        checksum=rules.checksum,
        urgency=urgency,
        mode=_mode(urgency, deciding),
        due_days=min((days for decision in deciding if (days := _due(decision)) is not None), default=None),
        determined=not any(decision.rule.undetermined for decision in met),
        severity=judging.severity(judging.person),
        limbs=_limbs(judging),
        patterns=judging.patterns.overall(),
        routes=suggest_routes(judging, met, urgency),
        flags=list_findings(judging, met),
        notes=_ids(decision for decision in met if decision.rule.note),
        contradictions=tuple(dict.fromkeys(link for decision in met for link in decision.rule.asks_again)),
        decided_by=_ids(deciding),
        trace=Trace(judging),
    )


def emergencies(answers: Answers, rules: RuleSet) -> tuple[RuleOutcome, ...]:
    """Return the EMERGENCY rules that are met by whatever answers are given so far.

    It needs nothing but those answers: a detail that is given implies a yes to its flag.
    """
    judging = Judging(rules, answers, partial=True)
    urgent = (rule for rule in rules.rules if rule.urgency is Urgency.EMERGENCY)
    met = (
        judging.decide(rule, place)
        for rule in urgent
        for place in judging.places(rule)
        if judging.truth(rule.rule_id, place) >= SOFT
    )
    return tuple(outcome(decision) for decision in met if decision.floor is Urgency.EMERGENCY)


def holds(condition: str, answers: Answers, rules: RuleSet) -> Truth:
    """Return whether a person's condition, in the grammar of the rules, holds for finished answers.

    Raise ContentError when it cannot be read.
    """
    expression = parse(condition, where=condition)
    check = compile_check(expression, rules.vocabulary, Scope.PERSON, where=condition)
    return TRUTHS[check.truth(Judging(rules, answers).person)]


def _ids(decisions: Iterable[Decision]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(decision.rule.rule_id for decision in decisions))


def _mode(urgency: Urgency, deciding: list[Decision]) -> Mode | None:
    if urgency is not Urgency.EMERGENCY:
        return None
    return Mode.CALL if any(decision.rule.mode is Mode.CALL for decision in deciding) else Mode.GO


def _due(decision: Decision) -> int | None:
    return decision.rule.due_days if decision.floor == decision.rule.urgency else None


def _limbs(judging: Judging) -> tuple[LimbAssessment, ...]:
    """Return one result per limb and side; of two about the same limb, the worse."""
    found: dict[str, LimbAssessment] = {}
    for meaning in judging.limbs:
        limb = _limb(judging, meaning)
        if limb.code not in found or _badness(limb) > _badness(found[limb.code]):
            found[limb.code] = limb
    return tuple(found.values())


def _limb(judging: Judging, meaning: Meaning) -> LimbAssessment:
    return LimbAssessment(
        kind=meaning.kind or LimbKind.TRUNK,
        side=meaning.side or Side.MIDDLE,
        severity=judging.severity(meaning),
        motor=judging.motor(meaning),
        score=judging.grades.score(meaning),
        anchors=judging.grades.anchors(meaning),
        patterns=judging.patterns.of(meaning).shown,
    )


def _badness(limb: LimbAssessment) -> tuple[int, bool, tuple[int, int]]:
    return limb.severity.rank, limb.motor, limb.score
