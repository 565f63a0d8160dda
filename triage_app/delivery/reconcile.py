"""Reads a transaction's answer, finds what is stored already, and compares it with what was sent."""

from __future__ import annotations

from collections.abc import Mapping
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
    entries, answers = bundle["entry"], objects(answer.get("entry"))
    if len(answers) != len(entries):
        raise ValueError("entry: found another number of entries, expected one for each that was sent")
    return {
        entry["fullUrl"]: _reference(one, entry["resource"]["resourceType"])
        for entry, one in zip(entries, answers, strict=True)
    }


def differences(sent: Json, stored: Json, ids: Mapping[str, str]) -> tuple[str, ...]:
    """Return the elements (names only) that the server dropped or changed; what it added is its own."""
    return tuple(
        key
        for key, value in sent.items()
        if key not in _SERVERS_OWN and not _covers(stored.get(key), value, ids)
    )


def keys_of(resource: Json) -> frozenset[str]:
    """Return the business keys of a resource, identifiers and tags, as ``system|value``."""
    identifiers = objects(resource.get("identifier"))
    tags = objects(child(resource, "meta").get("tag"))
    pairs = [(one.get("system"), one.get("value")) for one in identifiers]
    pairs += [(one.get("system"), one.get("code")) for one in tags]
    return frozenset(f"{system}|{value}" for system, value in pairs)


def objects(found: object) -> list[Json]:
    """Return the JSON objects of a list, or of one alone; whatever else a server sent is left out."""
    several = found if isinstance(found, list) else [found]
    return [one for one in several if isinstance(one, Mapping)]


def child(node: Json, key: str) -> Json:
    """Return the JSON object at ``key``, an empty one where there is none."""
    found = node.get(key)
    return found if isinstance(found, Mapping) else {}


def _reference(one: Json, wanted: str) -> str:
    location = child(one, "response").get("location")
    parts = str(location).split("/_history/")[0].strip("/").split("/")
    if len(parts) >= 2 and parts[-2] == wanted:
        return f"{wanted}/{parts[-1]}"
    resource = child(one, "resource")
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
