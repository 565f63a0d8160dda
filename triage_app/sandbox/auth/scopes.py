"""SMART scopes, version 2 and version 1, and what each covers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from triage_app.sandbox.store.matching import Criterion
from triage_app.sandbox.store.outcome import Resource
from triage_app.sandbox.store.parameters import PARAMETERS, TYPES

PLAIN_SCOPES = frozenset(
    {
        "openid",
        "fhirUser",
        "profile",
        "launch",
        "launch/patient",
        "launch/encounter",
        "online_access",
        "offline_access",
    }
)
_RESOURCE = re.compile(
    r"(?P<context>patient|user)/(?P<type>[A-Za-z]+|\*)\.(?P<letters>(?=[cruds])c?r?u?d?s?|read|write|\*)(\?(?P<query>\S+))?"
)
_VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}


@dataclass(frozen=True)
class Scope:
    """One granted resource scope."""

    context: str
    type: str
    letters: str
    query: tuple[tuple[str, str], ...] = ()

    def covers_type(self, letter: str, resource_type: str) -> bool:
        """Whether the scope speaks of this interaction with this type at all."""
        return letter in self.letters and self.type in {"*", resource_type}

    def covers(self, letter: str, resource: Resource) -> bool:
        """Whether the scope, with its search restriction, covers this resource."""
        resource_type = str(resource.get("resourceType"))
        if not self.covers_type(letter, resource_type):
            return False
        known = PARAMETERS.get(resource_type, {})
        return all(
            name in known and Criterion(name, "", tuple(value.split(",")), known[name], "").meets(resource)
            for name, value in self.query
        )


def parse_scope(text: str) -> Scope | None:
    """A resource scope; None for a plain, unknown or ill-formed one."""
    found = _RESOURCE.fullmatch(text)
    if not found or found["type"] not in {"*", *TYPES}:
        return None
    letters = _VERSION_1.get(found["letters"], found["letters"])
    return Scope(found["context"], found["type"], letters, tuple(parse_qsl(found["query"] or "")))


def grant(requested: str, *, withheld: Iterable[str] = ()) -> tuple[str, ...]:
    """The requested scopes that this hospital knows and does not withhold, each once, in their order."""
    known = [text for text in requested.split() if text in PLAIN_SCOPES or parse_scope(text)]
    return tuple(text for text in dict.fromkeys(known) if text not in set(withheld))
