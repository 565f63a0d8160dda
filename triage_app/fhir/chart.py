"""Reads from a chart what it says about questions of the form; what it does not say means nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from triage_app.clinical.answers import Limb, Value
from triage_app.clinical.terms import LimbKind, Side
from triage_app.fhir.chart_clue import Clue, Clues, Match, texts_of, words_in
from triage_app.fhir.chart_date import ages, earliest, is_date
from triage_app.fhir.chart_entry import PATIENT, concept_of, counts, dated, is_of, named, places_of

AGE = "age"
MOST_ENTRIES = 500
MOST_FACTS = 20
LONGEST_WORDS = 80

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """What the chart says about one question: in its own words, since or on which day, and where it says so.

    ``on`` is a FHIR date, possibly only a year, or empty. ``confirms`` are the answers that agree. A fact
    about a limb has its kind; ``sides`` are those that the chart names, none where it does not say.
    """

    link_id: str
    words: str
    on: str
    reference: str
    confirms: tuple[str, ...]
    limb: LimbKind | None = None
    sides: tuple[Side, ...] = ()

    @property
    def resource(self) -> str:
        """Return the type of the chart entry."""
        return self.reference.partition("/")[0]

    @property
    def is_sure(self) -> bool:
        """Return whether an answer can be otherwise: a limb's fact without a side may be about the other."""
        return self.limb is None or bool(self.sides)

    def is_about(self, link_id: str, limb: Limb | None) -> bool:
        """Return whether it speaks of this question, asked of this limb."""
        if link_id != self.link_id or (limb is None) != (self.limb is None):
            return False
        return limb is None or (limb.kind is self.limb and (not self.sides or limb.side in self.sides))

    def agrees(self, value: Value) -> bool:
        """Return whether the answer is what the chart says."""
        return str(value) in self.confirms

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "link_id": self.link_id,
            "words": self.words,
            "on": self.on,
            "reference": self.reference,
            "confirms": list(self.confirms),
            "limb": str(self.limb) if self.limb else None,
            "sides": [str(side) for side in self.sides],
        }

    @classmethod
    def from_plain(cls, plain: Json) -> Fact:
        """Return the fact of ``to_plain``."""
        return cls(
            link_id=plain["link_id"],
            words=plain["words"],
            on=plain["on"],
            reference=plain["reference"],
            confirms=tuple(plain["confirms"]),
            limb=LimbKind(plain["limb"]) if plain["limb"] else None,
            sides=tuple(Side(side) for side in plain["sides"]),
        )


def facts_in(entries: Iterable[Json], clues: Clues, *, patient: str, today: date) -> tuple[Fact, ...]:
    """Return what these entries say about the patient (an id), surest and newest first.

    Entries about others, not in force, still to come, in doubt or not sound are passed over. At most
    ``MOST_ENTRIES`` are looked at.
    """
    mine = [one for one in list(entries)[:MOST_ENTRIES] if is_of(one, patient)]
    found = [fact for clue in clues.clues for fact in _facts(mine, clue, clues, today)]
    born = [_birth(one, today) for one in mine if one.get("resourceType") == PATIENT]
    return tuple([*filter(None, born), *found][:MOST_FACTS])


def _facts(entries: list[Json], clue: Clue, clues: Clues, today: date) -> list[Fact]:
    """Return the facts of one clue: for the person the best alone, for limbs all."""
    if any(_ends(entry, clue, clues, today) for entry in entries):
        return []
    kept: list[tuple[tuple[Match, bool, str], Fact]] = []
    for entry in entries:
        if entry.get("resourceType") != clue.resource or not counts(entry, ever=clue.ever):
            continue
        match = clues.match(clue, concept_of(entry))
        if match and _is_timely(clue, dated(entry), today):
            fact = _fact(entry, clue)
            kept.append(((match, bool(fact.sides), fact.on), fact))
    kept.sort(key=lambda pair: pair[0], reverse=True)
    return [fact for _, fact in (kept if clue.limb else kept[:1])]


def _ends(entry: Json, clue: Clue, clues: Clues, today: date) -> bool:
    """Return whether the entry says that it is over; one without a date says so of today."""
    return clues.ends(clue, concept_of(entry)) and _is_timely(clue, dated(entry) or str(today), today)


def _fact(entry: Json, clue: Clue) -> Fact:
    texts = texts_of(concept_of(entry))
    return Fact(
        link_id=clue.link_id,
        words=named("".join(texts[:1]), LONGEST_WORDS) or clue.name,
        on=dated(entry),
        reference=f"{clue.resource}/{entry['id']}",
        confirms=clue.confirms,
        limb=clue.limb,
        sides=tuple(_sides(texts + places_of(entry))) if clue.limb else (),
    )


def _sides(texts: Iterable[str]) -> Iterator[Side]:
    said = words_in(texts)
    both = bool(said & {"both", "bilateral"})
    for side in (Side.RIGHT, Side.LEFT):
        if both or str(side) in said:
            yield side


def _is_timely(clue: Clue, on: str, today: date) -> bool:
    """Return whether the date is neither to come nor longer ago than counts."""
    if on and earliest(on) > today:
        return False
    return clue.days is None or (bool(on) and (today - earliest(on)).days <= clue.days)


def _birth(patient: Json, today: date) -> Fact | None:
    born = patient.get("birthDate")
    if not is_date(born) or not (found := ages(str(born), today)):
        return None
    return Fact(AGE, str(born), str(born), f"{PATIENT}/{patient['id']}", tuple(map(str, found)))
