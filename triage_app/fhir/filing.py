"""What one submission is filed under: whose it is, who answered, when, where, and its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from triage_app.fhir.codes import APP_IDENTIFIER, IDENTIFIER

HELPER = "#helper"


@dataclass(frozen=True)
class Party:
    """A person or organisation, by its reference in the chart; one without reference is only named.

    A helper whom the login does not show has the reference ``#helper`` and the ``relationship`` named.
    """

    reference: str
    display: str = ""
    relationship: str = ""

    def to_reference(self) -> dict[str, Any]:
        """Return the FHIR Reference."""
        named = (("reference", self.reference), ("display", self.display or self.relationship))
        return {key: value for key, value in named if value}

    def outside(self) -> dict[str, Any]:
        """Return the reference for another resource, where what is contained cannot be reached."""
        return Party("" if self.is_helper else self.reference, self.display, self.relationship).to_reference()

    @property
    def is_helper(self) -> bool:
        """Return whether the person is only contained in the response."""
        return self.reference == HELPER


@dataclass(frozen=True)
class Filing:
    """Everything around the answers that the written resources say.

    ``authored`` is when the answers were sent, ``recorded`` when the resources were made; both aware.
    """

    submission: UUID
    patient: Party
    author: Party  # who keyed it
    source: Party  # who answered
    authored: datetime
    recorded: datetime
    language: str = "en"
    encounter: str | None = None
    organisation: Party | None = None  # whose work queue, and on whose behalf the app writes
    country: str = ""  # two letters; US adds the US Core profiles and ICD-10-CM
    app_version: str = "0"
    signed_off: bool = False

    def key(self, kind: str) -> UUID:
        """Return the key of one resource of this submission, which can be worked out again.

        ``kind`` is for instance ``response``, ``severity.arm-right`` or ``route.PNSURG``.
        """
        return uuid5(self.submission, kind)

    def identifier(self, kind: str) -> dict[str, str]:
        """Return the business identifier of one resource of this submission."""
        return {"system": IDENTIFIER, "value": str(self.key(kind))}

    def urn(self, kind: str) -> dict[str, str]:
        """Return the reference to another resource of the same bundle."""
        return {"reference": f"urn:uuid:{self.key(kind)}"}

    @property
    def us(self) -> bool:
        """Return whether the site is in the realm of US Core."""
        return self.country.upper() == "US"

    def about(self) -> dict[str, Any]:
        """Return ``subject`` and ``encounter``, as nearly every resource has them."""
        found: dict[str, Any] = {"subject": self.patient.to_reference()}
        return {**found, "encounter": {"reference": self.encounter}} if self.encounter else found

    def profiles(self, *names: str) -> Mapping[str, Any]:
        """Return ``meta`` with the profiles claimed; US Core ones only where the site is in the US."""
        claimed = [name for name in names if self.us or "/us/core/" not in name]
        return {"meta": {"profile": claimed}} if claimed else {}


def instant(moment: datetime) -> str:
    """Return the FHIR instant, to the millisecond, with its offset; raise ValueError without one."""
    if moment.tzinfo is None:
        raise ValueError("moment: found no offset, expected one")
    return moment.isoformat(timespec="milliseconds")


def app_reference(version: str) -> dict[str, Any]:
    """Return the logical reference that names the app, so that no Device is left in charts."""
    return {
        "type": "Device",
        "identifier": {"system": APP_IDENTIFIER, "value": f"nerve-triage/{version}"},
        "display": app_name(version),
    }


def app_name(version: str) -> str:
    """Return the words that name the app where text is asked for."""
    return f"nerve-triage {version} (software)"
