"""Turns an expression into a check: how far it holds, and which answers say so."""

from __future__ import annotations

from collections.abc import Iterable

from triage_app.clinical.atoms import Atom, answer_atom, count_atom, number_atom
from triage_app.clinical.derived import DERIVED, Derived
from triage_app.clinical.expression import bind
from triage_app.clinical.joins import (
    A_LIMB,
    NOTHING,
    Check,
    all_of,
    answer_check,
    any_of,
    given_check,
    if_in_play,
    met_check,
    no_reasons,
    opposite,
    over_limbs,
)
from triage_app.clinical.logic import COMPARE, truth_of
from triage_app.clinical.meaning import Meaning
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
from triage_app.clinical.terms import FlagClass, LimbKind
from triage_app.clinical.vocabulary import Item, ItemType, Scope, Vocabulary
from triage_app.errors import ContentError


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
                return all_of([self.compile(part, in_limb=in_limb) for part in parts])
            case Or(parts):
                return any_of([self.compile(part, in_limb=in_limb) for part in parts])
            case Not(part):
                return opposite(self.compile(part, in_limb=in_limb))
            case Limbs():
                return self._limbs(expression, in_limb=in_limb)
            case Members():
                return self._members(expression, in_limb=in_limb)
            case Met(rule_id):
                return met_check(rule_id)
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
                return given_check(item, blank=blank)
            case Name():
                return answer_check(item.link_id, self._answer(item, "=", ("yes",)))
            case OneOf(codes=codes):
                return answer_check(item.link_id, self._answer(item, "in", codes))
            case Count(codes=codes, operator=operator, number=number):
                self._known(item, codes)
                return answer_check(item.link_id, count_atom(codes, COMPARE[operator], number))
            case Compare(operator=operator, literal=literal):
                return answer_check(item.link_id, self._answer(item, operator, (literal,)))

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
        return Check(test, no_reasons)

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
            checks = {member: if_in_play(member.link_id, check) for member, check in checks.items()}
        join = all_of if expression.quantity is Quantity.EVERY else any_of
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
        body = A_LIMB if expression.body is None else self.compile(expression.body, in_limb=True)
        kinds = frozenset(LimbKind) if expression.kind == "limb" else frozenset({LimbKind(expression.kind)})
        return over_limbs(expression.quantity, kinds, body)
