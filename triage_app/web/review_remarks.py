"""Says what a clinician must know about the answers before trusting them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage_app.catalogue.model import Pathway
from triage_app.web.review_signs import plural
from triage_app.web.review_words import ReviewWords
from triage_app.workflow.chart_origins import CHARTED
from triage_app.workflow.review import Review, ReviewedResponse


@dataclass(frozen=True)
class Remark:
    """One thing to know, with its details."""

    heading: str
    details: tuple[str, ...] = ()


def remarks_on(
    response: ReviewedResponse, before: ReviewedResponse | None, newest: Pathway, words: ReviewWords
) -> Iterator[Remark]:
    """Yield what is unusual about one response; nothing when all is as it should be."""
    if not response.is_ours:
        yield Remark(
            "From another app: these answers were filled in elsewhere.",
            ("Nothing was concluded or written at the time; what you see was worked out just now.",),
        )
    if not response.reproduces:
        yield Remark(
            "Not reproduced: the result in the chart is not what these answers come to.", response.deviations
        )
    if response.altered:
        yield Remark("Altered: the chart does not hold what was sent.", response.altered)
    if response.pathway.version != newest.version:
        yield Remark(
            f"Other version: answered with version {response.pathway.version} of questions and rules, "
            f"the newest is {newest.version}.",
            ("It is read and worked out with its own version.",),
        )
    if before is not None and before.pathway.version != response.pathway.version:
        yield Remark(
            f"Compare with care: the answers of {words.day(before.authored)} were given to version "
            f"{before.pathway.version}, these to version {response.pathway.version}."
        )
    yield from _on_answers(response, words)


def _on_answers(response: ReviewedResponse, words: ReviewWords) -> Iterator[Remark]:
    """Yield where answers are missing, or do not agree with the chart or with each other."""
    if response.chart_says:
        said = (one.removeprefix(CHARTED).strip() for one in response.chart_says)
        yield Remark("Not as the chart says; the answers count.", tuple(said))
    if response.status == "in-progress":
        yield Remark("Incomplete: not every required question was answered.", response.not_answered)
    asked_again = response.assessment.contradictions
    if asked_again:
        yield Remark(
            "Answers contradict each other; the worse one counts.", tuple(map(words.question, asked_again))
        )


def remarks_about(review: Review, words: ReviewWords) -> Iterator[Remark]:
    """Yield what is missing from the picture: answers withdrawn, unreadable, or not yet in the chart."""
    for gone in review.withdrawn:
        yield Remark(
            f"Entered in error: answers of {words.day(gone.authored)} were withdrawn and are not shown."
        )
    for broken in review.unreadable:
        day = words.written_day(broken.authored) or "an unknown day"
        yield Remark(f"Unreadable: answers of {day} are in the chart but cannot be shown.", (broken.reason,))
    if review.waiting:
        yield Remark(
            f"Not the whole picture: {plural(review.waiting, 'submission')} of this patient, kept here, "
            "not yet in the chart."
        )
