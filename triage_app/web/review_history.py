"""Lists all answers of a patient, newest first, as the plain table below the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from triage_app.clinical.assessment import Assessment
from triage_app.web.review_signs import RAISED
from triage_app.web.review_words import ReviewWords, score_words
from triage_app.workflow.review import ReviewedResponse

PAIN = "pain"


@dataclass(frozen=True)
class HistoryRow:
    """One set of answers in a line."""

    response_id: str
    day: str
    urgency: str
    limbs: tuple[str, ...]  # in the order of the table's columns
    pain: str
    flags: str
    suggestions: str


@dataclass(frozen=True)
class History:
    """The table: a column for each limb that was ever named."""

    limbs: tuple[str, ...]
    rows: tuple[HistoryRow, ...]


def history(responses: Sequence[ReviewedResponse], words: ReviewWords) -> History:
    """Return every set of answers."""
    codes = tuple(dict.fromkeys(limb.code for one in responses for limb in one.assessment.limbs))
    return History(
        limbs=tuple(map(words.limb, codes)), rows=tuple(_row(one, codes, words) for one in responses)
    )


def _row(one: ReviewedResponse, codes: Sequence[str], words: ReviewWords) -> HistoryRow:
    pain = one.answers.person.get(PAIN)
    raised = sum(flag.state == RAISED for flag in one.assessment.flags)
    return HistoryRow(
        response_id=one.reference.rpartition("/")[2],
        day=words.day(one.authored),
        urgency=words.urgency(one.assessment),
        limbs=tuple(_limb(one.assessment, code, words) for code in codes),
        pain=str(pain) if isinstance(pain, Decimal) else "–",
        flags=str(raised) if raised else "none",
        suggestions=_suggestions(one),
    )


def _limb(found: Assessment, code: str, words: ReviewWords) -> str:
    for limb in found.limbs:
        if limb.code == code:
            motor = ", motor" if limb.motor else ""
            return f"{words.severity(limb.severity)}{motor}, {score_words(limb.score)}"
    return "not reported"


def _suggestions(one: ReviewedResponse) -> str:
    still_open = sum(suggestion.is_open for suggestion in one.suggestions)
    decided = sum(suggestion.is_decided for suggestion in one.suggestions)
    parts = [f"{still_open} open" if still_open else "", f"{decided} decided" if decided else ""]
    return ", ".join(filter(None, parts)) or "none"
