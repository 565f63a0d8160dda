"""Draws one limb's severity over time: real dates, a score at each dot, gaps where nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage_app.clinical.assessment import LimbAssessment
from triage_app.clinical.terms import Severity
from triage_app.web.review_words import ReviewWords, score_words
from triage_app.workflow.review import ReviewedResponse

WIDTH, HEIGHT = 368, 206
LEFT, RIGHT, TOP, BOTTOM = 86, 26, 48, 30
HALF_A_WORD = 44
STEP = (HEIGHT - TOP - BOTTOM) / 3
GRADES = (Severity.SEVERE, Severity.MODERATE, Severity.MILD, Severity.NONE)
LEAST_LABEL_GAP = 80
"""Pixels between two dates that both get their label."""


@dataclass(frozen=True)
class Dot:
    """One answer about the limb."""

    x: float
    y: float
    score: str
    newest: bool


@dataclass(frozen=True)
class Mark:
    """A word at a place: a grade at its line, a date below, a gap where nothing is known."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Trend:
    """One limb's chart. ``lines`` are the points of each unbroken run; ``summary`` tells it in words."""

    limb: str
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    grades: tuple[Mark, ...]
    dates: tuple[Mark, ...]
    gaps: tuple[Mark, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def trends(responses: Sequence[ReviewedResponse], words: ReviewWords) -> tuple[Trend, ...]:
    """Return a chart for each limb that the newest answers name, once there are two dates to compare."""
    dated = [one for one in reversed(responses) if one.authored is not None]
    if len(dated) < 2:
        return ()
    return tuple(_trend(limb.code, dated, words) for limb in dated[-1].assessment.limbs)


def _trend(code: str, dated: Sequence[ReviewedResponse], words: ReviewWords) -> Trend:
    times = [one.authored for one in dated if one.authored]
    places = [round(_x(time, times[0], times[-1]), 1) for time in times]
    found = [_limb(one, code) for one in dated]
    dots: list[Dot] = []
    gaps: list[Mark] = []
    runs: list[list[str]] = [[]]
    for index, (x, limb) in enumerate(zip(places, found, strict=True)):
        if limb is None or limb.severity is Severity.UNKNOWN:
            words_for_it = "not reported" if limb is None else "not known"
            inside = min(max(x, LEFT + HALF_A_WORD), WIDTH - HALF_A_WORD)
            gaps.append(Mark(inside, HEIGHT - BOTTOM - 8, words_for_it))
            runs.append([])
            continue
        if index and dated[index].pathway.version != dated[index - 1].pathway.version:
            runs.append([])
        y = _y(limb.severity)
        dots.append(Dot(x, y, score_words(limb.score), newest=index == len(dated) - 1))
        runs[-1].append(f"{x},{y}")
    return Trend(
        limb=words.limb(code),
        dots=tuple(dots),
        lines=tuple(" ".join(run) for run in runs if len(run) > 1),
        grades=tuple(Mark(LEFT - 10, _y(grade), words.severity(grade)) for grade in GRADES),
        dates=_dates(places, times, words),
        gaps=tuple(gaps),
        summary=_summary(dated, found, words),
    )


def _limb(response: ReviewedResponse, code: str) -> LimbAssessment | None:
    return next((limb for limb in response.assessment.limbs if limb.code == code), None)


def _x(time: datetime, first: datetime, last: datetime) -> float:
    span = (last - first).total_seconds()
    share = (time - first).total_seconds() / span if span else 0.5
    return LEFT + 18 + share * (WIDTH - LEFT - RIGHT - 36)


def _y(severity: Severity) -> float:
    return round(TOP + STEP * GRADES.index(severity), 1)


def _dates(places: Sequence[float], times: Sequence[datetime], words: ReviewWords) -> tuple[Mark, ...]:
    """Return the dates that have room, the last and the first before all."""
    kept = [len(places) - 1]
    for index in (0, *range(len(places) - 2, 0, -1)):
        if all(abs(places[index] - places[other]) >= LEAST_LABEL_GAP for other in kept):
            kept.append(index)
    return tuple(Mark(places[i], HEIGHT - 8, words.short_day(times[i])) for i in sorted(kept))


def _summary(
    dated: Sequence[ReviewedResponse], found: Sequence[LimbAssessment | None], words: ReviewWords
) -> str:
    told = (
        f"{words.day(one.authored)}: "
        + (f"{words.grade(limb).lower()}, score {score_words(limb.score)}" if limb else "not reported")
        for one, limb in zip(dated, found, strict=True)
    )
    return "; ".join(told)
