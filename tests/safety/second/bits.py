"""Works out sentences for many people at once, one bit a person."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

from safety.second.judge import SIGNS, Verdict, how_many, statement
from safety.second.meaning import BLANK, UNSURE, Place, Somebody
from safety.second.sentences import Book, Line, Sentence, names_in
from safety.second.words import Words

LADDER = ("SELF_CARE", "ROUTINE", "SOON", "URGENT_2W", "SAME_DAY", "EMERGENCY")
GRADES = ("none", "mild", "moderate", "severe")

Bits = int
Triple = tuple[Bits, Bits, Bits]
"""Who meets it firmly, who meets it at all, who may meet it."""
NOBODY: Triple = (0, 0, 0)


def members(bits: Bits) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def at_least(sets: Iterable[Bits], number: int) -> Bits:
    """Who is in at least so many of the sets."""
    reached = [0] * (number + 1)
    reached[0] = -1
    for bits in sets:
        for count in range(number, 0, -1):
            reached[count] |= reached[count - 1] & bits
    return reached[number]


class Many:
    """People side by side. Behind them stand their twins: the same person, one unsure flag answered yes."""

    def __init__(
        self, book: Book, words: Words, people: Sequence[tuple[dict[str, Any], tuple[Place, ...]]]
    ) -> None:
        self.book = book
        self.words = words
        self.lines = {line.name: line for line in book.lines}
        self.count = len(people)
        self._details = {flag.name: words.details(flag.name) for flag in words.flags}
        self.people = [Somebody(words, self._details, said, limbs) for said, limbs in people]
        self.twins: dict[str, dict[int, int]] = defaultdict(dict)  # flag -> twin's bit -> the person's bit
        self._copies = [1 << number for number in range(self.count)]  # each person with the twins
        self._touched: dict[str, list[int]] = defaultdict(list)  # linkId -> twins who may mean something else
        self._add_twins()
        self.everybody: Bits = (1 << len(self.people)) - 1
        self.originals: Bits = (1 << self.count) - 1
        self.slots = range(1, 1 + max((len(who.limbs) for who in self.people), default=0))
        self._columns: dict[tuple[int, str], dict[Any, Bits]] = {}
        self._facts: dict[
            Any, Any
        ] = {}  # what no rule can change; shared with the same people under other rules
        self._worked: dict[Any, Any] = {}
        self.exists = {
            slot: self._where("", lambda who, s=slot: len(who.limbs) >= s) for slot in (0, *self.slots)
        }

    def under(self, book: Book, only: Iterable[int] | None = None) -> Self:
        """The same people (or only some of them) under other rules; what no rule can change is kept."""
        other = copy.copy(self)
        other.book = book
        other.lines = {line.name: line for line in book.lines}
        other._worked = {}
        if only is not None:
            wanted = sum(self._copies[number] for number in only)
            other.exists = {slot: bits & wanted for slot, bits in self.exists.items()}
        return other

    def touched_by(self, other: Many) -> list[int]:
        """Who meets a rule otherwise under the other's book, or meets one that does something else there."""
        found = 0
        for line in other.book.lines:
            before = self.lines[line.name]
            if (line.when, line.row) == (before.when, before.row):
                continue
            effect = {**line.row, "when": ""} != {**before.row, "when": ""}
            for slot in self.slots if line.of_limb else (0,):
                one, two = self.rule(before, slot), other.rule(line, slot)
                found |= (one[0] ^ two[0]) | (one[1] ^ two[1]) | (one[2] ^ two[2])
                found |= one[1] | one[2] if effect else 0
        return [number for number in range(self.count) if found & self._copies[number]]

    def _add_twins(self) -> None:
        touches = {flag.name: self._touched_by(flag.name) for flag in self.words.flags}
        for number, who in enumerate(list(self.people)):
            for flag in self.words.flags:
                if who.means(0, flag.name) == UNSURE:
                    self._add_twin(number, flag.name, touches[flag.name])

    def _add_twin(self, number: int, flag: str, touches: set[str]) -> None:
        who, twin = self.people[number], len(self.people)
        self.people.append(Somebody(self.words, self._details, {**who.said, flag: "yes"}, who.limbs))
        self.twins[flag][twin] = number
        self._copies[number] |= 1 << twin
        for name in touches:
            self._touched[name].append(twin)

    def _touched_by(self, flag: str) -> set[str]:
        """What may mean something else when the flag is answered otherwise."""
        found: set[str] = set()
        new = {flag}
        while new:
            found |= new
            new = {w.name for w in self.words.items.values() if found & {*w.parents, *w.gates}} - found
        return found

    def _gather_by(self, name: str, what: Callable[[Somebody], Any]) -> dict[Any, Bits]:
        """Who gives which answer to what is asked about the item; twins as their person, unless touched."""
        found: dict[Any, Bits] = defaultdict(int)
        for number, who in enumerate(self.people[: self.count]):
            found[what(who)] |= self._copies[number]
        for twin in self._touched.get(name, ()):
            for value in found:
                found[value] &= ~(1 << twin)
            found[what(self.people[twin])] |= 1 << twin
        return found

    def _where(self, name: str, holds: Callable[[Somebody], bool]) -> Bits:
        return self._gather_by(name, holds).get(True, 0)

    def fact(self, key: Any, work: Callable[[], Any]) -> Any:
        if key not in self._facts:
            self._facts[key] = work()
        return self._facts[key]

    def once(self, key: Any, work: Callable[[], Any]) -> Any:
        if key not in self._worked:
            self._worked[key] = work()
        return self._worked[key]

    # ---- what people answered

    def column(self, slot: int, name: str) -> dict[Any, Bits]:
        """Who means what, by value."""
        place = slot if self.words.items[name].of_limb else 0
        if (place, name) not in self._columns:
            found = self._gather_by(
                name, lambda who: who.means(place, name) if place <= len(who.limbs) else NOBODY
            )
            found.pop(NOBODY, None)
            self._columns[place, name] = found
        return self._columns[place, name]

    def in_play(self, slot: int, name: str) -> Bits:
        place = slot if self.words.items[name].of_limb else 0
        return self.fact(
            ("in play", place, name),
            lambda: self._where(
                name, lambda who: place <= len(who.limbs) and who.perhaps_in_play(place, name)
            ),
        )

    def unanswered(self, slot: int, name: str) -> Bits:
        word = self.words.items[name]
        place = slot if word.of_limb else 0
        return self.fact(
            ("raw", place, name),
            lambda: self._where(name, lambda who: place <= len(who.limbs) and who.raw(place, word) is None),
        )

    def flag_is(self, flag: str, value: Any) -> Bits:
        return self.column(0, flag).get(value, 0)

    # ---- sentences

    def hold(self, sentence: Sentence, slot: int, it: str = "") -> Triple:
        key = ("hold", sentence, slot, it)
        if key not in self._worked:
            self._worked[key] = getattr(self, f"_{sentence[0]}")(sentence, slot, it)
        found: Triple = self._worked[key]
        return found

    def _and(self, sentence: Sentence, slot: int, it: str) -> Triple:
        a, b = self.hold(sentence[1], slot, it), self.hold(sentence[2], slot, it)
        return a[0] & b[0], a[1] & b[1], a[2] & b[2]

    def _or(self, sentence: Sentence, slot: int, it: str) -> Triple:
        a, b = self.hold(sentence[1], slot, it), self.hold(sentence[2], slot, it)
        return a[0] | b[0], a[1] | b[1], a[2] | b[2]

    def _not(self, sentence: Sentence, slot: int, it: str) -> Triple:
        _, met, perhaps = self.hold(sentence[1], slot, it)
        return ~perhaps & self.everybody, ~perhaps & self.everybody, ~met & self.everybody

    def _named(self, name: str, it: str) -> str:
        return it + name[2:] if it and name.split(".")[0] == "it" else name

    def _say(self, sentence: Sentence, slot: int, it: str) -> Triple:
        _, name, sign, wanted = sentence
        name = self._named(name, it)
        if name not in self.words.items:
            return self.follow(name, sign, wanted, slot)
        word = self.words.items[name]
        found: Triple = self.fact(
            ("said", slot if word.of_limb else 0, name, sign, wanted),
            lambda: self._gather(slot, name, lambda value: statement(word, value, sign, wanted)),
        )
        return found

    def _count(self, sentence: Sentence, slot: int, it: str) -> Triple:
        _, name, codes, sign, number = sentence
        return self._gather(slot, self._named(name, it), lambda value: how_many(value, codes, sign, number))

    def _gather(self, slot: int, name: str, judge: Callable[[Any], Verdict]) -> Triple:
        firm = met = perhaps = 0
        for value, bits in self.column(slot, name).items():
            verdict = judge(value)
            firm |= bits * verdict[0]
            met |= bits * verdict[1]
            perhaps |= bits * verdict[2]
        return firm, met, perhaps

    def _blank(self, sentence: Sentence, slot: int, it: str) -> Triple:
        name = self._named(sentence[1], it)
        bits = self.in_play(slot, name) & self.unanswered(slot, name)
        return bits, bits, bits

    def _answered(self, sentence: Sentence, slot: int, it: str) -> Triple:
        name = self._named(sentence[1], it)
        bits = self.in_play(slot, name) & ~self.unanswered(slot, name)
        return bits, bits, bits

    def _met(self, sentence: Sentence, slot: int, it: str) -> Triple:
        line = self.lines[sentence[1]]
        firm, met, _ = self.rule(line, slot if line.of_limb else 0)
        return firm, met, met

    def _limbs(self, sentence: Sentence, slot: int, it: str) -> Triple:
        _, quantity, kind, body = sentence
        sides: dict[str, list[tuple[Bits, Triple]]] = {"": [], "left": [], "right": []}
        for place in self.slots:
            there = self.exists[place] if kind == "limb" else self.column(place, "limb.kind").get(kind, 0)
            held = self.hold(body, place) if body else (self.everybody,) * 3
            sides[""].append((there, held))
            for side in ("left", "right"):
                sides[side].append((there & self.column(place, "side").get(side, 0), held))
        if quantity == "both":
            left, right = _any(sides["left"]), _any(sides["right"])
            return left[0] & right[0], left[1] & right[1], left[2] & right[2]
        return _any(sides[""]) if quantity == "any" else _every(sides[""])

    def _family(self, sentence: Sentence, slot: int, it: str) -> Triple:
        _, quantity, stem, body = sentence
        found = []
        for member in self.words.family(stem):
            asked = self._of_fitting_kind(slot, member)
            if quantity == "every":
                asked &= self.in_play(slot, member)
            found.append((asked, self.hold(body, slot, member)))
        return _any(found) if quantity == "any" else _all(found, self.everybody)

    def _of_fitting_kind(self, slot: int, member: str) -> Bits:
        word = self.words.items[member]
        if not word.of_limb:
            return self.everybody
        kinds = self.column(slot, "limb.kind")
        return sum(kinds.get(kind, 0) for kind in word.kinds)

    def _unsure(self, sentence: Sentence, slot: int, it: str) -> Triple:
        raise AssertionError("is worked out level by level")

    def _blank_flags(self, sentence: Sentence, slot: int, it: str) -> Triple:
        _, names, sign, number = sentence
        assert sign == ">="
        bits = (
            at_least((self.flag_is(flag, BLANK) for flag in self.chosen_flags(names)), number)
            & self.everybody
        )
        return bits, bits, bits

    def chosen_flags(self, names: tuple[str, ...]) -> list[str]:
        return [flag.name for flag in self.words.flags if flag.name in names or flag.flag in names]

    # ---- given by the classes that build on this one

    def rule(self, line: Line, slot: int) -> Triple:
        raise NotImplementedError

    def follow(self, name: str, sign: str, wanted: tuple[str, ...], slot: int) -> Triple:
        raise NotImplementedError

    def reads(self, line: Line) -> set[str]:
        """The items that a rule names, families spelled out."""
        found: set[str] = set()
        for name in names_in(line.when):
            stem, star, rest = name.partition(".*")
            found |= {member + rest for member in self.words.family(f"{stem}.*")} if star else {name}
        return found & self.words.items.keys()


def _any(found: list[tuple[Bits, Triple]]) -> Triple:
    firm = met = perhaps = 0
    for there, held in found:
        firm, met, perhaps = firm | there & held[0], met | there & held[1], perhaps | there & held[2]
    return firm, met, perhaps


def _all(found: list[tuple[Bits, Triple]], everybody: Bits) -> Triple:
    """Who meets it in each place where they are."""
    firm = met = perhaps = everybody
    for there, held in found:
        firm, met, perhaps = firm & (held[0] | ~there), met & (held[1] | ~there), perhaps & (held[2] | ~there)
    return firm, met, perhaps


def _every(found: list[tuple[Bits, Triple]]) -> Triple:
    """Who meets it in each place where they are, and is anywhere."""
    somebody = 0
    for there, _ in found:
        somebody |= there
    return _all(found, somebody)


__all__ = ["GRADES", "LADDER", "NOBODY", "SIGNS", "Bits", "Many", "Triple", "at_least", "members"]
