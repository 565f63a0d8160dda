"""Finds, for each deciding rule, the smallest change of answers that would have lowered the urgency."""

from __future__ import annotations

from collections.abc import Iterator, Set
from decimal import Decimal
from functools import cached_property
from itertools import combinations, product

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.assessment import Change
from triage_app.clinical.dependencies import mentioned
from triage_app.clinical.judging import Decision, Judging
from triage_app.clinical.rules import Rule, RuleSet
from triage_app.clinical.syntax import Compare, walk
from triage_app.clinical.terms import Urgency
from triage_app.clinical.vocabulary import Item, ItemType

__all__ = ["what_would_change"]

Edit = tuple[str, Value]
"""A path and the answer that would stand there."""

EFFORT = 100
JUDGING, WHOLE, DOUBT, OUTCOME = 1, 8, 2, 4
"""What a search may cost, so that a review opens in time: each judging of the deciding rules (of the whole,
at ROUTINE: below lies only SELF_CARE, which hangs on every answer), each unsure flag in it, each urgency
worked out anew. At ROUTINE only single answers are tried."""


def what_would_change(answers: Answers, rules: RuleSet) -> tuple[Change, ...]:
    """Return one Change per deciding rule: a single answer where one does, else two, else none.

    Only the answers that made the rule met are tried, or (where it is met for want of something)
    those that it reads. A Change that is not ``complete`` stopped looking before all were tried.
    """
    search = _Search(Judging(rules, answers))
    return tuple(search.change(place) for place in range(len(search.deciding)))


class _Search:
    """The search over one set of answers."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._rules = judging.rules
        self._urgency = _urgency(judging)
        self.deciding = [decision for decision in judging.met() if decision.floor == self._urgency]
        self._tried: dict[tuple[Edit, ...], Urgency] = {}
        self._left = EFFORT

    def change(self, place: int) -> Change:
        """Return the smallest change that undoes the deciding rule at that place and lowers the urgency."""
        decision = self.deciding[place]
        for edits in self._candidates(place):
            urgency = self._outcome(edits)
            if urgency < self._urgency:
                return self._result(decision, edits, urgency)
        return Change(decision.rule.rule_id, decision.meaning.limb, (), None, complete=self._left > 0)

    def _result(self, decision: Decision, edits: tuple[Edit, ...], urgency: Urgency) -> Change:
        given = self._judging.given
        answers = tuple((path, given.get(path), value) for path, value in edits)
        return Change(decision.rule.rule_id, decision.meaning.limb, answers, urgency)

    def _candidates(self, place: int) -> Iterator[tuple[Edit, ...]]:
        """Yield the edits that undo every deciding rule, single ones first, while effort is left."""
        if self._urgency is Urgency.SELF_CARE:
            return
        whole = set(range(len(self.deciding)))
        undone = self._undone
        undoing = [edit for edit in undone if place in undone[edit]]
        yield from ((edit,) for edit in undoing if undone[edit] == whole and self._left > 0)
        if self._urgency <= Urgency.ROUTINE:
            return
        for pair in product(undoing, undone) if undoing else combinations(self._mildest(place), 2):
            if self._left <= 0:
                return
            together = undone[pair[0]] | undone[pair[1]] if undoing else self._undoes(pair)
            if pair[0][0] != pair[1][0] and together == whole:
                yield pair

    def _mildest(self, place: int) -> list[Edit]:
        """Return one edit for each answer that the rule hangs on: the one of least concern."""
        least: dict[str, Edit] = {}
        for path, value in self._edits(self.deciding[place]):
            item = self._rules.vocabulary.items[path.rpartition("/")[2]]
            if path not in least or value == item.unasked or value in item.answers[:1]:
                least[path] = (path, value)
        return list(least.values())

    @cached_property
    def _undone(self) -> dict[Edit, set[int]]:
        """Return, for each edit of one answer, the places in ``deciding`` of the rules that it undoes."""
        edits = dict.fromkeys(edit for decision in self.deciding for edit in self._edits(decision))
        return {edit: self._undoes((edit,)) for edit in edits if self._left > 0}

    def _undoes(self, edits: tuple[Edit, ...]) -> set[int]:
        judging = self._judge(edits)
        return {
            place
            for place, decision in enumerate(self.deciding)
            if all(
                (judging.decide(decision.rule, where).floor or Urgency.SELF_CARE) < self._urgency
                for where in judging.places(decision.rule)
                if where.limb == decision.meaning.limb
            )
        }

    def _judge(self, edits: tuple[Edit, ...]) -> Judging:
        self._left -= JUDGING if self._urgency > Urgency.ROUTINE else WHOLE
        self._left -= DOUBT * len(self._judging.doubted)
        return Judging(self._rules, apply_edits(self._judging.answers, edits))

    def _outcome(self, edits: tuple[Edit, ...]) -> Urgency:
        """Return the urgency after the edits; looks first at the rules that could keep it as it is."""
        if edits not in self._tried:
            self._left -= OUTCOME
            judging = self._judge(edits)
            keeping = tuple(rule for rule in self._rules.rules if (rule.urgency or 0) >= self._urgency)
            kept = judging.floor_of(keeping)
            self._tried[edits] = kept if kept >= self._urgency > Urgency.ROUTINE else _urgency(judging)
        return self._tried[edits]

    def _edits(self, decision: Decision) -> list[Edit]:
        """Return other answers to what the rule hangs on, the nearest first."""
        judging, rule = self._judging, decision.rule
        paths: Set[str] = judging.reasons(rule.rule_id, decision.meaning)
        if not paths and self._urgency > Urgency.ROUTINE:
            paths = self._reads(rule)
        return [
            (path, value)
            for path in sorted(paths)
            for value in self._others(rule, self._rules.vocabulary.items[path.rpartition("/")[2]], path)
        ]

    def _reads(self, rule: Rule) -> set[str]:
        rules = [rule, *(self._rules.by_id[other] for other in sorted(mentioned(rule.when)))]
        items = {link_id for found in rules for link_id in self._rules.reads[found.rule_id]}
        places = (self._judging.person, *self._judging.limbs)
        return {place.path(link_id) for place in places for link_id in items} & self._judging.given.keys()

    def _others(self, rule: Rule, item: Item, path: str) -> list[Value]:
        given = self._judging.given.get(path)
        if item.is_number:
            return [value for value in self._thresholds(rule, item) if value != given]
        if item.type is ItemType.MULTI:
            chosen = given if isinstance(given, tuple) else ()
            return [tuple(code for code in chosen if code != left) for left in chosen]
        here = item.rank(given) if isinstance(given, str) and given in item.options else len(item.options)
        nearest = sorted(item.answers, key=lambda code: abs(item.rank(code) - here))
        return [code for code in nearest if code != given]

    def _thresholds(self, rule: Rule, item: Item) -> list[Value]:
        """Return the numbers on either side of those that the rule compares the item with."""
        found: list[Value] = []
        rules = [rule, *(self._rules.by_id[other] for other in sorted(mentioned(rule.when)))]
        for part in (part for each in rules for part in walk(each.when)):
            if isinstance(part, Compare) and part.name == item.link_id:
                limit = Decimal(part.literal)
                found += [limit, limit - 1, limit + 1]
        low, high = item.minimum, item.maximum
        inside = [n for n in found if isinstance(n, Decimal) and (low is None or n >= low)]
        return [n for n in dict.fromkeys(inside) if high is None or n <= high]


def apply_edits(answers: Answers, edits: tuple[Edit, ...]) -> Answers:
    """Return the answers with each edit's answer at its path."""
    person = dict(answers.person)
    limbs = [(limb, dict(limb.answers)) for limb in answers.limbs]
    for path, value in edits:
        code, _, link_id = path.rpartition("/")
        if not code:
            person[link_id] = value
        for limb, given in limbs:
            if limb.code == code:
                given[link_id] = value
    return Answers(person, tuple(Limb(limb.kind, limb.side, given) for limb, given in limbs))


def _urgency(judging: Judging) -> Urgency:
    return judging.floor_of(judging.rules.rules)
