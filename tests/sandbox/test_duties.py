"""The hospital says which duties an app kept, which it broke, and which it did not see."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from triage_app.sandbox import SandboxOptions, create_sandbox, hospital_of
from triage_app.sandbox.duties import Duty, Verdict, report
from triage_app.sandbox.watching import watcher_of

HOST = "http://localhost:8090"
APP = "http://127.0.0.1:5000"
SECRET = ("nerve-triage", "sandbox-secret")


class App:
    """Somebody's app: it does what it is told, well or badly."""

    def __init__(self) -> None:
        self.hospital: Flask = create_sandbox(SandboxOptions(app_url=APP, ask_consent=False))
        self.client: FlaskClient = self.hospital.test_client()
        self.turn = 0

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, base_url=HOST, **more)

    def authorize(self, **changes: str) -> TestResponse:
        self.turn += 1
        launch = hospital_of(self.hospital).new_launch(patient="alice")
        wanted = {
            "response_type": "code",
            "client_id": SECRET[0],
            "redirect_uri": f"{APP}/callback",
            "launch": launch.handle,
            "scope": "launch openid fhirUser online_access patient/Patient.r",
            "state": f"state-{self.turn:020}",
            "aud": f"{HOST}/fhir",
            "nonce": f"nonce-{self.turn}",
            "code_challenge": self.challenge(),
            "code_challenge_method": "S256",
        }
        return self.get("/auth/authorize", query_string={**wanted, **changes})

    def verifier(self) -> str:
        return f"verifier-{self.turn:040}"

    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier().encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def exchange(self, answer: TestResponse, **changes: str) -> TestResponse:
        code = parse_qs(urlsplit(str(answer.location)).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{APP}/callback",
            "code_verifier": self.verifier(),
        }
        return self.client.post("/auth/token", base_url=HOST, data={**form, **changes}, auth=SECRET)

    def read(self, token: str) -> TestResponse:
        return self.get("/fhir/Patient/alice", headers={"Authorization": f"Bearer {token}"})

    def verdicts(self) -> dict[Duty, Verdict]:
        return {one.duty: one.verdict for one in watcher_of(self.hospital).duties.all()}


@pytest.fixture
def app() -> App:
    return App()


def test_an_app_that_does_all_has_kept_all(app: App) -> None:
    app.get("/fhir/.well-known/smart-configuration")
    told = app.exchange(app.authorize()).json or {}
    app.get("/auth/jwks")
    assert app.read(told["access_token"]).status_code == 200
    again = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    assert app.client.post("/auth/token", base_url=HOST, data=again, auth=SECRET).status_code == 200
    app.client.post("/auth/revoke", base_url=HOST, data={"token": told["access_token"]}, auth=SECRET)
    hospital_of(app.hospital).faults.set("wrong-nonce")
    app.exchange(app.authorize())
    assert set(app.verdicts().values()) == {Verdict.KEPT}


def test_what_was_not_done_was_not_seen(app: App) -> None:
    assert set(app.verdicts().values()) == {Verdict.NOT_SEEN}
    app.authorize()
    assert app.verdicts()[Duty.STATE] is Verdict.KEPT
    assert app.verdicts()[Duty.EXCHANGE] is Verdict.NOT_SEEN
    assert app.verdicts()[Duty.LIES] is Verdict.NOT_SEEN


@pytest.mark.parametrize(
    ("changes", "duty"),
    [
        ({"redirect_uri": f"{APP}/callback/"}, Duty.REDIRECT),
        ({"response_type": "token"}, Duty.CODE_FLOW),
        ({"launch": "made-up"}, Duty.LAUNCH),
        ({"scope": "openid fhirUser"}, Duty.LAUNCH),
        ({"aud": f"{HOST}/fhir/"}, Duty.AUDIENCE),
        ({"state": "1"}, Duty.STATE),
        ({"code_challenge_method": "plain"}, Duty.CHALLENGE),
        ({"nonce": ""}, Duty.IDENTITY),
        ({"scope": "launch patient/*.cruds"}, Duty.SCOPES),
    ],
)
def test_an_authorisation_request_that_is_not_what_it_should_be_is_told(
    changes: dict[str, str], duty: Duty, app: App
) -> None:
    app.authorize(**changes)
    assert app.verdicts()[duty] is Verdict.BROKEN


@pytest.mark.parametrize(
    ("name", "duty"), [("state", Duty.STATE), ("code_challenge", Duty.CHALLENGE), ("nonce", Duty.IDENTITY)]
)
def test_what_must_be_new_is_told_when_it_comes_again(name: str, duty: Duty, app: App) -> None:
    same = app.challenge() if name == "code_challenge" else "the-same-value-as-the-last-time"
    app.authorize(**{name: same})
    assert app.verdicts()[duty] is Verdict.KEPT
    app.authorize(**{name: same})
    assert app.verdicts()[duty] is Verdict.BROKEN


def test_a_code_that_comes_twice_is_told(app: App) -> None:
    answer = app.authorize()
    app.exchange(answer)
    app.exchange(answer)
    assert app.verdicts()[Duty.ONCE] is Verdict.BROKEN


def test_another_verifier_and_another_secret_are_told(app: App) -> None:
    app.exchange(app.authorize(), code_verifier="x" * 43)
    assert app.verdicts()[Duty.EXCHANGE] is Verdict.BROKEN
    app.client.post("/auth/token", base_url=HOST, data={}, auth=("nerve-triage", "guessed"))
    assert app.verdicts()[Duty.CLIENT] is Verdict.BROKEN


def test_a_token_that_came_with_a_lie_must_not_be_used(app: App) -> None:
    hospital_of(app.hospital).faults.set("foreign-key")
    told = app.exchange(app.authorize()).json or {}
    assert app.verdicts()[Duty.LIES] is Verdict.KEPT
    app.read(told["access_token"])
    assert app.verdicts()[Duty.LIES] is Verdict.BROKEN


def test_a_token_in_an_address_is_told(app: App) -> None:
    told = app.exchange(app.authorize()).json or {}
    app.get("/fhir/Patient/alice", query_string={"access_token": told["access_token"]})
    assert app.verdicts()[Duty.BEARER] is Verdict.BROKEN


def test_a_token_shown_to_the_authorisation_server_is_told(app: App) -> None:
    told = app.exchange(app.authorize()).json or {}
    app.get("/auth/jwks", headers={"Authorization": f"Bearer {told['access_token']}"})
    assert app.verdicts()[Duty.BEARER] is Verdict.BROKEN


def test_what_was_broken_once_stays_broken_and_says_why(app: App) -> None:
    app.authorize(aud="elsewhere")
    app.authorize()
    seen = {one.duty: one for one in watcher_of(app.hospital).duties.all()}
    assert seen[Duty.AUDIENCE].verdict is Verdict.BROKEN
    assert f"BROKEN    {Duty.AUDIENCE}: expected the FHIR base" in report(list(seen.values()))
    assert f"not seen  {Duty.REVOKED}" in report(list(seen.values()))


def test_the_book_holds_no_secret(app: App) -> None:
    told = app.exchange(app.authorize()).json or {}
    app.read(told["access_token"])
    assert told["access_token"] not in str(vars(watcher_of(app.hospital)))
