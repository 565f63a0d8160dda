"""Lists every red flag that is raised, past or unsure, with the answers that say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from triage_app.clinical.answers import UNSURE, Value
from triage_app.clinical.assessment import Finding
from triage_app.clinical.terms import Urgency

if TYPE_CHECKING:
    from triage_app.clinical.judging import Decision, Judging

_STATES = ("raised", "unsure", "past")


def list_findings(judging: Judging, met: list[Decision]) -> tuple[Finding, ...]:
    """Return the findings: raised before unsure before past, the soonest first, then in file order."""
    found = {finding.flag: finding for finding in _asked(judging)}
    for finding in _derived(judging, met):
        found[finding.flag] = _joined(found[finding.flag], finding) if finding.flag in found else finding
    return tuple(
        sorted(found.values(), key=lambda finding: (_STATES.index(finding.state), -(finding.urgency or 0)))
    )


def _asked(judging: Judging) -> Iterable[Finding]:
    for flag, value in judging.flags.items():
        if value == "yes":
            yield _yes(judging, flag)
        elif value == UNSURE:
            yield Finding(flag, "unsure", _own_answers(judging, flag), _tier(judging, flag))


def _yes(judging: Judging, flag: str) -> Finding:
    raising = judging.raising(flag)
    answers = dict(_own_answers(judging, flag))
    if not raising:
        return Finding(flag, "past", answers, Urgency.ROUTINE)
    for decision in raising:
        answers |= _because(judging, decision)
    return Finding(flag, "raised", answers, max(decision.floor or Urgency.ROUTINE for decision in raising))


def _tier(judging: Judging, flag: str) -> Urgency:
    """Return the floor that the unsure flag gave, alone or together with others; ROUTINE at least."""
    floors = [
        decision.floor
        for rule_id in judging.rules.graded
        for place in judging.places(judging.rules.by_id[rule_id])
        if (decision := judging.decide(judging.rules.by_id[rule_id], place)).floor is not None
        and flag in judging.reasons(rule_id, place)
    ]
    return max((floor for floor in floors if floor is not None), default=Urgency.ROUTINE)


def _own_answers(judging: Judging, flag: str) -> dict[str, Value]:
    given = judging.answers.person
    details = (detail.link_id for detail in judging.rules.vocabulary.details[flag])
    return {path: given[path] for path in (flag, *details) if path in given}


def _derived(judging: Judging, met: list[Decision]) -> Iterable[Finding]:
    found: dict[str, Finding] = {}
    for decision in met:
        for flag in decision.rule.raises:
            finding = Finding(flag, "raised", _because(judging, decision), decision.floor)
            found[flag] = _joined(found[flag], finding) if flag in found else finding
    return found.values()


def _because(judging: Judging, decision: Decision) -> dict[str, Value]:
    paths = judging.reasons(decision.rule.rule_id, decision.meaning)
    return {path: value for path, value in judging.given.items() if path in paths}


def _joined(first: Finding, second: Finding) -> Finding:
    answers: Mapping[str, Value] = {**first.raised_by, **second.raised_by}
    urgency = max(first.urgency or Urgency.SELF_CARE, second.urgency or Urgency.SELF_CARE)
    return Finding(first.flag, "raised", answers, urgency)
