"""What the hospital shows to people, and that nothing stored there can do harm."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from triage_app.sandbox import Hospital
from triage_app.sandbox.pages.words import describe, scope_in_words

from .conftest import CALLBACK, FHIR, SECRET, VERIFIER, Caller, observation, token_form

PAGES = ["/", "/chart/alice", "/wire", "/faults", "/launch/alice/clinician/frame"]
EVIL = "<script>alert(1)</script>"


class Tags(HTMLParser):
    """Counts the tags of a page and collects where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.places: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.places += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_needs_no_script_and_no_other_host(http: FlaskClient, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 200
    tags = Tags(answer.text)
    assert tags.tags.count("h1") == tags.tags.count("main") == tags.tags.count("title") == 1
    assert not {"script", "style"} & set(tags.tags)
    assert 'lang="en"' in answer.text
    assert " style=" not in answer.text
    assert all(place.startswith(("/", "#", "http://127.0.0.1:5000/launch?")) for place in tags.places)


def test_the_style_sheet_is_the_hospitals_own(http: FlaskClient) -> None:
    answer = http.get("/static/hospital.css", buffered=True)
    assert answer.mimetype == "text/css"
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_the_patients_page_tells_each_story(http: FlaskClient) -> None:
    text = http.get("/").text
    for name in ("Alice Moreno", "Charlie Reyes", "Dora Lindqvist", "Emil Novak", "Farah Haddad"):
        assert name in text
    assert "carpal tunnel released three months ago" in text


def test_the_chart_shows_what_is_stored_for_this_patient_only(
    http: FlaskClient, alice: Caller, hospital: Hospital
) -> None:
    alice.post("/Observation", observation())
    assert "Pain: 6 · final · 2026-11-20T10:00:00+00:00" in http.get("/chart/alice").text
    assert "Pain: 6" not in http.get("/chart/charlie").text
    assert "Moreno" not in http.get("/chart/charlie").text


def test_nothing_stored_becomes_part_of_the_page(http: FlaskClient, alice: Caller) -> None:
    evil = observation(code={"text": EVIL}, note=[{"text": EVIL}], valueString=EVIL)
    del evil["valueInteger"]
    assert alice.post("/Observation", evil).status_code == 201
    for path in ("/chart/alice", "/wire"):
        text = http.get(path).text
        assert EVIL not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize(
    "path", ["/chart/nobody", "/launch/nobody/patient", "/launch/alice/burglar", "/chart/../x"]
)
def test_who_is_not_here_has_no_chart_and_no_launch(http: FlaskClient, path: str) -> None:
    assert http.get(path).status_code == 404


@pytest.mark.parametrize(("who", "user"), [("patient", "Patient/alice"), ("clinician", "Practitioner/bob")])
def test_a_launch_button_leads_to_the_app_with_the_issuer_and_an_opaque_handle(
    http: FlaskClient, hospital: Hospital, who: str, user: str
) -> None:
    answer = http.get(f"/launch/alice/{who}")
    assert answer.status_code == 303
    url = urlsplit(answer.location)
    assert (url.scheme, url.netloc, url.path) == ("http", "127.0.0.1:5000", "/launch")
    query = parse_qs(url.query)
    assert set(query) == {"iss", "launch"}
    assert query["iss"] == [FHIR]
    launch = hospital.grants.launch(query["launch"][0])
    assert launch
    assert (launch.patient, launch.user, launch.encounter) == ("alice", user, "alice-visit")


def test_the_frame_holds_the_same_launch(http: FlaskClient) -> None:
    answer = http.get("/launch/alice/clinician/frame")
    assert re.search(r'<iframe title="Nerve Triage" src="http://127.0.0.1:5000/launch\?iss=', answer.text)
    assert "frame-src 'self' http://127.0.0.1:5000" in answer.headers["Content-Security-Policy"]


def test_the_wire_shows_every_exchange_in_order_and_no_secret(
    http: FlaskClient, alice: Caller, hospital: Hospital
) -> None:
    alice.post("/Observation", observation(), If_None_Exist="identifier=one")
    alice.get("/Patient/charlie")
    summaries = [one.summary for one in hospital.wire.entries()]
    assert summaries == [
        "The browser came from the app to ask for permission.",
        "The app exchanged a code or refresh token for an access token.",
        "The app sent a new result: it was stored.",
        "The app read a patient record: it was forbidden.",
    ]
    text = http.get("/wire").text
    assert "If-None-Exist: identifier=one" in text
    assert str(alice.token) not in text
    assert VERIFIER not in text
    assert "sandbox-secret" not in text
    assert text.count("(hidden)") >= 5


def test_the_code_is_in_no_exchange(http: FlaskClient, hospital: Hospital, code: str) -> None:
    form = token_form(code, client_id=SECRET[0], client_secret=SECRET[1])
    tokens = http.post("/auth/token", data=form).get_json()
    known = str([vars(one) for one in hospital.wire.entries()])
    for secret in (
        code,
        SECRET[1],
        VERIFIER,
        tokens["access_token"],
        tokens["refresh_token"],
        tokens["id_token"],
    ):
        assert secret not in known
    assert CALLBACK in known


def test_another_name_for_this_machine_is_turned_away(http: FlaskClient) -> None:
    for host in ("evil.example", "evil.example:8090", "localhost.evil.example", "169.254.169.254"):
        assert http.get("/", headers={"Host": host}).status_code == 421
    for host in ("localhost", "localhost:8090", "127.0.0.1:8090", "[::1]:8090"):
        assert http.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (
            {
                "resourceType": "Observation",
                "code": {"text": "Severity"},
                "valueCodeableConcept": {"text": "mild"},
                "bodySite": {"coding": [{"display": "Right arm"}]},
                "status": "preliminary",
            },
            "Severity (Right arm): mild · preliminary",
        ),
        (
            {
                "resourceType": "Observation",
                "code": {"text": "Severity"},
                "dataAbsentReason": {"text": "unknown"},
            },
            "Severity: unknown",
        ),
        (
            {
                "resourceType": "ServiceRequest",
                "code": {"text": "Referral"},
                "intent": "proposal",
                "status": "draft",
            },
            "Referral, proposal · draft",
        ),
        (
            {
                "resourceType": "Task",
                "description": "Review",
                "status": "requested",
                "restriction": {"period": {"end": "2026-11-27"}},
            },
            "Review, due 2026-11-27 · requested",
        ),
        (
            {"resourceType": "Provenance", "agent": [{"who": {"display": "Alice"}}], "recorded": "2026"},
            "by Alice · 2026",
        ),
        (
            {"resourceType": "QuestionnaireResponse", "questionnaire": "u|1", "status": "completed"},
            "u|1 · completed",
        ),
        ({"resourceType": "Communication", "payload": [{"contentString": "Hello"}]}, "Hello"),
        ({"resourceType": "Encounter", "class": {"display": "ambulatory"}}, "ambulatory"),
    ],
)
def test_a_resource_is_told_in_one_line(resource: dict[str, object], words: str) -> None:
    assert describe(resource) == words


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("patient/QuestionnaireResponse.crs", "read, search, add: answers to forms"),
        ("user/*.rs", "read, search: everything in the record"),
        ("launch", "know whose chart is open"),
        ("made-up", "made-up"),
    ],
)
def test_a_scope_is_told_in_plain_words(scope: str, words: str) -> None:
    assert scope_in_words(scope) == words
