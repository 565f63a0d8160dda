"""Puts the first page of a review together: reads the chart, names the person, shapes what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from triage_app.errors import TriageError
from triage_app.storage.rows import Launch
from triage_app.web.frame import Frame, frame_for
from triage_app.web.review_view import Standing, standing
from triage_app.web.review_words import ReviewWords
from triage_app.web.who import look_up_person
from triage_app.workflow.filing import wording_of
from triage_app.workflow.open_review import open_review
from triage_app.workflow.services import Services

PATHWAY = "nerve-symptoms"


@dataclass(frozen=True)
class Notice:
    """What stands on top of the page after a decision that was not taken."""

    heading: str
    words: str

    @classmethod
    def of_mistake(cls, error: TriageError) -> Notice:
        """Return what to say when the form was not complete."""
        return cls("Nothing was decided", str(error))

    @classmethod
    def of_conflict(cls, error: TriageError) -> Notice:
        """Return what to say when the chart has moved on."""
        return cls("Nothing was decided: the chart has changed", str(error))


@dataclass(frozen=True)
class ReviewPage:
    """Everything that the template draws."""

    launch_id: str
    frame: Frame
    shows_banner: bool
    notice: Notice | None
    now: Standing | None
    waiting: int


def review_page(services: Services, launch: Launch, notice: Notice | None = None) -> ReviewPage:
    """Return the page from what the chart holds at this moment; raise EHRError when it cannot be read."""
    review = open_review(services, launch)
    ehr = services.settings.registry[launch.ehr]
    newest = review.responses[0] if review.responses else None
    pathway = newest.pathway if newest else services.catalogue.newest(PATHWAY)
    words = ReviewWords(pathway, wording_of(services.catalogue, pathway).terms, ehr)
    before = review.responses[1] if len(review.responses) > 1 else None
    return ReviewPage(
        launch_id=launch.id,
        frame=frame_for(ehr, "en", pathway, person=look_up_person(launch)),
        shows_banner=launch.need_patient_banner,
        notice=notice,
        now=standing(newest, before, words) if newest else None,
        waiting=review.waiting,
    )
