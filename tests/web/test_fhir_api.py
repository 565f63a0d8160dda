"""Forms and codes are published as FHIR, to anyone, with nothing about a patient."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import some_settings
from flask.testing import FlaskClient

from triage_app import create_app
from triage_app.fhir.check import check
from triage_app.fhir.questionnaire import to_form

URL = "https://w3id.org/nerve-triage/Questionnaire/nerve-symptoms"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder: Path = tmp_path_factory.mktemp("fhir-api")
    app = create_app(some_settings(database_url=f"sqlite:///{folder}/triage.db"))
    with app.test_client() as client:
        yield client
    app.extensions["services"].storage.close()


def test_the_statement_says_what_can_be_read_and_is_sound_r4(client: FlaskClient) -> None:
    answer = client.get("/fhir/metadata")
    assert answer.content_type == "application/fhir+json"
    statement = answer.get_json(force=True)
    check(statement)
    assert [one["type"] for one in statement["rest"][0]["resource"]] == [
        "Questionnaire",
        "CodeSystem",
        "ValueSet",
        "StructureDefinition",
    ]
    assert statement["implementation"]["url"].endswith("/fhir")


def test_the_form_is_read_by_its_name_and_can_be_filled_in(client: FlaskClient) -> None:
    answer = client.get("/fhir/Questionnaire/nerve-symptoms")
    assert answer.status_code == 200
    form = answer.get_json(force=True)
    assert form["id"] == "nerve-symptoms"
    assert to_form(form).url == URL
    check(form)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 1),
        (f"?url={URL}", 1),
        (f"?url={URL}&version=1.0.0", 1),
        (f"?url={URL}|1.0.0", 1),
        (f"?url={URL}&version=9.9.9", 0),
        ("?url=https://example.org/other", 0),
        (f"?url={URL}&_format=json", 1),
    ],
)
def test_the_form_is_found_by_canonical_and_version(client: FlaskClient, query: str, total: int) -> None:
    bundle = client.get(f"/fhir/Questionnaire{query}").get_json(force=True)
    check(bundle)
    assert (bundle["type"], bundle["total"]) == ("searchset", total)
    for entry in bundle.get("entry", []):
        assert entry["fullUrl"].endswith("/fhir/Questionnaire/nerve-symptoms")
        assert entry["search"] == {"mode": "match"}


PUBLISHED = ["CodeSystem/urgency", "ValueSet/urgency", "StructureDefinition/answer-origin"]


@pytest.mark.parametrize("path", PUBLISHED)
def test_codes_are_published(client: FlaskClient, path: str) -> None:
    resource = client.get(f"/fhir/{path}").get_json(force=True)
    assert f"{resource['resourceType']}/{resource['id']}" == path
    check(resource)


def test_whoever_has_the_newest_copy_is_told_so(client: FlaskClient) -> None:
    first = client.get("/fhir/Questionnaire/nerve-symptoms")
    again = client.get("/fhir/Questionnaire/nerve-symptoms", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    changed = client.get("/fhir/Questionnaire/nerve-symptoms", headers={"If-None-Match": 'W/"old"'})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code", "says"),
    [
        ("/fhir/Questionnaire/nobody", 404, "not-found", "no such"),
        ("/fhir/Patient/alice", 404, "not-found", ""),
        ("/fhir/Questionnaire?name=x", 400, "invalid", "found the parameter 'name', expected url or version"),
        ("/fhir/Questionnaire?_format=xml", 400, "invalid", "expected json"),
    ],
)
def test_what_cannot_be_answered_is_an_operation_outcome(
    client: FlaskClient, path: str, status: int, code: str, says: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    outcome = answer.get_json(force=True)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == code
    assert says in outcome["issue"][0]["diagnostics"]
    check(outcome)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_written_here(client: FlaskClient, method: str) -> None:
    answer = getattr(client, method)("/fhir/Questionnaire/nerve-symptoms")
    assert answer.status_code == 405
