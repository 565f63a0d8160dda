"""Submit: puts the answers on disk with everything that they owe the EHR, then delivers at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.engine import assess
from triage_app.clinical.form import check, in_play
from triage_app.clinical.questionnaire import Questionnaire
from triage_app.clinical.terms import Severity
from triage_app.delivery.states import DeliveryState, in_record
from triage_app.errors import EHRError
from triage_app.fhir.bundle import to_transaction
from triage_app.fhir.check import check as check_resource
from triage_app.fhir.exact_json import dumps
from triage_app.fhir.questionnaire import to_form
from triage_app.fhir.result import Result
from triage_app.storage.rows import AuditEntry, Delivery, DeliveryKind, Launch, Submission
from triage_app.workflow.answer import open_interview
from triage_app.workflow.chart import open_series
from triage_app.workflow.chart_origins import chart_says, origins_of
from triage_app.workflow.chart_words import ChartWords
from triage_app.workflow.connections import connect
from triage_app.workflow.corrections import corrections
from triage_app.workflow.deliver import deliver
from triage_app.workflow.filing import CLINICIAN_LANGUAGE, filing_of, wording_of
from triage_app.workflow.rights import may_submit
from triage_app.workflow.services import Services

IN_RECORD = "in your record"
SAVED_HERE = "saved here"
NOT_SENT = "not sent"
"""The EHR granted no writing: the person keeps what they see, and nothing is owed to the record."""


@dataclass(frozen=True)
class SubmitResult:
    """What became of a submission. ``reference`` is short enough to be read out on the telephone."""

    submission_id: str
    assessment: Assessment
    state: str  # IN_RECORD, SAVED_HERE or NOT_SENT
    reference: str


def submit(services: Services, launch: Launch, answers: Answers, pathway: Pathway) -> SubmitResult:
    """Store the answers and deliver them; sending the same draft again changes nothing.

    What is not asked is dropped first. Raise InvalidAnswer for an answer that the form does not take, and
    StorageError when nothing could be stored; the EHR's troubles never raise, they show in ``state``.
    """
    told = in_play(pathway.form, answers)
    problems = check(pathway.form, told)
    if problems:
        raise problems[0]
    assessment = assess(told, pathway.rules)
    submission, delivery = _written(services, launch, told, assessment, pathway)
    owed = [delivery] if may_submit(launch) else []
    stored = services.storage.save_submission(submission, owed, audit=_audit(launch, submission))
    return SubmitResult(
        submission_id=stored.id,
        assessment=assessment,
        state=_deliver(services, launch, stored),
        reference=stored.id.split("-")[0].upper(),
    )


def _deliver(services: Services, launch: Launch, stored: Submission) -> str:
    """Deliver what is stored, which may be the submission of an earlier press of the button."""
    states = [
        deliver(services, launch, delivery.id)
        for delivery in services.storage.deliveries_of(ehr=launch.ehr, submission_id=stored.id)
    ]
    if not states:
        return NOT_SENT
    return IN_RECORD if all(in_record(state) for state in states) else SAVED_HERE


def _written(
    services: Services, launch: Launch, told: Answers, assessment: Assessment, pathway: Pathway
) -> tuple[Submission, Delivery]:
    now = services.clock()
    draft = services.storage.fetch_draft(
        ehr=launch.ehr, patient=launch.patient, author=launch.user, pathway=pathway.name
    )
    submission_id = str(uuid5(UUID(draft.id), "submission")) if draft else services.new_id()
    result = _result(services, launch, told, assessment, pathway, submission_id=submission_id, now=now)
    bundle = to_transaction(result)
    check_resource(bundle)
    snapshot = _snapshot(result)
    submission = Submission(
        id=submission_id,
        ehr=launch.ehr,
        patient=launch.patient,
        launch=launch.id,
        pathway=pathway.name,
        version=pathway.version,
        snapshot=snapshot,
        sha256=sha256(dumps(snapshot)).hexdigest(),
        created_at=now,
        draft=draft.id if draft else None,
    )
    return submission, _delivery(submission, launch, bundle)


def _snapshot(result: Result) -> dict[str, object]:
    """Return what was sent off, as it was."""
    return {
        "answers": result.answers.to_plain(),
        "language": result.filing.language,
        "author": result.filing.author.reference,
        "source": result.filing.source.reference,
        "checksum": result.assessment.checksum,
    }


def _result(
    services: Services,
    launch: Launch,
    told: Answers,
    assessment: Assessment,
    pathway: Pathway,
    *,
    submission_id: str,
    now: datetime,
) -> Result:
    ehr, interview = services.settings.registry[launch.ehr], open_interview(services, launch)
    facts = interview.chart or ()
    filing = filing_of(launch, ehr, pathway, submission=submission_id, authored=now, recorded=now)
    return Result(
        filing=filing,
        form=pathway.form,
        shown=_shown(pathway, launch.language),
        answers=told,
        assessment=assessment,
        wording=wording_of(services.catalogue, pathway),
        series=_series(services, launch, assessment),
        corrections=corrections(pathway.form, interview.changes),
        chart_says=tuple(chart_says(pathway.form, facts, told, ChartWords(pathway, CLINICIAN_LANGUAGE))),
        origins=origins_of(facts, told, ChartWords(pathway, launch.language)),
    )


def _series(services: Services, launch: Launch, assessment: Assessment) -> frozenset[str]:
    """Return the limbs to close with a ``none``; when the chart cannot be asked, none is closed."""
    if all(limb.severity is not Severity.NONE for limb in assessment.limbs):
        return frozenset()
    try:
        return open_series(services.gateway, connect(services, launch), launch.patient)
    except EHRError:
        return frozenset()


def _shown(pathway: Pathway, language: str) -> Questionnaire:
    """Return the form as the person saw it."""
    if language == pathway.form.language:
        return pathway.form
    return to_form(pathway.resource, language=language)


def _delivery(submission: Submission, launch: Launch, bundle: dict[str, object]) -> Delivery:
    return Delivery(
        id=str(uuid5(UUID(submission.id), "delivery")),
        submission=submission.id,
        ehr=submission.ehr,
        patient=submission.patient,
        kind=DeliveryKind.TRANSACTION,
        bundle=bundle,
        state=DeliveryState.QUEUED,
        created_at=submission.created_at,
        due_at=submission.created_at,
        launch=launch.id,
    )


def _audit(launch: Launch, submission: Submission) -> AuditEntry:
    return AuditEntry(
        ehr=launch.ehr,
        at=submission.created_at,
        action="submit",
        launch=launch.id,
        patient=launch.patient,
        user=launch.user,
        subject=submission.id,
    )
