"""The clinician's pages: the review of a chart, one response in full, and the decision."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from triage_app.errors import EHRConflict, InvalidAnswer, NotFound
from triage_app.storage.rows import Launch, Role
from triage_app.web.review_page import Notice, review_page
from triage_app.web.review_view import anchor_of
from triage_app.web.security import current_services, guarded
from triage_app.workflow.decide import decide, reasons

blueprint = Blueprint("review", __name__)


@blueprint.get("/l/<launch_id>/review")
@guarded(role=Role.CLINICIAN)
def landing(launch: Launch) -> ResponseReturnValue:
    """C1: what a clinician must know first, and the decision."""
    return _page(launch)


@blueprint.post("/l/<launch_id>/decide")
@guarded(role=Role.CLINICIAN)
def decision(launch: Launch) -> ResponseReturnValue:
    """Accept or decline one suggestion, then read it again from the chart."""
    said = request.form
    try:
        decide(
            current_services(),
            launch,
            said.get("suggestion", ""),
            said.get("decision", ""),
            said.get("reason", ""),
            said.get("note", "").strip(),
            version=said.get("version", ""),
        )
    except InvalidAnswer as error:
        return _page(launch, Notice.of_mistake(error)), 422
    except (EHRConflict, NotFound) as error:
        return _page(launch, Notice.of_conflict(error)), 409
    return redirect(
        url_for("review.landing", launch_id=launch.id, _anchor=anchor_of(said["suggestion"])), 303
    )


def _page(launch: Launch, notice: Notice | None = None) -> str:
    page = review_page(current_services(), launch, notice)
    return render_template(
        "review/landing.html", page=page, frame=page.frame, reasons=reasons(current_services())
    )
