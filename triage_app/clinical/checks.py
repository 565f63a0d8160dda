"""Turns an expression into a check: how far it holds, and which answers say so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from triage_app.clinical.atoms import Atom, answer_atom, count_atom, number_atom
from triage_app.clinical.derived import DERIVED, Derived
from triage_app.clinical.expression import bind
from triage_app.clinical.logic import COMPARE, MET, NOT_MET, OPEN, OPPOSITE, SOFT, truth_of
from triage_app.clinical.meaning import Meaning, Test
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
)
from triage_app.clinical.terms import FlagClass, LimbKind, Side
from triage_app.clinical.vocabulary import Item, ItemType, Scope, Vocabulary
from triage_app.errors import ContentError

Reasons = Callable[[Meaning], frozenset[str]]
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Check:
    """One compiled expression. ``reasons`` gives the paths of the answers because of which it is met."""

    truth: Test
    reasons: Reasons


def compile_check(expression: Expression, vocabulary: Vocabulary, scope: Scope, *, where: str) -> Check:
    """Return the check; raise ContentError naming ``where`` and the name or code that is not known."""
    return _Compiler(vocabulary, where).compile(expression, in_limb=scope is Scope.LIMB)


class _Compiler:
    """Knows the words and the rule it compiles; a method a kind of part."""

    def __init__(self, vocabulary: Vocabulary, where: str) -> None:
        self._vocabulary = vocabulary
        self._where = where

    def compile(self, expression: Expression, *, in_limb: bool) -> Check:
        match expression:
            case And(parts):
                return _all([self.compile(part, in_limb=in_limb) for part in parts])
            case Or(parts):
                return _any([self.compile(part, in_limb=in_limb) for part in parts])
            case Not(part):
                return _not(self.compile(part, in_limb=in_limb))
            case Limbs():
                return self._limbs(expression, in_limb=in_limb)
            case Members():
                return self._members(expression, in_limb=in_limb)
            case Met(rule_id):
                return _met(rule_id)
            case Flags():
                return self._flags(expression)
        return self._statement(expression, in_limb=in_limb)

    def _statement(self, expression: Expression, *, in_limb: bool) -> Check:
        assert isinstance(expression, Name | Compare | OneOf | Count | Given)  # noqa: S101 - narrows the type
        if expression.name in DERIVED:
            return self._derived(DERIVED[expression.name], expression)
        item = self._item(expression.name, in_limb=in_limb)
        match expression:
            case Given(blank=blank):
                return _given(item, blank=blank)
            case Name():
                return _atom(item.link_id, self._answer(item, "=", ("yes",)))
            case OneOf(codes=codes):
                return _atom(item.link_id, self._answer(item, "in", codes))
            case Count(codes=codes, operator=operator, number=number):
                self._known(item, codes)
                return _atom(item.link_id, count_atom(codes, COMPARE[operator], number))
            case Compare(operator=operator, literal=literal):
                return _atom(item.link_id, self._answer(item, operator, (literal,)))

    def _error(self, found: str, expected: str) -> ContentError:
        return ContentError(f"{self._where}: found {found}, expected {expected}")

    def _item(self, name: str, *, in_limb: bool) -> Item:
        item = self._vocabulary.items.get(name)
        if item is None:
            raise self._error(name, "a linkId of vocabulary.toml or a definition")
        if item.scope is Scope.LIMB and not in_limb:
            raise self._error(name, "it inside any, every or both, because it is asked per limb")
        return item

    def _answer(self, item: Item, operator: str, literals: tuple[str, ...]) -> Atom:
        if item.is_number:
            return number_atom(operator, literals[0], where=f"{self._where}: {item.link_id}")
        self._known(item, literals)
        if item.type is ItemType.MULTI and operator not in ("=", "!=", "in"):
            raise self._error(
                f"{item.link_id} {operator}", "has, in, = or !=, because it takes several answers"
            )
        return answer_atom(item, operator, literals)

    def _known(self, item: Item, codes: Iterable[str]) -> None:
        for code in codes:
            if code not in item.options:
                raise self._error(f"{item.link_id} with {code}", ", ".join(item.options) or "a number")

    def _derived(self, derived: Derived, expression: Expression) -> Check:
        test = derived.test(expression, self._vocabulary, where=self._where)
        return Check(test, lambda meaning: NOTHING)

    def _flags(self, expression: Flags) -> Check:
        for selector in expression.selectors:
            if selector not in tuple(FlagClass) and self._vocabulary.flag_of(selector) != selector:
                raise self._error(selector, "a red flag or a class of red flags")
        wanted = frozenset(
            flag.link_id
            for flag in self._vocabulary.flags
            if flag.link_id in expression.selectors or flag.flag_class in expression.selectors
        )
        compare, number = COMPARE[expression.operator], expression.number
        unsure = expression.state == "unsure"

        def found(meaning: Meaning) -> frozenset[str]:
            judging = meaning.judging
            return wanted & (judging.unsure_flags() if unsure else judging.blank_flags())

        def reasons(meaning: Meaning) -> frozenset[str]:
            flags = found(meaning)
            return flags if compare(len(flags), number) else NOTHING

        return Check(lambda meaning: truth_of(compare(len(found(meaning)), number)), reasons)

    def _members(self, expression: Members, *, in_limb: bool) -> Check:
        members = self._vocabulary.family(expression.family)
        if not members:
            raise self._error(expression.family, "a family that has items")
        checks = {
            member: self.compile(bind(expression.body, member.link_id), in_limb=in_limb) for member in members
        }
        if expression.quantity is Quantity.EVERY:
            checks = {member: _if_in_play(member.link_id, check) for member, check in checks.items()}
        join = _all if expression.quantity is Quantity.EVERY else _any
        if members[0].scope is Scope.PERSON:
            return join(list(checks.values()))
        self._item(members[0].link_id, in_limb=in_limb)
        by_kind = {
            kind: join([check for member, check in checks.items() if kind in member.limbs])
            for kind in LimbKind
        }
        return Check(
            lambda meaning: by_kind[meaning.kind].truth(meaning),  # type: ignore[index]
            lambda meaning: by_kind[meaning.kind].reasons(meaning),  # type: ignore[index]
        )

    def _limbs(self, expression: Limbs, *, in_limb: bool) -> Check:
        if in_limb:
            raise self._error(f"{expression.quantity} {expression.kind}", "it only outside of a limb")
        body = _ALWAYS if expression.body is None else self.compile(expression.body, in_limb=True)
        kinds = frozenset(LimbKind) if expression.kind == "limb" else frozenset({LimbKind(expression.kind)})
        return _over_limbs(expression.quantity, kinds, body)


_ALWAYS = Check(lambda meaning: MET, lambda meaning: frozenset({meaning.path("region")}))


def _atom(link_id: str, atom: Atom) -> Check:
    def truth(meaning: Meaning) -> int:
        return atom(meaning[link_id])

    def reasons(meaning: Meaning) -> frozenset[str]:
        return frozenset({meaning.path(link_id)}) if truth(meaning) >= SOFT else NOTHING

    return Check(truth, reasons)


def _given(item: Item, *, blank: bool) -> Check:
    def truth(meaning: Meaning) -> int:
        if meaning.in_play(item.link_id) == NOT_MET:
            return NOT_MET
        return truth_of((meaning.raw(item.link_id) is None) is blank)

    return Check(
        truth, lambda meaning: frozenset({meaning.path(item.link_id)}) if truth(meaning) else NOTHING
    )


def _met(rule_id: str) -> Check:
    def truth(meaning: Meaning) -> int:
        found = meaning.judging.truth(rule_id, meaning)
        return found if found >= SOFT else NOT_MET

    return Check(truth, lambda meaning: meaning.judging.reasons(rule_id, meaning))


def _not(check: Check) -> Check:
    inner = check.truth
    return Check(lambda meaning: OPPOSITE[inner(meaning)], lambda meaning: NOTHING)


def _all(checks: list[Check]) -> Check:
    tests = tuple(check.truth for check in checks)

    def truth(meaning: Meaning) -> int:
        lowest = MET
        for test in tests:
            value = test(meaning)
            if value < lowest:
                if value == NOT_MET:
                    return NOT_MET
                lowest = value
        return lowest

    def reasons(meaning: Meaning) -> frozenset[str]:
        if truth(meaning) < SOFT:
            return NOTHING
        return NOTHING.union(*(check.reasons(meaning) for check in checks))

    return Check(truth, reasons)


def _any(checks: list[Check]) -> Check:
    tests = tuple(check.truth for check in checks)

    def truth(meaning: Meaning) -> int:
        highest = NOT_MET
        for test in tests:
            value = test(meaning)
            if value > highest:
                if value == MET:
                    return MET
                highest = value
        return highest

    return Check(truth, lambda meaning: NOTHING.union(*(check.reasons(meaning) for check in checks)))


def _if_in_play(link_id: str, check: Check) -> Check:
    def truth(meaning: Meaning) -> int:
        return check.truth(meaning) if meaning.in_play(link_id) else MET

    return Check(truth, lambda meaning: check.reasons(meaning) if meaning.in_play(link_id) else NOTHING)


def _over_limbs(quantity: Quantity, kinds: frozenset[LimbKind], body: Check) -> Check:
    def limbs(meaning: Meaning) -> list[Meaning]:
        return [limb for limb in meaning.judging.limbs if limb.kind in kinds]

    def truth(meaning: Meaning) -> int:
        return _HOW_MANY[quantity](limbs(meaning), body.truth, OPEN if meaning.partial else NOT_MET)

    def reasons(meaning: Meaning) -> frozenset[str]:
        if truth(meaning) < SOFT:
            return NOTHING
        return NOTHING.union(*(body.reasons(limb) for limb in limbs(meaning)))

    return Check(truth, reasons)


def _any_of(limbs: list[Meaning], test: Test, unknown: int) -> int:
    return max((test(limb) for limb in limbs), default=unknown)


def _every_of(limbs: list[Meaning], test: Test, unknown: int) -> int:
    return min((test(limb) for limb in limbs), default=unknown)


def _both_of(limbs: list[Meaning], test: Test, unknown: int) -> int:
    sides = ([limb for limb in limbs if limb.side is side] for side in (Side.LEFT, Side.RIGHT))
    return min(_any_of(side, test, unknown) for side in sides)


_HOW_MANY: dict[Quantity, Callable[[list[Meaning], Test, int], int]] = {
    Quantity.ANY: _any_of,
    Quantity.EVERY: _every_of,
    Quantity.BOTH: _both_of,
}
