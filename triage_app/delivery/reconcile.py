"""Reads a transaction's answer, finds what is stored already, and compares it with what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]

_SERVERS_OWN = frozenset({"id", "meta", "text", "lastModified"})
"""What a server may add to or change in a resource without altering what we said."""


def ids_of(bundle: Json, answer: Json) -> dict[str, str]:
    """Return each entry's ``fullUrl`` with the reference that the server gave (``Observation/12``).

    Raise ValueError where the answer does not speak of every entry, or not of its type.
    """
    entries, answers = bundle["entry"], answer.get("entry")
    if not isinstance(answers, list) or len(answers) != len(entries):
        raise ValueError("entry: found another number of entries, expected one for each that was sent")
    found = {}
    for entry, one in zip(entries, answers, strict=True):
        wanted = entry["resource"]["resourceType"]
        found[entry["fullUrl"]] = _reference(one, wanted)
    return found


def differences(sent: Json, stored: Json, ids: Mapping[str, str]) -> tuple[str, ...]:
    """Return the elements (names only) that the server dropped or changed; what it added is its own."""
    return tuple(
        key
        for key, value in sent.items()
        if key not in _SERVERS_OWN and not _covers(stored.get(key), value, ids)
    )


def keys_of(resource: Json) -> frozenset[str]:
    """Return the business keys of a resource, identifiers and tags, as ``system|value``."""
    found = resource.get("identifier", [])
    identifiers = found if isinstance(found, list) else [found]
    tags = resource.get("meta", {}).get("tag", [])
    pairs: Iterable[tuple[Any, Any]] = [(one.get("system"), one.get("value")) for one in identifiers]
    pairs = [*pairs, *((tag.get("system"), tag.get("code")) for tag in tags)]
    return frozenset(f"{system}|{value}" for system, value in pairs)


def _reference(one: Json, wanted: str) -> str:
    location = one.get("response", {}).get("location")
    if isinstance(location, str):
        parts = location.split("/_history/")[0].strip("/").split("/")
        if len(parts) >= 2 and parts[-2] == wanted:
            return f"{wanted}/{parts[-1]}"
    resource = one.get("resource", {})
    if resource.get("resourceType") == wanted and resource.get("id"):
        return f"{wanted}/{resource['id']}"
    raise ValueError(f"entry.response.location: found none of {wanted}, expected where it is stored")


def _covers(stored: object, sent: object, ids: Mapping[str, str]) -> bool:
    if isinstance(sent, Mapping):
        return isinstance(stored, Mapping) and all(
            _covers_reference(stored.get(key), value, ids)
            if key == "reference"
            else _covers(stored.get(key), value, ids)
            for key, value in sent.items()
        )
    if isinstance(sent, list):
        return (
            isinstance(stored, list)
            and len(stored) >= len(sent)
            and all(_covers(one, two, ids) for one, two in zip(stored, sent, strict=False))
        )
    return _same(stored, sent)


def _covers_reference(stored: object, sent: object, ids: Mapping[str, str]) -> bool:
    wanted = ids.get(str(sent), str(sent))
    return stored == wanted or (isinstance(stored, str) and stored.endswith(f"/{wanted}"))


def _same(stored: object, sent: object) -> bool:
    if isinstance(sent, int | Decimal) and not isinstance(sent, bool):
        return isinstance(stored, int | Decimal) and not isinstance(stored, bool) and stored == sent
    if isinstance(sent, str) and isinstance(stored, str) and sent != stored:
        return _instant(sent) == _instant(stored) is not None
    return stored == sent


def _instant(text: str) -> object:
    """Return the moment of a date-time, whatever its offset and fraction look like; None for other text."""
    if len(text) < 19 or text[10:11] != "T":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
