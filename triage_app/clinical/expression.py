"""Reads the text of a rule's condition into its parts; the grammar is explained in README.md beside this."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

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
from triage_app.errors import ContentError

_TOKEN = re.compile(r"<=|>=|!=|[=<>(){},]|[A-Za-z0-9_](?:[A-Za-z0-9_.*-]*[A-Za-z0-9_*])?")
_WORD = re.compile(r"[A-Za-z0-9_]")
_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_RESERVED = {"and", "or", "not", "in", "has"}
_LIMBS = {"limb": "limb", "arm": "arm", "leg": "leg", "arms": "arm", "legs": "leg"}
_END = "the end"


@dataclass(frozen=True)
class _Token:
    text: str
    position: int


def parse(text: str, *, where: str, definitions: Mapping[str, Expression] | None = None) -> Expression:
    """Return the parts of ``text``; a name in ``definitions`` stands for its expression.

    Raise ContentError with ``where``, the position (from 1), what was found and what was expected.
    """
    return _Parser(text, where, definitions or {}).whole()


class _Parser:
    """Recursive descent: one method a line of the grammar."""

    def __init__(self, text: str, where: str, definitions: Mapping[str, Expression]) -> None:
        self._where = where
        self._definitions = definitions
        self._tokens = self._split(text)
        self._next = 0

    def _split(self, text: str) -> list[_Token]:
        tokens, position = [], 0
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            found = _TOKEN.match(text, position)
            if found is None:
                raise self._error(_Token(text[position], position + 1), "a name, a number or an operator")
            tokens.append(_Token(found.group(), position + 1))
            position = found.end()
        return [*tokens, _Token(_END, len(text) + 1)]

    def _error(self, found: _Token, expected: str) -> ContentError:
        return ContentError(
            f"{self._where}, position {found.position}: found {found.text!r}, expected {expected}"
        )

    def _peek(self) -> str:
        return self._tokens[self._next].text

    def _take(self, *wanted: str) -> str:
        token = self._tokens[self._next]
        if wanted and token.text not in wanted:
            raise self._error(token, " or ".join(repr(text) for text in wanted))
        self._next += 1
        return token.text

    def _takes(self, text: str) -> bool:
        if self._peek() != text:
            return False
        self._next += 1
        return True

    def _word(self, expected: str) -> str:
        token = self._tokens[self._next]
        if token.text == _END or token.text in _RESERVED or not _WORD.match(token.text):
            raise self._error(token, expected)
        self._next += 1
        return token.text

    def whole(self) -> Expression:
        expression = self._alternatives()
        self._take(_END)
        return expression

    def _alternatives(self) -> Expression:
        parts = [self._conjunction()]
        while self._takes("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _conjunction(self) -> Expression:
        parts = [self._negation()]
        while self._takes("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _negation(self) -> Expression:
        return Not(self._negation()) if self._takes("not") else self._primary()

    def _primary(self) -> Expression:
        if self._peek() == "(":
            return self._bracketed()
        word = self._word("a name, 'not' or '('")
        if word in tuple(Quantity):
            return self._quantified(Quantity(word))
        if self._peek() == "(":
            return self._call(word)
        return self._statement(word)

    def _bracketed(self) -> Expression:
        self._take("(")
        expression = self._alternatives()
        self._take(")")
        return expression

    def _quantified(self, quantity: Quantity) -> Expression:
        token = self._tokens[self._next]
        word = self._word("limb, arm, leg or a family such as t.*")
        if word in _LIMBS:
            if quantity is Quantity.BOTH and _LIMBS[word] == "limb":
                raise self._error(token, "'arms' or 'legs'")
            return Limbs(quantity, _LIMBS[word], self._bracketed() if self._peek() == "(" else None)
        if not word.endswith(".*") or quantity is Quantity.BOTH:
            raise self._error(token, "limb, arm, leg or a family such as t.*")
        return Members(quantity, word, self._bracketed())

    def _call(self, function: str) -> Expression:
        token = self._tokens[self._next - 1]
        self._take("(")
        if function == "count":
            return self._count()
        arguments = self._list(")")
        if function in ("unsure", "blank_flags"):
            return Flags(function, arguments, *self._threshold())
        if len(arguments) != 1:
            raise self._error(token, f"one name inside {function}(…)")
        match function:
            case "met":
                return Met(arguments[0])
            case "blank" | "answered":
                return Given(arguments[0], blank=function == "blank")
        raise self._error(token, "count, blank, answered, met, unsure or blank_flags before '('")

    def _count(self) -> Expression:
        name = self._word("a name")
        self._take("in")
        codes = self._codes()
        self._take(")")
        operator = self._take(*_OPERATORS)
        return Count(name, codes, operator, self._number())

    def _threshold(self) -> tuple[str, int]:
        if self._peek() not in _OPERATORS:
            return ">=", 1
        return self._take(*_OPERATORS), self._number()

    def _number(self) -> int:
        token = self._tokens[self._next]
        if not token.text.isdigit():
            raise self._error(token, "a whole number")
        return int(self._take())

    def _codes(self) -> tuple[str, ...]:
        self._take("{")
        return self._list("}")

    def _list(self, closing: str) -> tuple[str, ...]:
        words = [self._word("a name or a code")]
        while self._takes(","):
            words.append(self._word("a name or a code"))
        self._take(closing)
        return tuple(words)

    def _statement(self, name: str) -> Expression:
        if self._peek() in _OPERATORS:
            return Compare(name, self._take(), self._word("a code or a number"))
        if self._takes("has"):
            return OneOf(name, (self._word("a code"),))
        if self._takes("in"):
            return OneOf(name, self._codes())
        if self._takes("not"):
            self._take("in")
            return Not(OneOf(name, self._codes()))
        return self._definitions.get(name, Name(name))


def bind(expression: Expression, member: str) -> Expression:
    """Return the expression with ``it`` standing for ``member`` and ``it.reason`` for its ``.reason``."""

    def bound(part: Expression) -> Expression:
        return bind(part, member)

    match expression:
        case And(parts) | Or(parts):
            return type(expression)(tuple(bound(part) for part in parts))
        case Not(part):
            return Not(bound(part))
        case Name(name) | Compare(name=name) | OneOf(name=name) | Count(name=name) | Given(name=name):
            if name == "it" or name.startswith("it."):
                return replace(expression, name=member + name[2:])
    return expression
