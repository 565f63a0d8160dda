"""The patient's way from the start to the check page; each page is stored before the next is shown."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from triage_app.clinical.answers import Answers
from triage_app.clinical.engine import assess
from triage_app.clinical.form import LIMB, in_play
from triage_app.clinical.pages import Page, page_for, pages, whole_page
from triage_app.errors import NotFound, StorageError
from triage_app.storage.rows import Launch
from triage_app.web.check_view import check_view, may_send
from triage_app.web.emergency import Stop, emergency_first, show_stop, stop_for
from triage_app.web.forms import NONE, Posted, read_page
from triage_app.web.frame import Frame, frame_for
from triage_app.web.pages_view import (
    asks_each,
    check_url,
    first_open,
    onward_url,
    page_url,
    page_view,
)
from triage_app.web.patient_words import PatientWords
from triage_app.web.security import current_services, guarded
from triage_app.web.who import known_person, look_up_person
from triage_app.workflow.answer import answer, choose_limbs, open_interview, with_posted
from triage_app.workflow.interview import Interview
from triage_app.workflow.read_chart import with_chart
from triage_app.workflow.rights import may_submit

blueprint = Blueprint("interview", __name__)


@blueprint.get("/l/<launch_id>/")
@guarded()
def landing(launch: Launch) -> ResponseReturnValue:
    """P0: what this is, what it is not, and the way in."""
    look_up_person(launch)
    interview = open_interview(current_services(), launch)
    return render_template(
        "interview/landing.html",
        frame=frame_of(launch, interview),
        interview=interview,
        start=_open_url(launch, interview),
        may_submit=may_submit(launch),
        days=current_services().settings.retention_days,
    )


@blueprint.get("/l/<launch_id>/q/<path:path>")
@guarded()
def show_page(launch: Launch, path: str) -> ResponseReturnValue:
    """Show one page with what is stored of it."""
    interview = open_interview(current_services(), launch)
    page = page_for(interview.pathway.form, interview.answers, path)
    if page is None:
        if whole_page(interview.pathway.form, path) is None:
            raise NotFound("page: found a path that is not of this form, expected one of its pages")
        return redirect(_open_url(launch, interview), 303)
    interview = with_chart(current_services(), launch, interview, page)
    each = "each" in request.args or asks_each(interview, page)
    return _draw(launch, interview, page, each=each)


def keep_late(launch: Launch) -> None:
    """Store the page that came in after the session's end."""
    interview = open_interview(current_services(), launch)
    page = page_for(interview.pathway.form, interview.answers, (request.view_args or {})["path"])
    if page is not None:
        _store(launch, page, read_page(page, request.form, each="each" in request.args))


@blueprint.post("/l/<launch_id>/q/<path:path>")
@emergency_first
@guarded(late=keep_late)
def post_page(launch: Launch, path: str, stop: Stop | None) -> ResponseReturnValue:
    """Store one page; then an instruction, the page again with its errors, or the next page."""
    before = open_interview(current_services(), launch)
    page = page_for(before.pathway.form, before.answers, path)
    if page is None:
        if stop:
            return show_stop(stop, frame_of(launch, before), saved=False, check=check_url(launch))
        return redirect(_open_url(launch, before), 303)
    posted = read_page(page, request.form, each="each" in request.args)
    stop = stop or _new_stop(launch, before, with_posted(before, page, posted.values))
    try:
        after = _store(launch, page, posted)
    except StorageError:
        if stop is None:
            raise
        return show_stop(stop, frame_of(launch, before), saved=False)
    stop = stop or _new_stop(launch, before, after.answers)
    if stop:
        return _stop_page(launch, after, page, stop, passed=not _is_unfinished(posted))
    if posted.problems:
        return _draw(launch, after, page, posted=posted, each="each" in request.args), 422
    if posted.ask_each:
        return redirect(page_url(launch, page, each="1", **_flags()), 303)
    return redirect(onward_url(launch, after, page, from_check="change" in request.args), 303)


@blueprint.get("/l/<launch_id>/check")
@guarded()
def show_check(launch: Launch) -> ResponseReturnValue:
    """P6: all answers by part, each with a way to change it, and Send."""
    interview = open_interview(current_services(), launch)
    contradiction = _contradiction(interview)
    if contradiction is not None:
        return redirect(page_url(launch, contradiction, again="1", change="1"), 303)
    form, answers = interview.pathway.form, interview.answers
    following = first_open(interview)
    urgent = _stop(launch, interview, answers)
    return render_template(
        "interview/check.html",
        frame=frame_of(launch, interview),
        parts=check_view(launch, interview),
        following=page_url(launch, following) if following else "",
        may_send=may_send(interview),
        may_submit=may_submit(launch),
        urgent=urgent,
        person=look_up_person(launch, again=True),
        idle_minutes=current_services().settings.patient_idle_minutes,
        back=page_url(launch, pages(form, answers)[-1]),
        launch_id=launch.id,
    )


@blueprint.get("/l/<launch_id>/later")
@guarded()
def later(launch: Launch) -> ResponseReturnValue:
    """P8: how to come back; everything is stored already."""
    interview = open_interview(current_services(), launch)
    return render_template(
        "interview/later.html",
        frame=frame_of(launch, interview),
        days=current_services().settings.retention_days,
        onward=_open_url(launch, interview),
        launch_id=launch.id,
    )


def frame_of(launch: Launch, interview: Interview) -> Frame:
    """Return the frame of the launch's site."""
    ehr = current_services().settings.registry[launch.ehr]
    person = known_person(launch) if launch.need_patient_banner else ""
    return frame_for(ehr, launch.language, interview.pathway, person=person)


def _draw(
    launch: Launch, interview: Interview, page: Page, *, posted: Posted | None = None, each: bool
) -> str:
    view = page_view(
        launch,
        interview,
        page,
        posted=posted,
        each=each,
        again="again" in request.args,
        from_check="change" in request.args,
    )
    return render_template(
        "interview/page.html",
        frame=frame_of(launch, interview),
        view=view,
        launch=launch,
        idle_minutes=current_services().settings.patient_idle_minutes,
    )


def _store(launch: Launch, page: Page, posted: Posted) -> Interview:
    """Store what can be used of a posted page; a page with errors is kept too, but not passed."""
    services = current_services()
    if page.path == LIMB:
        if posted.problems:
            return open_interview(services, launch)
        chosen = posted.typed.get(LIMB, ())
        return choose_limbs(services, launch, page, (slug for slug in chosen if slug != NONE))
    unfinished = _is_unfinished(posted)
    again = "again" in request.args and not unfinished
    return answer(services, launch, page, posted.values, again=again, unfinished=unfinished)


def _is_unfinished(posted: Posted) -> bool:
    return bool(posted.problems) or posted.ask_each


def _new_stop(launch: Launch, before: Interview, answers: Answers) -> Stop | None:
    """Return the instruction that all answers in play newly call for."""
    now = _stop(launch, before, answers)
    if now is None:
        return None
    earlier = _stop(launch, before, before.answers)
    return now if earlier is None or now.rules - earlier.rules else None


def _stop(launch: Launch, interview: Interview, answers: Answers) -> Stop | None:
    pathway = interview.pathway
    return stop_for(
        pathway, in_play(pathway.form, answers), PatientWords(pathway, frame_of(launch, interview))
    )


def _stop_page(launch: Launch, interview: Interview, page: Page, stop: Stop, *, passed: bool) -> str:
    onward = onward_url(launch, interview, page, from_check=False) if passed else page_url(launch, page)
    return show_stop(
        stop,
        frame_of(launch, interview),
        saved=True,
        back=page_url(launch, page),
        onward=onward,
        check=check_url(launch),
    )


def _open_url(launch: Launch, interview: Interview) -> str:
    """Return the address of the first page that is not done, or of the check page."""
    following = first_open(interview)
    return page_url(launch, following) if following else check_url(launch)


def _contradiction(interview: Interview) -> Page | None:
    """Return the page of the first answer that others contradict and that was not asked again yet."""
    form, answers = interview.pathway.form, interview.answers
    found = assess(in_play(form, answers), interview.pathway.rules, partial=True).contradictions
    for page in pages(form, answers):
        for question in page.questions:
            path = page.answers_path(question)
            if question.link_id in found and path not in interview.asked_again:
                return page
    return None


def _flags() -> dict[str, str]:
    return {name: "1" for name in ("change", "again") if name in request.args}
