"""Turns FHIR JSON into bytes and back without losing a digit: every number with a fraction is a Decimal."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

import orjson

from triage_app.errors import InvalidDocument

CONTENT_TYPE = "application/fhir+json"


def to_bytes(resource: object) -> bytes:
    """Return the JSON text of a resource, in UTF-8, numbers as they stand."""
    return orjson.dumps(resource, default=_number)


def from_bytes(text: bytes) -> dict[str, Any]:
    """Return the JSON object of the text; raise InvalidDocument where it is not one."""
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument(
            f"body: found {len(text)} bytes that are not JSON, expected a JSON object"
        ) from error
    if not isinstance(found, dict):
        raise InvalidDocument(f"body: found a {type(found).__name__}, expected a JSON object")
    return found


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f").encode())
    raise TypeError(f"{type(value).__name__} is not JSON")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
