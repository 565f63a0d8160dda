"""FHIR resources and SMART scopes in plain words, for the hospital's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triage_app.sandbox.auth.scopes import parse_scope
from triage_app.sandbox.store.outcome import Resource

KIND_WORDS = {
    "Patient": "Patient",
    "Encounter": "Visits",
    "Condition": "Problems",
    "Procedure": "Procedures",
    "MedicationRequest": "Prescriptions",
    "RelatedPerson": "Relatives",
    "QuestionnaireResponse": "Answers to forms",
    "Observation": "Results",
    "ServiceRequest": "Referrals, suggested, planned or ordered",
    "Task": "Work to do",
    "Provenance": "Where it came from",
    "Communication": "Messages",
    "DocumentReference": "Documents",
}
_PLAIN_SCOPES = {
    "launch": "know whose chart is open",
    "openid": "know who you are",
    "fhirUser": "know who you are in this hospital",
    "profile": "know your name",
    "launch/patient": "know which patient this is about",
    "launch/encounter": "know which visit this is about",
    "online_access": "stay connected while you are logged in",
    "offline_access": "stay connected after you have left",
}
_LETTERS = {"c": "add", "r": "read", "u": "change", "d": "delete", "s": "search"}


def scope_in_words(text: str) -> str:
    """What a scope lets the app do."""
    scope = parse_scope(text)
    if scope is None:
        return _PLAIN_SCOPES.get(text, text)
    verbs = ", ".join(_LETTERS[letter] for letter in "rscud" if letter in scope.letters)
    what = "everything in the record" if scope.type == "*" else KIND_WORDS.get(scope.type, scope.type).lower()
    return f"{verbs}: {what}"


def name_of(resource: Resource | None) -> str:
    """A person's or organisation's name; the id where there is none."""
    if resource is None:
        return "nobody known"
    names = resource.get("name", [])
    if isinstance(names, str):
        return names
    first = names[0] if names else {}
    parts = [*first.get("prefix", []), *first.get("given", []), first.get("family", "")]
    return first.get("text") or " ".join(part for part in parts if part) or str(resource.get("id", ""))


def concept(value: Any) -> str:
    """A CodeableConcept's or Coding's words."""
    if not isinstance(value, dict):
        return str(value or "")
    codings = value.get("coding", [value])
    shown = [
        coding.get("display") or coding.get("code", "") for coding in codings if isinstance(coding, dict)
    ]
    return str(value.get("text") or (shown[0] if shown else ""))


def observed(resource: Resource) -> str:
    """An Observation's or component's value in words."""
    if "valueQuantity" in resource:
        quantity = resource["valueQuantity"]
        return f"{quantity.get('value', '')} {quantity.get('unit', quantity.get('code', ''))}".strip()
    for name in ("valueCodeableConcept", "valueCoding", "dataAbsentReason"):
        if name in resource:
            return concept(resource[name])
    return next((str(value) for name, value in resource.items() if name.startswith("value")), "no value")


def describe(resource: Resource) -> str:
    """One line about a resource."""
    kind = resource.get("resourceType", "")
    writer = _WRITERS.get(kind)
    text = writer(resource) if writer else concept(resource.get("code") or resource.get("type") or {})
    status = resource.get("status")
    return " · ".join(part for part in (text, status, when(resource)) if part)


def when(resource: Resource) -> str:
    """The date that matters most about a resource, as it is stored."""
    names = (
        "authored",
        "effectiveDateTime",
        "authoredOn",
        "recorded",
        "sent",
        "date",
        "recordedDate",
        "birthDate",
    )
    return next((str(resource[name]) for name in names if name in resource), "")


def _answers(resource: Resource) -> str:
    title = resource.get("_questionnaire", {}).get("extension", [{}])[0].get("valueString")
    return str(title or resource.get("questionnaire", "a form"))


def _observation(resource: Resource) -> str:
    site = concept(resource.get("bodySite"))
    return f"{concept(resource['code'])}{f' ({site})' if site else ''}: {observed(resource)}"


def _request(resource: Resource) -> str:
    parts = (concept(resource.get("code")), resource.get("intent", ""), resource.get("priority", ""))
    return ", ".join(part for part in parts if part)


def _task(resource: Resource) -> str:
    due = resource.get("restriction", {}).get("period", {}).get("end", "")
    text = concept(resource.get("code")) or str(resource.get("description", "work item"))
    return f"{text}{f', due {due}' if due else ''}"


def _provenance(resource: Resource) -> str:
    agents = [agent.get("who", {}).get("display", "") for agent in resource.get("agent", [])]
    return "by " + ", ".join(dict.fromkeys(name for name in agents if name))


_WRITERS: dict[str, Callable[[Resource], str]] = {
    "Patient": name_of,
    "RelatedPerson": name_of,
    "QuestionnaireResponse": _answers,
    "Observation": _observation,
    "ServiceRequest": _request,
    "Task": _task,
    "Provenance": _provenance,
    "MedicationRequest": lambda resource: concept(resource.get("medicationCodeableConcept")),
    "Encounter": lambda resource: concept((resource.get("type") or [resource.get("class")])[0]),
    "Communication": lambda resource: str((resource.get("payload") or [{}])[0].get("contentString", "")),
}
