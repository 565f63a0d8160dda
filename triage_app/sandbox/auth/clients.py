"""Who is at the token endpoint: the registered app, by its id, its secret, or an assertion that it signed."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

import requests
from flask import request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from triage_app.sandbox.hospital import Hospital, hospital
from triage_app.sandbox.options import DEFAULT_SECRET

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS384", "ES384")
LONGEST_ASSERTION_SECONDS = 300
LEEWAY_SECONDS = 10
_LOOPBACK_ADDRESSES = {"127.0.0.1", "::1"}


class TokenError(Exception):
    """An OAuth error answer of the token endpoint."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


def form_field(name: str) -> str:
    """The one value of a form field; TokenError where there is none or several."""
    values = request.form.getlist(name)
    if len(values) != 1 or not values[0]:
        raise TokenError("invalid_request", f"{name}: expected exactly one value")
    return values[0]


def authenticate() -> None:
    """Let the registered app pass in the one way that it registered; TokenError for everybody else."""
    kinds = {"symmetric": _by_secret, "public": _by_name, "asymmetric": _by_assertion}
    kinds[hospital().options.client_kind]()


def _unknown(description: str) -> TokenError:
    return TokenError("invalid_client", description, 401)


def _by_name() -> None:
    if "Authorization" in request.headers or {"client_secret", "client_assertion"} & set(request.form):
        raise _unknown("this app is registered as public: expected its client_id alone")
    if form_field("client_id") != hospital().options.client_id:
        raise _unknown("unknown client")


def _by_secret() -> None:
    options = hospital().options
    client_id, secret = _credentials()
    known = hmac.compare_digest(client_id.encode(), options.client_id.encode())
    proven = hmac.compare_digest(secret.encode(), options.client_secret.encode())
    if not (known and proven):
        raise _unknown("unknown client or wrong secret")
    if secret == DEFAULT_SECRET and request.remote_addr not in _LOOPBACK_ADDRESSES:
        raise _unknown("this secret is good on loopback only")


def _credentials() -> tuple[str, str]:
    header = request.headers.get("Authorization", "")
    scheme, _, encoded = header.partition(" ")
    if not header:
        return form_field("client_id"), form_field("client_secret")
    if scheme.lower() != "basic" or "client_secret" in request.form:
        raise _unknown("expected one way of authentication, Basic or in the form")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _unknown("the Basic header cannot be read") from error
    return unquote_plus(client_id), unquote_plus(secret)


def _by_assertion() -> None:
    if "Authorization" in request.headers or "client_secret" in request.form:
        raise _unknown("this app is registered with keys: expected an assertion alone")
    if form_field("client_assertion_type") != ASSERTION_TYPE:
        raise _unknown(f"client_assertion_type: expected {ASSERTION_TYPE}")
    _check_claims(_verified(form_field("client_assertion")), hospital())


def _verified(assertion: str) -> dict[str, Any]:
    """The claims of an assertion whose header and signature hold."""
    try:
        header = jws.extract_compact(assertion.encode()).headers()
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS or header.get("typ") != "JWT":
            raise _unknown("client_assertion: expected typ JWT and alg RS384 or ES384")
        key = _published_key(hospital(), header.get("kid"))
        return dict(jwt.decode(assertion, key, algorithms=[str(algorithm)]).claims)
    except (JoseError, ValueError, TypeError) as error:
        raise _unknown("client_assertion: the signature does not hold") from error


def _published_key(here: Hospital, kid: object) -> RSAKey | ECKey:
    keys = [import_key(entry) for entry in _key_set(here).get("keys", []) if entry.get("kid") == kid]
    if kid is None or len(keys) != 1 or not isinstance(keys[0], (RSAKey, ECKey)):
        raise _unknown("client_assertion: kid: expected that of exactly one published key")
    return keys[0]


def _key_set(here: Hospital) -> Mapping[str, Any]:
    """The app's keys: those registered here, else what its own address publishes just now."""
    if here.options.client_keys is not None:
        return here.options.client_keys
    try:
        answer = requests.get(f"{here.app_url}/.well-known/jwks.json", timeout=5, allow_redirects=False)
        return dict(answer.json())
    except (requests.RequestException, ValueError, TypeError) as error:
        raise _unknown("client_assertion: the app's keys cannot be read") from error


def _check_claims(claims: Mapping[str, Any], here: Hospital) -> None:
    options, now = here.options, here.options.clock()
    if (claims.get("iss"), claims.get("sub")) != (options.client_id, options.client_id):
        raise _unknown("client_assertion: iss and sub: expected the client_id")
    if claims.get("aud") != f"{options.auth_url}/token":
        raise _unknown("client_assertion: aud: expected the token endpoint, exactly")
    expires = claims.get("exp")
    longest = now.timestamp() + LONGEST_ASSERTION_SECONDS + LEEWAY_SECONDS
    if not isinstance(expires, int) or not now.timestamp() - LEEWAY_SECONDS < expires <= longest:
        raise _unknown("client_assertion: exp: expected a time within the next five minutes")
    token_id = claims.get("jti")
    fresh = isinstance(token_id, str) and bool(token_id)
    if not fresh or not here.grants.see(str(token_id), datetime.fromtimestamp(expires, tz=now.tzinfo)):
        raise _unknown("client_assertion: jti: expected one that was never used before")
