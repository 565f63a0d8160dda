"""Every error is told: a page for people, a document for machines, never a stack trace or a patient."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import an_ehr, some_settings
from flask import g
from flask.testing import FlaskClient

from triage_app import create_app, create_services, errors, questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.storage.rows import Role
from triage_app.web import problems
from triage_app.web.problems import PROBLEMS, problem_of

PATIENT_WORDS = "Alice's right thumb is numb"


def subclasses(kind: type[errors.TriageError]) -> Iterator[type[errors.TriageError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


TREE = list(subclasses(errors.TriageError))


def made(kind: type[errors.TriageError]) -> errors.TriageError:
    if issubclass(kind, errors.InvalidAnswer):
        return kind("dur", "found nothing, expected a number of months")
    return kind("a sentence of ours")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(questionnaires_folder())


@pytest.fixture
def failing() -> dict[str, Exception]:
    return {}


@pytest.fixture
def client(catalogue: Catalogue, failing: dict[str, Exception], tmp_path: Path) -> FlaskClient:
    settings = some_settings(an_ehr(), database_url=f"sqlite:///{tmp_path}/triage.db")
    app = create_app(settings, services=create_services(settings, catalogue=catalogue))

    def fail() -> str:
        g.ehr = settings.registry["general"]
        raise failing["error"]

    for path in ("/fails", "/fhir/fails", "/cds-services/fails"):
        app.add_url_rule(path, endpoint=path, view_func=fail)
    return app.test_client()


def test_every_class_of_the_tree_has_its_own_line() -> None:
    assert set(TREE) == set(PROBLEMS)


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_class_has_a_page_with_the_emergency_number(
    kind: type[errors.TriageError], client: FlaskClient, failing: dict[str, Exception]
) -> None:
    failing["error"] = made(kind)
    answer = client.get("/fails")
    assert answer.status_code == PROBLEMS[kind].status
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'href="tel:999"' in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert "Traceback" not in answer.text
    assert "{{" not in answer.text


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_class_is_an_operation_outcome_under_fhir(
    kind: type[errors.TriageError], client: FlaskClient, failing: dict[str, Exception]
) -> None:
    failing["error"] = made(kind)
    answer = client.get("/fhir/fails")
    assert answer.status_code == PROBLEMS[kind].status
    assert answer.mimetype == "application/fhir+json"
    outcome = json.loads(answer.text)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["code"] == PROBLEMS[kind].issue


def test_issue_codes_are_those_of_fhir() -> None:
    known = """invalid structure required value security login expired forbidden processing not-supported
        not-found too-long conflict transient no-store exception throttled incomplete"""
    assert {problem.issue for problem in PROBLEMS.values()} <= set(known.split())


def test_machines_get_problem_json(client: FlaskClient, failing: dict[str, Exception]) -> None:
    failing["error"] = errors.InvalidDocument("prefetch: found a list, expected an object")
    for path, headers in (("/cds-services/fails", {}), ("/fails", {"Accept": "application/json"})):
        answer = client.get(path, headers=headers)
        assert answer.mimetype == "application/problem+json"
        told = json.loads(answer.text)
        assert (told["status"], told["detail"]) == (400, "prefetch: found a list, expected an object")
        assert told["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("path", ["/fails", "/fhir/fails", "/cds-services/fails"])
def test_what_nobody_foresaw_is_told_without_its_words(
    path: str, client: FlaskClient, failing: dict[str, Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    failing["error"] = RuntimeError(PATIENT_WORDS)
    answer = client.get(path)
    assert answer.status_code == 500
    shown = answer.text + capsys.readouterr().err
    assert PATIENT_WORDS not in shown
    assert "Traceback" not in shown
    assert '"error": "RuntimeError"' in shown


def test_the_last_page_never_fails(
    client: FlaskClient, failing: dict[str, Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_more: object) -> str:
        raise RuntimeError(PATIENT_WORDS)

    monkeypatch.setattr(problems, "render_template", broken)
    failing["error"] = errors.NotFound("gone")
    answer = client.get("/fails")
    assert answer.status_code == 404
    assert "call your emergency number" in answer.text
    assert PATIENT_WORDS not in answer.text


def test_retry_after_is_the_hospitals_wish(client: FlaskClient, failing: dict[str, Exception]) -> None:
    failing["error"] = errors.EHRUnavailable("later", retry_after_seconds=120)
    assert client.get("/fails").headers["Retry-After"] == "120"


def test_http_errors_are_told_in_the_same_way(client: FlaskClient) -> None:
    assert "There is no such page" in client.get("/no-such-page").text
    wrong = client.post("/launch")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]
    assert json.loads(client.get("/fhir/nothing/at/all").text)["issue"][0]["code"] == "not-found"


def test_an_address_is_never_repeated(client: FlaskClient) -> None:
    assert "<script>" not in client.get("/<script>alert(1)</script>").text
    assert "thumb" not in client.get("/thumb-is-numb").text


def test_a_subclass_is_told_as_its_parent() -> None:
    class OfTomorrow(errors.EHRConflict):
        pass

    assert problem_of(OfTomorrow("x")) is PROBLEMS[errors.EHRConflict]


def test_a_large_form_is_told(client: FlaskClient) -> None:
    answer = client.post("/l/launch-1/q/screen.1", data={"x": "y" * 600_000})
    assert answer.status_code in (401, 403, 413)


def test_no_problem_page_speaks_of_roles_that_do_not_exist() -> None:
    assert {str(role) for role in Role} == {"patient", "clinician"}
