"""Puts one submission into a guarded transaction: written whole, and never twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from triage_app.fhir.codes import IDENTIFIER
from triage_app.fhir.observation import OVERALL, PAIN, severity_kind, to_overall, to_pain, to_severity
from triage_app.fhir.provenance import PROVENANCE, to_provenance
from triage_app.fhir.response import RESPONSE, to_response
from triage_app.fhir.result import Result
from triage_app.fhir.service_request import route_kind, to_proposal
from triage_app.fhir.task import REVIEW, to_task

Json = dict[str, Any]

RECORD_TYPES = ("QuestionnaireResponse", "Observation")
"""What a submission says; the rest is the work that follows from it."""


def to_transaction(result: Result) -> Json:
    """Return the whole submission as one transaction, every entry guarded by its key.

    Order: answers, severity, pain, the whole, suggestions, Task, Provenance.
    """
    filing = result.filing
    written = list(_resources(result))
    targets = [filing.urn(kind) for kind, _ in written if kind != RESPONSE]
    written.append((PROVENANCE, to_provenance(result, targets)))
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [create(filing.urn(kind)["reference"], resource) for kind, resource in written],
    }


def create(full_url: str, resource: Json) -> Json:
    """Return an entry that creates the resource unless one with its key is there."""
    resource_type = resource["resourceType"]
    return {
        "fullUrl": full_url,
        "resource": resource,
        "request": {"method": "POST", "url": resource_type, "ifNoneExist": guard(resource)},
    }


def update(resource: Json, version: str) -> Json:
    """Return an entry that replaces the resource if nobody has changed it since ``version``.

    Its ``fullUrl`` is made of the reference: an entry without one may hold no relative reference (R4).
    """
    url = f"{resource['resourceType']}/{resource['id']}"
    return {
        "fullUrl": f"urn:uuid:{uuid5(NAMESPACE_URL, url)}",
        "resource": resource,
        "request": {"method": "PUT", "url": url, "ifMatch": f'W/"{version}"'},
    }


def guard(resource: Mapping[str, Any]) -> str:
    """Return the search that finds this resource by its own key."""
    tags = [tag for tag in resource.get("meta", {}).get("tag", ()) if tag.get("system") == IDENTIFIER]
    if resource["resourceType"] == "Provenance":
        return f"_tag={IDENTIFIER}|{tags[0]['code']}"
    found = resource["identifier"]
    key = found[0] if isinstance(found, list) else found
    return f"identifier={IDENTIFIER}|{key['value']}"


def split(bundle: Mapping[str, Any], *, largest: int) -> tuple[Json, ...]:
    """Return the transaction, or two of them (record, then work) where it has more than ``largest`` entries.

    Each is guarded, so that either may be repeated. The second refers to the first by ``urn:uuid``, to be
    replaced by ``resolve`` with what the server answered.
    """
    entries = bundle["entry"]
    if len(entries) <= largest:
        return (dict(bundle),)
    record = [entry for entry in entries if entry["resource"]["resourceType"] in RECORD_TYPES]
    work = [entry for entry in entries if entry["resource"]["resourceType"] not in RECORD_TYPES]
    return tuple({**bundle, "entry": part} for part in (record, work) if part)


def resolve(node: Any, ids: Mapping[str, str]) -> Any:
    """Return the JSON with each reference that ``ids`` knows replaced by the server's own."""
    if isinstance(node, Mapping):
        return {
            key: ids.get(value, value)
            if key == "reference" and isinstance(value, str)
            else resolve(value, ids)
            for key, value in node.items()
        }
    return (
        [resolve(one, ids) for one in node]
        if isinstance(node, Sequence) and not isinstance(node, str)
        else node
    )


def _resources(result: Result) -> Iterator[tuple[str, Json]]:
    yield (
        RESPONSE,
        to_response(
            result.form,
            result.answers,
            result.filing,
            shown=result.shown,
            limbs=result.limb_names,
            origins=result.origins,
        ),
    )
    for limb in result.written_limbs:
        yield severity_kind(limb.code), to_severity(result, limb)
    pain = to_pain(result)
    if pain:
        yield PAIN, pain
    yield OVERALL, to_overall(result)
    for route in result.requests:
        yield route_kind(route.code), to_proposal(result, route)
    if result.asks_for_review:
        yield REVIEW, to_task(result)
