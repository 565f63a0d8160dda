"""Reads rules.toml for the second evaluator: a condition becomes nested tuples.

``("and", a, b)``, ``("or", a, b)``, ``("not", a)``, ``("say", name, operator, literals)``,
``("count", name, codes, operator, number)``, ``("blank" | "answered", name)``, ``("met", rule)``,
``("unsure" | "blank_flags", names, operator, number)``, ``("limbs", quantity, kind, body or None)``,
``("family", quantity, stem, body)``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Sentence = tuple[Any, ...]

_PIECES = re.compile(r"\s*([<>!]=|[<>=(){},]|[^\s<>=!(){},]+)")
_SIGNS = {"=", "!=", "<", "<=", ">", ">="}
_KIND = {"limb": "limb", "arm": "arm", "arms": "arm", "leg": "leg", "legs": "leg"}


@dataclass(frozen=True)
class Line:
    """One rule as it stands in the file, with its condition read."""

    name: str
    of_limb: bool
    when: Sentence
    row: dict[str, Any] = field(hash=False, compare=False)

    @property
    def floor(self) -> str | None:
        found: str | None = self.row.get("urgency")
        return found


@dataclass(frozen=True)
class Book:
    """All rules of a file."""

    lines: tuple[Line, ...]
    choices: dict[str, dict[str, str]]


def read_book(path: Path) -> Book:
    return book_of(tomllib.loads(path.read_text(encoding="utf-8")))


def book_of(table: dict[str, Any]) -> Book:
    short: dict[str, Sentence] = {}
    for name, text in table.get("define", {}).items():
        short[name] = read_sentence(text, short)
    lines = tuple(
        Line(row["id"], row["scope"] == "limb", read_sentence(row["when"], short), row)
        for row in table["rule"]
    )
    return Book(lines, table.get("choice", {}))


def read_sentence(text: str, short: dict[str, Sentence]) -> Sentence:
    pieces = _PIECES.findall(text)
    if "".join(pieces) != "".join(text.split()):
        raise ValueError(f"cannot read {text!r}")
    reading = _Reading(pieces, short)
    found = reading.either()
    if reading.left:
        raise ValueError(f"cannot read on from {reading.left[-1]!r} in {text!r}")
    return found


class _Reading:
    """The pieces that are left, the next one last."""

    def __init__(self, pieces: list[str], short: dict[str, Sentence]) -> None:
        self.left = pieces[::-1]
        self.short = short

    def next_is(self, *pieces: str) -> bool:
        return bool(self.left) and self.left[-1] in pieces

    def pull(self, *wanted: str) -> str:
        piece = self.left.pop()
        if wanted and piece not in wanted:
            raise ValueError(f"found {piece!r}, expected {wanted}")
        return piece

    def either(self) -> Sentence:
        found = self.both()
        while self.next_is("or"):
            self.pull()
            found = ("or", found, self.both())
        return found

    def both(self) -> Sentence:
        found = self.one()
        while self.next_is("and"):
            self.pull()
            found = ("and", found, self.one())
        return found

    def one(self) -> Sentence:
        piece = self.pull()
        if piece == "not":
            return ("not", self.one())
        if piece == "(":
            found = self.either()
            self.pull(")")
            return found
        if piece in ("any", "every", "both"):
            return self._quantity(piece)
        if self.next_is("("):
            return self._function(piece)
        return self._statement(piece)

    def _quantity(self, quantity: str) -> Sentence:
        what = self.pull()
        if what not in _KIND:
            return ("family", quantity, what, self._in_brackets())
        return ("limbs", quantity, _KIND[what], self._in_brackets() if self.next_is("(") else None)

    def _in_brackets(self) -> Sentence:
        self.pull("(")
        found = self.either()
        self.pull(")")
        return found

    def _function(self, name: str) -> Sentence:
        self.pull("(")
        if name == "count":
            item = self.pull()
            self.pull("in")
            codes = self._codes()
            self.pull(")")
            return ("count", item, codes, *self._compared())
        names = [self.pull()]
        while self.pull(",", ")") == ",":
            names.append(self.pull())
        if name in ("unsure", "blank_flags"):
            return (name, tuple(names), *(self._compared() if self.next_is(*_SIGNS) else (">=", 1)))
        if name in ("met", "blank", "answered"):
            return (name, names[0])
        raise ValueError(f"found the unknown function {name}")

    def _compared(self) -> tuple[str, int]:
        return self.pull(*_SIGNS), int(self.pull())

    def _codes(self) -> tuple[str, ...]:
        self.pull("{")
        codes = [self.pull()]
        while self.pull(",", "}") == ",":
            codes.append(self.pull())
        return tuple(codes)

    def _statement(self, name: str) -> Sentence:
        if self.next_is(*_SIGNS):
            return ("say", name, self.pull(), (self.pull(),))
        if self.next_is("has"):
            self.pull()
            return ("say", name, "in", (self.pull(),))
        if self.next_is("in"):
            self.pull()
            return ("say", name, "in", self._codes())
        if self.next_is("not") and self.left[-2:-1] == ["in"]:
            self.pull(), self.pull()
            return ("not", ("say", name, "in", self._codes()))
        return self.short.get(name, ("say", name, "yes", ()))


def parts(sentence: Sentence) -> list[Sentence]:
    """The sentences inside a sentence."""
    inner = {"and": (1, 2), "or": (1, 2), "not": (1,), "limbs": (3,), "family": (3,)}
    return [sentence[place] for place in inner.get(sentence[0], ()) if sentence[place]]


def names_in(sentence: Sentence) -> set[str]:
    """The names that a sentence reads; of a family as ``t.*`` and ``t.*.reason``."""
    found = {sentence[1]} if sentence[0] in ("say", "count", "blank", "answered") else set()
    found = found.union(*(names_in(part) for part in parts(sentence)))
    if sentence[0] == "family":
        return {sentence[2] + name[2:] if name.split(".")[0] == "it" else name for name in found}
    return found


def rules_asked(sentence: Sentence) -> set[str]:
    found = {sentence[1]} if sentence[0] == "met" else set()
    return found.union(*(rules_asked(part) for part in parts(sentence)))


def counts_unsure(sentence: Sentence) -> bool:
    return sentence[0] == "unsure" or any(counts_unsure(part) for part in parts(sentence))


def renamed(sentence: Sentence, old: str, new: str) -> Sentence:
    """The sentence with a name replaced in its statements."""
    if sentence[0] == "say" and sentence[1] == old:
        return ("say", new, *sentence[2:])
    inner = parts(sentence)
    return tuple(renamed(part, old, new) if any(part is p for p in inner) else part for part in sentence)
