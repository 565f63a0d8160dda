"""The clinician's pages: the review of a chart, one response in full, and the decision."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage_app.errors import EHRConflict, EHRError, EHRUnauthorized, InvalidAnswer, NotFound
from triage_app.storage.rows import Launch, Role
from triage_app.web.problems import tell_known
from triage_app.web.review_cards import anchor_of
from triage_app.web.review_detail import detail_page
from triage_app.web.review_page import Notice, review_page
from triage_app.web.security import current_services, guarded
from triage_app.web.style import style_address
from triage_app.workflow.decide import decide, reasons
from triage_app.workflow.rights import may_decide

blueprint = Blueprint("review", __name__)


@blueprint.get("/l/<launch_id>/review")
@guarded(role=Role.CLINICIAN)
def landing(launch: Launch) -> ResponseReturnValue:
    """C1: what a clinician must know first, and the decision."""
    return _draw(launch)


@blueprint.get("/l/<launch_id>/review/<response_id>")
@guarded(role=Role.CLINICIAN)
def detail(launch: Launch, response_id: str) -> ResponseReturnValue:
    """C2: one response in full, and the whole way to its result."""
    return _draw(launch, response_id)


@blueprint.post("/l/<launch_id>/decide")
@guarded(role=Role.CLINICIAN)
def decision(launch: Launch) -> ResponseReturnValue:
    """Accept or decline one suggestion, then read it again from the chart."""
    said = request.form
    suggestion, shown = said.get("suggestion", ""), said.get("shown", "")
    try:
        decide(
            current_services(),
            launch,
            suggestion,
            said.get("decision", ""),
            said.get("reason", ""),
            said.get("note", "").strip(),
            version=said.get("version", ""),
        )
    except InvalidAnswer as error:
        return _draw(launch, shown, Notice.of(error)), 422
    except (EHRConflict, NotFound) as error:
        return _draw(launch, shown, Notice.of(error)), 409
    anchor = anchor_of(suggestion)
    if shown:
        there = url_for("review.detail", launch_id=launch.id, response_id=shown, _anchor=anchor)
        return redirect(there, 303)
    return redirect(url_for("review.landing", launch_id=launch.id, _anchor=anchor), 303)


@blueprint.errorhandler(EHRError)
def tell_unread(error: EHRError) -> Response:
    """Say that nothing is shown rather than a part of a chart."""
    response = tell_known(error)
    if not isinstance(error, EHRUnauthorized):
        wrote = request.method == "POST"
        again = url_for("review.landing", **(request.view_args or {})) if wrote else request.path
        response.set_data(render_template("review/unread.html", wrote=wrote, again=again))
    return response


def _draw(launch: Launch, response_id: str = "", notice: Notice | None = None) -> str:
    services = current_services()
    deciding = {"reasons": reasons(services), "may_decide": may_decide(launch)}
    deciding["styled"] = style_address(launch) is not None
    if response_id:
        page = detail_page(services, launch, response_id, notice)
        return render_template("review/detail.html", page=page, frame=page.around.frame, **deciding)
    first = review_page(services, launch, notice)
    return render_template("review/landing.html", page=first, frame=first.around.frame, **deciding)
