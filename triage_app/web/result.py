"""Shapes the result for the patient: the action first, the safety net, then everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage_app.catalogue.model import Pathway
from triage_app.clinical.advice import advice_for
from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.engine import assess
from triage_app.clinical.terms import Mode, Urgency
from triage_app.delivery.states import in_record
from triage_app.errors import NotFound
from triage_app.settings import EHR
from triage_app.storage.rows import Delivery, Launch, Submission
from triage_app.web.patient_words import PatientWords
from triage_app.workflow.services import Services

REFERENCE_LENGTH = 8
UNDETERMINED = "UNDETERMINED"
CHILD = "rf.child"
SELF_HARM = "rf.self_harm"


@dataclass(frozen=True)
class Advice:
    """One piece of advice and when to stop it."""

    text: str
    stop: str


@dataclass(frozen=True)
class ResultView:
    """Everything that the result template draws."""

    in_record: bool
    not_sent: bool  # nothing is owed to the record: the EHR granted no writing
    sent_at: str
    reference: str
    level: str  # emergency, urgent or non-urgent: the look of the card
    heading: str
    lines: tuple[str, ...]
    emergency: bool
    go: bool
    told: tuple[str, ...]
    call: tuple[str, ...]
    today: tuple[str, ...]
    similar: tuple[str, ...]
    routes: tuple[str, ...]
    advice: tuple[Advice, ...]
    outlook: str
    cards: tuple[str, ...]


def latest_result(services: Services, launch: Launch) -> tuple[Submission, list[Delivery]]:
    """Return what this launch sent last, and how far it is; raise NotFound when it sent nothing."""
    kept = services.storage.fetch_submissions(ehr=launch.ehr, patient=launch.patient)
    for submission in kept:
        if submission.launch == launch.id:
            deliveries = services.storage.deliveries_of(ehr=launch.ehr, submission_id=submission.id)
            return submission, deliveries
    raise NotFound("result: nothing was sent with this launch")


def result_view(
    pathway: Pathway, submission: Submission, deliveries: Sequence[Delivery], ehr: EHR, words: PatientWords
) -> ResultView:
    """Return the result of what was sent, assessed with the version that it was answered with."""
    answers = Answers.from_plain(submission.snapshot["answers"])
    found = assess(answers, pathway.rules)
    heading, lines = words.urgency(_key(found))
    told = [finding.flag for finding in found.flags if finding.state != "past"]
    raised = [finding.flag for finding in found.flags if finding.state == "raised"]
    quiet = found.urgency >= Urgency.URGENT_2W or not found.determined or CHILD in raised
    return ResultView(
        not_sent=not deliveries,
        in_record=bool(deliveries) and all(in_record(delivery.state) for delivery in deliveries),
        sent_at=local_time(submission.created_at, ehr),
        reference=submission.id.replace("-", "")[:REFERENCE_LENGTH].upper(),
        level=_level(found),
        heading=heading,
        lines=lines,
        emergency=found.urgency is Urgency.EMERGENCY,
        go=found.mode is Mode.GO,
        told=words.flags(raised),
        call=words.lines("safety_net", "call"),
        today=words.lines("safety_net", "today"),
        similar=() if quiet else _similar(found, words),
        routes=tuple(filter(None, (words.text("route", route.code) for route in found.routes))),
        advice=_advice(pathway, answers, found, words),
        outlook="" if quiet else words.text("education", "outlook"),
        cards=words.cards(_cards(told, sent=bool(deliveries))),
    )


def _cards(told: Sequence[str], *, sent: bool) -> tuple[str, ...]:
    """Nobody is said to read what was not sent."""
    return (*(["review"] if sent else []), "worse_meanwhile", *(["self_harm"] if SELF_HARM in told else []))


def local_time(moment: datetime, ehr: EHR) -> str:
    """Return a time as the site's people write it: ``3 August 2026, 14:02``."""
    here = moment.astimezone(ehr.zone)
    return f"{here.day} {here:%B %Y, %H:%M}"


def _key(found: Assessment) -> str:
    if found.urgency is Urgency.EMERGENCY:
        return f"EMERGENCY_{found.mode or 'call'}"
    if not found.determined and found.urgency < Urgency.SAME_DAY:
        return UNDETERMINED
    return found.urgency.name


def _level(found: Assessment) -> str:
    if found.urgency is Urgency.EMERGENCY:
        return "emergency"
    if found.urgency >= Urgency.URGENT_2W or not found.determined:
        return "urgent"
    return "non-urgent"


def _patterns(found: Assessment) -> tuple[str, ...]:
    """Return the pattern that leads in each limb, each once; () where none fits or none may be told."""
    return tuple(dict.fromkeys(limb.patterns[0].code for limb in found.limbs if limb.patterns))


def _similar(found: Assessment, words: PatientWords) -> tuple[str, ...]:
    sentences = [words.text("pattern", code) or words.text("pattern", "none") for code in _patterns(found)]
    return tuple(dict.fromkeys(sentences)) or (words.text("pattern", "none"),)


def _advice(pathway: Pathway, answers: Answers, found: Assessment, words: PatientWords) -> tuple[Advice, ...]:
    codes = advice_for(words.table("advice"), answers, found, pathway.rules)
    return tuple(
        Advice(words.text("advice", code, "text"), words.text("advice", code, "stop")) for code in codes
    )
