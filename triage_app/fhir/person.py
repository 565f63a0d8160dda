"""Reads who a Patient resource is about: the name and the day of birth, for people to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

LONGEST = 100  # characters of a name that are shown
_USES = ("official", "usual")


@dataclass(frozen=True)
class Person:
    """A name as it is written, and the day of birth where it is known to the day."""

    name: str
    born: date | None


def to_person(patient: Mapping[str, Any]) -> Person | None:
    """Return who the Patient is, by the official name, else the usual, else any; None where there is none."""
    names = [name for name in patient.get("name") or () if isinstance(name, Mapping) and _written(name)]
    if not names:
        return None
    names.sort(key=lambda name: _USES.index(name["use"]) if name.get("use") in _USES else len(_USES))
    return Person(_written(names[0])[:LONGEST], _day(patient.get("birthDate")))


def _written(name: Mapping[str, Any]) -> str:
    if isinstance(name.get("text"), str) and name["text"].strip():
        return " ".join(name["text"].split())
    parts = [*(name.get("given") or ()), name.get("family")]
    return " ".join(part for part in parts if isinstance(part, str)).strip()


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(written) if isinstance(written, str) and len(written) == 10 else None
    except ValueError:
        return None
