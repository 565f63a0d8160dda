"""Whether a rule's condition can be met at all: what it demands of the answers, put to the search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import count

from triage_app.catalogue.solve import ALWAYS, All, Any, Demand, Goal, can_hold
from triage_app.clinical.derived import DERIVED
from triage_app.clinical.expression import bind
from triage_app.clinical.logic import COMPARE
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.syntax import (
    And,
    Compare,
    Count,
    Expression,
    Flags,
    Given,
    Limbs,
    Members,
    Met,
    Name,
    Not,
    OneOf,
    Or,
    Quantity,
    walk,
)
from triage_app.clinical.terms import LimbKind
from triage_app.clinical.vocabulary import Item, ItemType, Scope
from triage_app.errors import ContentError

_BLANK = "(blank)"
_KIND = "limb.kind"


def unreachable_rules(rules: RuleSet) -> Iterable[str]:
    """Yield the ids of the rules that no answers can meet.

    A part that only the engine can tell (a derived name, an unmet rule) is taken to hold.
    """
    for rule in rules.rules:
        if not can_hold(_Demands(rules).of_rule(rule.rule_id, "")):
            yield rule.rule_id


class _Demands:
    """Translates conditions; each "any limb (…)" speaks of a limb of its own, named by its place."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._items = rules.vocabulary.items
        self._places = count(1)

    def of_rule(self, rule_id: str, place: str) -> Goal:
        rule = self._rules.by_id[rule_id]
        return self.of(rule.when, place, wanted=True)

    def of(self, expression: Expression, place: str, *, wanted: bool) -> Goal:
        match expression:
            case And(parts):
                return self._join(All if wanted else Any, parts, place, wanted=wanted)
            case Or(parts):
                return self._join(Any if wanted else All, parts, place, wanted=wanted)
            case Not(part):
                return self.of(part, place, wanted=not wanted)
            case Members():
                return self._members(expression, place, wanted=wanted)
            case Limbs() | Met() | Flags() | Count():
                return self._told(expression, place) if wanted else ALWAYS
        return self._answer(expression, place, wanted=wanted)

    def _told(self, expression: Limbs | Met | Flags | Count, place: str) -> Goal:
        """Demand what is said of limbs, rules and flags; its opposite is taken to hold."""
        match expression:
            case Limbs():
                return self._limb(expression)
            case Met(rule_id):
                return self.of_rule(rule_id, place)
            case Flags():
                return self._flags(expression)
        return ALWAYS

    def _join(
        self, join: type[All] | type[Any], parts: Iterable[Expression], place: str, *, wanted: bool
    ) -> Goal:
        return join(tuple(self.of(part, place, wanted=wanted) for part in parts))

    def _limb(self, expression: Limbs) -> Goal:
        place = f"limb {next(self._places)}/"
        kinds = LimbKind if expression.kind == "limb" else (LimbKind(expression.kind),)
        some = Demand(place + _KIND, frozenset(kinds))
        if expression.body is None:
            return some
        return All((some, self.of(expression.body, place, wanted=True)))

    def _members(self, expression: Members, place: str, *, wanted: bool) -> Goal:
        """Every one of a family means those that this kind of limb is asked."""
        every = (expression.quantity is Quantity.EVERY) is wanted
        goals: list[Goal] = []
        for member in self._rules.vocabulary.family(expression.family):
            body = self.of(bind(expression.body, member.link_id), place, wanted=wanted)
            elsewhere = Demand(place + _KIND, frozenset(LimbKind) - member.limbs)
            goals.append(Any((elsewhere, body)) if every else body)
        return All(tuple(goals)) if every else Any(tuple(goals))

    def _flags(self, expression: Flags) -> Goal:
        if expression.number != 1 or expression.operator != ">=":
            return ALWAYS
        answer = "unsure" if expression.state == "unsure" else _BLANK
        named = [
            flag
            for flag in self._rules.vocabulary.flags
            if flag.link_id in expression.selectors or flag.flag_class in expression.selectors
        ]
        return Any(tuple(Demand(flag.link_id, frozenset({answer})) for flag in named))

    def _answer(self, expression: Expression, place: str, *, wanted: bool) -> Goal:
        if not isinstance(expression, Name | Compare | OneOf | Given) or expression.name in DERIVED:
            return ALWAYS
        item = self._items[expression.name]
        if item.type in (ItemType.MULTI, ItemType.TEXT):
            return ALWAYS
        values = frozenset(value for value in self._domain(item) if _holds(expression, item, value) is wanted)
        where = place if item.scope is Scope.LIMB else ""
        return All((Demand(where + item.link_id, values), *self._in_play(item, place)))

    def _domain(self, item: Item) -> list[object]:
        if not item.is_number:
            return [*item.options, _BLANK]
        limits = [item.minimum or Decimal(0), item.maximum or Decimal(10_000)]
        return [_BLANK, *sorted({*limits, *self._numbers(item.link_id)})]

    def _numbers(self, link_id: str) -> Iterable[Decimal]:
        """Yield the numbers that rules compare the item with, and those just beside them."""
        for rule in self._rules.rules:
            for part in _comparisons(rule.when, link_id):
                for step in (Decimal("-0.1"), Decimal(0), Decimal("0.1")):
                    yield Decimal(part.literal) + step

    def _in_play(self, item: Item, place: str) -> Iterable[Goal]:
        """Yield what must be so for a detail to have an answer."""
        if item.scope is Scope.LIMB and item.limbs != frozenset(LimbKind):
            yield Demand(place + _KIND, frozenset(item.limbs))
        openers = self._rules.vocabulary.openers.get(item.link_id, ())
        if openers and all(opener.type is not ItemType.MULTI for opener in openers):
            yield Any(
                tuple(
                    Demand((place if o.scope is Scope.LIMB else "") + o.link_id, frozenset(item.when))
                    for o in openers
                )
            )


def _comparisons(expression: Expression, link_id: str) -> Iterable[Compare]:
    for part in walk(expression):
        if isinstance(part, Compare) and part.name == link_id:
            yield part


def _holds(expression: Expression, item: Item, value: object) -> bool:
    """Return whether an answer alone, read as it stands, satisfies the statement."""
    match expression:
        case Given(blank=blank):
            return (value == _BLANK) is blank
        case Name():
            return value == "yes"
        case OneOf(codes=codes):
            return value in codes
        case Compare(operator=operator, literal=literal):
            return value != _BLANK and _compared(item, operator, value, literal)
    raise ContentError(f"{item.link_id}: found {type(expression).__name__}, which is no statement")


def _compared(item: Item, operator: str, value: object, literal: str) -> bool:
    compare: Callable[[object, object], bool] = COMPARE[operator]
    if item.is_number:
        return compare(value, Decimal(literal))
    if operator in ("=", "!="):
        return compare(value, literal)
    return compare(item.rank(str(value)), item.rank(literal))
