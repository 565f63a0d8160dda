"""The authorisation request, the page that asks the person, and the redirect with the code."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from triage_app.sandbox.auth.grants import Launch, Request
from triage_app.sandbox.auth.scopes import grant
from triage_app.sandbox.hospital import hospital
from triage_app.sandbox.pages.words import name_of, scope_in_words

blueprint = Blueprint("authorize", __name__, url_prefix="/auth")
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")


class BadRequest(Exception):
    """The request cannot be answered at its redirect_uri: the person gets a page instead."""


class Refused(Exception):
    """The request is answered at its redirect_uri with an OAuth error."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@blueprint.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response | tuple[str, int] | str:
    """Check the request, then ask the person at the screen."""
    try:
        redirect_uri = _known_redirect()
    except BadRequest as error:
        return render_template("problem.html", title="This app cannot be let in", text=str(error)), 400
    try:
        wanted = _checked_request(redirect_uri)
    except Refused as refused:
        return _back(redirect_uri, {"error": refused.error, "error_description": refused.description})
    ticket = hospital().grants.wait_for_consent(wanted)
    if not hospital().options.ask_consent:
        return _decide(ticket, allowed=True)
    return _consent_page(wanted, ticket)


def _one(name: str) -> str:
    """A parameter that must not stand twice; empty where it is absent."""
    values = request.values.getlist(name)
    if len(values) > 1:
        raise Refused("invalid_request", f"{name} stands more than once")
    return values[0] if values else ""


def _known_redirect() -> str:
    client_ids, uris = request.values.getlist("client_id"), request.values.getlist("redirect_uri")
    if client_ids != [hospital().options.client_id]:
        raise BadRequest("client_id: the hospital does not know this app.")
    registered = {f"{hospital().app_url}{path}" for path in hospital().options.callback_paths}
    if len(uris) != 1 or uris[0] not in registered:
        raise BadRequest("redirect_uri: it is not the one that this app has registered.")
    return uris[0]


def _checked_request(redirect_uri: str) -> Request:
    options = hospital().options
    if _one("response_type") != "code":
        raise Refused("unsupported_response_type", "response_type: expected code")
    if not _one("state"):
        raise Refused("invalid_request", "state is missing")
    if _one("aud") != options.fhir_url:
        raise Refused("invalid_request", "aud: expected the FHIR base URL of this hospital, exactly")
    if _one("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(_one("code_challenge")):
        raise Refused("invalid_request", "code_challenge: PKCE with S256 is required")
    scopes = grant(_one("scope"), withheld=options.withheld_scopes)
    launch = _launch_of(scopes)
    nonce = _one("nonce") or None
    return Request(
        options.client_id, redirect_uri, _one("state"), scopes, _one("code_challenge"), nonce, launch
    )


def _launch_of(scopes: tuple[str, ...]) -> Launch:
    """The chart's launch, or one of the patient who is logged in where nobody pressed a button."""
    alone = not _one("launch") and "launch/patient" in scopes
    if not alone and "launch" not in scopes:
        raise Refused("invalid_scope", "scope: launch is needed for a launch from the chart")
    options, grants = hospital().options, hospital().grants
    if alone:
        return hospital().new_launch(patient=options.logged_in_patient)
    launch = grants.launch(_one("launch"))
    if launch is None:
        raise Refused("invalid_request", "launch: unknown, used or too old")
    return launch


def _consent_page(wanted: Request, ticket: str) -> str:
    launch: Launch = wanted.launch
    return render_template(
        "consent.html",
        ticket=ticket,
        user=name_of(hospital().resolve(launch.user)),
        patient=name_of(hospital().resolve(f"Patient/{launch.patient}")),
        is_patient=launch.user.startswith("Patient/"),
        wishes=[scope_in_words(scope) for scope in wanted.scopes],
        app_url=hospital().app_url,
    )


@blueprint.post("/decision")
def decision() -> Response | tuple[str, int]:
    """The person has pressed Allow or Refuse."""
    return _decide(request.form.get("ticket", ""), allowed=request.form.get("decision") == "allow")


def _decide(ticket: str, *, allowed: bool) -> Response | tuple[str, int]:
    wanted = hospital().grants.take_waiting(ticket)
    if wanted is None:
        text = "This question was answered already, or it is too old. Start again from the chart."
        return render_template("problem.html", title="Nothing to decide", text=text), 400
    if not allowed:
        return _back(
            wanted.redirect_uri,
            {"error": "access_denied", "error_description": "refused at the hospital"},
            state=wanted.state,
        )
    return _back(wanted.redirect_uri, {"code": hospital().grants.issue_code(wanted)}, state=wanted.state)


def _back(redirect_uri: str, answer: dict[str, str], *, state: str | None = None) -> Response:
    known = state or "".join(request.values.getlist("state")[:1])
    answer |= {"iss": hospital().options.fhir_url} | ({"state": known} if known else {})
    return redirect(f"{redirect_uri}?{urlencode(answer)}", 303)
