"""What the app reads and writes in an EHR, and the SMART v2 scopes that follow from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

IDENTITY = ("launch", "openid", "fhirUser", "online_access")
"""Who is there and whose chart is open; no data of the chart."""

_LETTERS = "cruds"
_RESOURCE = re.compile(r"(?:patient|user)/([A-Za-z]+|\*)\.([a-z]+|\*)(?:\?(.*))?")
_OURS = (
    "category=survey",
    "category=http://terminology.hl7.org/CodeSystem/observation-category|survey",
)
_VERSION_1 = {"read": "rs", "write": "cud", "*": _LETTERS}


@dataclass(frozen=True)
class Use:
    """One kind of access to one type: the SMART letter (create, read, update, delete, search) and why."""

    resource: str
    letter: str
    why: str


USES = (
    Use("Patient", "r", "says whose record it is, and how old the person is"),
    Use("QuestionnaireResponse", "c", "writes the answers"),
    Use("QuestionnaireResponse", "r", "reads back whether they are stored as sent"),
    Use("QuestionnaireResponse", "s", "shows a clinician the answers of the past"),
    Use("Observation", "c", "writes severity, urgency and pain"),
    Use("Observation", "r", "reads back whether they are stored as sent"),
    Use("Observation", "s", "shows a clinician the results of the past"),
    Use("ServiceRequest", "c", "writes suggestions, and the request that a clinician makes of one"),
    Use("ServiceRequest", "r", "reads back whether they are stored as sent"),
    Use("ServiceRequest", "u", "closes a suggestion that a clinician accepted or declined"),
    Use("ServiceRequest", "s", "finds the suggestions that are open"),
    Use("Task", "c", "puts the review on the list of work"),
    Use("Task", "r", "reads back whether it is stored as sent"),
    Use("Task", "u", "closes it once a clinician has decided"),
    Use("Task", "s", "finds the review that is open"),
    Use("Provenance", "c", "writes the trail"),
    Use("Provenance", "s", "finds the trail again by its key, so that it is written once"),
)
"""What every site needs."""

CHART_USES = (
    Use("Condition", "s", "reminds of diabetes, thyroid disease, arthritis, pregnancy and cancer"),
    Use("Procedure", "s", "reminds of earlier nerve surgery"),
    Use("MedicationRequest", "s", "reminds of blood thinners"),
)
"""What a site needs besides where the chart is shown as a reminder (``read_chart``)."""


def scopes_for(uses: Iterable[Use]) -> tuple[str, ...]:
    """Return the least that these uses need, letters in the order c-r-u-d-s."""
    letters: dict[str, set[str]] = {}
    for use in uses:
        letters.setdefault(use.resource, set()).add(use.letter)
    return tuple(
        f"patient/{resource}.{''.join(letter for letter in _LETTERS if letter in wanted)}"
        for resource, wanted in letters.items()
    )


def default_scopes(*, read_chart: bool) -> tuple[str, ...]:
    """Return what is asked for where a registry entry names no scopes."""
    return IDENTITY + scopes_for(USES + (CHART_USES if read_chart else ()))


def covers(scopes: Iterable[str], resource: str, letter: str) -> bool:
    """Return whether granted scopes, of version 1 or 2, allow the letter on what we have of a type."""
    return any(_allows(scope, resource, letter) for scope in scopes)


def _allows(scope: str, resource: str, letter: str) -> bool:
    """A restricted scope still finds what it may; it lets us write only what is a survey, as ours is."""
    found = _RESOURCE.fullmatch(scope)
    if found is None or found[1] not in (resource, "*"):
        return False
    writable = letter in "rs" or not found[3] or found[3] in _OURS
    return writable and letter in _VERSION_1.get(found[2], found[2])
