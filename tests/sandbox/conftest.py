"""The pretend hospital of these tests: its clock stands still, and callers get tokens the honest way."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from triage_app.sandbox import (
    Hospital,
    RunningSandbox,
    SandboxOptions,
    create_sandbox,
    hospital_of,
    serve_sandbox,
)

FHIR = "http://localhost:8090/fhir"
CALLBACK = "http://127.0.0.1:5000/callback"
VERIFIER = "v" * 43
EVERYTHING = "launch openid fhirUser offline_access patient/*.cruds"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


CHALLENGE = challenge_of(VERIFIER)


class Clock:
    """A clock that goes on only when told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Caller:
    """An app with a token (or none), in front of the FHIR endpoint."""

    http: FlaskClient
    token: str | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        kind = sent.pop("Content-Type", "application/fhir+json")
        return self.http.open(
            f"/fhir{path}",
            method=method,
            data=data,
            headers=sent,
            content_type=kind if data is not None else None,
        )

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.call("PUT", path, body, **headers)

    def found(self, path: str) -> list[str]:
        """The ids of a search's matches."""
        entries = body_of(self.get(path)).get("entry", [])
        return [entry["resource"]["id"] for entry in entries if entry["search"]["mode"] == "match"]


def body_of(response: TestResponse) -> dict[str, Any]:
    """An answer's JSON."""
    value: dict[str, Any] = json.loads(response.get_data())
    return value


def said(response: TestResponse) -> str:
    """What an OperationOutcome says."""
    outcome = body_of(response)
    assert outcome["resourceType"] == "OperationOutcome"
    return str(outcome["issue"][0]["diagnostics"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Iterator[Flask]:
    made = create_sandbox(SandboxOptions(clock=clock, ask_consent=False, id_token_algorithm="ES384"))
    yield made
    hospital_of(made).store.close()


@pytest.fixture
def hospital(app: Flask) -> Hospital:
    return hospital_of(app)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


def authorize_parameters(hospital: Hospital, **changes: str | None) -> dict[str, str]:
    """A good authorisation request by Alice, with some parameters changed or (None) left out."""
    launch = changes.pop("launch") if "launch" in changes else hospital.new_launch(patient="alice").handle
    good: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "nerve-triage",
        "redirect_uri": CALLBACK,
        "state": "the-state",
        "aud": FHIR,
        "launch": launch,
        "scope": EVERYTHING,
        "nonce": "the-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def came_back(response: TestResponse) -> dict[str, str]:
    """The parameters of a redirect to the app."""
    assert response.status_code == 303
    assert response.location.startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}


def token_form(code: str, /, **changes: str | None) -> dict[str, str]:
    """A good token request for a code, with some fields changed or (None) left out."""
    good: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


SECRET = ("nerve-triage", "sandbox-secret")


@pytest.fixture
def code(http: FlaskClient, hospital: Hospital) -> str:
    return came_back(http.get("/auth/authorize", query_string=authorize_parameters(hospital)))["code"]


@pytest.fixture
def let_in(http: FlaskClient, hospital: Hospital) -> Callable[..., Caller]:
    """Go through a whole launch and return the caller with its token."""

    def launch(*, patient: str | None = "alice", user: str | None = None, scope: str = EVERYTHING) -> Caller:
        handle = hospital.new_launch(patient=patient, user=user).handle
        query = authorize_parameters(hospital, launch=handle, scope=scope)
        code = came_back(http.get("/auth/authorize", query_string=query))["code"]
        answer = http.post("/auth/token", data=token_form(code), auth=SECRET)
        assert answer.status_code == 200
        return Caller(http, answer.get_json()["access_token"])

    return launch


@pytest.fixture
def alice(let_in: Callable[..., Caller]) -> Caller:
    """The app, launched by Alice for herself, with every right to her record."""
    return let_in()


@pytest.fixture
def bob(let_in: Callable[..., Caller]) -> Caller:
    """The app, launched by Dr Bob in Alice's chart."""
    return let_in(user="bob", scope="launch openid fhirUser user/*.cruds")


def observation(**changes: Any) -> dict[str, Any]:
    """A small good Observation of Alice's."""
    return {
        "resourceType": "Observation",
        "identifier": [{"system": "https://example.org/id", "value": "one"}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "72514-3", "display": "Pain"}]},
        "subject": {"reference": "Patient/alice"},
        "effectiveDateTime": "2026-11-20T10:00:00+00:00",
        "valueInteger": 6,
    } | changes


@pytest.fixture
def running() -> Iterator[RunningSandbox]:
    """A hospital on a real socket."""
    sandbox = serve_sandbox(SandboxOptions(port=0, ask_consent=False, id_token_algorithm="ES384"))
    yield sandbox
    sandbox.stop()
