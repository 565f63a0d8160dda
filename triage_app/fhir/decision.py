"""Writes a clinician's decision on a suggestion: accepted makes a new request, declined names the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from triage_app.errors import InvalidDocument
from triage_app.fhir.bundle import create, update
from triage_app.fhir.codes import BASE, DATA_OPERATION, HL7, IDENTIFIER, US_CORE, hl7
from triage_app.fhir.filing import Party, instant
from triage_app.fhir.narrative import generated, paragraph
from triage_app.fhir.provenance import agent, app_agents
from triage_app.fhir.terminology import Terminology

Json = dict[str, Any]

STATUS_REASON = f"{HL7}/request-statusReason"
_KEPT = (
    "meta",
    "category",
    "priority",
    "code",
    "subject",
    "encounter",
    "occurrencePeriod",
    "performerType",
    "reasonCode",
    "reasonReference",
    "supportingInfo",
    "bodySite",
)
"""What a request takes over from the suggestion that it is based on."""


@dataclass(frozen=True)
class Decision:
    """Who decided, when, in what words. ``last`` says that no other suggestion of the Task is open."""

    clinician: Party
    at: datetime
    terms: Terminology
    organisation: Party | None = None
    note: str = ""
    last: bool = True
    app_version: str = "0"
    us: bool = False


def accept(
    proposal: Mapping[str, Any], task: Mapping[str, Any] | None, by: Decision, *, as_order: bool
) -> Json:
    """Return the transaction that makes a request from the suggestion.

    The request is a draft plan, or an active order where ``as_order``; the suggestion becomes completed.
    Raise InvalidDocument where the suggestion is not one of ours or has no version to hold it to.
    """
    key = _key(proposal)
    request_urn = f"urn:uuid:{uuid5(key, 'accepted')}"
    request = _request(proposal, by, uuid5(key, "accepted"), as_order=as_order)
    entries = [create(request_urn, request), _put(proposal, {"status": "completed"})]
    targets = [request_urn, _reference(proposal)]
    if task:
        done = {
            "type": by.terms.concept("workflow", "accepted"),
            "valueReference": {"reference": request_urn},
        }
        entries.append(_put(task, {**_moved(by), "output": [*task.get("output", ()), done]}))
        targets.append(_reference(task))
    return _transaction(entries, by, uuid5(key, "provenance.accepted"), targets)


def decline(
    proposal: Mapping[str, Any], task: Mapping[str, Any] | None, by: Decision, *, reason: str
) -> Json:
    """Return the transaction that revokes the suggestion for a reason (a code of ``override-reason``).

    Raise InvalidDocument where the suggestion is not one of ours or has no version to hold it to.
    """
    why = {"url": STATUS_REASON, "valueCodeableConcept": by.terms.concept("override-reason", reason)}
    others = [one for one in proposal.get("extension", ()) if one.get("url") != STATUS_REASON]
    notes = {"note": [*proposal.get("note", ()), _note(by)]} if by.note else {}
    entries = [_put(proposal, {"status": "revoked", "extension": [*others, why], **notes})]
    targets = [_reference(proposal)]
    if task:
        entries.append(_put(task, _moved(by)))
        targets.append(_reference(task))
    return _transaction(entries, by, decline_key(proposal), targets)


def decline_key(proposal: Mapping[str, Any]) -> UUID:
    """Return the key of the trail of declining it; raise InvalidDocument for no suggestion of ours."""
    return uuid5(_key(proposal), "provenance.declined")


def _request(proposal: Mapping[str, Any], by: Decision, key: UUID, *, as_order: bool) -> Json:
    name = proposal.get("code", {}).get("text", "Referral")
    state = "Ordered" if as_order else "Planned, not ordered"
    who = by.clinician.display or "a clinician"
    kept = {name: proposal[name] for name in _KEPT if name in proposal}
    profiles = kept.pop("meta", {}).get("profile", [])
    return {
        "resourceType": "ServiceRequest",
        **({"meta": {"profile": profiles}} if profiles else {}),
        "language": "en",
        "text": generated(paragraph(f"{state}: {name}. Made by {who} from a suggestion.")),
        "identifier": [{"system": IDENTIFIER, "value": str(key)}],
        "basedOn": [{"reference": _reference(proposal)}],
        "status": "active" if as_order else "draft",
        "intent": "order" if as_order else "plan",
        **kept,
        "authoredOn": instant(by.at),
        "requester": by.clinician.to_reference(),
        **({"note": [_note(by)]} if by.note else {}),
    }


def _moved(by: Decision) -> Json:
    """Return what changes in the Task: it closes with the last suggestion."""
    return {"status": "completed" if by.last else "in-progress", "lastModified": instant(by.at)}


def _note(by: Decision) -> Json:
    return {"authorReference": by.clinician.to_reference(), "time": instant(by.at), "text": by.note}


def _put(resource: Mapping[str, Any], changes: Json) -> Json:
    version = resource.get("meta", {}).get("versionId")
    if not version:
        raise InvalidDocument(f"{_reference(resource)}: meta.versionId: found none, expected one")
    return update({**resource, **changes}, str(version))


def _transaction(entries: list[Json], by: Decision, key: UUID, targets: list[str]) -> Json:
    urn = f"urn:uuid:{key}"
    provenance = _provenance(by, key, targets)
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [*entries, create(urn, provenance)],
    }


def _provenance(by: Decision, key: UUID, targets: list[str]) -> Json:
    profile = {"profile": [f"{US_CORE}/us-core-provenance"]} if by.us else {}
    behalf = {"onBehalfOf": by.organisation.to_reference()} if by.organisation else {}
    return {
        "resourceType": "Provenance",
        "meta": {**profile, "tag": [{"system": IDENTIFIER, "code": str(key)}]},
        "language": "en",
        "target": [{"reference": target} for target in targets],
        "occurredDateTime": instant(by.at),
        "recorded": instant(by.at),
        "activity": {"coding": [hl7(DATA_OPERATION, "UPDATE", "revise")]},
        "agent": [
            {**agent("author", by.clinician), **behalf},
            *app_agents(version=by.app_version, organisation=by.organisation, us=by.us),
        ],
    }


def _key(proposal: Mapping[str, Any]) -> UUID:
    for one in proposal.get("identifier", ()):
        if one.get("system") == IDENTIFIER:
            try:
                return UUID(str(one.get("value")))
            except ValueError:
                break
    raise InvalidDocument(f"ServiceRequest.identifier: found none of ours, expected one in {BASE}/id")


def _reference(resource: Mapping[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
