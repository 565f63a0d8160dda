"""What a draft holds: answers, pages passed, limbs kept aside, signs changed, and what the chart says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import UNSURE, Answers, Limb, Value
from triage_app.clinical.questionnaire import Questionnaire
from triage_app.fhir.chart import Fact
from triage_app.storage.rows import Draft

PATHWAY = "nerve-symptoms"
SCREEN = "screen"
SCREEN_HOLDS = timedelta(hours=24)


@dataclass(frozen=True)
class Change:
    """A sign that was first answered yes or not sure and then otherwise; the clinician sees both."""

    path: str
    before: Value
    after: Value | None
    at: datetime


@dataclass(frozen=True)
class Interview:
    """How far a person has come: what was said, which pages were passed, what is kept aside.

    ``aside`` holds limbs that were taken back, so that taking them up again loses nothing; they are not sent.
    ``stale`` says that the screen was answered more than 24 hours ago, so it is asked anew. ``chart`` is what
    the chart says about questions, None until it was asked.
    """

    pathway: Pathway
    answers: Answers = field(default_factory=Answers)
    visited: frozenset[str] = frozenset()
    aside: tuple[Limb, ...] = ()
    asked_again: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    screened_at: datetime | None = None
    stale: bool = False
    chart: tuple[Fact, ...] | None = None

    @property
    def is_new(self) -> bool:
        """Return whether nothing has been answered yet."""
        return not self.visited

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready values; the answers stand where ``Answers.from_plain`` looks for them."""
        return {
            **self.answers.to_plain(),
            "aside": Answers({}, self.aside).to_plain()["limbs"],
            "visited": sorted(self.visited),
            "asked_again": sorted(self.asked_again),
            "screened_at": self.screened_at.isoformat() if self.screened_at else None,
            "changes": [_plain_change(change) for change in self.changes],
            "chart": None if self.chart is None else [fact.to_plain() for fact in self.chart],
        }


def read_interview(catalogue: Catalogue, draft: Draft | None, now: datetime) -> Interview:
    """Return the interview of a draft, read with the version it was begun with; a new one for none."""
    if draft is None:
        return Interview(catalogue.newest(PATHWAY))
    plain = draft.answers
    screened_at = plain.get("screened_at")
    interview = Interview(
        pathway=catalogue.get(draft.pathway, draft.version),
        answers=Answers.from_plain(plain),
        visited=frozenset(plain.get("visited", ())),
        aside=Answers.from_plain({"person": {}, "limbs": plain.get("aside", [])}).limbs,
        asked_again=frozenset(plain.get("asked_again", ())),
        changes=tuple(_change(entry) for entry in plain.get("changes", ())),
        screened_at=datetime.fromisoformat(screened_at) if screened_at else None,
        chart=None if plain.get("chart") is None else tuple(map(Fact.from_plain, plain["chart"])),
    )
    return _fresh(interview, now)


def _fresh(interview: Interview, now: datetime) -> Interview:
    """Return the interview with its screen forgotten once that is more than 24 hours old."""
    if interview.screened_at is None or now - interview.screened_at <= SCREEN_HOLDS:
        return interview
    screen = screen_link_ids(interview.pathway.form)
    person = {key: value for key, value in interview.answers.person.items() if key not in screen}
    dropped = {key: value for key, value in interview.answers.person.items() if key in screen}
    return replace(
        interview,
        answers=Answers(person, interview.answers.limbs),
        visited=frozenset(path for path in interview.visited if path.removesuffix("/details") not in screen),
        changes=interview.changes + changed_signs(dropped, {}, now),
        screened_at=None,
        stale=True,
    )


def screen_link_ids(form: Questionnaire) -> frozenset[str]:
    """Return the linkIds of the emergency screen, its pages included."""
    return frozenset(item.link_id for part in form.items if part.link_id == SCREEN for item in part.walk())


def changed_signs(
    before: Mapping[str, Value], after: Mapping[str, Value], now: datetime
) -> tuple[Change, ...]:
    """Return the yes and not-sure answers that are otherwise now."""
    return tuple(
        Change(path, value, after.get(path), now)
        for path, value in before.items()
        if value in ("yes", UNSURE) and after.get(path) != value
    )


def _plain_change(change: Change) -> dict[str, object]:
    told: dict[str, Value] = {"before": change.before}
    if change.after is not None:
        told["after"] = change.after
    return {"path": change.path, "at": change.at.isoformat(), "told": Answers(told).to_plain()["person"]}


def _change(plain: Mapping[str, Any]) -> Change:
    told = Answers.from_plain({"person": plain["told"], "limbs": []}).person
    return Change(plain["path"], told["before"], told.get("after"), datetime.fromisoformat(plain["at"]))
