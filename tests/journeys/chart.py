"""Reads a patient's chart as the hospital holds it."""

from __future__ import annotations

from typing import Any

OURS = "https://w3id.org/nerve-triage/id"
WRITTEN = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance")

Resource = dict[str, Any]
Chart = dict[str, list[Resource]]


def written_in(chart: Chart) -> list[Resource]:
    """Return what the app wrote into this chart."""
    return [one for kind in WRITTEN for one in chart[kind] if keys_of(one)]


def keys_of(resource: Resource) -> list[str]:
    """Return the app's own keys of a resource; Provenance has its key as a tag."""
    held = resource.get("identifier", [])
    identifiers = held if isinstance(held, list) else [held]
    tags = resource.get("meta", {}).get("tag", [])
    found = [one["value"] for one in identifiers if one.get("system") == OURS]
    return found + [one["code"] for one in tags if one.get("system") == OURS]


def answers_of(response: Resource) -> dict[str, list[str]]:
    """Return every answer of a QuestionnaireResponse by linkId: codes, numbers and texts, sorted."""
    found: dict[str, list[str]] = {}
    waiting = list(response.get("item", []))
    while waiting:
        item = waiting.pop()
        waiting += item.get("item", [])
        for answer in item.get("answer", []):
            waiting += answer.get("item", [])
            value = next(held for name, held in answer.items() if name.startswith("value"))
            found.setdefault(item["linkId"], []).append(
                value["code"] if isinstance(value, dict) else str(value)
            )
    return {link_id: sorted(values) for link_id, values in found.items()}


def subject_of(resource: Resource) -> str:
    """Return the reference of the patient whom a resource is about; "" for a Provenance, which has none."""
    return str((resource.get("subject") or resource.get("for") or {}).get("reference", ""))


def code_of(concept: Resource) -> str:
    """Return the first code of a CodeableConcept."""
    return str(concept["coding"][0]["code"])
