"""FHIR dates as spans of time, and what a search prefix asks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_DATE = re.compile(
    r"(?P<y>\d{4})(-(?P<m>\d\d)(-(?P<d>\d\d)(T(?P<H>\d\d):(?P<M>\d\d)(:(?P<S>\d\d)(?P<f>\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?"
)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"})


@dataclass(frozen=True)
class Span:
    """From ``start`` up to, not including, ``end``; both in UTC."""

    start: datetime
    end: datetime

    def within(self, other: Span) -> bool:
        """Whether all of this span lies in the other."""
        return other.start <= self.start and self.end <= other.end


def parse_date(text: str) -> Span:
    """The span that a FHIR date, dateTime or instant stands for. Raises ValueError for anything else."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(
            f"{text!r} is not a FHIR date: expected YYYY, YYYY-MM, YYYY-MM-DD or a time with its offset"
        )
    part = found.groupdict()
    zone = (part["zone"] or "Z").replace("Z", "+00:00")
    fraction = (part["f"] or ".0")[:7]
    start = datetime.fromisoformat(
        f"{part['y']}-{part['m'] or '01'}-{part['d'] or '01'}T{part['H'] or '00'}:{part['M'] or '00'}"
        f":{part['S'] or '00'}{fraction}{zone}"
    )
    return Span(start.astimezone(UTC), _end(start, part).astimezone(UTC))


def _end(start: datetime, part: dict[str, str | None]) -> datetime:
    if part["m"] is None:
        return start.replace(year=start.year + 1)
    if part["d"] is None:
        return (start + timedelta(days=32)).replace(day=1)
    if part["H"] is None:
        return start + timedelta(days=1)
    if part["S"] is None:
        return start + timedelta(minutes=1)
    digits = min(len(part["f"] or ".") - 1, 6)
    return start + timedelta(microseconds=10 ** (6 - digits))


def span_of(value: Any) -> Span | None:
    """The span of a stored date or Period; None where it holds neither."""
    try:
        if isinstance(value, str):
            return parse_date(value)
        if isinstance(value, dict) and ("start" in value or "end" in value):
            start = parse_date(value["start"]).start if "start" in value else _FIRST
            return Span(start, parse_date(value["end"]).end if "end" in value else _LAST)
    except (ValueError, TypeError, OverflowError):
        return None
    return None


def date_matches(value: Any, wanted: str) -> bool:
    """Whether a stored date or Period meets a search value such as ``ge2026-11-20``."""
    prefix, asked = split_prefix(wanted)
    found = span_of(value)
    if found is None:
        return False
    answers = {
        "eq": found.within(asked),
        "ne": not found.within(asked),
        "lt": found.start < asked.start,
        "gt": found.end > asked.end,
        "le": found.start < asked.start or found.within(asked),
        "ge": found.end > asked.end or found.within(asked),
        "sa": found.start >= asked.end,
        "eb": found.end <= asked.start,
    }
    return answers[prefix]


def split_prefix(wanted: str) -> tuple[str, Span]:
    """A search value's prefix (``eq`` where it has none) and span. Raises ValueError for anything else."""
    prefix = wanted[:2] if wanted[:2] in PREFIXES else ""
    return prefix or "eq", parse_date(wanted[len(prefix) :])
