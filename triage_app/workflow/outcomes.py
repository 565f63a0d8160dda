"""Says what became of each suggestion: accepted or declined, by whom, when and in what words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from triage_app.delivery.reconcile import child, objects
from triage_app.ehr.gateway import Connection, Gateway
from triage_app.errors import EHRError, InvalidDocument
from triage_app.fhir.codes import IDENTIFIER
from triage_app.fhir.decision import STATUS_REASON, decline_key
from triage_app.workflow.chart import Chart, Json, reference_of
from triage_app.workflow.review import Outcome


def outcomes_in(gateway: Gateway, connection: Connection, chart: Chart) -> dict[str, Outcome]:
    """Return the outcome of each decided suggestion, by its reference.

    The trail of those declined is asked for; where the EHR does not give it, who and when stay unknown.
    """
    proposals = [one for one in chart.requests if one.get("intent") == "proposal"]
    declined = [one for one in proposals if one.get("status") == "revoked"]
    trails = _trails(gateway, connection, declined) if declined else {}
    found = {reference_of(one): _declined(one, trails.get(_key(one), {})) for one in declined}
    for one in proposals:
        made = chart.made_from(reference_of(one)) if one.get("status") == "completed" else None
        if made is not None:
            found[reference_of(one)] = _accepted(made)
    return found


def moment(text: object) -> datetime | None:
    """Return a FHIR instant or dateTime with its offset; None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _accepted(made: Json) -> Outcome:
    requester = child(made, "requester")
    return Outcome(
        request=reference_of(made),
        request_state=f"{made.get('status', '')} {made.get('intent', '')}".strip(),
        reason="",
        by=_relative(requester),
        name=str(requester.get("display", "")),
        at=moment(made.get("authoredOn")),
        note=_last_note(made),
    )


def _declined(proposal: Json, trail: Json) -> Outcome:
    reasons = [one for one in objects(proposal.get("extension")) if one.get("url") == STATUS_REASON]
    author = _author(trail)
    return Outcome(
        request="",
        request_state="",
        reason=str(child(reasons[-1], "valueCodeableConcept").get("text", "")) if reasons else "",
        by=_relative(author),
        name=str(author.get("display", "")),
        at=moment(trail.get("recorded")),
        note=_last_note(proposal),
    )


def _trails(gateway: Gateway, connection: Connection, declined: Iterable[Json]) -> dict[str, Json]:
    """Return the Provenance of each decision to decline, by its key."""
    keys = [key for one in declined if (key := _key(one))]
    try:
        wanted = ",".join(f"{IDENTIFIER}|{key}" for key in keys)
        found = gateway.search(connection, "Provenance", {"_tag": wanted}) if keys else []
    except EHRError:
        return {}
    return {str(tag.get("code")): one for one in found for tag in objects(child(one, "meta").get("tag"))}


def _key(proposal: Json) -> str:
    try:
        return str(decline_key(proposal))
    except InvalidDocument:
        return ""


def _author(trail: Json) -> Mapping[str, Any]:
    for agent in objects(trail.get("agent")):
        if any(coding.get("code") == "author" for coding in objects(child(agent, "type").get("coding"))):
            return child(agent, "who")
    return {}


def _last_note(resource: Json) -> str:
    notes = [str(one.get("text", "")) for one in objects(resource.get("note")) if "authorReference" in one]
    return notes[-1] if notes else ""


def _relative(reference: Mapping[str, Any]) -> str:
    return "/".join(str(reference.get("reference", "")).split("/")[-2:])
