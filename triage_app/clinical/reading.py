"""Reads what was typed or ticked as the answer to one question, and says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from triage_app.clinical.answers import Value
from triage_app.clinical.questionnaire import Question
from triage_app.errors import InvalidAnswer

LONGEST_TEXT = 4000  # characters, where the form names no maxLength
_LONGEST_NUMBER = 15  # characters
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def read_answer(question: Question, raw: Sequence[str]) -> Value | None:
    """Return the Value of what was typed or ticked; None where nothing was.

    Raise InvalidAnswer, which says what was found and what was expected.
    """
    found = [text.strip() for text in raw if text.strip()]
    if not found:
        return None
    value: Value
    if question.repeats:
        value = tuple(o.code for o in question.options if o.code in found)
        value += tuple(code for code in dict.fromkeys(found) if code not in value)
    elif len(set(found)) > 1:
        raise InvalidAnswer(question.link_id, f"found {len(found)} answers, expected one")
    elif question.kind in ("integer", "decimal"):
        value = _number(question, found[0])
    else:
        value = found[0]
    reason = wrong_value(question, value)
    if reason:
        raise InvalidAnswer(question.link_id, reason)
    return value


def wrong_value(question: Question, value: Value) -> str:
    """Return what is wrong with the value, or an empty text."""
    if question.kind == "choice":
        return _wrong_codes(question, value)
    if question.kind in ("integer", "decimal"):
        return _wrong_number(question, value)
    return _wrong_text(question, value)


def _wrong_codes(question: Question, value: Value) -> str:
    if question.repeats != isinstance(value, tuple) or isinstance(value, Decimal):
        return f"found {_shown(value)}, expected {'codes' if question.repeats else 'one code'}"
    codes = value if isinstance(value, tuple) else (value,)
    known = {option.code: option for option in question.options}
    for code in codes:
        if code not in known:
            return f"found {_shown(code)}, expected one of {', '.join(known)}"
    alone = [code for code in codes if known[code].exclusive]
    if alone and len(codes) > 1:
        return f"found {alone[0]} with other answers, expected it alone"
    if not codes or len(set(codes)) < len(codes):
        return f"found {_shown(value)}, expected each code once"
    return ""


def _wrong_number(question: Question, value: Value) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        return f"found {_shown(value)}, expected a number"
    if question.kind == "integer" and value != value.to_integral_value():
        return f"found {value}, expected a whole number"
    low, high = question.minimum, question.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"found {value}, expected {_range(low, high)}"
    return ""


def _range(low: Decimal | None, high: Decimal | None) -> str:
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"a number from {low} to {high}"


def _wrong_text(question: Question, value: Value) -> str:
    if not isinstance(value, str):
        return f"found {_shown(value)}, expected text"
    longest = question.max_length or LONGEST_TEXT
    if len(value) > longest:
        return f"found {len(value)} characters, expected at most {longest}"
    if _CONTROL.search(value) or (question.kind == "string" and "\n" in value):
        return "found a control character, expected plain text"
    return ""


def _number(question: Question, text: str) -> Decimal:
    whole = question.kind == "integer"
    expected = "a whole number such as 3" if whole else "a number such as 1.5"
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        expected += ", written with a point and without a comma"
    pattern = _INTEGER if whole else _DECIMAL
    if len(text) > _LONGEST_NUMBER or not pattern.fullmatch(text):
        raise InvalidAnswer(question.link_id, f"found {_shown(text)}, expected {expected}")
    return Decimal(text)


def _shown(value: Value) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return f"“{text[:40]}”"
