"""What a value of each FHIR primitive type looks like in JSON."""

from __future__ import annotations

import re
from typing import Any

_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_DATE = rf"(\d{{4}}(-(0[1-9]|1[0-2]))?|{_DAY})"
_TEXT = re.compile(r"[\s\S]*\S[\s\S]*")
_URI = re.compile(r"\S+")
_PATTERNS = {
    "code": re.compile(r"\S+( \S+)*"),
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "date": re.compile(_DATE),
    "dateTime": re.compile(rf"{_DATE}|{_DAY}T{_TIME}{_ZONE}"),
    "instant": re.compile(rf"{_DAY}T{_TIME}{_ZONE}"),
    "time": re.compile(_TIME),
    "base64Binary": re.compile(r"(\s*[0-9a-zA-Z+/=]){4,}\s*"),
    "oid": re.compile(r"urn:oid:[0-2](\.(0|[1-9]\d*))+"),
    "uuid": re.compile(r"urn:uuid:[0-9a-fA-F-]{36}"),
    "string": _TEXT,
    "markdown": _TEXT,
    "uri": _URI,
    "url": _URI,
    "canonical": _URI,
    "xhtml": re.compile(r'<div [^>]*xmlns="http://www\.w3\.org/1999/xhtml"[\s\S]*</div>'),
}
_LEAST = {"integer": -(2**31), "unsignedInt": 0, "positiveInt": 1}
PRIMITIVES = frozenset({*_PATTERNS, *_LEAST, "boolean", "decimal"})


def is_primitive(value: Any, kind: str) -> bool:
    """Whether a JSON value is one of this primitive type."""
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "decimal":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in _LEAST:
        return isinstance(value, int) and not isinstance(value, bool) and _LEAST[kind] <= value < 2**31
    return isinstance(value, str) and _PATTERNS[kind].fullmatch(value) is not None
