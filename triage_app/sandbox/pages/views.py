"""The hospital's pages: its patients, their charts, the launch buttons, the wire and the faults."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from triage_app.sandbox.faults import MEANING, Fault
from triage_app.sandbox.hospital import hospital
from triage_app.sandbox.pages.words import KIND_WORDS, describe, name_of
from triage_app.sandbox.people import STORIES
from triage_app.sandbox.store.outcome import Refusal, Resource

blueprint = Blueprint("pages", __name__)


def install(app: Flask) -> None:
    """Add the pages, and how their templates show JSON and resources."""
    app.register_blueprint(blueprint)
    app.add_template_filter(pretty)
    app.add_template_filter(describe)
    app.add_template_filter(name_of)
    app.after_request(harden)
    app.register_error_handler(Refusal, unreadable)


def pretty(value: Any) -> str:
    """A JSON value, indented; text as it is."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def unreadable(refusal: Refusal) -> tuple[str, int]:
    """The record cannot be shown: only a server behind this one can cause it."""
    title = "The record cannot be read"
    return render_template("problem.html", title=title, text=refusal.diagnostics), refusal.status


def harden(response: Response) -> Response:
    """Nothing runs, nothing comes from elsewhere, and only the app may be gone to or framed."""
    app_url = hospital().app_url
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'self'; form-action 'self' {app_url}; frame-src 'self' {app_url}; "
        "frame-ancestors 'self'; base-uri 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


def _patient(patient: str) -> Resource:
    found = hospital().resolve(f"Patient/{patient}")
    if found is None:
        abort(404)
    return found


@blueprint.get("/")
def patients() -> str:
    """Everybody who has a chart here."""
    people = sorted(hospital().store.all("Patient"), key=name_of)
    return render_template("patients.html", patients=people, stories=STORIES)


@blueprint.get("/chart/<patient>")
def chart(patient: str) -> str:
    """What is stored for one patient, and the launch buttons."""
    person = _patient(patient)
    held = hospital().chart(patient)
    newest_first = {kind: sorted(held.get(kind, []), key=_written)[::-1] for kind in _ORDER}
    shown = [kind for kind in _ORDER if newest_first[kind] or kind in _FIRST_IN_CHART]
    sections = [(_ORDER[kind], newest_first[kind]) for kind in shown]
    return render_template("chart.html", patient=person, sections=sections, story=STORIES.get(patient, ""))


def _written(resource: Resource) -> str:
    return str(resource.get("meta", {}).get("lastUpdated", ""))


_FIRST_IN_CHART = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task")
_ORDER = {kind: KIND_WORDS[kind] for kind in _FIRST_IN_CHART} | KIND_WORDS


@blueprint.get("/launch/<patient>/<who>")
def launch(patient: str, who: str) -> Response:
    """Press a launch button: open the app for this chart, as the patient or the clinician."""
    return redirect(_launch_url(patient, who), 303)


@blueprint.get("/launch/<patient>/<who>/frame")
def launch_in_frame(patient: str, who: str) -> str:
    """The same, inside the hospital's own page, as many hospitals show apps."""
    return render_template("frame.html", patient=_patient(patient), url=_launch_url(patient, who))


def _launch_url(patient: str, who: str) -> str:
    _patient(patient)
    users = {"patient": f"Patient/{patient}", "clinician": "Practitioner/bob"}
    if who not in users:
        abort(404)
    launch = hospital().new_launch(patient=patient, user=users[who], encounter=_visit(patient))
    hospital().wire.record(
        method="GET",
        path="/launch?iss=(this hospital)&launch=(hidden)",
        status=303,
        summary=f"The {who} pressed a launch button, and the browser went to the app.",
    )
    return launch.url


def _visit(patient: str) -> str | None:
    """The visit that is going on, where there is one."""
    visits = hospital().chart(patient)["Encounter"]
    return next((visit["id"] for visit in visits if visit.get("status") == "in-progress"), None)


@blueprint.get("/wire")
def wire() -> str:
    """Every exchange with the app, newest last."""
    return render_template("wire.html", exchanges=hospital().wire.entries())


@blueprint.get("/faults")
def faults() -> str:
    """What can be made to go wrong."""
    held = hospital().faults
    rows = [(fault, MEANING[fault], held.is_on(fault)) for fault in Fault]
    return render_template("faults.html", rows=rows)


@blueprint.post("/faults")
def switch() -> Response:
    """Switch one fault on or off."""
    if request.headers.get("Origin", hospital().options.base_url) != hospital().options.base_url:
        abort(403)
    try:
        hospital().faults.set(request.form.get("fault", ""), request.form.get("on") == "yes")
    except ValueError:
        abort(400)
    return redirect(url_for("pages.faults"), 303)
