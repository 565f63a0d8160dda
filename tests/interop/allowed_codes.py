"""Checks of codes beyond the validator: the closed list of foreign codes, and the displays of our own."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SNOMED = "http://snomed.info/sct"
LIST = Path(__file__).with_name("allowed_codes.toml")

# The dihedral group D5 and the position permutations of Verhoeff's check digit.
_TIMES = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
_PERMUTE = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
]


@dataclass(frozen=True)
class AllowedCodes:
    """The list: by system, the codes whose display is known and those that go without one."""

    display: Mapping[str, Mapping[str, str]]
    meaning: Mapping[str, Mapping[str, str]]

    def fault(self, system: str, code: str, display: str | None) -> str | None:
        """Say what is wrong with this Coding; None when nothing is or the list has nothing of the system."""
        if system not in self.display:
            return None
        if system == SNOMED and not check_digit_is_right(code):
            return f"SNOMED CT code {code} has a wrong check digit"
        if code in self.meaning.get(system, {}):
            return f"{system}|{code} goes without a display, found {display!r}" if display else None
        if code not in self.display[system]:
            return f"{system}|{code} is not in {LIST.name}"
        if display not in (None, self.display[system][code]):
            return f"{system}|{code} has the display {display!r}, expected {self.display[system][code]!r}"
        return None


@dataclass(frozen=True)
class Coding:
    """A code found in a JSON file, and where."""

    location: str
    system: str
    code: str
    display: str | None


def allowed_codes() -> AllowedCodes:
    """Read the list."""
    tables = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return AllowedCodes(display=tables["display"], meaning=tables["meaning"])


def codings(tree: Any, location: str = "") -> Iterator[Coding]:
    """Every code with its system below this JSON: Codings, and the concepts of a value set's compose."""
    if isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from codings(child, f"{location}[{index}]")
    elif isinstance(tree, dict):
        for concept in [tree, *tree.get("concept", [])] if isinstance(tree.get("system"), str) else []:
            if isinstance(concept.get("code"), str):
                yield Coding(location, tree["system"], concept["code"], concept.get("display"))
        for name, child in tree.items():
            yield from codings(child, f"{location}.{name}".lstrip("."))


def codings_of(file: Path) -> Iterator[Coding]:
    """Every code with its system in a JSON file."""
    return codings(json.loads(file.read_text(encoding="utf-8")))


def faults_in(file: Path, allowed: AllowedCodes) -> Iterator[tuple[str, str]]:
    """Every foreign code of a JSON file that is not as in the list, as (location, what is wrong)."""
    for coding in codings_of(file):
        fault = allowed.fault(coding.system, coding.code, coding.display)
        if fault:
            yield coding.location, fault


def displays_of(files: Iterable[Path]) -> dict[str, dict[str, str]]:
    """The displays of the CodeSystems among these JSON files: system, code, display."""
    resources = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {
        resource["url"]: {concept["code"]: concept["display"] for concept in resource["concept"]}
        for resource in resources
        if isinstance(resource, dict) and resource.get("resourceType") == "CodeSystem"
    }


def wrong_displays_in(file: Path, displays: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Every code whose display is not that of its CodeSystem, as (location, what is wrong)."""
    for coding in codings_of(file):
        expected = displays.get(coding.system, {}).get(coding.code)
        if None not in (expected, coding.display) and coding.display != expected:
            name = f"{coding.system}|{coding.code}"
            yield coding.location, f"{name} has the display {coding.display!r}, expected {expected!r}"


def check_digit_is_right(sctid: str) -> bool:
    """Whether a SNOMED CT identifier ends in its Verhoeff check digit."""
    if not (sctid.isascii() and sctid.isdigit()):
        return False
    state = 0
    for position, digit in enumerate(reversed(sctid)):
        state = _TIMES[state][_PERMUTE[position % 8][int(digit)]]
    return state == 0
