"""Reads FHIR dates that may be only a year or a month, and the ages that a day of birth allows."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import TypeGuard

OLDEST = 120
DRAFT_DAYS = 7
"""An age is compared as long as a draft lives: a birthday in between is no contradiction."""

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def is_date(found: object) -> TypeGuard[str]:
    """Return whether it is a FHIR date: YYYY, YYYY-MM or YYYY-MM-DD, one that the calendar has."""
    if not isinstance(found, str) or not _DATE.fullmatch(found):
        return False
    try:
        earliest(found)
    except ValueError:
        return False
    return True


def day_of(found: object) -> str:
    """Return the date of a FHIR date or dateTime as it is written, or nothing where it is none."""
    written = found[:10] if isinstance(found, str) else ""
    return written if is_date(written) else ""


def earliest(on: str) -> date:
    """Return the first day that the date can mean; raise ValueError for none of the calendar."""
    return date.fromisoformat(on + "-01-01"[len(on) - 4 :] if len(on) < 10 else on)


def latest(on: str) -> date:
    """Return the last day that the date can mean."""
    first = earliest(on)
    if len(on) == 4:
        return first.replace(month=12, day=31)
    if len(on) == 7:
        return first.replace(day=monthrange(first.year, first.month)[1])
    return first


def ages(born: str, today: date) -> range:
    """Return every age in whole years that is right from today until a draft ends; none for nobody's."""
    youngest, oldest = _age(latest(born), today), _age(earliest(born), today + timedelta(days=DRAFT_DAYS))
    return range(max(youngest, 0), oldest + 1) if oldest <= OLDEST else range(0)


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
