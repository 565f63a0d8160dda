"""Says what stands in the chart because of a response, and whether it is still what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from triage_app.clinical.answers import Answers
from triage_app.delivery.reconcile import child, keys_of, objects
from triage_app.delivery.states import DeliveryState
from triage_app.fhir.codes import IDENTIFIER
from triage_app.fhir.response import RESPONSE
from triage_app.fhir.result import APP_SIGN_OFF
from triage_app.fhir.terminology import Terminology
from triage_app.storage.rows import Launch
from triage_app.workflow.chart import Chart, Json, code_of, first_code, reference_of
from triage_app.workflow.chart_origins import CHARTED
from triage_app.workflow.corrections import CORRECTED
from triage_app.workflow.outcomes import moment
from triage_app.workflow.review import Written
from triage_app.workflow.services import Services


@dataclass(frozen=True)
class Kept:
    """What this app still holds of a submission, and what its delivery said."""

    answers: Answers
    remark: str


def kept_here(services: Services, launch: Launch) -> dict[str, Kept]:
    """Return what is still held here of this patient's submissions, by the key of the response."""
    held = services.storage.fetch_submissions(ehr=launch.ehr, patient=launch.patient)
    return {
        f"{IDENTIFIER}|{uuid5(UUID(one.id), RESPONSE)}": Kept(
            Answers.from_plain(one.snapshot["answers"]), _remark(services, launch, one.id)
        )
        for one in held
    }


def altered(response: Json, answers: Answers, kept: Mapping[str, Kept]) -> Iterator[str]:
    """Yield in which ways the chart holds otherwise what was sent."""
    if response.get("status") == "amended":
        yield "The answers were amended in the chart after they were sent."
    for key in keys_of(response) & kept.keys():
        if kept[key].answers != answers:
            yield "The answers in the chart are not those that were sent from here."
        if kept[key].remark:
            yield f"The EHR keeps some of it otherwise than it was sent: {kept[key].remark}."


def written(chart: Chart, response: Json, terms: Terminology) -> Iterator[Written]:
    """Yield what stands in the chart because of the response: answers, results, suggestions, work."""
    reference = reference_of(response)
    yield _one(response, "The answers")
    for found in chart.derived_from(reference):
        yield _one(found, _observed(found, terms))
    for proposal in chart.proposals_of(reference):
        yield _one(proposal, f"Suggestion: {terms.display('route', first_code(child(proposal, 'code')))}")
        made = chart.made_from(reference_of(proposal))
        if made is not None:
            yield _one(made, f"Request made from it ({made.get('intent', '')})")
    task = chart.task_of(reference)
    if task is not None:
        yield _one(task, "Task: review")


def corrections_in(overall: Json | None) -> tuple[str, ...]:
    """Return which signs were first answered otherwise, as the result in the chart says it."""
    return _sentences(_notes(overall), CORRECTED)


def chart_says_in(overall: Json | None) -> tuple[str, ...]:
    """Return where the chart and the answers differed, as the result in the chart says it."""
    return _sentences(_notes(overall).partition(CORRECTED)[0], CHARTED)


def _notes(overall: Json | None) -> str:
    notes = " ".join(str(one.get("text", "")) for one in objects((overall or {}).get("note")))
    return notes.removesuffix(APP_SIGN_OFF)


def _sentences(notes: str, beginning: str) -> tuple[str, ...]:
    return tuple(f"{beginning}{one}".strip() for one in notes.split(beginning)[1:])


def _one(resource: Json, what: str) -> Written:
    own = resource.get("authored") or resource.get("issued") or resource.get("authoredOn")
    at = moment(child(resource, "meta").get("lastUpdated")) or moment(own)
    return Written(reference_of(resource), what, str(resource.get("status", "")), at)


def _observed(found: Json, terms: Terminology) -> str:
    code = code_of(found)
    value = first_code(child(found, "valueCodeableConcept"))
    if code == "severity":
        limb = terms.display("limb", first_code(child(found, "bodySite")))
        return f"Severity, {limb}: {terms.display('severity', value or 'unknown')}"
    if code == "triage-overall":
        return f"Result: {terms.display('urgency', value)}"
    return str(child(found, "code").get("text") or "Observation")


def _remark(services: Services, launch: Launch, submission: str) -> str:
    deliveries = services.storage.deliveries_of(ehr=launch.ehr, submission_id=submission)
    found = [one.last_error or "" for one in deliveries if one.state is DeliveryState.DELIVERED]
    return "; ".join(text.partition("stored otherwise than sent: ")[2] for text in found if text)
