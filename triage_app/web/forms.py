"""Reads a posted page: what was answered, what was typed, and what a person must put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from triage_app.clinical.answers import UNSURE, Value
from triage_app.clinical.form import LIMB, read_answer
from triage_app.clinical.pages import Page
from triage_app.clinical.questionnaire import Option, Question
from triage_app.errors import InvalidAnswer

NONE = "none"
YES = "yes"
NO = "no"
LONGEST_ECHO = 200  # characters of a wrong answer that are shown again


@dataclass(frozen=True)
class Problem:
    """One thing to put right: the field (a linkId, or a page's own tile) and the words that say how."""

    name: str
    message: str


@dataclass(frozen=True)
class Posted:
    """One posted page. ``typed`` keeps every field as it came, so that nothing has to be entered twice."""

    values: Mapping[str, Value] = field(default_factory=dict)
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    ask_each: bool = False


def is_tick_list(page: Page) -> bool:
    """Return whether the page shows its signs as check boxes with "None of these"."""
    return page.subject.kind == "group" and page.subject.control == "check-box" and not page.is_details


def offers_unsure(page: Page) -> bool:
    """Return whether any sign of the page can be answered with not sure."""
    return any(option.code == UNSURE for question in page.questions for option in question.options)


def read_page(page: Page, form: MultiDict[str, str], *, each: bool) -> Posted:
    """Return what was posted; ``each`` says that a tick list was shown sign by sign."""
    typed = {name: tuple(form.getlist(name)) for name in form}
    if page.path == LIMB:
        return _read_limbs(typed)
    if is_tick_list(page) and not each:
        return _read_ticks(page, typed)
    return _read_fields(page, typed)


def _read_fields(page: Page, typed: Mapping[str, tuple[str, ...]]) -> Posted:
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for question in page.questions:
        try:
            value = read_answer(question, typed.get(question.link_id, ()))
        except InvalidAnswer as error:
            problems.append(Problem(question.link_id, _mend(error)))
            continue
        if value is not None:
            values[question.link_id] = value
        elif question.required:
            problems.append(Problem(question.link_id, _missing(question)))
    return Posted(values, typed, tuple(problems))


def _read_ticks(page: Page, typed: Mapping[str, tuple[str, ...]]) -> Posted:
    tile = typed.get(page.subject.link_id, ())
    ticked = {question.link_id: _ticked(question, typed) for question in page.questions}
    any_ticked = any(ticked.values())
    if NONE in tile and (any_ticked or UNSURE in tile):
        message = "You chose “None of these” and something else. Choose the one that is right"
        return Posted(_only(page, ticked), typed, (Problem(page.subject.link_id, message),))
    if UNSURE in tile and offers_unsure(page):
        return Posted(_only(page, ticked), typed, ask_each=True)
    if not any_ticked and NONE not in tile:
        message = "Choose all that apply, or choose “None of these”"
        return Posted({}, typed, (Problem(page.subject.link_id, message),))
    rest: dict[str, Value] = {}
    for question in page.questions:
        blank = _none_of(question)
        if blank is not None:
            rest[question.link_id] = blank
    return Posted(rest | _only(page, ticked), typed)


def _only(page: Page, ticked: Mapping[str, tuple[str, ...]]) -> dict[str, Value]:
    """Return what was ticked as answers: a yes for a sign, codes for a list."""
    return {
        question.link_id: ticked[question.link_id] if question.repeats else ticked[question.link_id][0]
        for question in page.questions
        if ticked[question.link_id]
    }


def _ticked(question: Question, typed: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found = typed.get(question.link_id, ())
    return tuple(option.code for option in boxes_of(question) if option.code in found)


def boxes_of(question: Question) -> tuple[Option, ...]:
    """Return the answers of a sign that a tick list shows as boxes."""
    if question.repeats:
        return tuple(option for option in question.options if not option.exclusive)
    return tuple(option for option in question.options if option.code == YES)


def _none_of(question: Question) -> Value | None:
    codes = [option.code for option in question.options]
    if question.repeats:
        return next(((option.code,) for option in question.options if option.exclusive), None)
    return NO if NO in codes else None


def _read_limbs(typed: Mapping[str, tuple[str, ...]]) -> Posted:
    chosen = typed.get(LIMB, ())
    problem = ""
    if not chosen:
        problem = "Choose where you have symptoms, or choose “None of these”"
    elif NONE in chosen and len(set(chosen)) > 1:
        problem = "You chose “None of these” and something else. Choose the one that is right"
    return Posted({}, typed, (Problem(LIMB, problem),) if problem else ())


def _missing(question: Question) -> str:
    verb = "Choose" if question.kind == "choice" else "Enter"
    return f"{verb} an answer: {question.text}"


def _mend(error: InvalidAnswer) -> str:
    """Turn "found X, expected Y" into words for the person who typed X."""
    found, _, expected = error.reason.removeprefix("found ").partition(", expected ")
    return f"You entered {found[:LONGEST_ECHO]}. Enter {expected}" if expected else error.reason
