"""Whether a resource's values meet what a search asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from triage_app.sandbox.store.dates import date_matches, split_prefix
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import Kind, Parameter

_MODIFIERS = {
    Kind.TOKEN: {"", "not", "missing"},
    Kind.REFERENCE: {"", "identifier", "missing"},
    Kind.DATE: {"", "missing"},
    Kind.STRING: {"", "exact", "contains", "missing"},
    Kind.URI: {"", "below", "missing"},
}


@dataclass(frozen=True)
class Criterion:
    """One parameter of a search: any of ``wanted`` will do; a resource must meet every criterion."""

    name: str
    modifier: str
    wanted: tuple[str, ...]
    parameter: Parameter
    base_url: str

    def __post_init__(self) -> None:
        kind = self.parameter.kind
        named_type = kind is Kind.REFERENCE and self.modifier[:1].isupper()
        if self.modifier not in _MODIFIERS[kind] and not named_type:
            raise Refusal(
                400, "not-supported", f"{self.name}: the modifier :{self.modifier} is not supported"
            )
        if self.modifier == "missing" and self.wanted not in {("true",), ("false",)}:
            raise Refusal(
                400, "value", f"{self.name}:missing: found {self.wanted[0]!r}, expected true or false"
            )
        if kind is Kind.DATE and self.modifier != "missing":
            self._check_dates()

    def _check_dates(self) -> None:
        for value in self.wanted:
            try:
                split_prefix(value)
            except (ValueError, OverflowError) as error:
                raise Refusal(400, "value", f"{self.name}: {error}") from error

    def meets(self, resource: Resource) -> bool:
        """Whether the resource has what is asked for."""
        values = self.parameter.values(resource)
        if self.modifier == "missing":
            return (not values) == (self.wanted == ("true",))
        met = any(self._matches(value, wanted) for value in values for wanted in self.wanted)
        return not met if self.modifier == "not" else met

    def _matches(self, value: Any, wanted: str) -> bool:
        match self.parameter.kind:
            case Kind.TOKEN:
                return token_matches(value, wanted)
            case Kind.REFERENCE:
                return self._reference_matches(value, wanted)
            case Kind.DATE:
                return date_matches(value, wanted)
            case Kind.STRING:
                return _string_matches(value, wanted, self.modifier)
        return _uri_matches(value, wanted, self.modifier)

    def _reference_matches(self, value: Any, wanted: str) -> bool:
        if not isinstance(value, dict):
            return False
        if self.modifier == "identifier":
            return token_matches(value.get("identifier"), wanted)
        held = local_reference(value.get("reference"), self.base_url)
        asked = local_reference(wanted, self.base_url)
        target = self.modifier or self.parameter.target
        if target and not held.startswith(f"{target}/"):
            return False
        return held == asked if "/" in asked or ":" in asked else held.rpartition("/")[2] == asked


def local_reference(reference: Any, base_url: str) -> str:
    """A reference as ``Type/id``, without this server's base and without a version."""
    text = str(reference or "").removeprefix(f"{base_url}/")
    return re.sub(r"/_history/[^/]+$", "", text)


def token_matches(value: Any, wanted: str) -> bool:
    """Whether a code, Coding, CodeableConcept, Identifier or boolean meets ``system|code`` or ``code``."""
    system, bar, code = wanted.rpartition("|")
    for held_system, held_code in _codings(value):
        if code and held_code != code:
            continue
        if not bar or held_system is None or system == (held_system or ""):
            return True
    return False


def _codings(value: Any) -> Iterator[tuple[str | None, str]]:
    """(system, code) pairs; the system is None where the element's own value set implies it."""
    if isinstance(value, bool):
        yield None, str(value).lower()
    elif isinstance(value, str):
        yield None, value
    elif isinstance(value, dict):
        for coding in value.get("coding", []):
            yield from _codings(coding)
        if "code" in value or "value" in value:
            yield str(value.get("system", "")), str(value.get("code", value.get("value")))


def _string_matches(value: Any, wanted: str, modifier: str) -> bool:
    text = str(value)
    if modifier == "exact":
        return text == wanted
    text, wanted = text.casefold(), wanted.casefold()
    return wanted in text if modifier == "contains" else text.startswith(wanted)


def _uri_matches(value: Any, wanted: str, modifier: str) -> bool:
    """Equal; a canonical asked for without a version matches every version."""
    if modifier == "below":
        return str(value).startswith(wanted)
    return value == wanted or ("|" not in wanted and str(value).partition("|")[0] == wanted)
