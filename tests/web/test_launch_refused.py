"""Launches that end without a session: each is told in words, and gives nothing away."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from browsing import Browser
from flask import Flask

from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import EHR

WORDS_OF_AN_ATTACKER = "<script>alert(1)</script>"


@pytest.fixture
def contacts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that the app asks, through any session."""
    asked: list[str] = []

    def refuse(_self: object, _method: str, url: str, **_more: object) -> None:
        asked.append(url)
        raise AssertionError(f"contacted {url}")

    monkeypatch.setattr("requests.Session.request", refuse)
    return asked


@pytest.mark.parametrize(
    "issuer",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/fhir",
        "http://2130706433/fhir",
        "https://hospital.example.org/fhir",
        "HTTP://LOCALHOST:{port}/fhir",
        "http://localhost:{port}/fhir/",
        "http://localhost:{port}/fhir?x=1",
        "http://localhost:{port}/fhir#x",
        "http://localhost:{port}/fhir%2f",
        "http://localhost.:{port}/fhir",
        "http://user@localhost:{port}/fhir",
        "http://localhost:{port}@evil.example/fhir",
        "http://localhost:0{port}/fhir",
        "http://127.0.0.1:{port}/fhir",
        " http://localhost:{port}/fhir",
        "http://localhost:{port}/fhir\t",
        "http://localhost:{port}/fhir/../other",
        "http://lоcalhost:{port}/fhir",
        "file:///etc/passwd",
        "javascript:alert(1)",
        WORDS_OF_AN_ATTACKER,
    ],
)
def test_an_issuer_that_is_not_registered_is_never_contacted(
    issuer: str, browser_of_alice: Browser, sandbox: RunningSandbox, contacts: list[str]
) -> None:
    found = issuer.format(port=sandbox.hospital.options.port)
    answer = browser_of_alice.get("/launch?" + urlencode({"iss": found, "launch": "x"}))
    assert answer.status_code == 400
    assert contacts == []
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert found.strip() not in answer.text


@pytest.mark.parametrize("query", ["", "launch=x", "iss=&launch=x"])
def test_a_launch_without_issuer_is_refused(query: str, browser_of_alice: Browser) -> None:
    assert browser_of_alice.get(f"/launch?{query}").status_code == 400


@pytest.mark.parametrize(
    "launch", ["", "launch=", "launch=" + "x" * 5000, "launch=a%0Ab", "launch=a&launch=b"]
)
def test_a_launch_without_a_good_launch_value_is_refused(
    launch: str, browser_of_alice: Browser, hospital: EHR, contacts: list[str]
) -> None:
    answer = browser_of_alice.get(f"/launch?iss={quote(hospital.fhir_base_url, safe='')}&{launch}")
    assert answer.status_code == 400
    assert contacts == []


def test_an_issuer_that_stands_twice_is_refused(browser_of_alice: Browser, hospital: EHR) -> None:
    iss = quote(hospital.fhir_base_url, safe="")
    assert browser_of_alice.get(f"/launch?iss={iss}&iss={iss}&launch=x").status_code == 400


def test_a_state_is_used_once(browser_of_alice: Browser) -> None:
    address = browser_of_alice.log_in(browser_of_alice.press_launch())
    assert browser_of_alice.get(address).status_code == 303
    again = browser_of_alice.get(address)
    assert again.status_code == 400
    assert "open the symptom check again" in again.text


@pytest.mark.parametrize(
    "query", ["", "code=x", "state=&code=x", "state=unknown&code=x", "state=a&state=b&code=x"]
)
def test_a_callback_without_a_state_that_waits_is_refused(query: str, browser_of_alice: Browser) -> None:
    assert browser_of_alice.get(f"/callback/general?{query}").status_code == 400


def test_charlie_cannot_finish_what_alice_began(
    browser_of_alice: Browser, browser_of_charlie: Browser
) -> None:
    address = browser_of_alice.log_in(browser_of_alice.press_launch())
    answer = browser_of_charlie.get(address)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert browser_of_alice.get(address).status_code == 400


def test_a_callback_of_another_issuer_is_refused(browser_of_alice: Browser) -> None:
    address = browser_of_alice.log_in(browser_of_alice.press_launch())
    answer = browser_of_alice.get(f"{address}&iss={quote('https://evil.example/fhir', safe='')}")
    assert answer.status_code == 400


def test_refused_consent_is_told_without_the_words_of_the_sender(browser_of_alice: Browser) -> None:
    address = browser_of_alice.log_in(browser_of_alice.press_launch())
    state = address.split("state=")[1].split("&")[0]
    told = urlencode({"error": "access_denied", "error_description": WORDS_OF_AN_ATTACKER})
    answer = browser_of_alice.get(f"/callback/general?state={state}&{told}")
    assert answer.status_code == 403
    assert "Access was not given" in answer.text
    assert WORDS_OF_AN_ATTACKER not in answer.text


def test_an_error_beside_a_code_is_an_error(browser_of_alice: Browser) -> None:
    address = browser_of_alice.log_in(browser_of_alice.press_launch())
    assert browser_of_alice.get(f"{address}&error=access_denied").status_code == 403


def test_a_forged_code_gives_no_session(browser_of_alice: Browser) -> None:
    address = browser_of_alice.log_in(browser_of_alice.press_launch())
    state = address.split("state=")[1].split("&")[0]
    answer = browser_of_alice.get(f"/callback/general?state={state}&code=forged")
    assert answer.status_code == 502
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("token-refused", 502),
        ("wrong-nonce", 403),
        ("wrong-audience", 403),
        ("wrong-issuer", 403),
        ("expired-id-token", 403),
        ("foreign-key", 403),
        ("down", 503),
        ("dropped", 503),
    ],
)
def test_a_hospital_that_fails_or_lies_gives_no_session(
    fault: str, status: int, browser_of_alice: Browser, sandbox: RunningSandbox, app: Flask
) -> None:
    address = browser_of_alice.log_in(browser_of_alice.press_launch())
    sandbox.faults.set(fault)
    answer = browser_of_alice.get(address)
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers
    assert "Traceback" not in answer.text


def test_a_hospital_that_is_down_at_the_start_is_told(
    browser_of_alice: Browser, sandbox: RunningSandbox
) -> None:
    sandbox.faults.set("down")
    answer = browser_of_alice.press_launch()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "does not answer" in answer.text


def test_a_launch_without_a_patient_has_no_session(browser_of_alice: Browser) -> None:
    launch = browser_of_alice.sandbox.new_launch(user="Practitioner/bob")
    launched = browser_of_alice.get(launch.url.split("8000")[1])
    answer = browser_of_alice.get(browser_of_alice.log_in(launched))
    assert answer.status_code == 502
    assert "Set-Cookie" not in answer.headers


def test_a_problem_has_a_request_id_and_no_patient(
    a_browser: Callable[[], Browser], sandbox: RunningSandbox
) -> None:
    browser = a_browser()
    address = browser.log_in(browser.press_launch("alice"))
    sandbox.faults.set("wrong-nonce")
    answer = browser.get(address, headers={"X-Request-ID": "request-id-1234"})
    assert "request-id-1234" in answer.text
    assert "alice" not in answer.text.lower()
