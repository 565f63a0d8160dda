"""Everything that a patient reads on the pathway, piece by piece."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

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


@cache
def questionnaire() -> dict[str, Any]:
    return dict(json.loads((PATHWAY / "questionnaire.json").read_text("utf-8")))


@cache
def vocabulary() -> dict[str, Any]:
    return tomllib.loads((PATHWAY / "vocabulary.toml").read_text("utf-8"))


@cache
def words() -> dict[str, Any]:
    return tomllib.loads((PATHWAY / "words" / "en.toml").read_text("utf-8"))


@cache
def patient_words() -> dict[str, Any]:
    return dict(words()["patient"])


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


def _strings(where: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(f"{where}/{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _strings(f"{where}/{number}", inner)
