"""Decide: a clinician accepts or declines a suggestion, and nobody's change is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from triage_app.delivery.reconcile import keys_of
from triage_app.ehr.gateway import Connection
from triage_app.errors import EHRAmbiguous, EHRConflict, EHRUnavailable, InvalidAnswer, NotAllowed, NotFound
from triage_app.fhir.check import check
from triage_app.fhir.codes import IDENTIFIER
from triage_app.fhir.decision import Decision as Deed
from triage_app.fhir.decision import accept, decline
from triage_app.fhir.filing import Party
from triage_app.fhir.terminology import Terminology
from triage_app.settings import AcceptAs
from triage_app.storage.rows import AuditEntry, Launch, Role
from triage_app.workflow.chart import Chart, read_chart, reference_of, references
from triage_app.workflow.connections import connect
from triage_app.workflow.filing import APP_VERSION
from triage_app.workflow.rights import may_decide
from triage_app.workflow.services import Services

LONGEST_NOTE = 1000  # characters
Json = Mapping[str, Any]


class Choice(StrEnum):
    """What a clinician can do with a suggestion."""

    ACCEPT = "accept"
    DECLINE = "decline"


@dataclass(frozen=True)
class Decision:
    """What was decided and now stands in the chart; ``closes`` says that nothing is left to decide."""

    choice: Choice
    proposal: str
    closes: bool


def decide(
    services: Services,
    launch: Launch,
    proposal_reference: str,
    choice: str,
    reason: str = "",
    note: str = "",
    *,
    version: str | None = None,
) -> Decision:
    """Write the decision as one transaction; ``version`` is the suggestion's version that was on the screen.

    Raise InvalidAnswer for an unknown choice or reason, NotAllowed unless a clinician decides about the
    launch's own patient, NotFound for no suggestion of ours, EHRConflict when it has changed since.
    """
    if launch.role is not Role.CLINICIAN:
        raise NotAllowed("only a clinician decides on a suggestion")
    if not may_decide(launch):
        raise NotAllowed("the EHR granted no writing of decisions to this launch")
    wanted = _checked(services, choice, reason, note)
    connection = connect(services, launch)
    chart = read_chart(services.gateway, connection, launch.patient)
    proposal = _open_proposal(chart, proposal_reference, version)
    task = _task(chart, proposal_reference)
    by = _by(services, launch, note=note, last=_is_last(chart, proposal))
    if wanted is Choice.ACCEPT:
        as_order = services.settings.registry[launch.ehr].accept_as is AcceptAs.ORDER
        bundle = accept(proposal, task, by, as_order=as_order)
    else:
        bundle = decline(proposal, task, by, reason=reason)
    _send(services, connection, bundle)
    _note_down(services, launch, wanted, proposal_reference)
    return Decision(wanted, proposal_reference, closes=task is not None and by.last)


def reasons(services: Services) -> Mapping[str, str]:
    """Return the reasons for declining, code to words, in their order."""
    return _terms(services).displays.get("override-reason", {})


def _checked(services: Services, choice: str, reason: str, note: str) -> Choice:
    if choice not in list(Choice):
        raise InvalidAnswer("decision", f"found “{choice[:40]}”, expected accept or decline")
    known = reasons(services)
    if choice == Choice.DECLINE and reason not in known:
        raise InvalidAnswer("reason", f"found “{reason[:40]}”, expected one of {', '.join(known)}")
    if len(note) > LONGEST_NOTE:
        raise InvalidAnswer("note", f"found {len(note)} characters, expected at most {LONGEST_NOTE}")
    return Choice(choice)


def _open_proposal(chart: Chart, reference: str, version: str | None) -> Json:
    found = next((one for one in chart.requests if reference_of(one) == reference), None)
    if found is None or found.get("intent") != "proposal":
        raise NotFound("there is no such suggestion in this chart")
    if found.get("status") != "draft":
        raise EHRConflict("the suggestion has been decided already")
    if version is not None and found.get("meta", {}).get("versionId") != version:
        raise EHRConflict("the suggestion has changed since it was shown")
    return found


def _task(chart: Chart, proposal: str) -> Json | None:
    """Return the review Task that lists the suggestion, while it is open."""
    for task in chart.tasks:
        inputs = (one.get("valueReference", {}) for one in task.get("input", ()))
        if proposal in set(references(inputs)) and task.get("status") not in ("completed", "cancelled"):
            return task
    return None


def _is_last(chart: Chart, proposal: Json) -> bool:
    """Return whether no other suggestion of the same submission is still open."""
    return not any(
        one.get("status") == "draft"
        and one.get("intent") == "proposal"
        and one.get("requisition") == proposal.get("requisition")
        and reference_of(one) != reference_of(proposal)
        for one in chart.requests
    )


def _by(services: Services, launch: Launch, *, note: str, last: bool) -> Deed:
    ehr = services.settings.registry[launch.ehr]
    return Deed(
        clinician=Party(launch.user),
        at=services.clock().astimezone(ehr.zone),
        terms=_terms(services),
        organisation=Party("", ehr.clinic_name),
        note=note.strip(),
        last=last,
        app_version=APP_VERSION,
        us=ehr.country.upper() == "US",
    )


def _terms(services: Services) -> Terminology:
    return Terminology.of(services.catalogue.code_systems.values())


def _send(services: Services, connection: Connection, bundle: Mapping[str, Any]) -> None:
    """Write once; where the answer is lost, look for the trail of this very decision."""
    check(bundle)
    try:
        services.gateway.transaction(connection, bundle)
    except EHRAmbiguous as error:
        trail = bundle["entry"][-1]["resource"]
        (key,) = (tag["code"] for tag in trail["meta"]["tag"] if tag["system"] == IDENTIFIER)
        found = services.gateway.search(connection, "Provenance", {"_tag": f"{IDENTIFIER}|{key}"})
        if not any(keys_of(one) & keys_of(trail) for one in found):
            raise EHRUnavailable("the decision was not stored; it can be sent again") from error


def _note_down(services: Services, launch: Launch, choice: Choice, proposal: str) -> None:
    services.storage.save_audit(
        AuditEntry(
            ehr=launch.ehr,
            at=services.clock(),
            action=f"decide: {choice}",
            launch=launch.id,
            patient=launch.patient,
            user=launch.user,
            subject=proposal,
        )
    )
