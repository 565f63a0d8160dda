"""Grades each limb by its worst anchor, and works out the display score (evidence §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage_app.clinical.logic import MET, OPEN, SOFT
from triage_app.clinical.meaning import Meaning
from triage_app.clinical.terms import Severity
from triage_app.clinical.vocabulary import Scope

if TYPE_CHECKING:
    from triage_app.clinical.judging import Decision, Judging

_OVERALL = (Severity.NONE, Severity.UNKNOWN, Severity.MILD, Severity.MODERATE, Severity.SEVERE)
_LOWER = {
    Severity.SEVERE: Severity.MODERATE,
    Severity.MODERATE: Severity.MILD,
    Severity.MILD: Severity.NONE,
}


class Grades:
    """The grades of one set of answers, each worked out once."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._anchors: dict[int, tuple[Decision, ...]] = {}
        self._found: dict[int, Severity] = {}

    def of(self, meaning: Meaning) -> Severity:
        """Return the grade of a limb, or (of the person) the worst of limbs and the person's own anchors."""
        key = id(meaning)
        if key not in self._found:
            person = meaning is self._judging.person
            self._found[key] = self._whole() if person else self._limb(meaning)
        return self._found[key]

    def motor(self, meaning: Meaning) -> bool:
        """Return whether a test was weak or failed there, said firmly."""
        places = self._judging.limbs if meaning is self._judging.person else (meaning,)
        return any(
            decision.rule.motor and decision.truth == MET
            for place in places
            for decision in self._decided(place)
        )

    def anchors(self, meaning: Meaning) -> tuple[str, ...]:
        """Return the ids of the rules that set the grade of a limb, steps included."""
        decided = [decision for decision in self._decided(meaning) if decision.met]
        worst = max((_grade(decision) for decision in decided), key=_rank, default=Severity.NONE)
        setting = [decision.rule.rule_id for decision in decided if _grade(decision) is worst]
        if self.of(meaning) is not worst:
            setting += [rule_id for rule_id, _ in self._steps()]
        return tuple(setting)

    def score(self, meaning: Meaning) -> tuple[int, int]:
        """Return the lowest and the highest possible display score, 0 to 24."""
        lowest = highest = 0
        for row in self._judging.rules.score:
            points = [(check.truth(meaning), points) for check, points in row.steps]
            lowest += max((points for truth, points in points if truth == MET), default=0)
            highest += max((points for truth, points in points if truth >= OPEN), default=0)
        return lowest, highest

    def _decided(self, meaning: Meaning) -> tuple[Decision, ...]:
        key = id(meaning)
        if key not in self._anchors:
            scope = Scope.PERSON if meaning is self._judging.person else Scope.LIMB
            anchors = self._judging.rules.anchors[scope]
            self._anchors[key] = tuple(self._judging.decide(rule, meaning) for rule in anchors)
        return self._anchors[key]

    def _limb(self, meaning: Meaning) -> Severity:
        decided = self._decided(meaning)
        worst = max((_grade(decision) for decision in decided if decision.met), key=_rank, default=None)
        if worst is None:
            unknown = any(decision.truth == OPEN for decision in decided)
            worst = Severity.UNKNOWN if unknown else Severity.NONE
        for _, step in self._steps():
            worst = self._stepped(worst, step, meaning)
        return worst

    def _stepped(self, grade: Severity, step: dict[str, str], meaning: Meaning) -> Severity:
        if grade is Severity.MODERATE and "motor" in step and self.motor(meaning):
            return Severity(step["motor"])
        return Severity(step.get(grade, grade))

    def _steps(self) -> list[tuple[str, dict[str, str]]]:
        judging = self._judging
        return [
            (rule.rule_id, dict(rule.severity_step))
            for rule in judging.rules.steps
            if judging.decide(rule, judging.person).met
        ]

    def _whole(self) -> Severity:
        own = [_grade(decision) for decision in self._decided(self._judging.person) if decision.met]
        limbs = [self.of(limb) for limb in self._judging.limbs]
        return max([*own, *limbs], key=_OVERALL.index, default=Severity.UNKNOWN)


def _grade(decision: Decision) -> Severity:
    grade = decision.rule.severity or Severity.MODERATE
    return _LOWER.get(grade, grade) if decision.truth == SOFT else grade


def _rank(grade: Severity) -> int:
    return grade.rank
