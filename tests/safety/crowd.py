"""Makes people to hold the rules against: seeded, and mostly such as make rules decide something."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from functools import cached_property
from typing import Any

from safety.second.sentences import Book, Line, Sentence, names_in, parts
from safety.second.words import Word, Words
from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.terms import LimbKind, Side

AGES = (16, 17, 18, 25, 39, 40, 49, 50, 59, 60, 64, 81)
MANNERS = (
    ("aimed",) * 9 + ("ordinary",) * 4 + ("flags",) * 3 + ("scattered",) * 2 + ("blank", "unsure", "wild")
)
MILD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("hand", {"digits": ("thumb", "index")}),
    ("hand", {"digits": ("index", "middle"), "night": "le2", "relief.shake": "yes"}),
    ("hand", {"digits": ("ring", "little"), "dorsU": "yes"}),
    ("arm", {"digits": ("little",), "dorsU": "yes", "prov.lean_elbow": "yes"}),
    ("hand", {"digits": ("little",), "dorsU": "no", "prov.cycle": "yes"}),
    ("hand", {"dorsR": "yes", "prov.tight_strap": "yes"}),
    ("thigh", {"thigh_out": "yes"}),
    ("foot", {"toeweb": "yes", "relief.shoe_off": "yes"}),
)
"""Regions and answers of people who may care for themselves."""

Spot = tuple[int, str]
"""Where something is answered: 0 for the person, else the number of the limb; and the linkId."""


class Crowd:
    """Makes the same person for the same seed."""

    def __init__(self, words: Words, book: Book) -> None:
        self.words = words
        self.book = book
        self.flags = [flag.name for flag in words.flags]
        self.regions: dict[str, list[str]] = defaultdict(list)
        for region, kind in words.kind_of_region.items():
            self.regions[kind].append(region)

    def person(self, seed: int, aim: Set[str] = frozenset()) -> Answers:
        """``aim``: linkIds that are answered in some odd way, whatever else is."""
        return _Making(self, random.Random(seed), sorted(aim)).answers()

    def read_by(self, line: Line) -> list[str]:
        found: set[str] = set()
        for name in names_in(line.when):
            stem, star, rest = name.partition(".*")
            found |= {member + rest for member in self.words.family(f"{stem}.*")} if star else {name}
        return sorted(found & self.words.items.keys())

    @cached_property
    def reading(self) -> list[tuple[Line, list[str]]]:
        return [(line, read) for line in self.book.lines if (read := self.read_by(line))]

    @cached_property
    def numbers(self) -> dict[str, list[Decimal]]:
        """The numbers that rules name for an item, and their neighbours."""
        found: dict[str, set[Decimal]] = defaultdict(set)
        for line in self.book.lines:
            for name, literal in _compared(line.when):
                if name in self.words.items and self.words.items[name].number:
                    found[name] |= {Decimal(literal) + step for step in (-1, 0, 1)}
        return {name: sorted(n for n in numbers if n >= 0) for name, numbers in found.items()}

    def any_answer(self, dice: random.Random, word: Word) -> Any:
        if word.number:
            return dice.choice(self.numbers.get(word.name) or [Decimal(0), word.high or Decimal(9)])
        if word.type == "text":
            return "something"
        if word.type == "multi":
            return self._several(dice, word)
        return dice.choice([word.options[-1], *word.options])

    def _several(self, dice: random.Random, word: Word) -> tuple[str, ...]:
        codes = [code for code in word.options if code not in ("none", "unsure")]
        alone = dice.random()
        if alone < 0.1:
            return ("unsure",)
        if alone < 0.2 and "none" in word.options:
            return ("none",)
        chosen = dice.sample(codes, dice.randint(1, min(4, len(codes))))
        return tuple(chosen) if alone < 0.95 else (*chosen, "unsure")


class _Making:
    """One person in the making."""

    def __init__(self, crowd: Crowd, dice: random.Random, aim: Sequence[str] = ()) -> None:
        self.crowd = crowd
        self.aim = aim
        self.items = crowd.words.items
        self.dice = dice
        self.said: dict[Spot, Any] = {}
        self.manner = dice.choice(MANNERS)
        self.places = self._places()
        self.leave = dice.choice([0.0, 0.0, 0.0, 0.01, 0.1]) if self.manner != "ordinary" else 0.0
        self.doubt = dice.choice([0.0, 0.0, 0.0, 0.01, 0.05]) if self.manner != "ordinary" else 0.0

    def answers(self) -> Answers:
        if self.dice.random() > 0.05:
            self.said[0, "age"] = Decimal(self.dice.choice(AGES[3:] if self.manner == "ordinary" else AGES))
        getattr(self, f"_{self.manner}")()
        self._hit(self.crowd.book.lines[0], self.aim)
        self._fill()
        person = {name: value for (place, name), value in self.said.items() if not place}
        limbs = []
        for number, (kind, side) in enumerate(self.places, start=1):
            said = {name: value for (place, name), value in self.said.items() if place == number}
            limbs.append(Limb(LimbKind(kind), Side(side), said))
        return Answers(person, tuple(limbs))

    def _places(self) -> list[tuple[str, str]]:
        dice = self.dice
        kind, other = dice.choice([("arm", "leg"), ("arm", "leg"), ("leg", "arm")])
        side, beyond = dice.choice([("left", "right"), ("right", "left")])
        found = dice.choices(
            [
                [],
                [(kind, side)],
                [(kind, side), (kind, beyond)],
                [(kind, side), (other, side)],
                [(kind, side), (kind, beyond), (other, side), (other, beyond)],
                [("trunk", dice.choice(["left", "right", "middle"]))],
                [(kind, side), (kind, side)],
            ],
            weights=[8, 40, 30, 10, 5, 4, 3],
        )
        return found[0]

    # ---- manners

    def _ordinary(self) -> None:
        region, said = self.dice.choice(MILD)
        kind = self.crowd.words.kind_of_region[region]
        self.places = [(kind, side) for _, side in self.places if side != "middle"][:2] or [(kind, "right")]
        for number in range(1, len(self.places) + 1):
            self.said.update({(number, name): value for name, value in said.items()})
            self.said.update({(number, "region"): region, (number, "const"): "intermittent"})
        self.said[0, "dur"] = Decimal(self.dice.choice([1, 2, 3, 9]))
        if self.dice.random() < 0.6:
            self._scatter(self.dice.choice([1, 1, 2, 4]))

    def _aimed(self) -> None:
        for line, read in self.dice.sample(self.crowd.reading, self.dice.choice([1, 1, 2, 3])):
            self._hit(line, read)

    def _hit(self, line: Line, read: Sequence[str]) -> None:
        for name in read if len(read) < 12 else self.dice.sample(read, 8):
            for place in self._where(line, name):
                self._answer(place, name, self.crowd.any_answer(self.dice, self.items[name]))

    def _where(self, line: Line, name: str) -> list[int]:
        if not self.items[name].of_limb:
            return [0]
        fitting = [n for n, (kind, _) in enumerate(self.places, start=1) if kind in self.items[name].kinds]
        return fitting if self.dice.random() < 0.7 else fitting[:1]

    def _flags(self) -> None:
        for flag in self.dice.sample(self.crowd.flags, self.dice.choice([1, 1, 2, 4])):
            self._answer(0, flag, self.dice.choice(["yes", "yes", "unsure"]))
            for detail in self.crowd.words.details(flag):
                if self.dice.random() < 0.8:
                    self._answer(0, detail, self.crowd.any_answer(self.dice, self.items[detail]))

    def _scattered(self) -> None:
        self._scatter(self.dice.choice([3, 6, 12, 40]))

    def _scatter(self, count: int) -> None:
        for name in self.dice.sample(sorted(self.items), count):
            for place in self._where(self.crowd.book.lines[0], name):
                self._answer(place, name, self.crowd.any_answer(self.dice, self.items[name]))

    def _blank(self) -> None:
        self.leave = 0.9

    def _unsure(self) -> None:
        self.doubt = 0.3

    def _wild(self) -> None:
        """Answer details whose flag is a no, flags whose gates are closed, and so on."""
        for name in self.dice.sample(sorted(self.items), 60):
            for place in self._where(self.crowd.book.lines[0], name):
                if name not in ("limb.kind", "side"):
                    self.said[place, name] = self.crowd.any_answer(self.dice, self.items[name])

    def _answer(self, place: int, name: str, value: Any) -> None:
        """Answer, and so that it is asked: open its parents and its gates."""
        if name in ("limb.kind", "side"):
            return
        word = self.items[name]
        self.said[place, name] = value
        spots = [(place if self.items[parent].of_limb else 0, parent) for parent in word.parents[:1]]
        for spot in spots:
            if not self._opens(spot, word):
                self._answer(*spot, self._opening(self.items[spot[1]], word))
        shut = all(self.said.get((0, gate), "no") == "no" for gate in word.gates)
        if word.gates and shut and value != word.options[0] and self.dice.random() < 0.9:
            self._answer(0, self.dice.choice(word.gates), "yes")

    def _opening(self, parent: Word, word: Word) -> Any:
        code = self.dice.choice([code for code in parent.options if code in word.opened_by])
        return (code,) if parent.type == "multi" else code

    # ---- the rest

    def _fill(self) -> None:
        """Answer whatever else is asked as somebody without trouble would; leave out some of it."""
        for number, (kind, _) in enumerate(self.places, start=1):
            self.said.setdefault((number, "region"), self.dice.choice(self.crowd.regions[kind]))
        for _ in range(2):  # some gates stand behind what they open
            for spot, word in self._spots():
                if spot not in self.said and self._asked(spot, word):
                    self.said[spot] = self._plain(word)
        for spot in [spot for spot, value in self.said.items() if value is None]:
            del self.said[spot]

    def _spots(self) -> Iterator[tuple[Spot, Word]]:
        for name, word in self.items.items():
            if word.never_asked or name in ("limb.kind", "side", "region", "age"):
                continue
            for place in range(1, 1 + len(self.places)) if word.of_limb else (0,):
                yield (place, name), word

    def _plain(self, word: Word) -> Any:
        if self.dice.random() < self.leave:
            return None
        if self.dice.random() < self.doubt and "unsure" in word.options:
            return ("unsure",) if word.type == "multi" else "unsure"
        return self.crowd.any_answer(self.dice, word) if word.normal is None and word.parents else word.normal

    def _asked(self, spot: Spot, word: Word) -> bool:
        place, _ = spot
        if place and self.places[place - 1][0] not in word.kinds:
            return False
        if word.age_from is not None and self.said.get((0, "age"), word.age_from) < word.age_from:
            return False
        if word.parents and not any(
            self._opens((place if self.items[p].of_limb else 0, p), word) for p in word.parents
        ):
            return False
        closed = (None, "no")
        gates = not word.gates or any(self.said.get((0, gate)) not in closed for gate in word.gates)
        return gates or any(kind in word.gate_kinds for kind, _ in self.places)

    def _opens(self, parent: Spot, word: Word) -> bool:
        value = self.said.get(parent)
        return bool(set(value if isinstance(value, tuple) else (value,)) & set(word.opened_by))


def _compared(sentence: Sentence) -> Iterator[tuple[str, str]]:
    if sentence[0] == "say" and sentence[3]:
        yield sentence[1], sentence[3][0]
    for part in parts(sentence):
        yield from _compared(part)
