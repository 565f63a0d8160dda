"""Reads the parts of a chart entry, whatever a server sent: whose it is, its state, code, date, place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from triage_app.fhir.chart_clue import objects, texts_of
from triage_app.fhir.chart_date import day_of

PATIENT = "Patient"

_STATUS = "http://terminology.hl7.org/CodeSystem/condition-"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_IN_FORCE = frozenset({"active", "recurrence", "relapse", "remission"})
_OVER = frozenset({"inactive", "resolved"})
_ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_DATES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Condition": (("onsetDateTime",), ("onsetPeriod", "start"), ("recordedDate",)),
    "Procedure": (("performedDateTime",), ("performedPeriod", "start")),
    "MedicationRequest": (("authoredOn",),),
}

Json = Mapping[str, Any]


def is_of(entry: Json, patient: str) -> bool:
    """Return whether the entry can be read, is about the patient, and has nothing that alters its meaning."""
    entry_id = entry.get("id")
    if not isinstance(entry_id, str) or not _ID.fullmatch(entry_id):
        return False
    if entry.get("modifierExtension") or entry.get("implicitRules"):
        return False
    if entry.get("resourceType") == PATIENT:
        return entry_id == patient
    reference = _child(entry, "subject").get("reference")
    return isinstance(reference, str) and reference.split("/")[-2:] == [PATIENT, patient]


def counts(entry: Json, *, ever: bool) -> bool:
    """Return whether the entry is in force and beyond doubt; ``ever``: also once it is over."""
    kind = entry.get("resourceType")
    if kind == "Condition":
        return _condition_counts(entry, ever=ever)
    if kind == "Procedure":
        return entry.get("status") == "completed"
    return (
        entry.get("status") == "active"
        and str(entry.get("intent")) in _ORDERS
        and entry.get("doNotPerform") in (None, False)
    )


def concept_of(entry: Json) -> Json:
    """Return the CodeableConcept of what the entry is about; a medicine may be contained, or only named."""
    if entry.get("resourceType") != "MedicationRequest":
        return _child(entry, "code")
    if "medicationReference" not in entry:
        return _child(entry, "medicationCodeableConcept")
    reference = _child(entry, "medicationReference")
    for one in objects(entry.get("contained")):
        if reference.get("reference") == f"#{one.get('id')}":
            return _child(one, "code")
    return {"text": reference.get("display")}


def dated(entry: Json) -> str:
    """Return since when or on which day, as far as the chart says; else nothing."""
    for path in _DATES.get(str(entry.get("resourceType")), ()):
        found: object = entry
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        if day := day_of(found):
            return day
    return ""


def places_of(entry: Json) -> list[str]:
    """Return the texts that say where on the body."""
    return [text for place in objects(entry.get("bodySite")) for text in texts_of(place)]


def named(text: str, longest: int) -> str:
    """Return a text of the chart on one line, without what does not print, at most so many characters."""
    printed = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text[: longest * 4])
    tidy = " ".join(printed.split())
    return tidy if len(tidy) <= longest else f"{tidy[: longest - 1].rstrip()}…"


def _condition_counts(entry: Json, *, ever: bool) -> bool:
    verified, clinical = (_codes(entry, name) for name in ("verificationStatus", "clinicalStatus"))
    if verified - {"confirmed"}:
        return False
    has_ended = any(key.startswith("abatement") for key in entry)
    allowed = _IN_FORCE | _OVER if ever else _IN_FORCE
    return not clinical - allowed and (ever or not has_ended)


def _codes(entry: Json, name: str) -> set[str]:
    """Return the codes of a status; one that cannot be read is a code that is never allowed."""
    if name not in entry:
        return set()
    codings = objects(_child(entry, name).get("coding"))
    codes = {str(one.get("code")) for one in codings if str(one.get("system")).startswith(_STATUS)}
    return codes or {"unreadable"}


def _child(entry: Json, key: str) -> Json:
    found = entry.get(key)
    return found if isinstance(found, Mapping) else {}
