"""Shapes one page of the interview for its template: heading, fields, errors, where back and on lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from triage_app.clinical.answers import UNSURE, Limb, Value
from triage_app.clinical.form import LIMB
from triage_app.clinical.pages import Page, limb_slug, pages
from triage_app.storage.rows import Launch
from triage_app.web.chart_hint import with_reminders
from triage_app.web.fields import Field, fields_of, limb_caption, limbs_field, picture_of
from triage_app.web.forms import NONE, Posted, Problem, is_tick_list
from triage_app.workflow.interview import Interview


@dataclass(frozen=True)
class PageView:
    """Everything that the page template draws."""

    path: str
    title: str
    heading: str  # empty: the only question is the heading
    caption: str
    hint: str
    part: str
    fields: tuple[Field, ...]
    problems: tuple[tuple[str, str], ...]  # (id of the first control, words)
    back: str
    quoted: str  # the earlier question that details belong to
    parent_answer: str
    picture: str  # "hand", "arm", or nothing
    limb: Limb | None
    again: bool
    crisis: bool


def page_view(
    launch: Launch,
    interview: Interview,
    page: Page,
    *,
    posted: Posted | None = None,
    each: bool = False,
    again: bool = False,
    from_check: bool = False,
) -> PageView:
    """Return the page as its template wants it; what was posted stands before what is stored."""
    values = values_of(interview, page)
    problems = posted.problems if posted else ()
    fields = with_reminders(_fields(interview, page, values, posted, each=each), launch, interview, page)
    heading = _heading(page, fields)
    return PageView(
        path=page.path,
        title=heading or fields[0].legend,
        heading=heading,
        caption=_caption(page),
        hint=page.subject.help if heading and not page.is_details else "",
        part=f"Part {page.part} of {page.part_count}",
        fields=fields,
        problems=tuple((_control_id(fields, problem), problem.message) for problem in problems),
        back=check_url(launch) if from_check else back_url(launch, interview, page),
        quoted=page.subject.text if page.is_details else "",
        parent_answer=_parent_answer(values, page),
        picture=picture_of(page, each=each),
        limb=page.limb,
        again=again,
        crisis=any(question.link_id == "rf.self_harm" for question in page.questions),
    )


def _heading(page: Page, fields: tuple[Field, ...]) -> str:
    """Return the heading above several questions; a single one is its own."""
    if page.is_details:
        return "A little more about this"
    return "" if len(fields) == 1 else page.subject.text


def _caption(page: Page) -> str:
    if page.limb:
        return limb_caption(page.limb)
    return "" if page.path == LIMB else page.caption


def values_of(interview: Interview, page: Page) -> Mapping[str, Value]:
    """Return the stored answers at hand on a page: the person's, or the limb's."""
    if page.limb is None:
        return interview.answers.person
    code = page.limb.code
    return next((limb.answers for limb in interview.answers.limbs if limb.code == code), {})


def asks_each(interview: Interview, page: Page) -> bool:
    """Return whether a tick list must show its signs one by one: a tick cannot say not sure."""
    values = values_of(interview, page)
    return is_tick_list(page) and any(values.get(question.link_id) == UNSURE for question in page.questions)


def is_done(interview: Interview, page: Page) -> bool:
    """Return whether the page was passed and leaves nothing open that must be known."""
    values = values_of(interview, page)
    return page.path in interview.visited and all(
        question.link_id in values for question in page.questions if question.required
    )


def first_open(interview: Interview, *, after: str = "") -> Page | None:
    """Return the first page that is not done, of those after ``after`` or of all."""
    all_pages = pages(interview.pathway.form, interview.answers)
    paths = [page.path for page in all_pages]
    start = paths.index(after) + 1 if after in paths else 0
    return next((page for page in all_pages[start:] if not is_done(interview, page)), None)


def page_url(launch: Launch, page: Page, **query: str) -> str:
    """Return the address of a page."""
    values: dict[str, Any] = {"launch_id": launch.id, "path": page.path, **query}
    return url_for("interview.show_page", **values)


def check_url(launch: Launch) -> str:
    """Return the address of the page on which answers are checked."""
    return url_for("interview.show_check", launch_id=launch.id)


def back_url(launch: Launch, interview: Interview, page: Page) -> str:
    """Return the address of the page before, or of the start."""
    all_pages = pages(interview.pathway.form, interview.answers)
    at = [other.path for other in all_pages].index(page.path)
    if at == 0:
        return url_for("interview.landing", launch_id=launch.id)
    return page_url(launch, all_pages[at - 1])


def onward_url(launch: Launch, interview: Interview, page: Page, *, from_check: bool) -> str:
    """Return the address after a page: the next one, or the check page once all is done."""
    if from_check:
        following = first_open(interview, after=page.path)
        return page_url(launch, following, change="1") if following else check_url(launch)
    all_pages = pages(interview.pathway.form, interview.answers)
    paths = [other.path for other in all_pages]
    at = paths.index(page.path) + 1 if page.path in paths else len(paths)
    return page_url(launch, all_pages[at]) if at < len(paths) else check_url(launch)


def _fields(
    interview: Interview, page: Page, values: Mapping[str, Value], posted: Posted | None, *, each: bool
) -> tuple[Field, ...]:
    if page.path != LIMB:
        return fields_of(page, values, posted, each=each)
    chosen = tuple(limb_slug(limb) for limb in interview.answers.limbs)
    if page.path in interview.visited and not chosen:
        chosen = (NONE,)
    if posted is not None:
        chosen = posted.typed.get(LIMB, ())
    return (limbs_field(page, chosen, posted.problems[0].message if posted and posted.problems else ""),)


def _parent_answer(values: Mapping[str, Value], page: Page) -> str:
    answer = values.get(page.subject.link_id)
    return answer if page.is_details and isinstance(answer, str) else ""


def _control_id(fields: tuple[Field, ...], problem: Problem) -> str:
    return next((field.id for field in fields if field.name == problem.name), "main")
