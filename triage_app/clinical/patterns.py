"""Weighs the nerve patterns that the answers are similar to; no urgency reads the order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from triage_app.clinical.assessment import PatternScore
from triage_app.clinical.logic import MET, NOT_MET, OPPOSITE, SOFT
from triage_app.clinical.meaning import Meaning
from triage_app.clinical.rules import NAMED_FROM
from triage_app.clinical.terms import Urgency
from triage_app.clinical.vocabulary import Scope

if TYPE_CHECKING:
    from triage_app.clinical.judging import Judging

SHOWN_FROM = 3
"""A pattern needs this weight, and this lead, to stand alone; one this close stands beside it."""
LEAD = 2


@dataclass(frozen=True)
class Ranking:
    """The patterns of one limb, heaviest first, none of weight 0 or less."""

    scores: tuple[PatternScore, ...]

    @property
    def leading_weight(self) -> int:
        """Return the weight of the first, 0 when there is none."""
        return self.scores[0].weight if self.scores else 0

    @property
    def next_weight(self) -> int:
        """Return the weight of the second, 0 when there is none."""
        return self.scores[1].weight if len(self.scores) > 1 else 0

    @property
    def lead(self) -> int:
        """Return how far the first is ahead of the second."""
        return self.leading_weight - self.next_weight

    @property
    def leaders(self) -> tuple[str, ...]:
        """Return the codes that share the greatest weight."""
        return tuple(score.code for score in self.scores if score.weight == self.leading_weight)

    @property
    def shown(self) -> tuple[PatternScore, ...]:
        """Return the patterns that may be named: the first and whatever is close; () is "no pattern fits"."""
        if self.leading_weight < SHOWN_FROM:
            return ()
        return tuple(score for score in self.scores if score.weight > self.leading_weight - LEAD)


class Patterns:
    """The patterns of one set of answers, each limb's worked out once."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._rankings: dict[int, Ranking] = {}
        self._named: dict[int, tuple[int, str]] = {}

    def of(self, meaning: Meaning) -> Ranking:
        """Return the ranking of a limb, or (of the person) of the limb whose pattern weighs most."""
        key = id(meaning)
        if key not in self._rankings:
            if meaning is self._judging.person:
                rankings = [self.of(limb) for limb in self._judging.limbs]
                self._rankings[key] = max(
                    rankings, key=lambda ranking: ranking.leading_weight, default=Ranking(())
                )
            else:
                self._rankings[key] = self._rank(meaning)
        return self._rankings[key]

    def _rank(self, limb: Meaning) -> Ranking:
        weights: dict[str, int] = defaultdict(int)
        named: dict[str, list[str]] = defaultdict(list)
        for rule in () if self.silent or limb.kind is None else self._judging.rules.weighing_in[limb.kind]:
            if self._judging.truth(rule.rule_id, limb) != MET:
                continue
            for code, weight in rule.patterns.items():
                weights[code] += weight
                named[code].append(rule.rule_id)
        scores = [
            PatternScore(code, weight, tuple(named[code])) for code, weight in weights.items() if weight > 0
        ]
        return Ranking(tuple(sorted(scores, key=self._order)))

    def _order(self, score: PatternScore) -> tuple[int, int]:
        return -score.weight, self._judging.rules.vocabulary.pattern_rank(score.code)

    @cached_property
    def silent(self) -> bool:
        """Return whether a met rule forbids to name any pattern."""
        judging = self._judging
        quiet = (rule for rule in judging.rules.rules if rule.no_patterns)
        return any(judging.truth(rule.rule_id, judging.person) >= SOFT for rule in quiet)

    @cached_property
    def named_by_flags(self) -> tuple[PatternScore, ...]:
        """Return the patterns of the person's met rules with a floor: soonest first, then heaviest."""
        found: dict[str, tuple[Urgency, int, list[str]]] = {}
        for rule in self._judging.rules.weighing:
            if self.silent or rule.scope is not Scope.PERSON or rule.urgency is None:
                continue
            if self._judging.truth(rule.rule_id, self._judging.person) != MET:
                continue
            decision = self._judging.decide(rule, self._judging.person)
            if decision.floor is None:
                continue
            for code, weight in rule.patterns.items():
                urgency, sum_, rules = found.get(code, (Urgency.SELF_CARE, 0, []))
                found[code] = (max(urgency, decision.floor), sum_ + weight, [*rules, rule.rule_id])
        scores = [(u, PatternScore(code, weight, tuple(rules))) for code, (u, weight, rules) in found.items()]
        scores.sort(key=lambda pair: (-pair[0], *self._order(pair[1])))
        return tuple(score for _, score in scores if score.weight > 0)

    def overall(self) -> tuple[PatternScore, ...]:
        """Return every pattern for the clinician: those of flags first, then of any limb, heaviest first."""
        best: dict[str, PatternScore] = {}
        for limb in self._judging.limbs:
            for score in self.of(limb).scores:
                if score.code not in best or score.weight > best[score.code].weight:
                    best[score.code] = score
        flagged = self.named_by_flags
        known = {score.code for score in flagged}
        return (*flagged, *sorted((s for s in best.values() if s.code not in known), key=self._order))

    def weight_of_kind(self, meaning: Meaning, kind: str) -> int:
        """Return the greatest weight of a pattern of that kind in the limb, or in any limb."""
        limbs = self._judging.limbs if meaning is self._judging.person else (meaning,)
        kinds = self._judging.rules.vocabulary.patterns
        scores = (score for limb in limbs for score in self.of(limb).scores if kinds[score.code].kind == kind)
        return max((score.weight for score in scores), default=0)

    def leading_kinds(self, meaning: Meaning) -> frozenset[str]:
        """Return the kinds of the patterns that share the greatest weight there."""
        patterns = self._judging.rules.vocabulary.patterns
        return frozenset(patterns[code].kind for code in self._leaders(meaning))

    def _leaders(self, meaning: Meaning) -> set[str]:
        limbs = self._judging.limbs if meaning is self._judging.person else (meaning,)
        rankings = [self.of(limb) for limb in limbs]
        heaviest = max((ranking.leading_weight for ranking in rankings), default=0)
        return {
            code for ranking in rankings if ranking.leading_weight == heaviest for code in ranking.leaders
        }

    def named(self, limb: Meaning) -> tuple[int, str]:
        """Return whether exactly one pattern is named there, and which.

        Named is by a rule of weight 3 or more; no other may be named by 2 or more, not even perhaps.
        """
        key = id(limb)
        if key not in self._named:
            self._named[key] = self._name(limb)
        return self._named[key]

    def _name(self, limb: Meaning) -> tuple[int, str]:
        names: set[str] = set()
        perhaps: dict[str, int] = {}
        for rule, weights in self._judging.rules.naming:
            truth = self._judging.truth(rule.rule_id, limb)
            for code, weight in weights if truth else ():
                perhaps[code] = max(perhaps.get(code, NOT_MET), truth)
                if weight >= NAMED_FROM and truth == MET:
                    names.add(code)
        if len(names) != 1:
            return NOT_MET, ""
        name = names.pop()
        rival = max((truth for code, truth in perhaps.items() if code != name), default=NOT_MET)
        return OPPOSITE[rival], name

    def self_care(self, meaning: Meaning) -> int:
        """Return whether one pattern is named in the limb, and it is one that may be cared for at home."""
        if meaning is self._judging.person:
            return min((self.self_care(limb) for limb in self._judging.limbs), default=NOT_MET)
        truth, code = self.named(meaning)
        if not code or not self._judging.rules.vocabulary.patterns[code].self_care:
            return NOT_MET
        return truth

    def same_everywhere(self) -> int:
        """Return whether every limb has one pattern named, and all the same."""
        found = [self.named(limb) for limb in self._judging.limbs]
        if len({code for _, code in found}) != 1:
            return NOT_MET
        return min(truth for truth, _ in found)
