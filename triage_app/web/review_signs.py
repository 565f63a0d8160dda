"""Shapes the red flags: which are up, what raised them, since when, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass

from triage_app.clinical.assessment import Finding
from triage_app.clinical.signs import Signs, count_signs
from triage_app.web.review_words import ReviewWords
from triage_app.workflow.review import ReviewedResponse

RAISED, UNSURE, PAST = "raised", "unsure", "past"
_MARKS = {RAISED: "Raised", UNSURE: "Not sure", PAST: "In the past"}


@dataclass(frozen=True)
class SignLine:
    """One sign with the answers that say so, and how it stood last time."""

    state: str
    mark: str
    name: str
    urgency: str
    said: tuple[tuple[str, str], ...]  # question, answer
    since: str


@dataclass(frozen=True)
class SignPanel:
    """All signs: ``tone`` is ``red`` when one is up, ``amber`` when one is not known, else ``clear``."""

    tone: str
    heading: str
    count: str
    lines: tuple[SignLine, ...]
    blank: tuple[str, ...]
    corrections: tuple[str, ...]


def sign_panel(response: ReviewedResponse, before: ReviewedResponse | None, words: ReviewWords) -> SignPanel:
    """Return the signs of a response, set against the response before it."""
    found = response.assessment.flags
    signs = count_signs(response.answers, response.pathway.rules)
    tone = _tone(found, signs)
    return SignPanel(
        tone=tone,
        heading=_heading(found, tone),
        count=_count(signs),
        lines=tuple(_line(finding, before, words) for finding in found),
        blank=tuple(words.flag(flag) for flag in signs.blank),
        corrections=response.corrections,
    )


def _tone(found: tuple[Finding, ...], signs: Signs) -> str:
    if any(finding.state == RAISED for finding in found):
        return "red"
    return "amber" if signs.unsure or signs.blank else "clear"


def _heading(found: tuple[Finding, ...], tone: str) -> str:
    if tone == "red":
        return plural(sum(finding.state == RAISED for finding in found), "red flag")
    return "No red flag raised, but not every sign is known" if tone == "amber" else "No red flags"


def _count(signs: Signs) -> str:
    parts = [f"{signs.asked} asked, {signs.answered} answered"]
    if signs.unsure:
        parts.append(f"{len(signs.unsure)} not sure")
    if signs.blank:
        parts.append(f"{len(signs.blank)} not answered")
    return ", ".join(parts)


def _line(finding: Finding, before: ReviewedResponse | None, words: ReviewWords) -> SignLine:
    return SignLine(
        state=finding.state,
        mark=_MARKS.get(finding.state, finding.state),
        name=words.flag(finding.flag),
        urgency="" if finding.urgency is None else words.level(finding.urgency),
        said=tuple((words.question(path), words.answer(path, v)) for path, v in finding.raised_by.items()),
        since=_since(finding, before, words),
    )


def _since(finding: Finding, before: ReviewedResponse | None, words: ReviewWords) -> str:
    if before is None:
        return ""
    was = {one.flag: one.state for one in before.assessment.flags}.get(finding.flag)
    day = words.day(before.authored)
    if was == finding.state:
        return f"as on {day}"
    return f"new: {_MARKS[was].lower()} on {day}" if was else f"new since {day}"


def plural(count: int, what: str) -> str:
    """Return a count with its noun: ``1 red flag``, ``2 red flags``."""
    return f"{count} {what}{'' if count == 1 else 's'}"
