"""Our own codes with their displays, taken from the CodeSystems that we publish: one source for both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from triage_app.fhir.codes import system


@dataclass(frozen=True)
class Terminology:
    """The displays of our CodeSystems: ``displays["limb"]["arm-right"]`` is ``Right arm``."""

    displays: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, code_systems: Iterable[Mapping[str, Any]]) -> Terminology:
        """Return the terminology of CodeSystem resources; their ids name them."""
        return cls(
            {
                str(found["id"]): {c["code"]: c.get("display", c["code"]) for c in found.get("concept", ())}
                for found in code_systems
            }
        )

    def display(self, name: str, code: str) -> str:
        """Return the display of a code; a code that the CodeSystem does not have stands for itself."""
        return self.displays.get(name, {}).get(code, code)

    def coding(self, name: str, code: str) -> dict[str, Any]:
        """Return the Coding, without display where the CodeSystem does not have the code."""
        found = {"system": system(name), "code": code}
        known = self.displays.get(name, {}).get(code)
        return {**found, "display": known} if known else found

    def concept(self, name: str, code: str, text: str = "") -> dict[str, Any]:
        """Return the CodeableConcept, with ``text`` or else the display as its words."""
        return {"coding": [self.coding(name, code)], "text": text or self.display(name, code)}
