"""Puts the first page of a review together: reads the chart, names the person, shapes what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from triage_app.catalogue.model import Pathway
from triage_app.errors import EHRConflict, TriageError
from triage_app.storage.rows import Launch
from triage_app.web.frame import Frame, frame_for
from triage_app.web.review_history import History, history
from triage_app.web.review_note import note_lines
from triage_app.web.review_remarks import Remark, remarks_about
from triage_app.web.review_trend import Trend, trends
from triage_app.web.review_view import Standing, standing
from triage_app.web.review_words import ReviewWords
from triage_app.web.who import look_up_person
from triage_app.workflow.filing import CLINICIAN_LANGUAGE, wording_of
from triage_app.workflow.open_review import open_review
from triage_app.workflow.review import Review, ReviewedResponse, Written
from triage_app.workflow.services import Services

PATHWAY = "nerve-symptoms"


@dataclass(frozen=True)
class Notice:
    """What stands on top of the page after a decision that was not taken."""

    heading: str
    words: str

    @classmethod
    def of(cls, error: TriageError) -> Notice:
        """Return what to say: whether the chart has moved on, or the form was not complete."""
        told = f"{str(error)[:1].upper()}{str(error)[1:]}."
        if isinstance(error, EHRConflict):
            return cls("Nothing was written: the chart has changed", f"{told} Below is what it says now.")
        return cls("Nothing was written", told)


@dataclass(frozen=True)
class Around:
    """What every page of a review has: the frame, whose chart it is, and a notice."""

    launch_id: str
    frame: Frame
    shows_banner: bool
    notice: Notice | None = None


@dataclass(frozen=True)
class WrittenLine:
    """One resource in the chart; ``at`` is empty where it is of the time that heads the list."""

    what: str
    status: str
    at: str


@dataclass(frozen=True)
class ReviewPage:
    """Everything that the first page draws."""

    around: Around
    now: Standing | None
    remarks: tuple[Remark, ...]
    trends: tuple[Trend, ...]
    history: History
    written_at: str
    written: tuple[WrittenLine, ...]
    note: tuple[str, ...]
    version: str


def review_page(services: Services, launch: Launch, notice: Notice | None = None) -> ReviewPage:
    """Return the page from what the chart holds at this moment; raise EHRError when it cannot be read."""
    review = open_review(services, launch)
    newest = services.catalogue.newest(PATHWAY)
    response = review.responses[0] if review.responses else None
    pathway = response.pathway if response else newest
    words = words_of(services, launch, pathway)
    written = response.written if response else ()
    now = standing(response, before_of(review, response), newest, words) if response else None
    return ReviewPage(
        around=around(services, launch, pathway, notice),
        now=now,
        remarks=tuple(remarks_about(review, words)),
        trends=trends(review.responses, words),
        history=history(review.responses, words),
        written_at=words.time(written[0].at) if written else "",
        written=tuple(_written(one, written[0], words) for one in written),
        note=note_lines(response, now) if response and now else (),
        version=f"{pathway.name} {pathway.version}, SHA-256 {pathway.checksum}",
    )


def before_of(review: Review, response: ReviewedResponse) -> ReviewedResponse | None:
    """Return the answers before these."""
    later = review.responses.index(response) + 1
    return review.responses[later] if later < len(review.responses) else None


def words_of(services: Services, launch: Launch, pathway: Pathway) -> ReviewWords:
    """Return the clinician's words of a pathway, for the one who reads."""
    ehr = services.settings.registry[launch.ehr]
    return ReviewWords(pathway, wording_of(services.catalogue, pathway).terms, ehr, launch.user)


def around(services: Services, launch: Launch, pathway: Pathway, notice: Notice | None = None) -> Around:
    """Return what stands around a page of the review."""
    ehr = services.settings.registry[launch.ehr]
    frame = frame_for(ehr, CLINICIAN_LANGUAGE, pathway, person=look_up_person(launch))
    return Around(launch.id, frame, launch.need_patient_banner, notice)


def _written(one: Written, first: Written, words: ReviewWords) -> WrittenLine:
    at = words.time(one.at)
    return WrittenLine(one.what, one.status, "" if at == words.time(first.at) else at)
