"""Launches that say more: standalone, by a posted request, for a form, an action or a Task."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings
from flask import Flask

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import EHR, Secret
from triage_app.storage import Storage

FORM = "https://w3id.org/nerve-triage/Questionnaire/nerve-symptoms|1.0.0"
ROLE = "http://ns.electronichealth.net.au/smart/role/new"
Open = Callable[..., Browser]


@pytest.fixture
def opened(sandbox: RunningSandbox, tmp_path: Any, catalogue: Catalogue) -> Open:
    """A browser before an app whose registry entry has these changes."""

    def run(**changes: Any) -> Browser:
        secret = Secret(sandbox.hospital.options.client_secret)
        ehr = an_ehr(fhir_base_url=sandbox.fhir_url, client_secret=secret, **changes)
        settings = some_settings(ehr, database_url=f"sqlite:///{tmp_path}/triage.db", base_url=BASE_URL)
        app = create_app(settings, services=create_services(settings, catalogue=catalogue))
        return Browser(app.test_client(), sandbox)

    return run


def come_in(browser: Browser, user: str | None = None, **said: Any) -> Any:
    launch = browser.sandbox.new_launch(patient="alice", user=user, **said)
    parts = urlsplit(launch.url)
    return browser.get(browser.log_in(browser.get(f"{parts.path}?{parts.query}")))


def test_alice_begins_outside_the_hospital(opened: Open) -> None:
    browser = opened(standalone=True)
    begun = browser.get("/launch/general")
    assert begun.status_code == 303
    assert "launch=" not in begun.location.replace("launch%2Fpatient", "")
    assert "scope=launch%2Fpatient+openid" in begun.location
    finished = browser.get(browser.log_in(begun))
    assert finished.status_code == 303
    assert browser.get(finished.location).status_code == 200


@pytest.mark.parametrize("key", ["general", "unknown"])
def test_nobody_begins_where_the_registry_does_not_allow_it(key: str, opened: Open) -> None:
    assert opened().get(f"/launch/{key}").status_code == 404


def test_the_login_is_asked_for_by_a_form_where_both_sides_want_it(opened: Open) -> None:
    browser = opened(authorize_by_post=True)
    page = browser.press_launch()
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' https://localhost {browser.sandbox.base_url}" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', page.text))
    posted = {name: unescape(value) for name, value in fields.items()}
    assert {"state", "nonce", "code_challenge", "aud", "launch", "scope"} <= set(posted)
    endpoint = re.search(r'action="([^"]+)" id="authorize"', page.text)
    assert endpoint
    answer = requests.post(endpoint[1], data=posted, allow_redirects=False, timeout=5)
    there = urlsplit(answer.headers["Location"])
    assert browser.get(f"{there.path}?{there.query}").status_code == 303


def test_other_pages_send_forms_nowhere_else(opened: Open) -> None:
    browser = opened(authorize_by_post=True)
    assert "form-action 'self';" in browser.get("/livez").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("user", "said", "page"),
    [
        ("Practitioner/bob", {}, "review"),
        ("Practitioner/bob", {"intent": "unknown"}, "review"),
        ("Practitioner/bob", {"intent": "start"}, ""),
        ("Practitioner/bob", {"more": {"appContext": '{"action": "continue"}'}}, ""),
        ("Practitioner/bob", {"more": {"appContext": {"action": "review"}}}, "review"),
        (
            "Practitioner/bob",
            {"intent": "review", "more": {"fhirContext": [{"reference": "QuestionnaireResponse/r1"}]}},
            "review/r1",
        ),
        ("Practitioner/bob", {"more": {"fhirContext": [{"canonical": FORM, "role": ROLE}]}}, ""),
        ("Patient/alice", {"intent": "review"}, ""),
        ("Patient/alice", {"more": {"fhirContext": ["Task/t1"]}}, ""),
    ],
)
def test_the_first_page_is_the_one_that_the_launch_asks_for(
    user: str, said: dict[str, Any], page: str, opened: Open
) -> None:
    finished = come_in(opened(), user, **said)
    assert finished.status_code == 303
    assert finished.location.split("/", 3)[3] == page


def test_a_form_that_is_not_here_is_refused_and_no_other_is_shown(opened: Open) -> None:
    other = "https://w3id.org/nerve-triage/Questionnaire/another|1.0.0"
    finished = come_in(opened(), more={"fhirContext": [{"canonical": other, "type": "Questionnaire"}]})
    assert finished.status_code == 400
    assert "Set-Cookie" not in finished.headers


def test_what_the_launch_said_is_kept_sealed(browser_of_alice: Browser, app: Flask, hospital: EHR) -> None:
    finished = come_in(browser_of_alice, more={"fhirContext": ["Task/t1"], "tenant": "north-7"})
    storage: Storage = app.extensions["services"].storage
    launch = storage.fetch_launch(finished.location.split("/")[2])
    assert launch.context == {"task": "Task/t1", "tenant": "north-7"}
    assert "north-7" not in repr(launch)
