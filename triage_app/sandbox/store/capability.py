"""The CapabilityStatement: what this record says that it can do."""

from __future__ import annotations

from triage_app.sandbox.store.outcome import Resource
from triage_app.sandbox.store.parameters import PARAMETERS, Parameter

_INTERACTIONS = ("read", "vread", "update", "delete", "history-instance", "create", "search-type")
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def capability_statement(*, base_url: str, auth_url: str, date: str) -> Resource:
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
                "resource": [_resource(name, known) for name, known in PARAMETERS.items()],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _security(auth_url: str) -> Resource:
    uris = [{"url": name, "valueUri": f"{auth_url}/{name}"} for name in ("authorize", "token")]
    service = {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
    }
    return {"extension": [{"url": _OAUTH_URIS, "extension": uris}], "service": [{"coding": [service]}]}


def _resource(name: str, known: dict[str, Parameter]) -> Resource:
    return {
        "type": name,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "not-supported",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": [{"name": key, "type": str(parameter.kind)} for key, parameter in known.items()],
    }
