"""Shapes the first page of a review: signs, state and change, suggestions, trend, what is in the chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage_app.clinical.assessment import LimbAssessment
from triage_app.clinical.terms import Severity, Urgency
from triage_app.web.review_signs import SignPanel, sign_panel
from triage_app.web.review_words import ReviewWords, score_words
from triage_app.workflow.review import ReviewedResponse, Suggestion


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
    code: str
    score: str
    shift: Shift
    patterns: tuple[str, ...]
    anchors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RuleLine:
    """A rule that decided: its id, its sentence and the ids of its sources."""

    rule_id: str
    sentence: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One suggestion to decide on, or decided."""

    anchor: str
    reference: str
    version: str
    name: str
    until: str
    rules: tuple[RuleLine, ...]
    is_open: bool
    outcome: str
    detail: str


@dataclass(frozen=True)
class Standing:
    """Where the person stands now: everything that is drawn from one response."""

    reference: str
    told: str
    urgency: str
    urgency_shift: Shift
    is_emergency: bool
    signs: SignPanel
    limbs: tuple[LimbLine, ...]
    cards: tuple[Card, ...]


def standing(response: ReviewedResponse, before: ReviewedResponse | None, words: ReviewWords) -> Standing:
    """Return the response as the page shows it, set against the one before."""
    found = response.assessment
    return Standing(
        reference=response.reference,
        told=f"Answered {words.time(response.authored)} by {response.answered_by}",
        urgency=words.urgency(found),
        urgency_shift=_urgency_shift(response, before, words),
        is_emergency=found.urgency is Urgency.EMERGENCY,
        signs=sign_panel(response, before, words),
        limbs=tuple(_limbs(response, before, words)),
        cards=tuple(_card(one, response, words) for one in response.suggestions),
    )


def _urgency_shift(response: ReviewedResponse, before: ReviewedResponse | None, words: ReviewWords) -> Shift:
    if before is None:
        return Shift("other", "first answers in this chart")
    now, was, day = response.assessment.urgency, before.assessment.urgency, words.day(before.authored)
    if now == was:
        return Shift("same", f"as on {day}")
    old = words.urgency(before.assessment)
    return Shift(
        "worse" if now > was else "better", f"{'sooner' if now > was else 'later'} than on {day}: {old}"
    )


def _limbs(
    response: ReviewedResponse, before: ReviewedResponse | None, words: ReviewWords
) -> Iterator[LimbLine]:
    earlier = {limb.code: limb for limb in before.assessment.limbs} if before else {}
    for limb in response.assessment.limbs:
        yield LimbLine(
            name=words.limb(limb.code),
            grade=words.grade(limb),
            code=str(limb.severity),
            score=score_words(limb.score),
            shift=_shift(limb, earlier.pop(limb.code, None), before, words),
            patterns=words.patterns(pattern.code for pattern in limb.patterns),
            anchors=tuple((rule, words.rule(rule)) for rule in limb.anchors),
        )
    for code, limb in earlier.items():
        day = words.day(before.authored if before else None)
        shift = Shift("other", f"{words.grade(limb).lower()} on {day}")
        yield LimbLine(words.limb(code), "Not reported this time", "unknown", "", shift, (), ())


def _shift(
    now: LimbAssessment, was: LimbAssessment | None, before: ReviewedResponse | None, words: ReviewWords
) -> Shift:
    if before is None:
        return Shift("other", "first time asked")
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


def _card(one: Suggestion, response: ReviewedResponse, words: ReviewWords) -> Card:
    sources = {rule.rule_id: rule.sources for rule in response.pathway.rules.rules}
    return Card(
        anchor=anchor_of(one.reference),
        reference=one.reference,
        version=one.version,
        name=one.name,
        until=words.written_day(one.until),
        rules=tuple(RuleLine(rule, sentence, sources.get(rule, ())) for rule, sentence in one.why),
        is_open=one.is_open,
        outcome={"completed": "Accepted", "revoked": "Declined"}.get(one.status, one.status),
        detail=one.outcome.reason if one.outcome else "",
    )


def anchor_of(reference: str) -> str:
    """Return the fragment at which a suggestion stands on the page."""
    return f"s-{reference.rpartition('/')[2]}"
