"""What a bearer token opens: its scopes, its patient, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from triage_app.sandbox import Hospital
from triage_app.sandbox.auth.scopes import grant, parse_scope

from .conftest import Caller, Clock, body_of, observation, said

LetIn = Callable[..., Caller]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer made-up", "Basic bmVydmU6eA==", "Token x"]
)
def test_without_a_good_token_every_door_is_shut(http: FlaskClient, header: str | None) -> None:
    headers = {"Authorization": header} if header is not None else {}
    for method, path in [
        ("GET", "/fhir/Patient/alice"),
        ("GET", "/fhir/Patient"),
        ("DELETE", "/fhir/Task/1"),
    ]:
        answer = http.open(path, method=method, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert body_of(answer)["resourceType"] == "OperationOutcome"


def test_the_capability_statement_is_open_to_everybody(http: FlaskClient) -> None:
    assert http.get("/fhir/metadata").status_code == 200


def test_a_token_runs_out(alice: Caller, clock: Clock) -> None:
    clock.go_on(minutes=59)
    assert alice.get("/Patient/alice").status_code == 200
    clock.go_on(minutes=1)
    assert alice.get("/Patient/alice").status_code == 401


def test_another_patient_cannot_be_read(alice: Caller) -> None:
    answer = alice.get("/Patient/charlie")
    assert answer.status_code == 403
    assert "Reyes" not in answer.text
    assert alice.get("/Encounter/charlie-visit").status_code == 403


def test_a_refusal_for_another_patient_is_the_same_for_a_clinician_in_this_chart(bob: Caller) -> None:
    assert bob.get("/Patient/alice").status_code == 200
    assert bob.get("/Patient/charlie").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "patient=charlie",
        "patient=Patient/charlie",
        "subject=Patient/charlie",
        "patient=alice,charlie",
        "subject:Patient=charlie",
    ],
)
def test_a_search_that_names_another_patient_is_refused(alice: Caller, query: str) -> None:
    assert alice.get(f"/Observation?{query}").status_code == 403


def test_a_search_that_names_nobody_shows_this_patient_only(alice: Caller) -> None:
    assert alice.found("/Patient") == ["alice"]
    assert all(one.startswith("alice-") for one in alice.found("/Condition"))
    assert alice.found("/Condition?_id=charlie-condition-1") == []


def test_nothing_can_be_filed_under_another_patient(alice: Caller, hospital: Hospital) -> None:
    answer = alice.post("/Observation", observation(subject={"reference": "Patient/charlie"}))
    assert answer.status_code == 403
    assert hospital.store.all("Observation") == []


def test_nothing_can_be_filed_under_nobody(alice: Caller) -> None:
    thing = observation()
    del thing["subject"]
    assert alice.post("/Observation", thing).status_code == 403


def test_a_resource_cannot_be_moved_to_another_patient(alice: Caller, hospital: Hospital) -> None:
    made = body_of(alice.post("/Observation", observation()))
    moved = made | {"subject": {"reference": "Patient/charlie"}}
    assert alice.put(f"/Observation/{made['id']}", moved).status_code == 403
    assert hospital.store.all("Observation") == [made]


def test_another_patients_resource_cannot_be_taken_over(alice: Caller) -> None:
    taken = {
        "resourceType": "Condition",
        "id": "charlie-condition-1",
        "subject": {"reference": "Patient/alice"},
    }
    assert alice.put("/Condition/charlie-condition-1", taken).status_code == 403
    assert alice.call("DELETE", "/Condition/charlie-condition-1").status_code == 403


def test_the_versions_of_another_patients_resource_are_closed_too(alice: Caller) -> None:
    assert alice.get("/Patient/charlie/_history").status_code == 403
    assert alice.get("/Patient/charlie/_history/1").status_code == 403


def test_what_belongs_to_nobody_can_be_read_and_not_written(alice: Caller) -> None:
    assert alice.get("/Practitioner/bob").status_code == 200
    bob = body_of(alice.get("/Practitioner/bob"))
    assert alice.put("/Practitioner/bob", bob).status_code == 403
    assert alice.post("/Organization", {"resourceType": "Organization", "name": "Mine"}).status_code == 403


def test_a_provenance_belongs_where_its_targets_belong(alice: Caller, hospital: Hospital) -> None:
    made = body_of(alice.post("/Observation", observation()))

    def provenance(target: str) -> dict[str, object]:
        return {
            "resourceType": "Provenance",
            "recorded": "2026-11-20T10:00:00Z",
            "target": [{"reference": target}],
            "agent": [{"who": {"reference": "Patient/alice"}}],
        }

    assert alice.post("/Provenance", provenance(f"Observation/{made['id']}")).status_code == 201
    assert alice.post("/Provenance", provenance("Condition/charlie-condition-1")).status_code == 403
    assert alice.post("/Provenance", provenance("Practitioner/bob")).status_code == 403


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("patient/Observation.rs", "GET", "/Observation", 200),
        ("patient/Observation.rs", "POST", "/Observation", 403),
        ("patient/Observation.c", "POST", "/Observation", 201),
        ("patient/Observation.c", "GET", "/Observation", 403),
        ("patient/Observation.s", "GET", "/Observation/x", 403),
        ("patient/Task.cruds", "GET", "/Observation", 403),
        ("patient/*.rs", "GET", "/Observation", 200),
        ("patient/*.read", "GET", "/Observation", 200),
        ("patient/*.read", "POST", "/Observation", 403),
        ("patient/Observation.write", "POST", "/Observation", 201),
        ("patient/Observation.write", "GET", "/Observation", 403),
        ("patient/Observation.*", "GET", "/Observation", 200),
    ],
)
def test_a_scope_opens_what_it_says(let_in: LetIn, scope: str, method: str, path: str, status: int) -> None:
    caller = let_in(scope=f"launch {scope}")
    body = observation() if method == "POST" else None
    assert caller.call(method, path, body).status_code == status


def test_a_scope_with_a_search_restriction_covers_only_what_meets_it(let_in: LetIn, alice: Caller) -> None:
    survey = {"category": [{"coding": [{"system": "http://s.example", "code": "survey"}]}]}
    caller = let_in(scope="launch patient/Observation.crs?category=http://s.example|survey")
    assert caller.post("/Observation", observation()).status_code == 403
    assert caller.post("/Observation", observation(**survey)).status_code == 201
    alice.post("/Observation", observation())
    assert len(alice.found("/Observation")) == 2
    assert len(caller.found("/Observation")) == 1


def test_a_clinician_without_a_chart_sees_everybody(let_in: LetIn) -> None:
    caller = let_in(patient=None, user="bob", scope="launch user/*.rs")
    assert len(caller.found("/Patient")) == 5
    assert let_in(patient=None, user="bob", scope="launch patient/*.rs").found("/Patient") == []


@pytest.mark.parametrize(
    "text",
    [
        "patient/Observation",
        "patient/Observation.",
        "patient/Observation.sr",
        "patient/Observation.rr",
        "patient/observation.r",
        "system/Observation.r",
        "patient/Account.r",
        "PATIENT/Observation.r",
        "launch",
        "patient/Observation.r?category",
        "patient/Observation.r\n",
    ],
)
def test_an_ill_formed_or_foreign_scope_is_none(text: str) -> None:
    found = parse_scope(text)
    assert found is None or (found.query == () and "?" in text)


def test_a_match_is_found_though_the_scope_gives_no_right_to_search(
    let_in: LetIn, hospital: Hospital
) -> None:
    caller = let_in(scope="launch patient/Observation.c")
    condition = "identifier=https://example.org/id|one"
    statuses = [
        caller.post("/Observation", observation(), If_None_Exist=condition).status_code for _ in range(2)
    ]
    assert statuses == [201, 200]
    assert len(hospital.store.all("Observation")) == 1


def test_granting_keeps_the_order_and_drops_what_is_unknown() -> None:
    wish = "patient/Task.r launch fhirUser nonsense patient/Task.r openid"
    assert grant(wish, withheld=["openid"]) == ("patient/Task.r", "launch", "fhirUser")


def test_the_message_names_the_scope_that_is_missing(let_in: LetIn) -> None:
    assert said(let_in(scope="launch").get("/Task")) == "no granted scope covers Task.s"
