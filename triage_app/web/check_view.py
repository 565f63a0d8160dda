"""Shapes the check page: every answer by part and limb, as it was asked and as it was given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from triage_app.clinical.answers import UNSURE, Value
from triage_app.clinical.engine import emergencies
from triage_app.clinical.form import LIMB, in_play
from triage_app.clinical.pages import Page, pages
from triage_app.clinical.questionnaire import Question
from triage_app.storage.rows import Launch
from triage_app.web.fields import limb_caption, limb_words
from triage_app.web.forms import NO, is_tick_list
from triage_app.web.pages_view import first_open, page_url, values_of
from triage_app.workflow.interview import Interview

NOT_ANSWERED = "Not answered"


@dataclass(frozen=True)
class Row:
    """One line: what was asked, what was answered, and where to change it."""

    asked: str
    answered: str
    change: str
    blank: bool = False


@dataclass(frozen=True)
class Part:
    """The lines of one part, or of one limb in it."""

    heading: str
    rows: tuple[Row, ...]


def check_view(launch: Launch, interview: Interview) -> tuple[Part, ...]:
    """Return all parts that these answers lead through, blank answers included."""
    found: dict[str, list[Row]] = {}
    for page in pages(interview.pathway.form, interview.answers):
        heading = limb_caption(page.limb) if page.limb else page.caption
        found.setdefault(heading, []).extend(_rows(launch, interview, page))
    return tuple(Part(heading, tuple(rows)) for heading, rows in found.items())


def may_send(interview: Interview) -> bool:
    """Return whether Send is offered: all is answered, or a sign is so urgent that the rest can wait."""
    pathway = interview.pathway
    told = in_play(pathway.form, interview.answers)
    return first_open(interview) is None or bool(emergencies(told, pathway.rules))


def _rows(launch: Launch, interview: Interview, page: Page) -> list[Row]:
    change = page_url(launch, page, change="1")
    if page.path == LIMB:
        limbs = ", ".join(limb_words(limb) for limb in interview.answers.limbs) or "None"
        return [Row("Where you have symptoms", limbs, change)]
    values = values_of(interview, page)
    if is_tick_list(page):
        answered = _ticked(page, dict(values))
        return [Row(page.subject.text, answered or NOT_ANSWERED, change, blank=not answered)]
    rows = []
    for question in page.questions:
        answered = answer_words(question, values.get(question.link_id))
        rows.append(Row(question.text, answered or NOT_ANSWERED, change, blank=not answered))
    return rows


def _ticked(page: Page, values: dict[str, Value]) -> str:
    """Return a tick list in words: what was ticked, what was not sure, or none of these."""
    given = {question.text: values.get(question.link_id) for question in page.questions}
    lines = [text for text, value in given.items() if value not in (None, NO, UNSURE)]
    lines += [f"Not sure: {text}" for text, value in given.items() if value == UNSURE]
    if lines:
        return "; ".join(lines)
    return "None of these" if NO in given.values() else ""


def answer_words(question: Question, value: Value | None) -> str:
    """Return an answer in the words of the form, or nothing when it is blank."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value} {question.unit}".strip()
    displays = {option.code: option.display for option in question.options}
    codes = value if isinstance(value, tuple) else (value,)
    return ", ".join(displays.get(code, code) for code in codes)


__all__ = ["Part", "Row", "answer_words", "check_view", "may_send"]
