"""Says whether a coded entry of a chart is about a question of the form; words count only when sure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from triage_app.clinical.terms import LimbKind
from triage_app.fhir.codes import ICD10CM

ICD10 = frozenset({ICD10CM, "http://hl7.org/fhir/sid/icd-10"})
ATC = frozenset({"http://www.whocc.no/atc"})
MOST_CODINGS = 20
LONGEST = 300
"""Characters of a text that are compared; what follows is not read."""

_TOKEN = re.compile(r"[^\W_]+")


class Match(IntEnum):
    """How an entry was recognised; a code is surer than words."""

    NONE = 0
    WORDS = 1
    CODE = 2


@dataclass(frozen=True)
class Clue:
    """What in a chart speaks of one question.

    ``confirms`` are the answers that agree with it. Codes are beginnings, without dots; ``words`` and
    ``not_words`` phrases in small letters. ``ever``: what is over counts too. ``days``: an entry that is
    older, or has no date, does not count. ``ended_*``: an entry of these says that it is over. ``limb``: it
    is about one limb of that kind. ``private``: shown to nobody but the patient.
    """

    link_id: str
    resource: str
    name: str
    confirms: tuple[str, ...]
    icd10: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    ended_icd10: tuple[str, ...] = ()
    ended_words: tuple[str, ...] = ()
    ever: bool = False
    days: int | None = None
    limb: LimbKind | None = None
    private: bool = False


@dataclass(frozen=True)
class Clues:
    """All clues. A text with a phrase of ``never``, or one of ``before`` ahead of the words, is not sure."""

    clues: tuple[Clue, ...] = ()
    never: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    def match(self, clue: Clue, concept: Mapping[str, Any]) -> Match:
        """Return how the CodeableConcept speaks of the clue; a code of a system that we know decides."""
        known = [(clue.icd10, ICD10), (clue.atc, ATC)]
        coded = [
            (prefixes, code)
            for prefixes, systems in known
            if prefixes
            for system, code in _codes(concept)
            if system in systems
        ]
        if coded:
            return Match.CODE if any(code.startswith(prefixes) for prefixes, code in coded) else Match.NONE
        sure = any(self._names(clue, text) for text in texts_of(concept))
        return Match.WORDS if sure else Match.NONE

    def ends(self, clue: Clue, concept: Mapping[str, Any]) -> bool:
        """Return whether the CodeableConcept says that what the clue is about is over."""
        coded = (code for system, code in _codes(concept) if system in ICD10)
        if any(code.startswith(clue.ended_icd10) for code in coded):
            return True
        return any(_any_of(clue.ended_words, _spaced(text)) for text in texts_of(concept))

    def _names(self, clue: Clue, text: str) -> bool:
        spaced = _spaced(text)
        if "?" in text[:LONGEST] or _any_of((*self.never, *clue.not_words), spaced):
            return False
        places = [place for phrase in clue.words if (place := _find(spaced, phrase)) >= 0]
        return bool(places) and not _any_of(self.before, spaced[: min(places) + 1])


def texts_of(concept: Mapping[str, Any]) -> list[str]:
    """Return what the CodeableConcept calls itself: its text, then the displays of its codes."""
    displays = [coding.get("display") for coding in objects(concept.get("coding"))]
    found = [concept.get("text"), *displays]
    return [text for text in found if isinstance(text, str) and text.strip()]


def words_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the single words of texts, in small letters."""
    return frozenset(word for text in texts for word in _spaced(text).split())


def objects(found: object) -> list[Mapping[str, Any]]:
    """Return the JSON objects of a list, as many as are looked at; whatever else was sent is left out."""
    listed = found[:MOST_CODINGS] if isinstance(found, list) else []
    return [one for one in listed if isinstance(one, Mapping)]


def _codes(concept: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for coding in objects(concept.get("coding")):
        system, code = coding.get("system"), coding.get("code")
        if isinstance(system, str) and isinstance(code, str):
            yield system, code.strip().upper().replace(".", "")


def _spaced(text: str) -> str:
    """Return the words of a text in small letters, a blank around each."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    return f" {' '.join(_TOKEN.findall(plain))} "


def _find(spaced: str, phrase: str) -> int:
    return spaced.find(f" {phrase} ")


def _any_of(phrases: Iterable[str], spaced: str) -> bool:
    return any(_find(spaced, phrase) >= 0 for phrase in phrases)
