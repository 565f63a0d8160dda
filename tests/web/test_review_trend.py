"""The chart over time is true to its dates, leaves gaps where nothing is known, and can be read in grey."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from reviewing import WORSE, Clinic, answers

from triage_app.clinical.assessment import LimbAssessment
from triage_app.clinical.terms import Severity
from triage_app.web.review_page import words_of
from triage_app.web.review_trend import HEIGHT, WIDTH, Trend, trends
from triage_app.web.review_words import ReviewWords
from triage_app.workflow.open_review import open_review
from triage_app.workflow.review import ReviewedResponse

START = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def told(whole_clinic: Clinic) -> tuple[ReviewedResponse, ReviewWords]:
    patient = whole_clinic.new_alice()
    whole_clinic.tells(patient, answers(whole_clinic.pathway, WORSE))
    launch = whole_clinic.launch_of(whole_clinic.opens(patient).address.split("/")[2])
    (response,) = open_review(whole_clinic.services, launch).responses
    return response, words_of(whole_clinic.services, launch, whole_clinic.pathway)


Story = list[tuple[int, Severity | None]]


def drawn(told: tuple[ReviewedResponse, ReviewWords], story: Story, version_at: int = -1) -> Trend:
    """The chart of a story: days since the start, and the grade (None: the limb is not named)."""
    response, words = told
    (limb,) = response.assessment.limbs
    responses = [
        replace(
            response,
            authored=START + timedelta(days=days),
            assessment=replace(response.assessment, limbs=limbs_of(limb, grade)),
            pathway=replace(response.pathway, version="2.0.0") if index == version_at else response.pathway,
        )
        for index, (days, grade) in enumerate(story)
    ]
    (chart,) = trends(responses[::-1], words)
    return chart


def limbs_of(limb: LimbAssessment, grade: Severity | None) -> tuple[LimbAssessment, ...]:
    return () if grade is None else (replace(limb, severity=grade, score=(grade.rank, grade.rank)),)


def test_the_distance_of_dots_is_the_distance_of_days(told: tuple[ReviewedResponse, ReviewWords]) -> None:
    chart = drawn(told, [(0, Severity.MILD), (10, Severity.MILD), (40, Severity.MILD)])
    first, second, third = (dot.x for dot in chart.dots)
    assert (third - second) / (second - first) == pytest.approx(3, rel=0.01)


def test_higher_is_worse(told: tuple[ReviewedResponse, ReviewWords]) -> None:
    chart = drawn(
        told, [(0, Severity.NONE), (1, Severity.MILD), (2, Severity.MODERATE), (3, Severity.SEVERE)]
    )
    heights = [dot.y for dot in chart.dots]
    assert heights == sorted(heights, reverse=True)
    assert [mark.words for mark in chart.grades] == ["Severe", "Moderate", "Mild", "None"]
    assert chart.lines == (" ".join(f"{dot.x},{dot.y}" for dot in chart.dots),)


@pytest.mark.parametrize(("grade", "said"), [(None, "not reported"), (Severity.UNKNOWN, "not known")])
def test_what_is_missing_is_a_gap_and_a_word_and_no_line_crosses_it(
    told: tuple[ReviewedResponse, ReviewWords], grade: Severity | None, said: str
) -> None:
    story: Story = [(0, Severity.MILD), (10, Severity.MILD), (20, grade), (30, Severity.SEVERE)]
    chart = drawn(told, story)
    assert [mark.words for mark in chart.gaps] == [said]
    assert len(chart.dots) == 3
    assert chart.lines == (" ".join(f"{dot.x},{dot.y}" for dot in chart.dots[:2]),)


def test_another_version_of_the_rules_breaks_the_line(told: tuple[ReviewedResponse, ReviewWords]) -> None:
    chart = drawn(told, [(0, Severity.MILD), (10, Severity.MILD), (20, Severity.MILD)], version_at=2)
    assert len(chart.dots) == 3
    assert len(chart.lines) == 1
    assert chart.lines[0].count(",") == 2


def test_each_dot_has_its_score_and_the_words_tell_all_of_it(
    told: tuple[ReviewedResponse, ReviewWords],
) -> None:
    chart = drawn(told, [(0, Severity.MILD), (31, Severity.SEVERE)])
    assert [dot.score for dot in chart.dots] == ["1", "3"]
    assert [dot.newest for dot in chart.dots] == [False, True]
    assert chart.summary.startswith("10 January 2026: mild")
    assert "; 10 February 2026: severe" in chart.summary


def test_nothing_is_drawn_outside_and_dates_never_overlap(told: tuple[ReviewedResponse, ReviewWords]) -> None:
    chart = drawn(told, [(day, Severity.MODERATE) for day in (0, 1, 2, 3, 40, 41, 200, 201, 365)])
    assert all(0 < dot.x < WIDTH and 0 < dot.y < HEIGHT for dot in chart.dots)
    places = [mark.x for mark in chart.dates]
    assert all(after - before >= 70 for before, after in pairwise(places))
    assert chart.dates[-1].words == "10 Jan 27"
    assert chart.dates[0].words == "10 Jan 26"


def test_two_answers_of_the_same_moment_do_not_divide_by_zero(
    told: tuple[ReviewedResponse, ReviewWords],
) -> None:
    chart = drawn(told, [(5, Severity.MILD), (5, Severity.SEVERE)])
    assert chart.dots[0].x == chart.dots[1].x


def test_one_answer_alone_is_no_trend(told: tuple[ReviewedResponse, ReviewWords]) -> None:
    response, words = told
    assert trends([response], words) == ()
