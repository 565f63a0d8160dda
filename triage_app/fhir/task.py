"""Writes the work item: one Task per submission, which asks a clinician to look and decide."""

from __future__ import annotations

from typing import Any

from triage_app.clinical.terms import Urgency
from triage_app.fhir.filing import app_reference, instant
from triage_app.fhir.narrative import generated, paragraph
from triage_app.fhir.observation import OVERALL, overall_text
from triage_app.fhir.response import RESPONSE
from triage_app.fhir.result import Result
from triage_app.fhir.service_request import REQUISITION, route_kind
from triage_app.fhir.timing import priority, review_due

Json = dict[str, Any]

REVIEW = "review"


def to_task(result: Result) -> Json:
    """Return the review Task: focus on the first suggestion, or on the answers where there is none."""
    filing, assessment = result.filing, result.assessment
    suggestions = [filing.urn(route_kind(route.code)) for route in result.requests]
    due = review_due(assessment, filing.authored)
    description = _description(result)
    return {
        "resourceType": "Task",
        "language": "en",
        "text": generated(paragraph(f"Review by {due:%Y-%m-%d %H:%M}."), paragraph(description)),
        "identifier": [filing.identifier(REVIEW)],
        "groupIdentifier": filing.identifier(REQUISITION),
        "status": "requested",
        "intent": "order",
        "priority": priority(assessment),
        "code": result.wording.terms.concept("workflow", "review-suggestion"),
        "description": description,
        "focus": suggestions[0] if suggestions else filing.urn(RESPONSE),
        "for": filing.patient.to_reference(),
        **({"encounter": {"reference": filing.encounter}} if filing.encounter else {}),
        "authoredOn": instant(filing.authored),
        "lastModified": instant(filing.authored),
        "requester": app_reference(filing.app_version),
        **({"owner": filing.organisation.to_reference()} if filing.organisation else {}),
        "restriction": {"period": {"start": instant(filing.authored), "end": instant(due)}},
        "input": _inputs(result, suggestions),
    }


def _inputs(result: Result, suggestions: list[Json]) -> list[Json]:
    filing, terms = result.filing, result.wording.terms
    inputs = [("answers", filing.urn(RESPONSE)), ("result", filing.urn(OVERALL))]
    inputs += [("suggestion", reference) for reference in suggestions]
    return [
        {"type": terms.concept("workflow", code), "valueReference": reference} for code, reference in inputs
    ]


def _description(result: Result) -> str:
    text = overall_text(result)
    if result.assessment.urgency is Urgency.EMERGENCY:
        shown = f"{result.filing.authored:%Y-%m-%d %H:%M}"
        return (
            f"The emergency instruction was shown at {shown}. Whether the person acted is not known. {text}"
        )
    return text
