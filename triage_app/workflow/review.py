"""What a clinician is shown: values only, ready for a page to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triage_app.catalogue.model import Pathway, Source
from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment, Change
from triage_app.fhir.origin import Origin


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise than last time. ``worse`` is None where neither is worse."""

    what: str
    before: str
    now: str
    worse: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a suggestion: the request made from it, or the reason why not; by whom and when.

    ``by`` is a reference (``Practitioner/7``), ``name`` what the chart calls that person; empty is not known.
    """

    request: str
    request_state: str  # "draft plan", "active order"
    reason: str
    by: str
    name: str
    at: datetime | None
    note: str


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
    outcome: Outcome | None = None

    @property
    def is_decided(self) -> bool:
        """Return whether a clinician has accepted or declined it."""
        return self.status in ("completed", "revoked")

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
class Written:
    """One resource in the chart because of a response: what it says, in which state, since when."""

    reference: str
    what: str
    status: str
    at: datetime | None


@dataclass(frozen=True)
class ReviewedResponse:
    """One set of answers, read and assessed anew with the version that it was answered with.

    ``reproduces`` says whether that comes to what was written at the time; ``deviations`` name what does not.
    ``is_ours`` is False where another app filled in our form: then nothing was concluded or written.
    ``altered`` says what the chart holds otherwise than it was sent; ``corrections`` which signs were first
    answered otherwise. ``origins`` are the marks of answers, by path, that were given beside a fact of the
    chart; ``chart_says`` tells where the two differed, or where the fact's question was left blank.
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
    written: tuple[Written, ...]
    is_ours: bool
    altered: tuple[str, ...]
    corrections: tuple[str, ...]
    chart_says: tuple[str, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True)
class Withdrawn:
    """A response of ours that was marked as entered in error; its answers are not shown."""

    reference: str
    authored: datetime | None


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
    withdrawn: tuple[Withdrawn, ...]
    waiting: int
