"""The table of scopes is what a whole story asks of an EHR: nothing is missing from it, nothing is idle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings
from flask import Flask
from people import CATALOGUE, PATHWAY
from test_open_review import WORSE

from triage_app import create_app, create_services
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.server import RunningSandbox, serve_sandbox
from triage_app.settings import Secret
from triage_app.settings.scopes import CHART_USES, USES
from triage_app.storage.rows import Launch
from triage_app.workflow.decide import decide
from triage_app.workflow.open_review import open_review
from triage_app.workflow.submit import submit


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    running = serve_sandbox(SandboxOptions(port=0, app_url=BASE_URL, ask_consent=False))
    yield running
    running.stop()


@pytest.fixture
def app(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[Flask]:
    secret = Secret(sandbox.hospital.options.client_secret)
    ehr = an_ehr(fhir_base_url=sandbox.fhir_url, client_secret=secret)
    settings = some_settings(ehr, database_url=f"sqlite:///{tmp_path}/triage.db", base_url=BASE_URL)
    app = create_app(settings, services=create_services(settings, catalogue=CATALOGUE))
    yield app
    app.extensions["services"].storage.close()


def launched(app: Flask, browser: Browser, user: str | None = None) -> Launch:
    launch = app.extensions["services"].storage.fetch_launch(browser.launch_id("alice", user))
    assert isinstance(launch, Launch)
    return launch


def used(method: str, path: str, body: Any) -> Iterator[tuple[str, str]]:
    """Yield the (type, letter) that an exchange needs a right for; a guard of a create is a search."""
    parts = path.split("?")[0].removeprefix("/fhir").strip("/").split("/")
    if parts == [""] and isinstance(body, dict):
        for entry in body["entry"]:
            request = entry["request"]
            yield from used(request["method"], f"/fhir/{request['url']}", None)
            if "ifNoneExist" in request:
                yield request["url"], "s"
    elif parts[0] and parts[0] != "metadata" and not parts[0].startswith("."):
        letter = {"POST": "c", "PUT": "u", "GET": "r" if len(parts) > 1 else "s"}[method]
        yield parts[0], letter


def test_a_whole_story_uses_each_scope_and_no_other(app: Flask, sandbox: RunningSandbox) -> None:
    services, browser = app.extensions["services"], Browser(app.test_client(), sandbox)
    alice = launched(app, browser)
    for path in ("", "q/age"):
        assert browser.get(f"/l/{alice.id}/{path}").status_code == 200
    submit(services, alice, WORSE, PATHWAY)
    bob = launched(app, browser, "Practitioner/bob")
    first, second, *_ = open_review(services, bob).responses[0].suggestions
    decide(services, bob, first.reference, "accept", "", "", version=first.version)
    decide(services, bob, second.reference, "decline", "not-now", "", version=second.version)
    open_review(services, bob)
    exchanges = [one for one in sandbox.hospital.wire.entries() if one.path.startswith("/fhir")]
    found = {pair for one in exchanges for pair in used(one.method, one.path, one.request)}
    assert found == {(use.resource, use.letter) for use in USES + CHART_USES}
