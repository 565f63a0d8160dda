"""Collects where the met rules send the person (evidence §5)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from triage_app.clinical.assessment import Route
from triage_app.clinical.logic import NOT_MET
from triage_app.clinical.terms import Urgency

if TYPE_CHECKING:
    from triage_app.clinical.judging import Decision, Judging

OTHERWISE = "else"


def suggest_routes(judging: Judging, met: list[Decision], urgency: Urgency) -> tuple[Route, ...]:
    """Return the routes, those of the soonest floor first; none at SELF_CARE.

    A rule whose floor was lowered, because a yes would not have given it in full, sends nobody anywhere.
    """
    if urgency is Urgency.SELF_CARE:
        return ()
    rules: dict[str, list[str]] = defaultdict(list)
    soonest: dict[str, Urgency] = defaultdict(lambda: Urgency.SELF_CARE)
    for decision in met:
        if not decision.rule.routes or decision.floor != decision.rule.urgency:
            continue
        for code in _codes(judging, decision):
            rules[code].append(decision.rule.rule_id)
            soonest[code] = max(soonest[code], decision.floor or Urgency.SELF_CARE)
    for code in _closed(judging, met):
        rules.pop(code, None)
    order = list(judging.rules.vocabulary.routes)
    codes = sorted(rules, key=lambda code: (-soonest[code], order.index(code)))
    return tuple(Route(code, tuple(dict.fromkeys(rules[code]))) for code in codes)


def _codes(judging: Judging, decision: Decision) -> list[str]:
    codes: list[str] = []
    for route in decision.rule.routes:
        choice = judging.rules.choices.get(route)
        if choice is None:
            codes.append(route)
            continue
        kinds = judging.patterns.leading_kinds(decision.meaning) or {OTHERWISE}
        codes += sorted({choice.get(kind, choice[OTHERWISE]) for kind in kinds})
    return codes


def _closed(judging: Judging, met: list[Decision]) -> set[str]:
    closed = {code for decision in met for code in decision.rule.suppresses}
    for rule in judging.rules.blocking:
        if any(judging.truth(rule.rule_id, place) != NOT_MET for place in judging.places(rule)):
            closed.update(rule.blocks)
    return closed
