"""Holds rules against one person's answers: each is decided once, when something first asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from triage_app.clinical.answers import UNSURE, Answers, Value
from triage_app.clinical.logic import NOT_MET, SOFT
from triage_app.clinical.meaning import Meaning
from triage_app.clinical.patterns import Patterns
from triage_app.clinical.rules import Rule, RuleSet
from triage_app.clinical.severity import Grades
from triage_app.clinical.terms import Severity, Urgency
from triage_app.clinical.vocabulary import Item, Scope

_NONE: frozenset[str] = frozenset()


class Decision(NamedTuple):
    """How far one rule holds in one place (the person, or a limb), and the floor that it gives there."""

    rule: Rule
    meaning: Meaning
    truth: int
    floor: Urgency | None

    @property
    def met(self) -> bool:
        """Return whether the rule is met, firmly or through an unsure answer."""
        return self.truth >= SOFT


class Judging:
    """One set of answers under one rule set.

    ``partial``: the form is still being filled in. ``supposing``: a flag is supposed to be a yes, to see
    what that would give; then unsure flags count for nothing.
    """

    def __init__(
        self, rules: RuleSet, answers: Answers, *, partial: bool = False, supposing: bool = False
    ) -> None:
        self.rules = rules
        self._tests = rules.tests
        self._of_person = rules.of_person
        self._unsettled = rules.unsettled
        self.answers = answers
        self.partial = partial
        self._supposing = supposing
        self.person = Meaning(rules.reader, answers.person, self, partial=partial)
        self.limbs = tuple(
            Meaning(rules.reader, limb.answers, self, person=self.person, limb=limb, partial=partial)
            for limb in answers.limbs_in_order()
        )
        for place, scope in ((self.person, Scope.PERSON), *((limb, Scope.LIMB) for limb in self.limbs)):
            place.refuse(rules.refusals[scope])
        self.patterns: Patterns = Patterns(self)
        self.grades: Grades = Grades(self)
        self._reach: dict[str, Urgency] = {}
        self._raising: dict[str, tuple[Decision, ...]] = {}
        self._before: dict[int, Urgency] = {}
        self._level = Urgency.EMERGENCY
        self._stage = 0

    @cached_property
    def given(self) -> Mapping[str, Value]:
        """Return every answer by its path; where a limb was told twice, the worse."""
        if not self.answers.tells_twice:
            return dict(self.answers.paths())
        found: dict[str, Value] = {}
        for path, value in self.answers.paths():
            item = self.rules.vocabulary.items.get(path.rpartition("/")[2])
            found[path] = item.worse(found[path], value) if item and path in found else value
        return found

    def places(self, rule: Rule) -> tuple[Meaning, ...]:
        """Return where the rule is decided: once for the person, or once per limb."""
        return (self.person,) if rule.scope is Scope.PERSON else self.limbs

    def decide(self, rule: Rule, meaning: Meaning) -> Decision:
        """Return the decision on the rule in that place."""
        place = self.person if rule.scope is Scope.PERSON else meaning
        known = place.decided.get(rule.rule_id)
        if known is None:
            if rule.rule_id in self._unsettled:
                known = self._decide_unsettled(rule, place)
                place.truths[rule.rule_id] = known.truth
            else:
                truth = self.truth(rule.rule_id, place)
                known = Decision(rule, place, truth, rule.urgency if truth >= SOFT else None)
            place.decided[rule.rule_id] = known
        return known

    def _decide_unsettled(self, rule: Rule, place: Meaning) -> Decision:
        """Decide a rule whose check asks how late it is, or which level is now asked about."""
        outer = self._stage, self._level
        self._stage = self.rules.stages[rule.rule_id]
        try:
            return self._decide_graded(rule, place)
        finally:
            self._stage, self._level = outer

    def _decide_graded(self, rule: Rule, place: Meaning) -> Decision:
        """Lower the floor until enough of the unsure flags would reach it with a yes."""
        test = self._tests[rule.rule_id]
        highest = rule.urgency or Urgency.ROUTINE
        levels = range(highest, Urgency.SELF_CARE, -1) if self.doubted else (highest,)
        for level in levels:
            self._level = Urgency(level)
            truth = test(place)
            if truth >= SOFT:
                return Decision(rule, place, truth, self._level if rule.urgency else None)
        return Decision(rule, place, truth, None)

    def decisions(self) -> list[Decision]:
        """Return every rule's decision in every place, in the order of the rules."""
        decide = self.decide
        return [decide(rule, place) for rule in self.rules.rules for place in self.places(rule)]

    def met(self) -> list[Decision]:
        """Return the decisions on the rules that are met, in the order of the rules."""
        truth = self.truth
        return [
            self.decide(rule, place)
            for rule in self.rules.rules
            for place in self.places(rule)
            if place.truths.get(rule.rule_id) != NOT_MET and truth(rule.rule_id, place) >= SOFT
        ]

    def truth(self, rule_id: str, meaning: Meaning) -> int:
        """Return how far a rule holds there."""
        place = self.person if rule_id in self._of_person else meaning
        known = place.truths.get(rule_id)
        if known is None:
            if rule_id in self._unsettled:
                return self.decide(self.rules.by_id[rule_id], place).truth
            known = place.truths[rule_id] = self._tests[rule_id](place)
        return known

    def reasons(self, rule_id: str, meaning: Meaning) -> frozenset[str]:
        """Return the paths of the answers because of which the rule is met there."""
        decision = self.decide(self.rules.by_id[rule_id], meaning)
        if not decision.met:
            return _NONE
        level, self._level = self._level, decision.floor or Urgency.ROUTINE
        found = self.rules.checks[rule_id].reasons(decision.meaning)
        self._level = level
        return found

    @cached_property
    def flags(self) -> Mapping[str, Value | None]:
        """Return what each red flag means, in the order of the vocabulary."""
        return {flag.link_id: self.person[flag.link_id] for flag in self.rules.vocabulary.flags}

    @cached_property
    def doubted(self) -> tuple[str, ...]:
        """Return the red flags that are unsure."""
        return tuple(flag for flag, value in self.flags.items() if value == UNSURE)

    def unsure_flags(self) -> frozenset[str]:
        """Return the unsure flags that, answered yes, would reach the level now asked about."""
        if self._supposing:
            return _NONE
        return frozenset(flag for flag in self.doubted if self.reach(flag) >= self._level)

    def blank_flags(self) -> frozenset[str]:
        """Return the red flags that were left blank."""
        return self._blank

    @cached_property
    def _blank(self) -> frozenset[str]:
        return frozenset(flag for flag, value in self.flags.items() if value is None)

    def all_flags_no(self) -> bool:
        """Return whether every red flag is a no: its own, or through its gates."""
        return all(value == "no" for value in self.flags.values())

    def everything_answered(self) -> bool:
        """Return whether no item that is in play, and that some rule reads, was left blank."""
        return not any(
            self._left_blank(item, place)
            for item in self.rules.asked_items
            for place in ((self.person,) if item.scope is Scope.PERSON else self.limbs)
        )

    @staticmethod
    def _left_blank(item: Item, place: Meaning) -> bool:
        if item.flag_class:
            return place[item.link_id] is None
        return bool(place.in_play(item.link_id)) and place.raw(item.link_id) is None

    def reach(self, flag: str) -> Urgency:
        """Return the floor that a yes to an unsure flag would give, its details and all else as they are."""
        if flag not in self._reach:
            answers = Answers({**self.answers.person, flag: "yes"}, self.answers.limbs)
            supposed = Judging(self.rules, answers, partial=self.partial, supposing=True)
            self._reach[flag] = supposed.floor_of(self.rules.readers[flag])
        return self._reach[flag]

    def floor_of(self, rules: tuple[Rule, ...]) -> Urgency:
        """Return the highest floor that these rules give; ROUTINE when none does, for no yes is dropped."""
        highest: Urgency | None = None
        for rule in rules:
            if rule.urgency is None or (highest is not None and rule.urgency <= highest):
                continue
            for place in self.places(rule):
                floor = self.decide(rule, place).floor if self.truth(rule.rule_id, place) >= SOFT else None
                if floor is not None and (highest is None or floor > highest):
                    highest = floor
        return Urgency.ROUTINE if highest is None else highest

    def past_flags(self) -> tuple[str, ...]:
        """Return the red flags that are a yes outside every window."""
        return tuple(flag for flag, value in self.flags.items() if value == "yes" and not self.raising(flag))

    def raising(self, flag: str) -> tuple[Decision, ...]:
        """Return the decisions with a floor that are met because of the flag or of its details."""
        if flag not in self._raising:
            self._raising[flag] = self._find_raising(flag)
        return self._raising[flag]

    def _find_raising(self, flag: str) -> tuple[Decision, ...]:
        details = (detail.link_id for detail in self.rules.vocabulary.details[flag])
        own = {flag, *details}
        return tuple(
            decision
            for rule in self.rules.readers[flag]
            for place in self.places(rule)
            if self.truth(rule.rule_id, place) >= SOFT
            and (decision := self.decide(rule, place)).floor is not None
            and not own.isdisjoint(self.reasons(rule.rule_id, place))
        )

    def urgency_before(self) -> Urgency:
        """Return the highest floor of all rules of earlier stages than the rule now being decided."""
        stage = self._stage
        if stage not in self._before:
            self._before[stage] = self.floor_of(self.rules.earlier[stage])
        return self._before[stage]

    def severity(self, meaning: Meaning) -> Severity:
        """Return the grade of that limb, or of the whole person."""
        return self.grades.of(meaning)

    def motor(self, meaning: Meaning) -> bool:
        """Return whether that limb, or any limb, bears the motor mark."""
        return self.grades.motor(meaning)
