"""Compares one answer, read as evidence §8.1 says, with what a rule asks for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from triage_app.clinical.answers import UNSURE, Value
from triage_app.clinical.logic import COMPARE, MET, NOT_MET, OPEN, SOFT, truth_of
from triage_app.clinical.vocabulary import Item, ItemType
from triage_app.errors import ContentError

Atom = Callable[[Value | None], int]


def number_atom(operator: str, literal: str, *, where: str) -> Atom:
    """Return the comparison with a number; blank and unsure are open, not asked meets nothing."""
    try:
        wanted = Decimal(literal)
        compare = COMPARE[operator]
    except (InvalidOperation, KeyError):
        found = f"found {operator} {literal}"
        raise ContentError(f"{where}: {found}, expected a comparison with a number") from None

    def atom(value: Value | None) -> int:
        if isinstance(value, Decimal):
            return truth_of(compare(value, wanted))
        return NOT_MET if value == () else OPEN

    return atom


def answer_atom(item: Item, operator: str, literals: tuple[str, ...]) -> Atom:
    """Return the comparison with one code (``=``, ``<`` …) or several (``in``)."""
    if item.type is ItemType.MULTI:
        return _several_atom(frozenset(literals), wanted=operator != "!=")
    table: dict[Value | None, int] = {
        code: truth_of(_holds(item, operator, literals, code)) for code in item.answers
    }
    table[UNSURE] = _unsure(item, operator, literals, table)
    table[()] = truth_of(operator == "!=")
    table[None] = OPEN
    return table.__getitem__


def _holds(item: Item, operator: str, literals: tuple[str, ...], code: str) -> bool:
    if operator == "in":
        return code in literals
    return COMPARE[operator](item.rank(code), item.rank(literals[0]))


def _unsure(item: Item, operator: str, literals: tuple[str, ...], table: dict[Value | None, int]) -> int:
    """Return what unsure means: named by the rule, literally so; of a flag, open; else the next answer."""
    if UNSURE in literals:
        return truth_of(_holds(item, operator, literals, UNSURE))
    if item.flag_class or item.unsure_open:
        return OPEN
    return SOFT if table[_next_worse(item)] == MET else NOT_MET


def _next_worse(item: Item) -> str:
    if UNSURE not in item.options:
        return item.answers[-1]
    worse = item.options[item.rank(UNSURE) + 1 :]
    return worse[0] if worse else item.answers[-1]


def _several_atom(codes: frozenset[str], *, wanted: bool) -> Atom:
    """Compare the chosen codes; unsure is literal where a rule names it, else it may be any of them."""

    def atom(value: Value | None) -> int:
        chosen = _chosen(value)
        if chosen is None:
            return OPEN
        if not codes.isdisjoint(chosen):
            return truth_of(wanted)
        return OPEN if UNSURE in chosen else truth_of(not wanted)

    return atom


def _chosen(value: Value | None) -> frozenset[str] | None:
    """Return the codes of an answer to a question that takes several, None for a blank."""
    if isinstance(value, tuple):
        return frozenset(value)
    return frozenset({UNSURE}) if value == UNSURE else None


def count_atom(codes: tuple[str, ...], compare: Callable[[object, object], bool], number: int) -> Atom:
    """Compare how many of the codes were chosen; unsure, or a blank, stands for any more of them."""
    wanted = frozenset(codes)

    def atom(value: Value | None) -> int:
        chosen = _chosen(value)
        least = len(wanted & chosen) if chosen else 0
        most = len(wanted) if chosen is None or UNSURE in chosen else least
        held = {compare(count, number) for count in range(least, most + 1)}
        return OPEN if len(held) > 1 else truth_of(held == {True})

    return atom
