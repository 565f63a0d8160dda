"""Everything that a patient reads on the pathway, piece by piece, and how hard it is to read."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyphen

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"
PATHWAY = QUESTIONNAIRES / "nerve-symptoms" / "1.0.0"
PLACEHOLDERS = {
    "emergency_number": "999",
    "same_day_phone": "555 0100",
    "same_day_hours": "8 to 6",
    "out_of_hours_phone": "111",
    "crisis_helpline": "555 0199",
    "clinic_name": "the clinic",
    "fact": "type 2 diabetes",
    "words": "type 2 diabetes",
    "kind": "health problem",
    "age": "60",
    "date": "3 April 1966",
    "day": "3",
    "month": "April",
    "year": "1966",
}
_SYLLABLES = pyphen.Pyphen(lang="en_US", left=1, right=1)


@cache
def questionnaire() -> dict[str, Any]:
    return dict(json.loads((PATHWAY / "questionnaire.json").read_text("utf-8")))


@cache
def vocabulary() -> dict[str, Any]:
    return tomllib.loads((PATHWAY / "vocabulary.toml").read_text("utf-8"))


@cache
def patient_words() -> dict[str, Any]:
    words = tomllib.loads((PATHWAY / "words" / "en.toml").read_text("utf-8"))
    return dict(words["patient"])


def items(parent: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Yield every item of the form, in form order."""
    for item in (parent or questionnaire()).get("item", ()):
        yield item
        yield from items(item)


def questions() -> Iterator[dict[str, Any]]:
    """Yield every item that takes an answer."""
    return (item for item in items() if item["type"] not in ("group", "display"))


def options(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [option["valueCoding"] for option in item.get("answerOption", ())]


def asked_texts() -> Iterator[tuple[str, str]]:
    """Yield (where, text) of every question, heading and help text."""
    return ((item["linkId"], item["text"]) for item in items())


def option_texts() -> Iterator[tuple[str, str]]:
    """Yield (where, text) of every different answer."""
    seen = {
        (o["system"].rsplit("/", 1)[-1], o["code"]): o["display"] for q in questions() for o in options(q)
    }
    return ((f"{name}#{code}", display) for (name, code), display in seen.items())


def told_texts() -> Iterator[tuple[str, str]]:
    """Yield (where, text) of everything that a patient is told, with the placeholders filled in."""
    for where, text in _strings("", patient_words()):
        is_code = where.rsplit("/", 1)[0].endswith(("show_for", "when", "withhold"))
        if not is_code:
            yield where, text.format(**PLACEHOLDERS)


def all_texts() -> list[tuple[str, str]]:
    return [*asked_texts(), *option_texts(), *told_texts()]


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:;])\s+", text.strip()) if re.search(r"[A-Za-z]", part)]


def words_of(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9][A-Za-z0-9'’-]*", text)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade; a number or code of a site counts as a word of one syllable."""
    words = words_of(text)
    syllables = sum(len(_SYLLABLES.positions(word)) + 1 for word in words)
    return 0.39 * len(words) / max(1, len(sentences(text))) + 11.8 * syllables / len(words) - 15.59


def _strings(where: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(f"{where}/{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _strings(f"{where}/{number}", inner)
