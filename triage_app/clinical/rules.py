"""One rule, and all rules of a pathway version, compiled once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from triage_app.clinical.answers import Value
from triage_app.clinical.checks import compile_check
from triage_app.clinical.dependencies import order, reads
from triage_app.clinical.joins import Check, firmly
from triage_app.clinical.logic import NOT_MET
from triage_app.clinical.meaning import Reader, Test
from triage_app.clinical.syntax import Expression, Flags, walk
from triage_app.clinical.terms import LimbKind, Mode, Severity, Urgency
from triage_app.clinical.vocabulary import Item, ItemType, Scope, Vocabulary

NAMED_FROM = 3
"""A pattern is named by a rule of this weight…"""
RIVAL_FROM = 2
"""…and a rule of this weight names a rival."""


@dataclass(frozen=True)
class Rule:
    """A condition, what follows when it is met, and why. Nothing that it does lowers an urgency."""

    rule_id: str
    scope: Scope
    condition: str  # as written
    when: Expression
    urgency: Urgency | None = None  # the one floor
    mode: Mode | None = None
    due_days: int | None = None
    routes: tuple[str, ...] = ()
    severity: Severity | None = None  # anchor
    motor: bool = False
    severity_step: Mapping[str, str] = field(default_factory=dict)  # grade (or "motor") -> next grade
    patterns: Mapping[str, int] = field(default_factory=dict)
    pattern_limbs: frozenset[LimbKind] = frozenset(LimbKind)  # of a person's rule: the limbs they count in
    raises: tuple[str, ...] = ()  # derived findings
    note: bool = False
    blocks: tuple[str, ...] = ()  # routes closed unless the rule is known not to be met
    suppresses: tuple[str, ...] = ()  # routes closed while the rule is met
    asks_again: tuple[str, ...] = ()  # linkIds that contradict other answers
    undetermined: bool = False
    no_patterns: bool = False
    sources: tuple[str, ...] = ()
    line: int = 0  # in rules.toml

    @property
    def where(self) -> str:
        """Return where the rule stands, for an error."""
        return f"rules.toml line {self.line}, rule {self.rule_id}"

    @property
    def graded(self) -> bool:
        """Return whether unsure flags can meet it; its floor is then held to what a yes would give."""
        return any(isinstance(part, Flags) and part.state == "unsure" for part in walk(self.when))


@dataclass(frozen=True)
class ScoreRow:
    """One part of the display score: the most points of its conditions that hold."""

    name: str
    steps: tuple[tuple[Check, int], ...]


@dataclass(frozen=True)
class RuleSet:
    """The rules of one pathway version, ready to be held against answers."""

    pathway: str
    version: str
    checksum: str
    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # route by kind of pattern
    score: tuple[ScoreRow, ...] = ()

    def prepare(self) -> None:
        """Compile every condition now; raise ContentError on an unknown name or a rule that needs itself."""
        _ = self.stages, self.tests, self.readers, self.refusals

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """Return each rule by its id."""
        return {rule.rule_id: rule for rule in self.rules}

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """Return each rule's condition, compiled."""
        return {
            rule.rule_id: compile_check(rule.when, self.vocabulary, rule.scope, where=rule.where)
            for rule in self.rules
        }

    @cached_property
    def tests(self) -> Mapping[str, Test]:
        """Return how far each rule's condition holds; for SELF_CARE, an unsure answer does not count."""
        return {
            rule.rule_id: firmly(self.checks[rule.rule_id].truth)
            if rule.urgency is Urgency.SELF_CARE
            else self.checks[rule.rule_id].truth
            for rule in self.rules
        }

    @cached_property
    def of_person(self) -> frozenset[str]:
        """Return the ids of the rules that are decided once, for the person."""
        return frozenset(rule.rule_id for rule in self.rules if rule.scope is Scope.PERSON)

    @cached_property
    def refusals(self) -> Mapping[Scope, Mapping[tuple[str, Value | None], tuple[str, ...]]]:
        """Return, by scope, the ids of the rules that an item's meaning alone says are not met."""
        found: dict[Scope, dict[tuple[str, Value | None], list[str]]] = {
            scope: defaultdict(list) for scope in Scope
        }
        for rule in self.rules:
            for link_id, atom in self.checks[rule.rule_id].needs:
                item = self.vocabulary.items[link_id]
                for value in () if item.is_number else (*item.plain, item.unasked):
                    if atom(value) == NOT_MET:
                        found[rule.scope][link_id, value].append(rule.rule_id)
        return {scope: {pair: tuple(ids) for pair, ids in by.items()} for scope, by in found.items()}

    @cached_property
    def anchors(self) -> Mapping[Scope, tuple[Rule, ...]]:
        """Return the rules that set a grade of severity, by scope."""
        return {
            scope: tuple(rule for rule in self.rules if (rule.severity or rule.motor) and rule.scope is scope)
            for scope in Scope
        }

    @cached_property
    def steps(self) -> tuple[Rule, ...]:
        """Return the rules that move a grade one up."""
        return tuple(rule for rule in self.rules if rule.severity_step)

    @cached_property
    def reader(self) -> Reader:
        """Return how answers are read."""
        details = (item.link_id for found in self.vocabulary.details.values() for item in found)
        return Reader(self.vocabulary, frozenset(details))

    @cached_property
    def graded(self) -> frozenset[str]:
        """Return the ids of the rules that unsure flags can meet."""
        return frozenset(rule.rule_id for rule in self.rules if rule.graded)

    @cached_property
    def weighing(self) -> tuple[Rule, ...]:
        """Return the rules that give a pattern weight."""
        return tuple(rule for rule in self.rules if rule.patterns)

    @cached_property
    def weighing_in(self) -> Mapping[LimbKind, tuple[Rule, ...]]:
        """Return the rules that give a pattern weight in a limb of each kind."""
        return {
            kind: tuple(
                rule
                for rule in self.weighing
                if rule.scope is Scope.LIMB or (rule.urgency is None and kind in rule.pattern_limbs)
            )
            for kind in LimbKind
        }

    @cached_property
    def blocking(self) -> tuple[Rule, ...]:
        """Return the rules that shut a route unless they are known not to be met."""
        return tuple(rule for rule in self.rules if rule.blocks)

    @cached_property
    def naming(self) -> tuple[tuple[Rule, tuple[tuple[str, int], ...]], ...]:
        """Return the rules that name a pattern, or rival one, with the weights that do."""
        heavy = (
            (rule, tuple((code, weight) for code, weight in rule.patterns.items() if weight >= RIVAL_FROM))
            for rule in self.weighing
        )
        return tuple((rule, weights) for rule, weights in heavy if weights)

    @cached_property
    def unsettled(self) -> frozenset[str]:
        """Return the ids of the rules that read the urgency or count unsure flags."""
        return self.graded | {rule_id for rule_id, stage in self.stages.items() if stage}

    @cached_property
    def stages(self) -> Mapping[str, int]:
        """Return how late each rule is decided: 0, 1 when it reads the urgency, 2 when it also blocks."""
        return order(self.rules)

    @cached_property
    def earlier(self) -> Mapping[int, tuple[Rule, ...]]:
        """Return, for each stage, the rules with a floor that are decided before it, the highest first."""
        graded = sorted((rule for rule in self.rules if rule.urgency is not None), key=_highest_first)
        stages = {*self.stages.values()}
        return {late: tuple(rule for rule in graded if self.stages[rule.rule_id] < late) for late in stages}

    @cached_property
    def reads(self) -> Mapping[str, tuple[str, ...]]:
        """Return the linkIds that each rule reads, in the order of its condition."""
        return {rule.rule_id: reads(rule.when, self.vocabulary) for rule in self.rules}

    @cached_property
    def asked_items(self) -> tuple[Item, ...]:
        """Return the items that people are asked and that some rule reads."""
        read = {link_id for found in self.reads.values() for link_id in found}
        return tuple(
            item
            for item in self.vocabulary.items.values()
            if item.link_id in read and not item.calculated and item.type is not ItemType.TEXT
        )

    @cached_property
    def readers(self) -> Mapping[str, tuple[Rule, ...]]:
        """Return, for each red flag, the rules with a floor that read it or a detail of it."""
        found: dict[str, list[Rule]] = {flag.link_id: [] for flag in self.vocabulary.flags}
        for rule in self.rules:
            flags = {self.vocabulary.flag_of(link_id) for link_id in self.reads[rule.rule_id]}
            for flag, readers in found.items() if rule.urgency is not None else ():
                if flag in flags:
                    readers.append(rule)
        return {flag: tuple(rules) for flag, rules in found.items()}


def _highest_first(rule: Rule) -> int:
    return -(rule.urgency or 0)
