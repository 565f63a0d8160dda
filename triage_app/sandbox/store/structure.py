"""Refuses what is not an R4 resource: unknown types, missing elements, wrong codes, empty values."""

from __future__ import annotations

import json
from typing import Any

from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import TYPES

_REQUIRED = {
    "Encounter": "status class",
    "RelatedPerson": "patient",
    "Condition": "subject",
    "Procedure": "status subject",
    "MedicationRequest": "status intent subject medicationCodeableConcept|medicationReference",
    "Questionnaire": "status",
    "QuestionnaireResponse": "status",
    "Observation": "status code",
    "ServiceRequest": "status intent subject",
    "Task": "status intent",
    "Provenance": "target recorded agent",
    "Communication": "status",
    "DocumentReference": "status content",
    "CodeSystem": "status content",
    "ValueSet": "status",
}
_PUBLICATION = "draft active retired unknown"
_EVENT = "preparation in-progress not-done on-hold stopped completed entered-in-error unknown"
_REQUEST = "draft active on-hold revoked completed entered-in-error unknown"
_INTENT = "proposal plan directive order original-order reflex-order filler-order instance-order option"
_CODES = {
    "Encounter.status": "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown",
    "Procedure.status": _EVENT,
    "Communication.status": _EVENT,
    "MedicationRequest.status": "active on-hold cancelled completed entered-in-error stopped draft unknown",
    "MedicationRequest.intent": _INTENT.replace("directive ", ""),
    "Questionnaire.status": _PUBLICATION,
    "CodeSystem.status": _PUBLICATION,
    "ValueSet.status": _PUBLICATION,
    "CodeSystem.content": "not-present example fragment complete supplement",
    "QuestionnaireResponse.status": "in-progress completed amended entered-in-error stopped",
    "Observation.status": "registered preliminary final amended corrected cancelled entered-in-error unknown",
    "ServiceRequest.status": _REQUEST,
    "ServiceRequest.intent": _INTENT.replace(" option", " option"),
    "ServiceRequest.priority": "routine urgent asap stat",
    "Task.status": "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed "
    "entered-in-error",
    "Task.intent": "unknown " + _INTENT.replace("directive ", ""),
    "Task.priority": "routine urgent asap stat",
    "DocumentReference.status": "current superseded entered-in-error",
}


def parse_json(body: bytes) -> Resource:
    """The JSON object in a request body; 400 for anything that is not exactly one."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "structure", f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refusal(400, "structure", f"the body is a JSON {type(value).__name__}, expected an object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object names the same member twice")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def require_type(resource_type: str) -> None:
    """404 where the record keeps no such type."""
    if resource_type not in TYPES:
        raise Refusal(404, "not-supported", f"{resource_type} is not a resource type of this server")


def check_resource(resource: Resource, expected_type: str) -> None:
    """Refuse (400 or 422) a body that cannot be stored as the expected type."""
    found = resource.get("resourceType")
    if found != expected_type:
        raise Refusal(400, "structure", f"resourceType: found {found!r}, expected {expected_type!r}", at=expected_type)
    _check_values(resource, expected_type)
    for names in _REQUIRED.get(expected_type, "").split():
        if not any(name in resource for name in names.split("|")):
            at = f"{expected_type}.{names.partition('|')[0]}"
            raise Refusal(422, "required", f"{at} is missing", at=at)
    for place, allowed in _CODES.items():
        kind, _, name = place.partition(".")
        if kind == expected_type and name in resource and resource[name] not in allowed.split():
            raise Refusal(422, "code-invalid", f"{place}: found {resource[name]!r}, expected one of {allowed}", at=place)


def _check_values(node: Any, at: str) -> None:
    """FHIR JSON has no null (but in lists of primitives), no empty string, list or object."""
    if node == "" or node == [] or node == {}:
        raise Refusal(422, "structure", f"{at} is empty: leave it out instead", at=at)
    if isinstance(node, dict):
        for name, value in node.items():
            if value is None:
                raise Refusal(422, "structure", f"{at}.{name} is null: leave it out instead", at=f"{at}.{name}")
            _check_values(value, f"{at}.{name}")
    if isinstance(node, list):
        for index, value in enumerate(node):
            if value is not None:
                _check_values(value, f"{at}[{index}]")
