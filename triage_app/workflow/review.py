"""What a clinician is shown: values only, ready for a page to draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage_app.catalogue.model import Pathway, Source
from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment, Change


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise than last time. ``worse`` is None where neither is worse."""

    what: str
    before: str
    now: str
    worse: bool | None = None


@dataclass(frozen=True)
class Suggestion:
    """A suggestion in the chart, with its rules and, once decided, what became of it."""

    reference: str
    version: str
    route: str
    name: str
    priority: str
    until: str
    why: tuple[tuple[str, str], ...]  # rule id, its sentence
    sources: tuple[Source, ...]
    status: str
    decided: str = ""  # the request made from it, or the reason why not

    @property
    def is_open(self) -> bool:
        """Return whether a clinician has still to decide."""
        return self.status == "draft"


@dataclass(frozen=True)
class Work:
    """The review Task: its state and until when it wants an answer."""

    reference: str
    status: str
    due: str


@dataclass(frozen=True)
class ReviewedResponse:
    """One set of answers, read and assessed anew with the version that it was answered with.

    ``reproduces`` says whether that comes to what was written at the time; ``deviations`` name what does not.
    """

    reference: str
    authored: datetime | None
    status: str
    answered_by: str
    keyed_by: str
    pathway: Pathway
    answers: Answers
    rows: tuple[tuple[str, str | None], ...]  # question and answer; None is a heading
    not_answered: tuple[str, ...]
    assessment: Assessment
    stored_urgency: str | None
    reproduces: bool
    deviations: tuple[str, ...]
    differences: tuple[Difference, ...]  # against the response before this one
    changes: tuple[Change, ...]  # what would have changed the outcome; only of the one shown
    suggestions: tuple[Suggestion, ...]
    work: Work | None


@dataclass(frozen=True)
class Unreadable:
    """A response of ours that cannot be read, and why."""

    reference: str
    authored: str
    reason: str


@dataclass(frozen=True)
class Review:
    """All of a patient's responses, newest first; and how many are saved here and not yet in the chart."""

    patient: str
    responses: tuple[ReviewedResponse, ...]
    unreadable: tuple[Unreadable, ...]
    waiting: int
