"""Shapes the first page of a review: signs, state and change, urgency, limbs and suggestions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage_app.catalogue.model import Pathway
from triage_app.clinical.assessment import Assessment, LimbAssessment
from triage_app.clinical.terms import Severity
from triage_app.fhir.timing import window_days
from triage_app.web.review_cards import Card, cards_of, why_no_card, work_words
from triage_app.web.review_remarks import Remark, remarks_on
from triage_app.web.review_signs import SignPanel, sign_panel
from triage_app.web.review_words import ReviewWords, score_words
from triage_app.workflow.review import ReviewedResponse


@dataclass(frozen=True)
class Shift:
    """How something stands against last time; ``way`` is worse, better, same or other."""

    way: str
    words: str


@dataclass(frozen=True)
class LimbLine:
    """One limb: its grade, its score, the change, what it is similar to and what set the grade."""

    name: str
    grade: str
    score: str
    shift: Shift
    is_reported: bool
    patterns: tuple[str, ...]
    anchors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Standing:
    """Where the person stands now: everything that is drawn from one response."""

    response_id: str
    told: str
    urgency: str
    urgency_shift: Shift
    instruction: str
    is_determined: bool
    signs: SignPanel
    limbs: tuple[LimbLine, ...]
    remarks: tuple[Remark, ...]
    cards: tuple[Card, ...]
    no_cards: str
    work: str


def standing(
    response: ReviewedResponse, before: ReviewedResponse | None, newest: Pathway, words: ReviewWords
) -> Standing:
    """Return the response as the page shows it, set against the one before."""
    found = response.assessment
    return Standing(
        response_id=response.reference.rpartition("/")[2],
        told=_told(response, words),
        urgency=words.urgency(found),
        urgency_shift=_urgency_shift(response, before, words),
        instruction=words.instruction(found),
        is_determined=found.determined,
        signs=sign_panel(response, before, words),
        limbs=tuple(_limbs(response, before, words)),
        remarks=tuple(remarks_on(response, before, newest, words)),
        cards=cards_of(response, words),
        no_cards=why_no_card(response),
        work=work_words(response, words),
    )


def _told(response: ReviewedResponse, words: ReviewWords) -> str:
    keyed = response.keyed_by
    by = (
        response.answered_by if keyed == response.answered_by else f"{response.answered_by}, keyed by {keyed}"
    )
    return f"Answered {words.time(response.authored)} by {by}"


def _urgency_shift(response: ReviewedResponse, before: ReviewedResponse | None, words: ReviewWords) -> Shift:
    if before is None:
        return Shift("other", "nothing earlier to compare with")
    now, was, day = _soon(response.assessment), _soon(before.assessment), words.day(before.authored)
    if now == was:
        return Shift("same", f"as on {day}")
    old = f"was “{words.urgency(before.assessment)}” on {day}"
    return Shift("worse", f"sooner: {old}") if now > was else Shift("better", f"later: {old}")


def _soon(found: Assessment) -> tuple[int, int]:
    """Return how soon, to compare: the level, and within it the days."""
    return found.urgency, -window_days(found)


def _limbs(
    response: ReviewedResponse, before: ReviewedResponse | None, words: ReviewWords
) -> Iterator[LimbLine]:
    earlier = {limb.code: limb for limb in before.assessment.limbs} if before else {}
    for limb in response.assessment.limbs:
        yield LimbLine(
            name=words.limb(limb.code),
            grade=words.grade(limb),
            score=score_words(limb.score),
            shift=_shift(limb, earlier.pop(limb.code, None), before, words),
            is_reported=True,
            patterns=words.patterns(pattern.code for pattern in limb.patterns),
            anchors=tuple((rule, words.rule(rule)) for rule in limb.anchors),
        )
    for code, limb in earlier.items():
        day = words.day(before.authored if before else None)
        shift = Shift("other", f"{words.grade(limb).lower()} on {day}")
        yield LimbLine(words.limb(code), "Not reported this time", "", shift, False, (), ())


def _shift(
    now: LimbAssessment, was: LimbAssessment | None, before: ReviewedResponse | None, words: ReviewWords
) -> Shift:
    if before is None:
        return Shift("other", "nothing earlier to compare with")
    day = words.day(before.authored)
    if was is None:
        return Shift("other", f"newly reported: not among the affected limbs on {day}")
    old = f"{words.grade(was).lower()}, score {score_words(was.score)}, on {day}"
    if Severity.UNKNOWN in (now.severity, was.severity):
        return Shift("other", f"cannot be compared: was {old}")
    change = (now.severity.rank, now.motor) > (was.severity.rank, was.motor)
    if change:
        return Shift("worse", f"worse: was {old}")
    if (now.severity.rank, now.motor) < (was.severity.rank, was.motor):
        return Shift("better", f"better: was {old}")
    return Shift("same", f"same grade: {old}")
