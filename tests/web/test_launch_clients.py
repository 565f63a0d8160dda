"""Whole launches with every way in which an app may prove itself, and the keys that it publishes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings
from flask import Flask
from joserfc.jwk import ECKey, RSAKey

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.sandbox import RunningSandbox, SandboxOptions, serve_sandbox
from triage_app.settings import ClientAuthentication, Secret
from triage_app.workflow.connections import refresh

Start = Callable[..., tuple[Flask, Browser]]


def private_key(kind: str) -> Secret:
    """A key as its PEM file would hold it."""
    if kind == "RS384":
        key: RSAKey | ECKey = RSAKey.generate_key(2048, private=True)
    else:
        key = ECKey.generate_key("P-384", private=True)
    return Secret(key.as_pem(private=True).decode())


@pytest.fixture
def start(tmp_path: Any, catalogue: Catalogue) -> Iterator[Start]:
    """An app and a hospital where it is registered as ``kind``; the hospital knows the published keys."""
    running: list[RunningSandbox] = []

    def run(kind: str, **credentials: Any) -> tuple[Flask, Browser]:
        known: dict[str, Any] = {}
        options = SandboxOptions(
            port=0, app_url=BASE_URL, ask_consent=False, client_kind=kind, client_keys=known
        )
        running.append(serve_sandbox(options))
        secret = Secret(options.client_secret) if kind == "symmetric" else None
        ehr = an_ehr(fhir_base_url=running[-1].fhir_url, client_secret=secret, **credentials)
        settings = some_settings(ehr, database_url=f"sqlite:///{tmp_path}/triage.db", base_url=BASE_URL)
        app = create_app(settings, services=create_services(settings, catalogue=catalogue))
        browser = Browser(app.test_client(), running[-1])
        known.update(browser.get("/.well-known/jwks.json").get_json())
        return app, browser

    yield run
    for sandbox in running:
        sandbox.stop()


@pytest.mark.parametrize(
    ("kind", "credentials"),
    [
        ("public", {}),
        ("symmetric", {}),
        ("symmetric", {"client_authentication": ClientAuthentication.SECRET_POST}),
        ("asymmetric", {"client_keys": (private_key("RS384"),)}),
        ("asymmetric", {"client_keys": (private_key("ES384"), private_key("RS384"))}),
    ],
    ids=["public", "secret in header", "secret in form", "RS384", "ES384"],
)
def test_alice_launches_refreshes_and_signs_out(kind: str, credentials: dict[str, Any], start: Start) -> None:
    app, browser = start(kind, **credentials)
    services = app.extensions["services"]
    launch_id = browser.launch_id()
    first = services.storage.fetch_launch(launch_id)
    second = refresh(services, first)
    assert second.access_token != first.access_token
    assert second.refresh_token != first.refresh_token
    token = browser.form_token(f"/l/{launch_id}/sign-out")
    assert browser.post(f"/l/{launch_id}/sign-out", data={"form_token": token}).status_code == 200
    grants = browser.sandbox.hospital.grants
    assert grants.holder(second.refresh_token) is None
    assert grants.holder(second.access_token) is None


def test_a_key_that_the_hospital_does_not_know_gives_no_session(start: Start) -> None:
    _, browser = start("asymmetric", client_keys=(private_key("ES384"),))
    browser.sandbox.hospital.options.client_keys.clear()
    answer = browser.get(browser.log_in(browser.press_launch()))
    assert answer.status_code == 502
    assert "Set-Cookie" not in answer.headers


def test_published_keys_may_be_read_by_all_and_kept_for_an_hour(start: Start) -> None:
    _, browser = start("asymmetric", client_keys=(private_key("ES384"), private_key("RS384")))
    answer = browser.get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == f"public, max-age={int(timedelta(hours=1).total_seconds())}"
    assert [key["kty"] for key in answer.get_json()["keys"]] == ["EC", "RSA"]
    private = {"d", "p", "q", "dp", "dq", "qi", "k"}
    assert not any(private & set(key) for key in answer.get_json()["keys"])


def test_without_keys_of_its_own_the_app_publishes_none(start: Start) -> None:
    _, browser = start("public")
    assert browser.get("/.well-known/jwks.json").get_json() == {"keys": []}


def test_the_callback_address_of_another_hospital_finishes_nothing(start: Start) -> None:
    app, browser = start("public")
    address = browser.log_in(browser.press_launch())
    wrong = address.replace("/callback/general", "/callback/riverside")
    assert browser.get(wrong).status_code == 400
    assert browser.get(address).status_code == 400, "the state is used up"
    assert app.extensions["services"].storage.fetch_audit(ehr="general") == []
