"""Which elements each R4 type has, read from ``elements.json`` beside this module."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_WORD = re.compile(r"(?P<name>\w+):(?P<type>\w+)(?P<required>!?)(?P<many>\*?)(@(?P<choice>\w+))?")
_FILE = Path(__file__).with_name("elements.json")


@dataclass(frozen=True)
class Element:
    """One element; ``choice`` names the group of which only one may stand, such as value[x]."""

    name: str
    type: str
    required: bool
    many: bool
    choice: str | None


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = json.loads(_FILE.read_text("utf-8"))
    return table | {"Extensible": "id:string extension:Extension*"}


@cache
def elements_of(type_name: str) -> dict[str, Element]:
    """The elements of a type by name; empty for a type that the table does not have."""
    found = _WORD.finditer(_table().get(type_name, ""))
    return {
        one["name"]: Element(
            one["name"], one["type"], bool(one["required"]), bool(one["many"]), one["choice"]
        )
        for one in found
    }
