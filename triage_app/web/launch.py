"""/launch, /callback/<EHR> and sign-out: a session begins and ends here."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from triage_app.errors import LaunchError, NotFound
from triage_app.settings import EHR
from triage_app.storage.rows import Launch
from triage_app.web.cookies import (
    PROBE_COOKIE,
    clear_launch_cookie,
    forget_old_cookies,
    launch_cookie,
    set_launch_cookie,
    set_probe_cookie,
)
from triage_app.web.current import current_services
from triage_app.web.security import guarded, origin_of
from triage_app.workflow.finish_launch import Callback, finish_launch
from triage_app.workflow.first_page import first_page
from triage_app.workflow.sessions import end_session
from triage_app.workflow.start_launch import LaunchStart, find_ehr, start_launch

blueprint = Blueprint("launch", __name__)


@blueprint.get("/launch")
def launch() -> ResponseReturnValue:
    """Send the browser to the EHR's login; in a frame, first see whether a cookie comes back."""
    services = current_services()
    ehr = g.ehr = find_ehr(services, _once("iss"))
    embedded = _is_framed() and bool(ehr.frame_ancestors)
    if embedded and PROBE_COOKIE not in request.cookies:
        return _probe()
    launch = _once("launch")
    if not launch:
        raise LaunchError("launch: found nothing, expected the EHR's launch value")
    return _to_login(ehr, start_launch(services, ehr=ehr, launch=launch, embedded=embedded))


@blueprint.get("/launch/<ehr_key>")
def standalone(ehr_key: str) -> ResponseReturnValue:
    """Begin outside the EHR, where the registry allows it: the person logs in there and comes back."""
    services = current_services()
    ehr = services.settings.registry.get(ehr_key)
    if ehr is None or not ehr.standalone:
        raise NotFound("launch: there is no such place to begin")
    g.ehr = ehr
    return _to_login(ehr, start_launch(services, ehr=ehr, launch=None, embedded=False))


def _to_login(ehr: EHR, start: LaunchStart) -> ResponseReturnValue:
    """Send the browser to the EHR's login: by its address, or by a form where the EHR takes that."""
    if start.fields is None:
        response = make_response(redirect(start.redirect_to, code=303))
    else:
        g.form_targets = tuple(f"https://{host}" for host in sorted(ehr.allowed_hosts))
        g.form_targets += (origin_of(start.redirect_to),)
        page = render_template(
            "launch/authorize.html", endpoint=start.redirect_to, fields=start.fields, hospital=ehr.name
        )
        response = make_response(page)
    set_launch_cookie(response, start.launch_id, start.secret, start.mode)
    return _unreferred(response)


@blueprint.get("/callback/<ehr_key>")
def callback(ehr_key: str) -> ResponseReturnValue:
    """Finish the launch and go on at a clean address."""
    services = current_services()
    g.ehr = services.settings.registry.get(ehr_key)
    brought = Callback(
        ehr=ehr_key, state=_once("state"), code=_once("code"), error=_once("error"), issuer=_once("iss")
    )
    finish = finish_launch(services, brought, secret_of=launch_cookie, language=services.settings.language)
    session = finish.launch
    response = make_response(redirect(f"/l/{session.id}/{first_page(session)}", code=303))
    forget_old_cookies(response)
    set_launch_cookie(response, session.id, finish.secret, session.mode)
    return _unreferred(response)


@blueprint.route("/l/<launch_id>/sign-out", methods=["GET", "POST"])
@guarded()
def sign_out(launch: Launch) -> ResponseReturnValue:
    """Ask, then end the session and erase its tokens."""
    if request.method == "GET":
        return render_template("problems/sign-out.html")
    end_session(current_services(), launch)
    response = make_response(render_template("problems/signed-out.html"))
    clear_launch_cookie(response, launch)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _unreferred(response: Response) -> Response:
    """Keep this address, which holds a code or a launch value, out of the next request."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _once(name: str) -> str | None:
    """Return a parameter that may stand once; raise LaunchError when it is repeated."""
    found = request.args.getlist(name)
    if len(found) > 1:
        raise LaunchError(f"{name}: found {len(found)} times, expected once")
    return found[0] if found else None


def _is_framed() -> bool:
    return request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")


def _probe() -> ResponseReturnValue:
    """Try a cookie in this frame; where none comes back, offer a window of its own."""
    address = "/launch?" + urlencode({"iss": _once("iss") or "", "launch": _once("launch") or ""})
    if request.args.get("probe"):
        return render_template("problems/new-window.html", address=address)
    response = make_response(redirect(f"{address}&probe=1", code=303))
    set_probe_cookie(response)
    return response
