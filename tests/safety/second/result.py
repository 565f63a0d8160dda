"""Tells what comes out for each person, to be held against the product's own result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from safety.second.bits import LADDER, members
from safety.second.follow import Following
from safety.second.meaning import UNSURE, Place
from safety.second.sentences import Book, Line
from safety.second.words import Words

Person = tuple[dict[str, Any], tuple[Place, ...]]


@dataclass(frozen=True)
class Result:
    """What the rules conclude, in plain words."""

    urgency: str
    mode: str | None
    due_days: int | None
    determined: bool
    severity: str
    limbs: dict[str, tuple[str, bool]]  # limb -> grade, motor mark
    routes: tuple[str, ...]
    flags: dict[str, str]  # flag -> raised, past, unsure
    asks_again: frozenset[str]
    met: frozenset[tuple[str, str]]  # rule, limb or ""


def results(book: Book, words: Words, people: Sequence[Person]) -> list[Result]:
    """Work all of them out together."""
    return results_of(Following(book, words, people), range(len(people)))


def results_of(many: Following, numbers: Iterable[int]) -> list[Result]:
    """Tell what comes out for these of the people."""
    telling = _Telling(many)
    return [telling.result(number) for number in numbers]


def person_of(answers: Any) -> Person:
    """Turn the product's Answers into plain dictionaries."""
    limbs = sorted(answers.limbs, key=lambda limb: (limb.code, str(sorted(limb.answers.items()))))
    return dict(answers.person), tuple(Place(str(x.kind), str(x.side), dict(x.answers)) for x in limbs)


class _Telling:
    """Turns columns back into persons."""

    def __init__(self, many: Following) -> None:
        self.many = many
        self.met: list[list[tuple[Line, int]]] = [[] for _ in range(many.count)]
        for line in many.book.lines:
            for slot in many.places(line):
                for number in members(many.rule(line, slot)[1] & many.originals):
                    self.met[number].append((line, slot))

    def result(self, number: int) -> Result:
        many, met, bit = self.many, self.met[number], 1 << number
        floors = [(self._floor(line, slot, bit), line) for line, slot in met]
        given = [(LADDER.index(floor), line, floor == line.floor) for floor, line in floors if floor]
        top = max((level for level, _, _ in given), default=1)
        deciding = [(line, full) for level, line, full in given if level == top]
        modes = {line.row.get("mode") for line, _ in deciding} if top == 5 else {None}
        return Result(
            urgency=LADDER[top],
            mode="call" if "call" in modes else modes.pop(),
            due_days=min(
                (line.row["due_days"] for line, full in deciding if full and "due_days" in line.row),
                default=None,
            ),
            determined=not any(line.row.get("undetermined") for line, _ in met),
            severity=self._grade(0, bit),
            limbs=self._limbs(number, bit),
            routes=self._routes(number, met, top),
            flags=self._flags(met, bit),
            asks_again=frozenset(link for line, _ in met for link in line.row.get("asks_again", ())),
            met=frozenset(
                (line.name, many.people[number].limbs[slot - 1].code if slot else "") for line, slot in met
            ),
        )

    def _floor(self, line: Line, slot: int, bit: int) -> str | None:
        return next((level for level, bits in self.many.floors(line, slot).items() if bits & bit), None)

    def _grade(self, slot: int, bit: int) -> str:
        return next(grade for grade, bits in self.many.grade(slot).items() if bits & bit)

    def _limbs(self, number: int, bit: int) -> dict[str, tuple[str, bool]]:
        found: dict[str, tuple[str, bool]] = {}
        order = ("unknown", "none", "mild", "moderate", "severe")
        for slot, limb in enumerate(self.many.people[number].limbs, start=1):
            here = (self._grade(slot, bit), bool(self.many.motor(slot) & bit))
            known = found.get(limb.code, here)
            found[limb.code] = max(known, here, key=lambda pair: (order.index(pair[0]), pair[1]))
        return found

    def _routes(self, number: int, met: list[tuple[Line, int]], top: int) -> tuple[str, ...]:
        if top == 0:
            return ()
        soonest: dict[str, int] = {}
        for line, slot in met:
            floor = self._floor(line, slot, 1 << number)
            if floor == line.floor:
                level = LADDER.index(floor) if floor else 0
                for code in self._codes(number, line, slot):
                    soonest[code] = max(level, soonest.get(code, 0))
        shut = {code for line, _ in met for code in line.row.get("suppresses", ())}
        for line in self.many.book.lines:
            if "blocks" in line.row and any(
                self.many.rule(line, s)[2] >> number & 1 for s in self.many.places(line)
            ):
                shut |= set(line.row["blocks"])
        order = self.many.words.routes.index
        return tuple(sorted(soonest.keys() - shut, key=lambda code: (-soonest[code], order(code))))

    def _codes(self, number: int, line: Line, slot: int) -> Iterable[str]:
        for code in line.row.get("routes", ()):
            choice = self.many.book.choices.get(code)
            if choice is None:
                yield code
                continue
            for kind in self.many.leading_kinds(number, slot) or {"else"}:
                yield choice.get(kind, choice["else"])

    def _flags(self, met: list[tuple[Line, int]], bit: int) -> dict[str, str]:
        many = self.many
        found = {}
        for flag in many.words.flags:
            if many.flag_is(flag.name, "yes") & bit:
                found[flag.name] = "past" if many.past(flag.name) & bit else "raised"
            elif many.flag_is(flag.name, UNSURE) & bit:
                found[flag.name] = "unsure"
        return found | {flag: "raised" for line, _ in met for flag in line.row.get("raises", ())}


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    return str(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else value
