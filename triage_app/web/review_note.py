"""Writes the review as a few plain lines to be copied into a note."""

from __future__ import annotations

from collections.abc import Iterator

from triage_app.web.review_signs import RAISED, UNSURE
from triage_app.web.review_view import Standing
from triage_app.web.review_words import HIGHEST_SCORE
from triage_app.workflow.review import ReviewedResponse

SHORT_CHECKSUM = 12


def note_lines(response: ReviewedResponse, now: Standing) -> tuple[str, ...]:
    """Return six to twelve lines: who, signs, urgency, limbs, suggestions and decisions, rules, version."""
    return tuple(_lines(response, now))


def _lines(response: ReviewedResponse, now: Standing) -> Iterator[str]:
    yield f"Nerve symptoms, self-report, not examined. {now.told}."
    yield f"Red flags: {_named(now, RAISED) or 'none raised'} ({now.signs.count})."
    if unsure := _named(now, UNSURE):
        yield f"Not sure about: {unsure}."
    yield f"Urgency by the rules: {now.urgency} ({now.urgency_shift.words})."
    shown = now.limbs[:3]
    for limb in shown:
        score = f", score {limb.score} of {HIGHEST_SCORE}" if limb.score else ""
        similar = f" Similar to: {'; '.join(limb.patterns)}." if limb.patterns else ""
        yield f"{limb.name}: {limb.grade}{score} ({limb.shift.words}).{similar}"
    if rest := now.limbs[3:]:
        yield f"Also: {'; '.join(f'{limb.name} {limb.grade.lower()}' for limb in rest)}."
    yield _suggested(now)
    yield f"Deciding rules: {', '.join(response.assessment.decided_by) or 'none'}."
    found = response.assessment
    signed = "" if response.pathway.signed_off else " Not clinically signed off."
    yield f"Pathway {found.pathway} {found.version}, rules {found.checksum[:SHORT_CHECKSUM]}.{signed}"


def _named(now: Standing, state: str) -> str:
    return "; ".join(line.name for line in now.signs.lines if line.state == state)


def _suggested(now: Standing) -> str:
    if not now.cards:
        return now.no_cards
    told = (f"{card.name} ({'open' if card.is_open else card.outcome})" for card in now.cards)
    return f"Suggested: {'; '.join(told)}."
