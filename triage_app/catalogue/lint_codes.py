"""Looks for codes of others that are mistyped or not on the allow-list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from triage_app.catalogue.fault import Fault, Lines
from triage_app.catalogue.model import Pathway
from triage_app.fhir.codes import ALLOWED, SNOMED

# Verhoeff permutes the digits of each place: this often, from the right
_FIRST = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def code_faults(pathway: Pathway, lines: Lines) -> Iterator[Fault]:
    """Yield the wrong codes of a pathway's routes and questions."""
    for route in pathway.rules.vocabulary.routes.values():
        for says in _wrong(SNOMED, route.performer_type) if route.performer_type else ():
            line = lines.line("vocabulary.toml", f"[route.{route.code}]", f'[route."{route.code}"]')
            yield Fault(lines.file("vocabulary.toml"), f"route {route.code}", "performer", says, line)
    for where, system, code in _codings(pathway.resource, ""):
        for says in _wrong(system, code):
            yield lines.question(where, "code", says)


def terminology_faults(folder: Path) -> Iterator[Fault]:
    """Yield the wrong codes of the CodeSystems and ValueSets that the pathways share."""
    for path in sorted(folder.rglob("*.json")):
        for where, system, code in _codings(json.loads(path.read_text("utf-8")), ""):
            for says in _wrong(system, code):
                yield Fault(path.relative_to(folder.parent).as_posix(), where, "code", says)


def _wrong(system: str, code: str) -> Iterator[str]:
    if system == SNOMED and not check_digit_is_right(code):
        yield f"found the SNOMED CT code {code}, whose check digit is wrong"
    elif system in ALLOWED and code not in ALLOWED[system]:
        yield f"found {system}|{code}, which is not on the allow-list"


def _codings(element: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield (linkId or id, system, code) of every coding, and of every concept that a ValueSet includes."""
    if isinstance(element, list):
        for child in element:
            yield from _codings(child, where)
    elif isinstance(element, dict):
        where = str(element.get("linkId") or where or element.get("id") or "")
        system = str(element.get("system", ""))
        if system and "code" in element:
            yield where, system, str(element["code"])
        for concept in element.get("concept", ()) if system else ():
            yield where, system, str(concept["code"])
        for child in element.values():
            yield from _codings(child, where)


def check_digit_is_right(code: str) -> bool:
    """Return whether a SNOMED CT identifier is 6 to 18 digits that end in their Verhoeff check digit."""
    if not (code.isascii() and code.isdigit() and 6 <= len(code) <= 18) or code.startswith("0"):
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _times(check, _permuted(int(digit), place))
    return check == 0


def _times(one: int, other: int) -> int:
    """Multiply in the dihedral group of ten elements: five turns, and five turned reflections."""
    turned = (one % 5 - other % 5) % 5 if one >= 5 else (one + other % 5) % 5
    return turned + 5 * ((one >= 5) != (other >= 5))


def _permuted(digit: int, place: int) -> int:
    for _ in range(place % 8):
        digit = _FIRST[digit]
    return digit
