"""Shapes the suggestions: what, until when, why, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage_app.catalogue.model import Pathway
from triage_app.clinical.terms import Urgency
from triage_app.web.review_words import ReviewWords
from triage_app.workflow.review import Outcome, ReviewedResponse, Suggestion

_PLAIN = {"proposal": "our own proposal", "knowledge": "common knowledge"}
NO_QUEUE = "No request was written: an emergency is acted on, not put in a queue."
_STATES = {"completed": "Accepted", "revoked": "Declined"}


@dataclass(frozen=True)
class SourceTag:
    """A source in a word, and its title and year; what is only ours says so."""

    name: str
    title: str


@dataclass(frozen=True)
class RuleLine:
    """A rule that decided: its id, its sentence and its sources."""

    rule_id: str
    sentence: str
    sources: tuple[SourceTag, ...]


@dataclass(frozen=True)
class Card:
    """One suggestion to decide on, or decided."""

    anchor: str
    response_id: str
    reference: str
    version: str
    name: str
    until: str
    rules: tuple[RuleLine, ...]
    is_open: bool
    outcome: str  # "Accepted by you (Practitioner/7), 3 August 2026, 14:02"
    details: tuple[str, ...]


def cards_of(response: ReviewedResponse, words: ReviewWords) -> tuple[Card, ...]:
    """Return the suggestions of a response in the order of the rules; a decision moves none of them."""
    return tuple(_card(one, response, words) for one in response.suggestions)


def why_no_card(response: ReviewedResponse) -> str:
    """Return why nothing is suggested, where that is so."""
    if response.suggestions:
        return ""
    if not response.is_ours:
        return "Nothing was suggested: these answers came from another app."
    if response.assessment.urgency is Urgency.EMERGENCY:
        return NO_QUEUE
    if response.assessment.urgency is Urgency.SELF_CARE:
        return "No referral is suggested: measures at home, and the same questions again in six weeks."
    return "There is no suggestion in the chart for these answers."


def work_words(response: ReviewedResponse, words: ReviewWords) -> str:
    """Return the state of the review task in words."""
    work = response.work
    if work is None:
        return ""
    states = {"requested": "open", "in-progress": "in progress", "completed": "done"}
    due = f", due {words.written_time(work.due)}" if work.due and work.status != "completed" else ""
    return f"Review task: {states.get(work.status, work.status)}{due}"


def anchor_of(reference: str) -> str:
    """Return the fragment at which a suggestion stands on the page."""
    return f"s-{reference.rpartition('/')[2]}"


def _card(one: Suggestion, response: ReviewedResponse, words: ReviewWords) -> Card:
    return Card(
        anchor=anchor_of(one.reference),
        response_id=response.reference.rpartition("/")[2],
        reference=one.reference,
        version=one.version,
        name=one.name,
        until=words.written_day(one.until),
        rules=tuple(_rule(rule, sentence, response) for rule, sentence in one.why),
        is_open=one.is_open,
        outcome=_outcome(one, words),
        details=tuple(_details(one.outcome)) if one.outcome else (),
    )


def source_tags(names: Iterable[str], pathway: Pathway) -> tuple[SourceTag, ...]:
    """Return the sources of a rule; a proposal of ours and plain knowledge are named as such."""
    found = [pathway.sources[name] for name in names if name in pathway.sources]
    tags = (
        SourceTag(_PLAIN.get(one.kind, one.source_id), f"{one.title}, {one.year}" if one.year else one.title)
        for one in found
    )
    return tuple({tag.name: tag for tag in tags}.values())


def _rule(rule_id: str, sentence: str, response: ReviewedResponse) -> RuleLine:
    rule = response.pathway.rules.by_id.get(rule_id)
    return RuleLine(rule_id, sentence, source_tags(rule.sources if rule else (), response.pathway))


def _outcome(one: Suggestion, words: ReviewWords) -> str:
    state = _STATES.get(one.status, one.status)
    if one.outcome is None:
        return state
    return f"{state} by {words.person(one.outcome.by, one.outcome.name)}, {words.time(one.outcome.at)}"


def _details(outcome: Outcome) -> list[str]:
    made = f"{outcome.request} was made from it ({outcome.request_state})" if outcome.request else ""
    return [text for text in (outcome.reason, made, f"Note: {outcome.note}" if outcome.note else "") if text]
