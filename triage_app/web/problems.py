"""The only place where errors meet HTTP: a page for people, a document for machines."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from triage_app import errors
from triage_app.fhir import exact_json
from triage_app.web.current import current_ehr
from triage_app.web.frame import Frame

log = structlog.get_logger()


@dataclass(frozen=True)
class Problem:
    """How one class of errors is told: HTTP status, template, FHIR issue code, title for machines."""

    status: int
    page: str
    issue: str
    title: str


PROBLEMS: dict[type[errors.TriageError], Problem] = {
    errors.TamperedForm: Problem(403, "form", "security", "The form is not one of this page"),
    errors.InvalidDocument: Problem(400, "input", "invalid", "The document is not what it should be"),
    errors.InvalidAnswer: Problem(422, "input", "value", "An answer is not one that its question takes"),
    errors.InputError: Problem(400, "input", "invalid", "What was sent is wrong"),
    errors.UnknownIssuer: Problem(400, "unknown-issuer", "security", "The issuer is not registered"),
    errors.StateMismatch: Problem(400, "launch-again", "security", "The launch is not one that waits"),
    errors.ConsentRefused: Problem(403, "consent", "forbidden", "Access was not given"),
    errors.TokenRefused: Problem(502, "launch-failed", "security", "The EHR's answer cannot be used"),
    errors.IdentityRefused: Problem(403, "identity", "security", "The EHR did not prove who is there"),
    errors.LaunchError: Problem(400, "launch-failed", "required", "The launch is incomplete"),
    errors.SessionExpired: Problem(401, "session-over", "expired", "The session is over"),
    errors.SessionError: Problem(401, "no-session", "login", "There is no session here"),
    errors.NotAllowed: Problem(403, "not-allowed", "forbidden", "This is not for this session"),
    errors.NotFound: Problem(404, "not-found", "not-found", "There is no such thing here"),
    errors.EHRUnavailable: Problem(503, "ehr-unavailable", "transient", "The EHR does not answer"),
    errors.EHRRefused: Problem(502, "ehr-refused", "processing", "The EHR refused"),
    errors.EHRConflict: Problem(409, "ehr-conflict", "conflict", "Somebody else changed this first"),
    errors.EHRUnauthorized: Problem(401, "session-over", "expired", "The EHR asks for a new login"),
    errors.EHRAmbiguous: Problem(502, "ehr-unclear", "incomplete", "It is not known what the EHR stored"),
    errors.EHRUnreadable: Problem(502, "ehr-refused", "structure", "The EHR's answer cannot be read"),
    errors.EHRError: Problem(502, "ehr-refused", "processing", "The EHR did not do what was asked"),
    errors.StorageError: Problem(503, "storage", "no-store", "Nothing can be saved at the moment"),
    errors.ConfigurationError: Problem(500, "unexpected", "exception", "A setting is wrong"),
    errors.ContentError: Problem(500, "unexpected", "exception", "A pathway is wrong"),
    errors.TriageError: Problem(500, "unexpected", "exception", "Something went wrong"),
}
UNEXPECTED = PROBLEMS[errors.TriageError]
_HTTP = {
    404: PROBLEMS[errors.NotFound],
    405: Problem(405, "not-found", "not-supported", "This address does not take that method"),
    413: Problem(413, "input", "too-long", "What was sent is too large"),
    415: Problem(415, "input", "not-supported", "This kind of document is not taken"),
    429: Problem(429, "too-many", "throttled", "Too many requests"),
}
_OURS_TO_TELL = (
    errors.LaunchError,
    errors.EHRError,
    errors.NotAllowed,
    errors.SessionError,
    errors.StorageError,
)
"""Errors whose sentence may be logged: they are built from our own words and the EHR's name."""

_BARE = (
    "<!DOCTYPE html><html lang=en><title>Something went wrong</title><h1>Something went wrong</h1>"
    "<p>Please try again. If you feel very unwell, do not wait for this page: call your emergency number.</p>"
)


def install_problems(app: Flask) -> None:
    """Tell every error, whatever its class."""
    app.register_error_handler(errors.TriageError, tell_known)
    app.register_error_handler(HTTPException, tell_http)
    app.register_error_handler(Exception, tell_unexpected)


def problem_of(error: errors.TriageError) -> Problem:
    """Return how the error is told: by its nearest class in the table."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def tell_known(error: errors.TriageError) -> Response:
    """Tell one of our own errors."""
    problem = problem_of(error)
    reason = str(error) if isinstance(error, _OURS_TO_TELL) else None
    log.warning("request_refused", error=type(error).__name__, status=problem.status, reason=reason)
    detail = str(error) if isinstance(error, errors.InputError) else problem.title
    response = _answer(problem, detail=detail, error=error)
    if isinstance(error, errors.EHRUnavailable):
        response.headers["Retry-After"] = str(error.retry_after_seconds or 30)
    return response


def tell_http(error: HTTPException) -> Response:
    """Tell an error of HTTP itself: no such page, too large, wrong method."""
    status = error.code or 500
    fallback = Problem(status, "unexpected" if status >= 500 else "input", "processing", error.name)
    response = _answer(_HTTP.get(status, fallback), detail=error.name, error=error)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def tell_unexpected(error: Exception) -> Response:
    """Tell what nobody foresaw: class and place are logged, never its text, which may quote a patient."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    log.error("unexpected_error", error=type(error).__name__, where=where)
    return _answer(UNEXPECTED, detail=UNEXPECTED.title, error=error)


def _answer(problem: Problem, *, detail: str, error: Exception) -> Response:
    if request.path.startswith("/fhir"):
        return _document(_operation_outcome(problem, detail), problem.status, "application/fhir+json")
    if request.path.startswith("/cds-services") or _wants_json():
        return _document(_problem_json(problem, detail), problem.status, "application/problem+json")
    return Response(_page(problem, error), status=problem.status, mimetype="text/html")


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def _document(plain: dict[str, Any], status: int, media: str) -> Response:
    return Response(exact_json.dumps(plain), status=status, content_type=media)


def _operation_outcome(problem: Problem, detail: str) -> dict[str, Any]:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": problem.issue, "diagnostics": detail}],
    }


def _problem_json(problem: Problem, detail: str) -> dict[str, Any]:
    told = {"type": f"https://w3id.org/nerve-triage/problem/{problem.page}", "title": problem.title}
    return {**told, "status": problem.status, "detail": detail, "request_id": g.get("request_id", "")}


def _page(problem: Problem, error: Exception) -> str:
    """Return the page; when even that fails, one that needs nothing."""
    try:
        return render_template(
            f"problems/{problem.page}.html",
            frame=_frame(),
            request_id=g.get("request_id", ""),
            error=error,
            kept=getattr(error, "kept", False),
        )
    except Exception:
        log.exception("problem_page_failed", error=problem.page)
        return _BARE


def _frame() -> Frame:
    ehr, launch = current_ehr(), g.get("launch")
    language = launch.language if launch else "en"
    if ehr is None:
        return Frame(language, signed_off=False)
    return Frame(
        language=language,
        signed_off=False,
        clinic_name=ehr.clinic_name,
        emergency_number=ehr.emergency_number,
        same_day_phone=ehr.same_day_phone,
        same_day_hours=ehr.same_day_hours,
        out_of_hours_phone=ehr.out_of_hours_phone,
        crisis_helpline=ehr.crisis_helpline,
        reply_within=ehr.reply_within,
    )
