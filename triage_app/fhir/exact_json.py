"""JSON that keeps every digit: fractions are Decimal on the way in and written as they are on the way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

import orjson

MAX_DEPTH = 100
"""FHIR resources nest less than 20 deep; more is an attack."""


def loads(text: bytes | str) -> Any:
    """Return the value; raise ValueError on bad UTF-8, NaN, doubled keys, huge numbers or deep nesting."""
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_doubles,
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    _refuse_depth(value)
    return value


def dumps(value: Any) -> bytes:
    """Return compact UTF-8 JSON; keys keep their order. Raise TypeError on what JSON has not."""
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f") if abs(value.adjusted()) < 40 else str(value))
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _decimal(text: str) -> Decimal:
    if len(text) > 100:
        raise ValueError("a number of more than 100 characters")
    return Decimal(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return value


def _refuse_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        level = [child for item in level for child in _children(item) if isinstance(child, (dict, list))]


def _children(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()
