"""The authorisation endpoint: what it takes, what it refuses, and where it says so."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from triage_app.sandbox import Hospital, SandboxOptions, create_sandbox, hospital_of

from .conftest import CALLBACK, FHIR, Clock, authorize_parameters, came_back

Page = Callable[..., tuple[str, str]]


def ask(http: FlaskClient, hospital: Hospital, **changes: str | None) -> dict[str, str]:
    return came_back(http.get("/auth/authorize", query_string=authorize_parameters(hospital, **changes)))


def test_a_good_request_comes_back_with_a_code_the_state_and_the_issuer(
    http: FlaskClient, hospital: Hospital
) -> None:
    answer = ask(http, hospital)
    assert answer["state"] == "the-state"
    assert answer["iss"] == FHIR
    assert len(answer["code"]) >= 43


def test_a_request_may_be_posted(http: FlaskClient, hospital: Hospital) -> None:
    assert "code" in came_back(http.post("/auth/authorize", data=authorize_parameters(hospital)))


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "somebody-else"},
        {"redirect_uri": None},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": CALLBACK.replace("http", "HTTP")},
        {"redirect_uri": "http://127.0.0.1:5000.evil.example/callback"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_an_unknown_app_or_address_is_never_redirected_to(
    http: FlaskClient, hospital: Hospital, changes: dict[str, str | None]
) -> None:
    answer = http.get("/auth/authorize", query_string=authorize_parameters(hospital, **changes))
    assert answer.status_code == 400
    assert answer.location is None
    assert "evil" not in answer.text
    assert "alert" not in answer.text


def test_two_redirect_uris_are_one_too_many(http: FlaskClient, hospital: Hospital) -> None:
    query = [*authorize_parameters(hospital).items(), ("redirect_uri", CALLBACK)]
    assert http.get("/auth/authorize", query_string=query).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"state": None}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": FHIR + "/"}, "invalid_request"),
        ({"aud": "http://127.0.0.1:8090/fhir"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid patient/Patient.r"}, "invalid_scope"),
        ({"launch": None}, "invalid_request"),
        ({"launch": "made-up"}, "invalid_request"),
    ],
)
def test_a_faulty_request_of_a_known_app_comes_back_with_an_error(
    http: FlaskClient, hospital: Hospital, changes: dict[str, str | None], error: str
) -> None:
    answer = ask(http, hospital, **changes)
    assert answer["error"] == error
    assert "code" not in answer


@pytest.mark.parametrize("name", ["state", "aud", "scope", "launch", "code_challenge", "nonce"])
def test_a_parameter_that_stands_twice_is_refused(http: FlaskClient, hospital: Hospital, name: str) -> None:
    query = [*authorize_parameters(hospital).items(), (name, "another")]
    assert came_back(http.get("/auth/authorize", query_string=query))["error"] == "invalid_request"


def test_a_launch_is_good_for_one_answer(http: FlaskClient, hospital: Hospital) -> None:
    handle = hospital.new_launch(patient="alice").handle
    assert "code" in ask(http, hospital, launch=handle)
    assert ask(http, hospital, launch=handle)["error"] == "invalid_request"


def test_a_launch_is_good_for_ten_minutes(http: FlaskClient, hospital: Hospital, clock: Clock) -> None:
    handle = hospital.new_launch(patient="alice").handle
    clock.go_on(minutes=10)
    assert ask(http, hospital, launch=handle)["error"] == "invalid_request"


def test_a_launch_handle_says_nothing_about_the_patient(hospital: Hospital) -> None:
    launch = hospital.new_launch(patient="alice", user="bob", encounter="alice-visit")
    assert len(launch.handle) >= 32
    assert "alice" not in launch.url
    assert launch.url.startswith(
        "http://127.0.0.1:5000/launch?iss=http%3A%2F%2Flocalhost%3A8090%2Ffhir&launch="
    )


class TestThePage:
    """The question to the person at the screen."""

    @pytest.fixture
    def app(self, clock: Clock) -> Flask:
        return create_sandbox(SandboxOptions(clock=clock, id_token_algorithm="ES384"))

    @pytest.fixture
    def page(self, http: FlaskClient, hospital: Hospital) -> Page:
        def ask_as(user: str | None = None) -> tuple[str, str]:
            launch = hospital.new_launch(patient="alice", user=user).handle
            query = authorize_parameters(hospital, launch=launch)
            text = http.get("/auth/authorize", query_string=query).text
            found = re.search(r'name="ticket" value="([^"]+)"', text)
            assert found
            return text, found[1]

        return ask_as

    def test_it_tells_the_patient_who_asks_for_what(self, page: Page) -> None:
        text, _ = page()
        assert "You are <strong>Alice Moreno</strong>" in text
        assert "read, search, add, change, delete: everything in the record" in text
        assert "stay connected after you have left" in text

    def test_it_tells_the_clinician_whose_record_it_is(self, page: Page) -> None:
        text, _ = page(user="bob")
        assert "You are <strong>Dr Bob Feld</strong>" in text
        assert "the record of <strong>Alice Moreno</strong>" in text

    def test_allow_gives_a_code(self, http: FlaskClient, page: Page) -> None:
        _, ticket = page()
        answer = came_back(http.post("/auth/decision", data={"ticket": ticket, "decision": "allow"}))
        assert answer["state"] == "the-state"
        assert "code" in answer

    @pytest.mark.parametrize("decision", ["refuse", "", "ALLOW"])
    def test_anything_but_allow_is_a_no(self, http: FlaskClient, page: Page, decision: str) -> None:
        _, ticket = page()
        answer = came_back(http.post("/auth/decision", data={"ticket": ticket, "decision": decision}))
        assert answer["error"] == "access_denied"
        assert answer["state"] == "the-state"
        assert "code" not in answer

    def test_it_can_be_answered_once(self, http: FlaskClient, page: Page) -> None:
        _, ticket = page()
        http.post("/auth/decision", data={"ticket": ticket, "decision": "refuse"})
        again = http.post("/auth/decision", data={"ticket": ticket, "decision": "allow"})
        assert again.status_code == 400
        assert again.location is None

    def test_of_two_pages_of_one_launch_one_counts(self, http: FlaskClient, hospital: Hospital) -> None:
        query = authorize_parameters(hospital)
        tickets = []
        for _ in range(2):
            text = http.get("/auth/authorize", query_string=query).text
            tickets += re.findall(r'name="ticket" value="([^"]+)"', text)
        answers = [http.post("/auth/decision", data={"ticket": one, "decision": "allow"}) for one in tickets]
        assert [answer.status_code for answer in answers] == [303, 400]

    def test_a_made_up_answer_decides_nothing(self, http: FlaskClient) -> None:
        assert http.post("/auth/decision", data={"ticket": "x", "decision": "allow"}).status_code == 400

    def test_it_cannot_be_framed_by_another_site(self, http: FlaskClient) -> None:
        policy = http.get("/").headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "default-src 'none'" in policy


def test_a_withheld_scope_is_not_granted() -> None:
    app = create_sandbox(SandboxOptions(ask_consent=False, withheld_scopes=("patient/ServiceRequest.cu",)))
    hospital, http = hospital_of(app), app.test_client()
    wish = "launch patient/Patient.rs patient/ServiceRequest.cu patient/Unknown.rs nonsense patient/Task.dc"
    code = ask(http, hospital, scope=wish)["code"]
    grant = hospital.grants.redeem_code(code)
    assert grant
    assert grant.scopes == ("launch", "patient/Patient.rs")
