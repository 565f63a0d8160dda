"""Describes what the app publishes as FHIR: its CapabilityStatement and its search answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

SEARCHED_BY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Questionnaire": (("url", "uri"), ("version", "token")),
    "CodeSystem": (("url", "uri"), ("version", "token")),
    "ValueSet": (("url", "uri"), ("version", "token")),
    "StructureDefinition": (("url", "uri"), ("version", "token")),
}
"""The published types, with their search parameters."""


def to_capability_statement(*, base: str, version: str, date: str) -> Json:
    """Return what the app's own read-only FHIR endpoint can do."""
    return {
        "resourceType": "CapabilityStatement",
        "language": "en",
        "name": "NerveTriageForms",
        "title": "Nerve Triage forms and codes",
        "status": "active",
        "date": date,
        "publisher": "nerve-triage project",
        "description": "The forms that patients answer and the codes that results use. No patient data.",
        "kind": "instance",
        "software": {"name": "nerve-triage", "version": version},
        "implementation": {"description": "Forms and codes of this deployment", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": [_resource(name) for name in SEARCHED_BY]}],
    }


def to_searchset(*, base: str, self_link: str, resources: Sequence[Mapping[str, Any]]) -> Json:
    """Return the search answer that holds these resources."""
    entries = [
        {
            "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(entries),
        "link": [{"relation": "self", "url": self_link}],
    }
    return {**bundle, "entry": entries} if entries else bundle


def _resource(name: str) -> Json:
    return {
        "type": name,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": param, "type": kind} for param, kind in SEARCHED_BY[name]],
    }
