"""What a caller may do with the record: the question that every interaction asks."""

from __future__ import annotations

from typing import Protocol

from triage_app.sandbox.store.outcome import Resource


class Permit(Protocol):
    """The rights of one caller; ``letter`` is one of the SMART letters c, r, u, d, s."""

    def require_type(self, letter: str, resource_type: str) -> None:
        """Refuse (403) where no scope covers this interaction with this type."""

    def require(self, letter: str, resource: Resource) -> None:
        """Refuse (403) where no scope, or not the patient's compartment, covers this resource."""

    def reaches(self, letter: str, resource: Resource) -> bool:
        """Whether the resource is in the record that was opened, whatever the scopes say."""

    def sees(self, resource: Resource) -> bool:
        """Whether a search may show this resource."""


class HospitalItself:
    """The hospital's own pages and loaders may do everything."""

    def require_type(self, letter: str, resource_type: str) -> None:
        """Always allowed."""

    def require(self, letter: str, resource: Resource) -> None:
        """Always allowed."""

    def reaches(self, letter: str, resource: Resource) -> bool:
        """Always."""
        return bool(letter and resource)

    def sees(self, resource: Resource) -> bool:
        """Always."""
        return bool(resource)
