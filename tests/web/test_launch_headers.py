"""Headers of every page, cookies over TLS and in frames, health, and logs that hold no patient."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from browsing import Browser
from factories import a_launch, an_ehr, some_settings
from flask import Flask
from flask.testing import FlaskClient

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.errors import StorageError
from triage_app.settings import EHR, Secret, Settings
from triage_app.storage import Storage
from triage_app.web.cookies import PROBE_COOKIE
from triage_app.web.form_token import make_form_token, read_form_token
from triage_app.web.logs import ALLOWED_KEYS, keep_allowed

FRAME = {"Sec-Fetch-Dest": "iframe"}
PORTAL = "https://portal.example.org"


@pytest.fixture
def hospital(hospital: EHR) -> EHR:
    return replace(hospital, frame_ancestors=(PORTAL,))


@pytest.mark.parametrize("path", ["/livez", "/launch", "/callback/unknown", "/no-such-page", "/l/x/"])
def test_every_answer_carries_the_headers(path: str, browser_of_alice: Browser) -> None:
    headers = browser_of_alice.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")


def test_a_session_may_be_framed_by_its_own_hospital_alone(browser_of_alice: Browser) -> None:
    first_page = browser_of_alice.launch().location
    policy = browser_of_alice.get(first_page).headers["Content-Security-Policy"]
    assert f"frame-ancestors {PORTAL};" in policy + ";"
    assert "frame-ancestors 'none'" in browser_of_alice.get("/l/other/").headers["Content-Security-Policy"]


def test_a_frame_gets_a_partitioned_cookie_after_a_probe(browser_of_alice: Browser) -> None:
    probed = browser_of_alice.press_launch(headers=FRAME)
    assert probed.status_code == 303
    assert PROBE_COOKIE in probed.headers["Set-Cookie"]
    headers = {**FRAME, "Cookie": f"{PROBE_COOKIE}=1"}
    launched = browser_of_alice.get(probed.location, headers=headers)
    cookie = launched.headers["Set-Cookie"]
    assert cookie.startswith("__Host-nt-")
    for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert attribute in cookie
    assert "/auth/authorize" in launched.location


def test_a_frame_without_cookies_is_offered_a_window(browser_of_alice: Browser) -> None:
    probed = browser_of_alice.press_launch(headers=FRAME)
    browser_of_alice.client._cookies.clear()  # type: ignore[union-attr]
    offered = browser_of_alice.get(probed.location, headers=FRAME)
    assert offered.status_code == 200
    assert 'target="_blank"' in offered.text
    link = re.search(r'href="(/launch[^"]+)"', offered.text)
    assert link
    launched = browser_of_alice.get(link[1].replace("&amp;", "&"))
    assert "/auth/authorize" in launched.location


def test_over_tls_the_cookie_keeps_its_host_promise(
    hospital: EHR, catalogue: Catalogue, tmp_path: Path
) -> None:
    settings = some_settings(
        hospital, base_url="https://triage.example.org", database_url=f"sqlite:///{tmp_path}/tls.db"
    )
    app = create_app(settings, services=create_services(settings, catalogue=catalogue))
    client = app.test_client()
    query = {"iss": hospital.fhir_base_url, "launch": "x"}
    answer = client.get("/launch", query_string=query, base_url="https://triage.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-nt-")
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_livez_looks_at_nothing_and_readyz_at_the_database(
    app: Flask, browser_of_alice: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser_of_alice.get("/readyz").json == {"status": "ok", "database": True, "pathways": True}

    def broken(_self: Storage) -> None:
        raise StorageError("the database failed")

    monkeypatch.setattr(Storage, "check", broken)
    assert browser_of_alice.get("/readyz").status_code == 503
    assert browser_of_alice.get("/livez").status_code == 200


def test_no_log_line_holds_a_patient_a_token_or_a_code(
    a_browser: Callable[[], Browser], app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = a_browser()
    launched = browser.press_launch("alice")
    address = browser.log_in(launched)
    finished = browser.get(address, headers={"User-Agent": "evil line", "X-Request-ID": "bad id"})
    browser.get(finished.location)
    browser.get(address)
    launch = app.extensions["services"].storage.fetch_launch(finished.location.split("/")[2])
    code = address.split("code=")[1].split("&")[0]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 4
    for line in lines:
        assert set(json.loads(line)) <= ALLOWED_KEYS
    for secret in ("alice", code, launch.id, launch.access_token, launch.refresh_token, "evil"):
        assert all(secret not in line for line in lines)


def test_a_key_that_is_not_listed_is_dropped_and_a_name_made_up_is_not_told() -> None:
    line = keep_allowed(None, "info", {"event": "Alice has sent", "patient": "alice", "status": 200})
    assert line == {"event": "unnamed_event", "status": 200}


def test_a_form_token_made_with_an_older_key_is_still_good() -> None:
    older = some_settings()
    token = make_form_token(older, a_launch(), "send")
    newer = some_settings(secret_keys=(Secret("a-newer-key-" + "Z9y8X7w6V5u4T3s2R1q0"), *older.secret_keys))
    context = read_form_token(newer, token, launch_id="launch-1", page="send")
    assert (context.ehr, context.launch_id, context.page) == ("general", "launch-1", "send")
    assert context.belongs_to(a_launch())
    assert not context.belongs_to(a_launch(patient="charlie"))
    assert not context.belongs_to(a_launch(ehr="other"))


def test_a_form_token_names_the_hospital_and_no_patient() -> None:
    token = make_form_token(some_settings(), a_launch(patient="alice-the-patient"), "send")
    assert "alice" not in token
    context = read_form_token(some_settings(an_ehr()), token, launch_id="launch-1", page="send")
    assert "alice" not in repr(context)


def test_every_page_of_a_launch_is_guarded(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "<launch_id>" in rule.rule]
    assert rules
    for rule in rules:
        view = app.view_functions[rule.endpoint]
        while not hasattr(view, "guarded_role") and hasattr(view, "__wrapped__"):
            view = view.__wrapped__
        assert hasattr(view, "guarded_role"), rule.rule


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_a_launch_opens_without_its_session(method: str, app: Flask, settings: Settings) -> None:
    client: FlaskClient = app.test_client()
    for rule in app.url_map.iter_rules():
        if "<launch_id>" in rule.rule and method.upper() in (rule.methods or ()):
            path = re.sub(r"<[^>]+>", "x", rule.rule)
            answer = getattr(client, method)(path, base_url=settings.base_url)
            assert answer.status_code in (401, 403), rule.rule
