"""What the request at hand is about: the app's Services, and the EHR once that is known."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from triage_app.settings import EHR
from triage_app.workflow.services import Services


def current_services() -> Services:
    """Return the app's Services."""
    return cast("Services", current_app.extensions["services"])


def current_ehr() -> EHR | None:
    """Return the EHR that this request is about, once that is known."""
    return cast("EHR | None", g.get("ehr"))
