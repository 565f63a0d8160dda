"""Puts the page of one response together: its answers, its rules, what changed, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from triage_app.errors import NotFound
from triage_app.storage.rows import Launch
from triage_app.web.review_answers import AnswerPart, answer_parts
from triage_app.web.review_page import PATHWAY, Around, Notice, around, before_of, words_of
from triage_app.web.review_rules import Reasons, reasons_of
from triage_app.web.review_view import Standing, standing
from triage_app.workflow.open_review import open_review
from triage_app.workflow.review import Difference
from triage_app.workflow.services import Services


@dataclass(frozen=True)
class DetailPage:
    """Everything that the page of one response draws."""

    around: Around
    now: Standing
    answers: tuple[AnswerPart, ...]
    not_answered: tuple[str, ...]
    differences: tuple[Difference, ...]
    before: str
    reasons: Reasons
    signed_off: bool
    pathway: str
    checksum: str


def detail_page(
    services: Services, launch: Launch, response_id: str, notice: Notice | None = None
) -> DetailPage:
    """Return the page of a response in this chart; raise NotFound, or EHRError when it cannot be read."""
    reference = f"QuestionnaireResponse/{response_id}"
    review = open_review(services, launch, shown=reference)
    response = next((one for one in review.responses if one.reference == reference), None)
    if response is None:
        raise NotFound("response: there is no such set of answers in this chart")
    words, before = words_of(services, launch, response.pathway), before_of(review, response)
    return DetailPage(
        around=around(services, launch, response.pathway, notice),
        now=standing(response, before, services.catalogue.newest(PATHWAY), words),
        answers=answer_parts(response, words),
        not_answered=response.not_answered,
        differences=response.differences,
        before=words.day(before.authored) if before else "",
        reasons=reasons_of(response, words),
        signed_off=response.pathway.signed_off,
        pathway=f"{response.pathway.name} {response.pathway.version}",
        checksum=response.pathway.checksum,
    )
