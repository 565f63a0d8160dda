"""Says what each answer of one person means, a blank and a "not sure" among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from safety.second.words import Word, Words

BLANK = None
UNSURE = "unsure"
NOT_ASKED: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A limb of somebody: which one, and what was answered about it."""

    kind: str
    side: str
    said: Mapping[str, Any]

    @property
    def code(self) -> str:
        return f"{self.kind}-{self.side}"


@dataclass
class Somebody:
    """One person's answers, and what they come to mean."""

    words: Words
    details: Mapping[str, list[str]]
    said: Mapping[str, Any]
    limbs: tuple[Place, ...]
    known: dict[tuple[int, str], Any] = field(default_factory=dict)

    def raw(self, place: int, word: Word) -> Any:
        if not word.of_limb:
            return self.said.get(word.name)
        limb = self.limbs[place - 1]
        if word.name in ("limb.kind", "side"):
            return limb.kind if word.name == "limb.kind" else limb.side
        return limb.said.get(word.name)

    def means(self, place: int, name: str) -> Any:
        """The answer as rules read it: BLANK, UNSURE, NOT_ASKED, or what was said."""
        word = self.words.items[name]
        key = (place if word.of_limb else 0, name)
        if key not in self.known:
            self.known[key] = self._means(key[0], word)
        return self.known[key]

    def _means(self, place: int, word: Word) -> Any:
        said = self.raw(place, word)
        if not self.fits(place, word):
            return NOT_ASKED
        trusted = word.never_asked or (said is not None and not word.parents)
        if not trusted:
            if word.flag and any(detail in self.said for detail in self.details[word.name]):
                return "yes"
            asked = self.opened(place, word)
            if asked is True and said is None:
                asked = self.past_gates(place, word) is not False
            if asked is not True:
                return BLANK if asked is None else ("no" if word.flag else NOT_ASKED)
        if said is None or said in (UNSURE, (UNSURE,)):
            if word.at_worst:
                return word.worst
            return BLANK if said is None else UNSURE
        return said

    def fits(self, place: int, word: Word) -> bool:
        return not word.of_limb or self.limbs[place - 1].kind in word.kinds

    def opened(self, place: int, word: Word) -> bool | None:
        """Whether a parent has an answer that opens the detail; None where that is not known."""
        if not word.parents:
            return True
        found: bool | None = False
        for name in word.parents:
            parent = self.words.items[name]
            value = self.means(place, name) if self.fits(place, parent) else NOT_ASKED
            if value is BLANK:
                found = None
            elif set(value if isinstance(value, tuple) else (value,)) & set(word.opened_by):
                return True
        return found

    def past_gates(self, place: int, word: Word) -> bool | None:
        age = self.means(0, "age") if word.age_from is not None else None
        if isinstance(age, Decimal) and word.age_from is not None and age < word.age_from:
            return False
        if not word.gates and not word.gate_kinds:
            return True
        if any(limb.kind in word.gate_kinds for limb in self.limbs):
            return True
        values = [(self.words.items[gate], self.means(place, gate)) for gate in word.gates]
        if any(value not in (BLANK, NOT_ASKED, gate.options[0]) for gate, value in values):
            return True
        return None if any(value is BLANK for _, value in values) else False

    def perhaps_in_play(self, place: int, name: str) -> bool:
        word = self.words.items[name]
        if not self.fits(place, word):
            return False
        return self.opened(place, word) is not False and self.past_gates(place, word) is not False
