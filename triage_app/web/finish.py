"""Sends the answers and shows the result."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from triage_app.clinical.answers import Answers
from triage_app.clinical.form import in_play
from triage_app.storage.rows import Launch
from triage_app.web.check_view import check_view, may_send
from triage_app.web.emergency import show_stop, stop_for
from triage_app.web.frame import frame_for
from triage_app.web.pages_view import check_url
from triage_app.web.patient_words import PatientWords
from triage_app.web.plain_result import plain_result
from triage_app.web.result import latest_result, result_view
from triage_app.web.security import current_services, guarded
from triage_app.web.who import known_person
from triage_app.workflow.answer import open_interview
from triage_app.workflow.deliver import deliver_waiting
from triage_app.workflow.interview import Interview
from triage_app.workflow.submit import submit

blueprint = Blueprint("finish", __name__)


@blueprint.post("/l/<launch_id>/send")
@guarded()
def send(launch: Launch) -> ResponseReturnValue:
    """Send the answers that are in play; a form with open questions goes back to the check page."""
    services = current_services()
    interview = open_interview(services, launch)
    if interview.is_new:  # sent already, from another tab or by a second press
        return redirect(url_for("finish.result", launch_id=launch.id), 303)
    if not may_send(interview):
        return redirect(check_url(launch), 303)
    told = in_play(interview.pathway.form, interview.answers)
    try:
        submit(services, launch, told, interview.pathway)
    except Exception:
        frame = frame_for(services.settings.registry[launch.ehr], launch.language, interview.pathway)
        stop = stop_for(interview.pathway, told, PatientWords(interview.pathway, frame))
        if stop is None:
            raise
        return show_stop(stop, frame, saved=True, check=check_url(launch))  # the draft is still there
    return redirect(url_for("finish.result", launch_id=launch.id), 303)


@blueprint.post("/l/<launch_id>/result")
@guarded()
def retry(launch: Launch) -> ResponseReturnValue:
    """Try once more, now, to put what waits into the record."""
    deliver_waiting(current_services(), launch)
    return redirect(url_for("finish.result", launch_id=launch.id), 303)


@blueprint.get("/l/<launch_id>/result")
@guarded()
def result(launch: Launch) -> ResponseReturnValue:
    """P7: what to do, when to seek help sooner, and what was sent, in its true state."""
    services = current_services()
    submission, deliveries = latest_result(services, launch)
    pathway = services.catalogue.get(submission.pathway, submission.version)
    ehr = services.settings.registry[launch.ehr]
    frame = frame_for(ehr, launch.language, pathway, person=known_person(launch))
    view = result_view(pathway, submission, deliveries, ehr, PatientWords(pathway, frame))
    told = Interview(pathway, Answers.from_plain(submission.snapshot["answers"]))
    parts = check_view(launch, told)
    return render_template(
        "interview/result.html",
        frame=frame,
        view=view,
        parts=parts,
        plain=plain_result(view, parts) if view.not_sent else "",
        launch_id=launch.id,
    )
