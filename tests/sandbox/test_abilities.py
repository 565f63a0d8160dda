"""A narrow hospital says what it does not take, and then does not take it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from flask import Flask
from flask.testing import FlaskClient

from triage_app.sandbox import Hospital, SandboxOptions, create_sandbox, hospital_of
from triage_app.sandbox.store.abilities import PERSONALITIES

from .conftest import Caller, Clock, body_of, observation

RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "subject": {"reference": "Patient/alice"},
    "authored": "2026-11-20T10:00:00Z",
}
ONE = {"If_None_Exist": "identifier=https://example.org/id|one"}
Declared = Callable[[str], dict[str, Any]]


@pytest.fixture
def personality(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "open"))


@pytest.fixture
def app(clock: Clock, personality: str) -> Iterator[Flask]:
    options = SandboxOptions(
        clock=clock, ask_consent=False, id_token_algorithm="ES384", personality=personality
    )
    made = create_sandbox(options)
    yield made
    hospital_of(made).store.close()


@pytest.fixture
def declared(http: FlaskClient) -> Declared:
    """What the CapabilityStatement says about a type."""
    rest = http.get("/fhir/metadata").get_json()["rest"][0]
    return lambda kind: next(one for one in rest["resource"] if one["type"] == kind)


def like(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("personality", [name], indirect=True)


@pytest.mark.parametrize("personality", PERSONALITIES, indirect=True)
def test_the_capability_statement_is_r4(http: FlaskClient) -> None:
    statement = http.get("/fhir/metadata").get_json()
    CapabilityStatement.model_validate(statement)
    assert statement["fhirVersion"] == "4.0.1"
    assert [one["type"] for one in statement["rest"][0]["resource"]][:2] == ["Patient", "Practitioner"]


@pytest.mark.parametrize("personality", PERSONALITIES, indirect=True)
def test_a_type_is_created_exactly_where_that_is_declared(alice: Caller, declared: Declared) -> None:
    for resource in (observation(), RESPONSE):
        offered = {"code": "create"} in declared(str(resource["resourceType"]))["interaction"]
        status = alice.post(f"/{resource['resourceType']}", resource).status_code
        assert status == (201 if offered else 405)


@like("answers-only")
def test_a_hospital_that_takes_answers_only_takes_no_update_of_them(
    alice: Caller, declared: Declared
) -> None:
    made = body_of(alice.post("/QuestionnaireResponse", RESPONSE))
    place = f"/QuestionnaireResponse/{made['id']}"
    assert alice.put(place, made | {"status": "amended"}).status_code == 405
    assert body_of(alice.get(place)) == made
    assert {"code": "update"} not in declared("QuestionnaireResponse")["interaction"]


@like("single-writes")
def test_a_condition_that_is_not_offered_is_silently_ignored(
    alice: Caller, hospital: Hospital, declared: Declared
) -> None:
    assert declared("Observation")["conditionalCreate"] is False
    assert [alice.post("/Observation", observation(), **ONE).status_code for _ in range(2)] == [201, 201]
    assert len(hospital.store.all("Observation")) == 2


@like("single-writes")
def test_an_id_of_the_callers_choice_is_not_taken_where_that_is_not_offered(alice: Caller) -> None:
    assert alice.put("/Observation/mine", observation(id="mine")).status_code == 405
    made = body_of(alice.post("/Observation", observation()))
    assert alice.put(f"/Observation/{made['id']}", made).status_code == 200


@pytest.mark.parametrize(
    ("personality", "transaction", "batch"),
    [
        ("open", 200, 200),
        ("no-transaction", 405, 200),
        ("single-writes", 405, 405),
        ("results-only", 405, 200),
    ],
    indirect=["personality"],
)
def test_an_envelope_is_taken_exactly_where_it_is_declared(
    http: FlaskClient, alice: Caller, transaction: int, batch: int
) -> None:
    rest = http.get("/fhir/metadata").get_json()["rest"][0]
    offered = {one["code"] for one in rest.get("interaction", [])}
    for kind, status in (("transaction", transaction), ("batch", batch)):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": []}
        assert alice.post("", bundle).status_code == status
        assert (kind in offered) is (status == 200)


def test_a_personality_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"personality: found 'grumpy', expected one of open, "):
        SandboxOptions(personality="grumpy")
