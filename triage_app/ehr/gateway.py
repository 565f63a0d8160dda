"""The FHIR gateway: read, search and write, and every failure as an EHRError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage_app.settings import EHR

Resource = dict[str, Any]


@dataclass(frozen=True)
class Connection:
    """One EHR and the access token of one launch."""

    ehr: EHR
    access_token: str = field(repr=False)


class Gateway:
    """Speaks FHIR over HTTP. Numbers come back as Decimal. Reads retry shortly, writes never."""

    def read(self, connection: Connection, reference: str) -> Resource:
        """Return the resource at a relative reference such as ``Patient/1``."""
        raise NotImplementedError

    def search(
        self, connection: Connection, resource_type: str, params: Mapping[str, str | Sequence[str]]
    ) -> list[Resource]:
        """Return all matches and included resources, over all pages."""
        raise NotImplementedError

    def transaction(self, connection: Connection, bundle: Mapping[str, Any]) -> Resource:
        """Post a transaction or batch and return the response Bundle."""
        raise NotImplementedError

    def create(
        self, connection: Connection, resource: Mapping[str, Any], *, if_none_exist: str | None = None
    ) -> Resource:
        """Create the resource (conditionally, where ``if_none_exist`` is a query) and return what is stored."""
        raise NotImplementedError

    def update(
        self, connection: Connection, resource: Mapping[str, Any], *, if_match: str | None = None
    ) -> Resource:
        """Replace the resource; ``if_match`` is the versionId that it must still have."""
        raise NotImplementedError

    def capabilities(self, connection: Connection) -> Resource:
        """Return the CapabilityStatement."""
        raise NotImplementedError
