"""The token endpoint, and what tells about tokens or takes them back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from triage_app.sandbox.auth.clients import TokenError, authenticate, form_field
from triage_app.sandbox.auth.grants import Grant
from triage_app.sandbox.auth.keys import SigningKeys
from triage_app.sandbox.faults import Fault
from triage_app.sandbox.hospital import hospital

blueprint = Blueprint("token", __name__, url_prefix="/auth")
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


@blueprint.errorhandler(TokenError)
def refused(error: TokenError) -> Response:
    """The error as RFC 6749 wants it."""
    answer = jsonify(error=error.error, error_description=str(error))
    answer.status_code = error.status
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="pretend hospital"'
    return answer


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """No answer of the authorisation server but its keys may be kept by anybody."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Pragma", "no-cache")
    return response


@blueprint.post("/token")
def token() -> Response:
    """Exchange a code or a refresh token."""
    authenticate()
    if hospital().faults.strikes(Fault.TOKEN_REFUSED):
        raise TokenError("invalid_grant", "refused by the fault that is switched on")
    kind = form_field("grant_type")
    if kind == "authorization_code":
        return jsonify(_first_answer(_redeemed_code()))
    if kind == "refresh_token":
        return jsonify(_refreshed())
    raise TokenError("unsupported_grant_type", "grant_type: expected authorization_code or refresh_token")


@blueprint.post("/introspect")
def introspect() -> Response:
    """Tell the app about a token of its own."""
    authenticate()
    grant = hospital().grants.holder(form_field("token"))
    if grant is None:
        return jsonify(active=False)
    expires = int(grant.expires_at.timestamp())
    return jsonify(
        _context(grant)
        | {
            "active": True,
            "scope": " ".join(grant.scopes),
            "client_id": grant.request.client_id,
            "exp": expires,
            "iss": hospital().options.fhir_url,
            "fhirUser": _fhir_user(grant),
        }
    )


@blueprint.post("/revoke")
def revoke() -> Response:
    """Take back a token; unknown ones are as good as taken back."""
    authenticate()
    hospital().grants.revoke(form_field("token"))
    return Response(status=200)


def _redeemed_code() -> Grant:
    grant = hospital().grants.redeem_code(form_field("code"))
    if grant is None:
        raise TokenError("invalid_grant", "code: unknown, used or too old")
    if form_field("redirect_uri") != grant.request.redirect_uri:
        raise TokenError("invalid_grant", "redirect_uri: not that of the authorisation request")
    verifier = form_field("code_verifier")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(digest, grant.request.code_challenge):
        raise TokenError("invalid_grant", "code_verifier: does not belong to the code_challenge")
    return grant


def _refreshed() -> dict[str, Any]:
    grants, presented = hospital().grants, form_field("refresh_token")
    held = grants.refreshable(presented)
    asked = tuple(request.form.get("scope", "").split())
    if held and not set(asked) <= set(held.scopes):
        raise TokenError("invalid_scope", "scope: more than was granted")
    grant = grants.redeem_refresh(presented, hospital().options.client_id)
    if grant is None:
        raise TokenError("invalid_grant", "refresh_token: unknown, used or taken back")
    return _answer(grant, asked or grant.scopes)


def _first_answer(grant: Grant) -> dict[str, Any]:
    answer = _answer(grant, grant.scopes)
    if "openid" in grant.scopes:
        answer["id_token"] = _id_token(grant)
    return answer


def _answer(grant: Grant, scopes: tuple[str, ...]) -> dict[str, Any]:
    grants, options = hospital().grants, hospital().options
    narrowed = Grant(grant.id, grant.request, scopes, grant.expires_at)
    answer: dict[str, Any] = {
        "access_token": grants.issue_access(narrowed),
        "token_type": "Bearer",
        "expires_in": int(options.access_token_life.total_seconds()),
        "scope": " ".join(scopes),
        **_context(grant),
    }
    if {"offline_access", "online_access"} & set(grant.scopes):
        answer["refresh_token"] = grants.issue_refresh(grant)
    return answer


def _context(grant: Grant) -> dict[str, Any]:
    launch = grant.request.launch
    context = {"patient": launch.patient, "encounter": launch.encounter, "intent": launch.intent}
    known: dict[str, Any] = {name: value for name, value in context.items() if value is not None}
    return known | {"need_patient_banner": hospital().options.need_patient_banner} | dict(launch.more)


def _fhir_user(grant: Grant) -> str:
    return f"{hospital().options.fhir_url}/{grant.request.launch.user}"


def _id_token(grant: Grant) -> str:
    """The id_token, or one of the lies that are switched on."""
    options, faults = hospital().options, hospital().faults
    keys = SigningKeys(options.id_token_algorithm) if faults.strikes(Fault.FOREIGN_KEY) else hospital().keys
    late = timedelta(hours=1) if faults.strikes(Fault.EXPIRED_IDENTITY) else timedelta()
    return keys.id_token(
        issuer="https://elsewhere.example/fhir" if faults.strikes(Fault.WRONG_ISSUER) else options.fhir_url,
        client_id="another-app" if faults.strikes(Fault.WRONG_AUDIENCE) else grant.request.client_id,
        subject=grant.request.launch.user.replace("/", "-").lower(),
        fhir_user=_fhir_user(grant) if {"fhirUser", "profile"} & set(grant.scopes) else None,
        nonce="another-nonce" if faults.strikes(Fault.WRONG_NONCE) else grant.request.nonce,
        now=options.clock() - late,
    )
