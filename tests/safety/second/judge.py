"""Holds one meaning against one statement: (firmly, at all, perhaps)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from safety.second.meaning import BLANK, NOT_ASKED, UNSURE
from safety.second.words import Word

Verdict = tuple[bool, bool, bool]
YES: Verdict = (True, True, True)
SOFTLY: Verdict = (False, True, True)
PERHAPS: Verdict = (False, False, True)
NO: Verdict = (False, False, False)

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def verdict(holds: bool) -> Verdict:
    return YES if holds else NO


def statement(word: Word, value: Any, sign: str, wanted: tuple[str, ...]) -> Verdict:
    if sign == "yes":
        sign, wanted = "=", ("yes",)
    if word.number:
        return _number(value, sign, Decimal(wanted[0]))
    if word.type == "multi":
        return _several(value, sign, set(wanted))
    return _one(word, value, sign, wanted)


def _number(value: Any, sign: str, wanted: Decimal) -> Verdict:
    if value == NOT_ASKED:
        return NO
    return verdict(SIGNS[sign](value, wanted)) if isinstance(value, Decimal) else PERHAPS


def _several(value: Any, sign: str, wanted: set[str]) -> Verdict:
    if value is BLANK:
        return PERHAPS
    chosen = {value} if isinstance(value, str) else set(value)
    if chosen & wanted:
        return verdict(sign != "!=")
    return PERHAPS if UNSURE in chosen else verdict(sign == "!=")


def _one(word: Word, value: Any, sign: str, wanted: tuple[str, ...]) -> Verdict:
    if value == NOT_ASKED:
        return verdict(sign == "!=")
    if value is BLANK:
        return PERHAPS
    if value == UNSURE and UNSURE not in wanted:
        if word.flag or word.unsure_open:
            return PERHAPS
        return SOFTLY if _holds(word, word.after_unsure, sign, wanted) else NO
    return verdict(_holds(word, value, sign, wanted))


def _holds(word: Word, code: str, sign: str, wanted: tuple[str, ...]) -> bool:
    if sign == "in":
        return code in wanted
    return SIGNS[sign](word.options.index(code), word.options.index(wanted[0]))


def how_many(value: Any, codes: tuple[str, ...], sign: str, number: int) -> Verdict:
    """Holds the count of chosen codes against a number; a "not sure" stands for any more of them."""
    chosen = set() if value is BLANK else {value} if isinstance(value, str) else set(value)
    least = len(chosen & set(codes))
    most = len(codes) if value is BLANK or UNSURE in chosen else least
    holds = [SIGNS[sign](count, number) for count in range(least, most + 1)]
    return YES if all(holds) else PERHAPS if any(holds) else NO
