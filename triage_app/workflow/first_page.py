"""Where a launch begins: the form or the review, as the EHR asks and the role allows."""

from __future__ import annotations

from triage_app.errors import LaunchError, NotFound
from triage_app.fhir.launch_context import Action, LaunchContext
from triage_app.storage.rows import Launch, Role
from triage_app.workflow.services import Services

FORM = ""
REVIEW = "review"


def check_form(services: Services, context: LaunchContext) -> None:
    """Raise LaunchError when the EHR asks for forms of which we have none: no other one will do."""
    for canonical in context.questionnaires:
        try:
            services.catalogue.by_canonical(canonical)
        except NotFound:
            continue
        return
    if context.questionnaires:
        raise LaunchError("fhirContext: found a questionnaire that is not here, expected one of ours")


def first_page(launch: Launch) -> str:
    """Return the path, under the launch's own, of its first page."""
    context = LaunchContext.from_plain(launch.context)
    if launch.role is not Role.CLINICIAN:
        return FORM
    if context.action in (Action.START, Action.CONTINUE):
        return FORM
    wants_one = context.action is Action.REVIEW and context.response is not None
    return f"{REVIEW}/{(context.response or '').partition('/')[2]}" if wants_one else REVIEW
