"""/livez and /readyz: the process lives; it can take answers."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from triage_app.errors import TriageError
from triage_app.web.current import current_services

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> ResponseReturnValue:
    """Answer: nothing else is looked at."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer 200 when a row can be written and the pathways are loaded, else 503. EHRs are not asked."""
    services = current_services()
    checks = {"database": _database_works(), "pathways": bool(services.catalogue.all())}
    ready = all(checks.values())
    return {"status": "ok" if ready else "not ready", **checks}, 200 if ready else 503


def _database_works() -> bool:
    try:
        current_services().storage.check()
    except TriageError:
        return False
    return True
