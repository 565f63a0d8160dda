"""Open a review: reads the chart, works every result out again, and says whether it agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from triage_app.catalogue.model import Pathway, Source
from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.changes import what_would_change
from triage_app.clinical.engine import assess
from triage_app.clinical.form import check, in_play
from triage_app.errors import InputError, NotFound
from triage_app.fhir.origin import origins_in
from triage_app.fhir.response import from_response
from triage_app.fhir.response_text import answer_rows, not_answered
from triage_app.fhir.result import Wording
from triage_app.storage.rows import Launch
from triage_app.workflow.chart import Chart, Json, first_code, is_ours, read_chart, reference_of
from triage_app.workflow.connections import connect
from triage_app.workflow.differences import differences
from triage_app.workflow.filing import wording_of
from triage_app.workflow.outcomes import moment, outcomes_in
from triage_app.workflow.review import (
    Outcome,
    Review,
    ReviewedResponse,
    Suggestion,
    Unreadable,
    Withdrawn,
    Work,
)
from triage_app.workflow.services import Services
from triage_app.workflow.written import Kept, altered, chart_says_in, corrections_in, kept_here, written

Read = tuple[Json, Pathway, Answers]


@dataclass(frozen=True)
class _Told:
    """What stands beside the answers: what became of suggestions, and what is kept here of what was sent."""

    outcomes: Mapping[str, Outcome]
    kept: Mapping[str, Kept]


def open_review(services: Services, launch: Launch, *, shown: str | None = None) -> Review:
    """Return everything that a clinician needs to decide; raise EHRError when the chart cannot be read.

    What would have changed the outcome is worked out for the response ``shown`` (its reference), else for
    the newest.
    """
    connection = connect(services, launch)
    chart = read_chart(services.gateway, connection, launch.patient)
    read: list[Read] = []
    unreadable: list[Unreadable] = []
    for response in chart.responses:
        try:
            read.append(_read(services, response))
        except (InputError, NotFound) as error:
            reference = reference_of(response)
            unreadable.append(Unreadable(reference, str(response.get("authored", "")), str(error)))
    told = _Told(outcomes_in(services.gateway, connection, chart), kept_here(services, launch))
    waiting = services.storage.pending_deliveries(ehr=launch.ehr, patient=launch.patient)
    return Review(
        launch.patient,
        tuple(_reviewed(services, chart, read, told, shown)),
        tuple(unreadable),
        tuple(Withdrawn(reference_of(one), moment(one.get("authored"))) for one in chart.withdrawn),
        len(waiting),
    )


def _read(services: Services, response: Json) -> Read:
    """Return the answers with the very version that they were given to; raise InputError or NotFound."""
    canonical = str(response.get("questionnaire", ""))
    if "|" not in canonical:
        raise NotFound("questionnaire: found no version, expected url|version")
    try:
        pathway = services.catalogue.by_canonical(canonical)
    except NotFound as error:
        expected = "a version that is installed here"
        raise NotFound(f"questionnaire: found {canonical[:120]}, expected {expected}") from error
    answers = in_play(pathway.form, from_response(response, pathway.form))
    problems = check(pathway.form, answers)
    if problems:
        raise problems[0]
    return response, pathway, answers


def _reviewed(
    services: Services, chart: Chart, read: list[Read], told: _Told, shown: str | None
) -> Iterator[ReviewedResponse]:
    assessed = [assess(answers, pathway.rules) for _, pathway, answers in read]
    for place, (response, pathway, answers) in enumerate(read):
        wording = wording_of(services.catalogue, pathway)
        reference = reference_of(response)
        is_shown = reference == shown if shown else place == 0
        earlier = place + 1 < len(read)
        before = (read[place + 1][2], assessed[place + 1]) if earlier else None
        deviations = tuple(_deviations(chart, reference, assessed[place], wording, ours=is_ours(response)))
        yield ReviewedResponse(
            reference=reference,
            authored=moment(response.get("authored")),
            status=str(response.get("status", "")),
            answered_by=_who(response.get("source")),
            keyed_by=_who(response.get("author")),
            pathway=pathway,
            answers=answers,
            rows=tuple(answer_rows(pathway.form, answers, wording.terms.displays.get("limb"))),
            not_answered=tuple(not_answered(pathway.form, answers, wording.terms.displays.get("limb"))),
            assessment=assessed[place],
            stored_urgency=_stored_urgency(chart, reference),
            reproduces=not deviations,
            deviations=deviations,
            differences=differences(pathway.form, wording, (answers, assessed[place]), before),
            changes=what_would_change(answers, pathway.rules) if is_shown else (),
            suggestions=tuple(
                _suggestions(chart, reference, pathway, assessed[place], wording, told.outcomes)
            ),
            work=_work(chart.task_of(reference)),
            written=tuple(written(chart, response, wording.terms)),
            is_ours=is_ours(response),
            altered=tuple(altered(response, answers, told.kept)),
            corrections=corrections_in(chart.overall_of(reference)),
            chart_says=chart_says_in(chart.overall_of(reference)),
            origins=origins_in(response),
        )


def _stored_urgency(chart: Chart, reference: str) -> str | None:
    overall = chart.overall_of(reference)
    return None if overall is None else first_code(overall.get("valueCodeableConcept", {})) or None


def _deviations(
    chart: Chart, reference: str, found: Assessment, wording: Wording, *, ours: bool
) -> Iterator[str]:
    """Yield what was written otherwise than it is worked out now."""
    overall = chart.overall_of(reference)
    if overall is None and not ours:
        return
    if overall is None:
        yield "The result is not in the chart."
        return
    stored = first_code(overall.get("valueCodeableConcept", {}))
    if stored != found.urgency.name:
        yield f"Urgency was written as {stored or 'none'}; it comes to {found.urgency.name} now."
    if f"sha256:{found.checksum}" not in str(overall.get("method", {}).get("text", "")):
        yield "It was written with rules of another checksum."
    severities = chart.severities_of(reference)
    for limb in found.limbs:
        written, now = severities.get(limb.code, "none"), str(limb.severity)
        if (written or "unknown") != now:
            name = wording.terms.display("limb", limb.code)
            yield f"{name} was written as {written or 'unknown'}; it comes to {now} now."


def _suggestions(
    chart: Chart,
    reference: str,
    pathway: Pathway,
    found: Assessment,
    wording: Wording,
    outcomes: Mapping[str, Outcome],
) -> Iterator[Suggestion]:
    rules_of = {route.code: route.rules for route in found.routes}
    codes = [*rules_of]
    coded = [(first_code(one.get("code", {})), one) for one in chart.proposals_of(reference)]
    known = sorted((pair for pair in coded if pair[0] in rules_of), key=lambda pair: codes.index(pair[0]))
    for code, proposal in [*known, *(pair for pair in coded if pair[0] not in rules_of)]:
        rules = rules_of.get(code, ())
        yield Suggestion(
            reference=reference_of(proposal),
            version=str(proposal.get("meta", {}).get("versionId", "")),
            route=code,
            name=wording.terms.display("route", code),
            priority=str(proposal.get("priority", "")),
            until=str(proposal.get("occurrencePeriod", {}).get("end", "")),
            why=tuple((rule, wording.rules.get(rule, "")) for rule in rules),
            sources=_sources(pathway, rules),
            status=str(proposal.get("status", "")),
            outcome=outcomes.get(reference_of(proposal)),
        )


def _sources(pathway: Pathway, rules: tuple[str, ...]) -> tuple[Source, ...]:
    named = [name for rule in pathway.rules.rules if rule.rule_id in rules for name in rule.sources]
    return tuple(pathway.sources[name] for name in dict.fromkeys(named) if name in pathway.sources)


def _work(task: Json | None) -> Work | None:
    if task is None:
        return None
    due = str(task.get("restriction", {}).get("period", {}).get("end", ""))
    return Work(reference_of(task), str(task.get("status", "")), due)


def _who(reference: Any) -> str:
    """Return who a reference names: by name where the chart has one, else by kind."""
    found = reference if isinstance(reference, dict) else {}
    kinds = {"Patient": "the patient", "RelatedPerson": "a person who acts for the patient"}
    kind = str(found.get("reference", "")).split("/")[-2:][0]
    return str(found.get("display") or kinds.get(kind) or ("a clinician" if "Practit" in kind else "unknown"))
