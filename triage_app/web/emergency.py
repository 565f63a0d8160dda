"""Turns an emergency sign into its instruction at once, from the posted page alone if need be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps

import structlog
from flask import render_template, request
from flask.typing import ResponseReturnValue

from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.engine import assess, emergencies
from triage_app.clinical.form import read_answer
from triage_app.clinical.pages import Page, whole_page
from triage_app.clinical.terms import Mode
from triage_app.errors import InvalidAnswer, TamperedForm
from triage_app.settings import EHR
from triage_app.web.form_token import FIELD, read_form_token
from triage_app.web.forms import read_page
from triage_app.web.frame import Frame, frame_for
from triage_app.web.patient_words import PatientWords
from triage_app.web.security import current_services, page_of_path
from triage_app.workflow.interview import PATHWAY

log = structlog.get_logger()

PARENT = "of"
"""Hidden field of a page of details: the answer that opened it, so that the page can be judged alone."""


@dataclass(frozen=True)
class Stop:
    """The instruction for a person with an emergency sign."""

    mode: Mode
    heading: str
    lines: tuple[str, ...]
    told: tuple[str, ...]
    rules: frozenset[str]


def stop_for(pathway: Pathway, answers: Answers, words: PatientWords) -> Stop | None:
    """Return the instruction that these answers call for now, or None."""
    met = emergencies(answers, pathway.rules)
    if not met:
        return None
    found = assess(answers, pathway.rules, partial=True)
    mode = found.mode or Mode.CALL
    heading, lines = words.urgency(f"EMERGENCY_{mode}")
    raised = [finding.flag for finding in found.flags if finding.state == "raised"]
    return Stop(mode, heading, lines, words.flags(raised), frozenset(rule.rule_id for rule in met))


def from_posted(launch_id: str, path: str) -> tuple[Stop, Frame] | None:
    """Return the instruction that the posted page by itself calls for; nothing is looked up."""
    services = current_services()
    pathway = services.catalogue.newest(PATHWAY)
    page = whole_page(pathway.form, path)
    if page is None:
        return None
    answers = posted_alone(page, {**read_page(page, request.form, each=True).values, **_ticked(page)})
    ehr = _ehr_of_token(launch_id)
    frame = frame_for(ehr, services.settings.language, pathway)
    stop = stop_for(pathway, answers, PatientWords(pathway, frame))
    return (stop, frame) if stop else None


def posted_alone(page: Page, values: dict[str, Value]) -> Answers:
    """Return the posted page as all that is known."""
    if page.is_details:
        values = {**_parent(page), **values}
    if page.limb is None:
        return Answers(values)
    return Answers({}, (Limb(page.limb.kind, page.limb.side, values),))


def emergency_first(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Judge the posted page before anything is looked up; when all else fails the instruction still shows.

    The view is given the instruction as ``stop`` and shows it itself when it could save the answers.
    """

    @wraps(view)
    def wrapper(launch_id: str, path: str) -> ResponseReturnValue:
        found = from_posted(launch_id, path)
        if found is None:
            return view(launch_id, path=path, stop=None)
        stop, frame = found
        try:
            return view(launch_id, path=path, stop=stop)
        except Exception as error:  # whatever is broken, a person with such a sign gets the instruction
            log.warning("emergency_shown_without_saving", error=type(error).__name__)
            return show_stop(stop, frame, saved=False)

    return wrapper


def show_stop(
    stop: Stop, frame: Frame, *, saved: bool, back: str = "", onward: str = "", check: str = ""
) -> str:
    """Return the instruction page; it speaks of saving only when that is so."""
    return render_template(
        "interview/stop.html", stop=stop, frame=frame, saved=saved, back=back, onward=onward, check=check
    )


def _parent(page: Page) -> dict[str, Value]:
    try:
        found = read_answer(page.subject, request.form.getlist(PARENT))
    except InvalidAnswer:
        return {}
    return {} if found is None else {page.subject.link_id: found}


def _ticked(page: Page) -> dict[str, Value]:
    """Return the ticks of a tick list, whatever its tiles say."""
    return dict(read_page(page, request.form, each=False).values)


def _ehr_of_token(launch_id: str) -> EHR | None:
    services = current_services()
    registry = services.settings.registry
    try:
        token = request.form.get(FIELD, "")
        context = read_form_token(
            services.settings, token, launch_id=launch_id, page=page_of_path(request.path)
        )
    except TamperedForm:
        return _only(registry.values())
    return registry.get(context.ehr) or _only(registry.values())


def _only(known: Iterable[EHR]) -> EHR | None:
    ehrs = list(known)
    return ehrs[0] if len(ehrs) == 1 else None
