"""Who may see a page, and the headers that every page carries."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from triage_app.errors import NotAllowed, SessionError, SessionExpired, TamperedForm
from triage_app.storage.rows import Launch, Role
from triage_app.web.cookies import launch_cookie
from triage_app.web.current import current_ehr, current_services
from triage_app.web.form_token import FIELD, make_form_token, read_form_token
from triage_app.workflow.sessions import open_session

__all__ = [
    "check_origin",
    "csp_nonce",
    "current_ehr",
    "current_services",
    "form_token",
    "guarded",
    "install_security",
    "origin_of",
    "page_of_path",
]

P = ParamSpec("P")
View = Callable[Concatenate[Launch, P], ResponseReturnValue]
Late = Callable[[Launch], None]


def guarded(
    *, role: Role | str | None = None, late: Late | None = None
) -> Callable[[View[P]], Callable[..., ResponseReturnValue]]:
    """Give the view its Launch in place of ``launch_id``, or end in a page that says why not.

    A POST must come from our own pages, with the form token of exactly this path. ``late`` is called when the
    session's time is over but browser and form are genuine: it keeps the answer before the person is told.
    Raises SessionError, NotAllowed or TamperedForm.
    """

    def decorate(view: View[P]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def wrapper(launch_id: str, *args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            launch = _launch(launch_id, late)
            if role is not None and launch.role != role:
                raise NotAllowed(f"this page is for the role {role}, the launch has the role {launch.role}")
            return view(launch, *args, **kwargs)

        wrapper.guarded_role = role or "any"  # type: ignore[attr-defined]
        return wrapper

    return decorate


def _launch(launch_id: str, late: Late | None) -> Launch:
    """Return the live launch of this path and browser, its form checked."""
    services = current_services()
    posted = request.method not in ("GET", "HEAD")
    if posted:
        _learn_hospital(launch_id)
        check_origin()
    try:
        launch = open_session(services, launch_id=launch_id, secret=launch_cookie(launch_id))
    except SessionExpired as expired:
        if posted and late and expired.launch is not None:
            _check_form(expired.launch)
            late(expired.launch)
            expired.kept = True
        raise
    g.launch, g.ehr = launch, services.settings.registry[launch.ehr]
    if posted:
        _check_form(launch)
    return launch


def _learn_hospital(launch_id: str) -> None:
    """Take the EHR from the form, so that a page of trouble has its numbers without the database too."""
    settings, token = current_services().settings, request.form.get(FIELD, "")
    try:
        context = read_form_token(settings, token, launch_id=launch_id, page=page_of_path(request.path))
    except TamperedForm:
        return
    g.ehr = settings.registry.get(context.ehr)


def _check_form(launch: Launch) -> None:
    settings = current_services().settings
    token = request.form.get(FIELD, "")
    context = read_form_token(settings, token, launch_id=launch.id, page=page_of_path(request.path))
    if not context.belongs_to(launch):
        raise TamperedForm("form_token: found one of another patient, expected the one of this launch")


def page_of_path(path: str) -> str:
    """Return what follows the launch id in a path: ``/l/abc/q/right-arm/night`` -> ``q/right-arm/night``."""
    return path.split("/", 3)[3] if path.count("/") >= 3 else ""


def check_origin() -> None:
    """Raise NotAllowed when a browser says that the request comes from another site."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    ours = origin_of(current_services().settings.base_url)
    if origin is not None and origin != ours:
        raise NotAllowed("Origin: found another site, expected this one")
    if origin is None and site is not None and site not in ("same-origin", "none"):
        raise NotAllowed("Sec-Fetch-Site: found another site, expected this one")


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def csp_nonce() -> str:
    """Return this response's script nonce, made at the first call."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast("str", g.csp_nonce)


def form_token(page: str) -> str:
    """Return the form token for a form that posts to ``page`` of the current launch."""
    launch = g.get("launch")
    if launch is None:
        raise SessionError("a form needs a launch")
    return make_form_token(current_services().settings, launch, page)


def install_security(app: Flask) -> None:
    """Give every response its headers, and templates ``form_token`` and ``csp_nonce``."""
    app.after_request(_add_headers)
    app.jinja_env.globals.update(form_token=form_token, csp_nonce=csp_nonce)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _content_security_policy()
    # With "no-referrer" browsers send "Origin: null" with our own forms.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if current_services().settings.over_tls:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


def _content_security_policy() -> str:
    ehr = current_ehr()
    frames = " ".join(ehr.frame_ancestors) if ehr and ehr.frame_ancestors else "'none'"
    script = f"'self' 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'self'"
    rules = {
        "default-src": "'none'",
        "script-src": script,
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": " ".join(["'self'", *g.get("form_targets", ())]),
        "base-uri": "'none'",
        "object-src": "'none'",
        "frame-ancestors": frames,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
