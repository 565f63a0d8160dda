"""The CapabilityStatement: what this record says that it can do."""

from __future__ import annotations

from triage_app.sandbox.store.abilities import Abilities
from triage_app.sandbox.store.outcome import Resource
from triage_app.sandbox.store.parameters import PARAMETERS, Parameter

_READING = ("read", "vread", "history-instance", "search-type", "delete")
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def capability_statement(*, base_url: str, auth_url: str, date: str, abilities: Abilities) -> Resource:
    """The statement of a server at ``base_url`` whose authorisation server is at ``auth_url``."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": "Pretend hospital"},
        "implementation": {"description": "A hospital for trying things out", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": _security(auth_url),
                "resource": [_resource(name, known, abilities) for name, known in PARAMETERS.items()],
            }
            | _envelopes(abilities)
        ],
    }


def _envelopes(abilities: Abilities) -> Resource:
    offered = {"transaction": abilities.transaction, "batch": abilities.batch}
    codes = [{"code": code} for code, taken in offered.items() if taken]
    return {"interaction": codes} if codes else {}


def _security(auth_url: str) -> Resource:
    uris = [{"url": name, "valueUri": f"{auth_url}/{name}"} for name in ("authorize", "token")]
    service = {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
    }
    return {"extension": [{"url": _OAUTH_URIS, "extension": uris}], "service": [{"coding": [service]}]}


def _resource(name: str, known: dict[str, Parameter], abilities: Abilities) -> Resource:
    writing = {"create": name in abilities.creates, "update": name in abilities.updates}
    codes = [*_READING, *(code for code, taken in writing.items() if taken)]
    return {
        "type": name,
        "interaction": [{"code": code} for code in codes],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": abilities.client_ids and writing["update"],
        "conditionalCreate": abilities.conditional_create,
        "conditionalRead": "not-supported",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": [{"name": key, "type": str(parameter.kind)} for key, parameter in known.items()],
    }
