"""Looks at each request of the app and notes which duties it kept; it remembers notes and hashes only."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, current_app, g, request

from triage_app.sandbox.duties import Duties, Duty
from triage_app.sandbox.faults import Fault
from triage_app.sandbox.hospital import hospital

LEAST_STATE = 21
"""Characters that 122 random bits take in the alphabet of base64url."""

LIES = (
    Fault.WRONG_NONCE,
    Fault.WRONG_AUDIENCE,
    Fault.WRONG_ISSUER,
    Fault.EXPIRED_IDENTITY,
    Fault.FOREIGN_KEY,
)


@dataclass
class Watcher:
    """The book, and hashes of what may come only once."""

    duties: Duties = field(default_factory=Duties)
    known: dict[str, set[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_new(self, kind: str, value: str) -> bool:
        """Whether a value of this kind is seen for the first time; remembers it."""
        with self.lock:
            held = self.known.setdefault(kind, set())
            before = len(held)
            held.add(_hash(value))
            return len(held) > before

    def knows(self, kind: str, value: str) -> bool:
        """Whether a value of this kind was seen before."""
        return _hash(value) in self.known.get(kind, ())


def install(app: Flask) -> None:
    """Watch every request of the app to this hospital."""
    app.extensions["watcher"] = Watcher()
    app.before_request(_look_for_lies)
    app.after_request(_watch)


def watcher_of(app: Flask) -> Watcher:
    """The watcher of a hospital."""
    watcher: Watcher = app.extensions["watcher"]
    return watcher


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _look_for_lies() -> None:
    faults = hospital().faults
    g.lying = any(faults.is_on(fault) for fault in LIES)


def _watch(response: Response) -> Response:
    if response.status_code == 413:  # what was sent cannot be read
        return response
    watcher = watcher_of(current_app)
    views: Mapping[str, Callable[[Watcher, Response], None]] = {
        "/fhir/.well-known/smart-configuration": lambda book, _: book.duties.note(Duty.DISCOVERY, True),
        "/auth/authorize": _authorize,
        "/auth/token": _token,
        "/auth/jwks": lambda book, _: book.duties.note(Duty.KEYS, True),
        "/auth/revoke": lambda book, _: book.duties.note(Duty.REVOKED, True),
    }
    view = views.get(request.path)
    if view is not None:
        view(watcher, response)
    if request.path.startswith(("/fhir", "/auth/")):
        _bearer(watcher)
    return response


def _authorize(watcher: Watcher, response: Response) -> None:
    note, sent = watcher.duties.note, request.values
    scopes = sent.get("scope", "").split()
    why = _refusal(response)
    note(Duty.REDIRECT, response.status_code < 400, "client_id or redirect_uri is not the registered one")
    note(Duty.CODE_FLOW, sent.get("response_type") == "code", "expected response_type=code")
    if sent.get("launch") or "launch/patient" not in scopes:
        good = "launch" in scopes and bool(sent.get("launch")) and not why.startswith("launch")
        note(Duty.LAUNCH, good, why or "expected the launch value and the scope launch")
    note(
        Duty.AUDIENCE, sent.get("aud") == hospital().options.fhir_url, "expected the FHIR base, to the letter"
    )
    state = sent.get("state", "")
    is_new = watcher.is_new("state", state)
    note(Duty.STATE, len(state) >= LEAST_STATE and is_new, "absent, shorter than 122 bits, or used before")
    challenge, by = sent.get("code_challenge", ""), sent.get("code_challenge_method")
    fresh = watcher.is_new("challenge", challenge)
    note(Duty.CHALLENGE, by == "S256" and len(challenge) == 43 and fresh, "absent, not S256, or used before")
    if "openid" in scopes:
        fresh = bool(sent.get("nonce")) and watcher.is_new("nonce", sent.get("nonce", ""))
        note(
            Duty.IDENTITY,
            fresh and "fhirUser" in scopes,
            "without fhirUser, or the nonce is absent or used before",
        )
    note(Duty.SCOPES, not any("/*." in scope for scope in scopes), "a scope for every type")


def _refusal(response: Response) -> str:
    query = parse_qs(urlsplit(response.headers.get("Location", "")).query)
    return "".join(query.get("error_description", [""])[:1])


def _token(watcher: Watcher, response: Response) -> None:
    note, answer = watcher.duties.note, response.get_json(silent=True)
    told: dict[str, Any] = answer if isinstance(answer, dict) else {}
    why = str(told.get("error_description", ""))
    if response.status_code in (200, 400, 401):
        note(Duty.CLIENT, response.status_code != 401, why)
    kind = request.form.get("grant_type")
    if kind == "authorization_code":
        note(Duty.ONCE, watcher.is_new("code", request.form.get("code", "")), "the same code came twice")
        if response.status_code in (200, 400):
            note(Duty.EXCHANGE, response.status_code == 200, why)
    elif kind == "refresh_token":
        fresh = watcher.is_new("refresh", request.form.get("refresh_token", ""))
        note(Duty.REFRESH, fresh, "the same refresh token came twice")
    token = told.get("access_token")
    if isinstance(token, str):
        lied = g.get("lying", False) and "id_token" in told
        watcher.is_new("lied" if lied else "issued", token)
        if lied:
            note(Duty.LIES, True)


def _bearer(watcher: Watcher) -> None:
    """Note where a token of ours is shown: in the header, at the record, and nowhere else."""
    note = watcher.duties.note
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    shown = token.strip() if scheme.lower() == "bearer" else ""
    if "access_token" in request.args:
        note(Duty.BEARER, False, "it stood in a URL")
    if not shown:
        return
    if watcher.knows("lied", shown):
        note(Duty.LIES, False, "the token that came with a false id_token was used")
    is_ours = watcher.knows("issued", shown) or watcher.knows("lied", shown)
    if is_ours and request.path.startswith("/fhir"):
        note(Duty.USED, True)
        note(Duty.BEARER, True)
    elif is_ours:
        note(Duty.BEARER, False, f"it was shown at {request.path}")
