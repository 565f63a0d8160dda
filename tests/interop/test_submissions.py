"""What we send is sound for others: HL7's validator has no error, a real server takes it whole and once."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
import requests

from interop.harness import HapiServer, Validator
from interop.java_build import ROOT
from interop.submissions import SAID, Pathways, at_random, says, unsure
from triage_app.clinical.answers import Answers
from triage_app.clinical.terms import Urgency
from triage_app.fhir.bundle import to_transaction
from triage_app.fhir.exact_json import dumps
from triage_app.fhir.filing import Party
from triage_app.fhir.response import from_response

pytestmark = pytest.mark.java
FHIR = {"Content-Type": "application/fhir+json"}
DICE = 6


@pytest.fixture(scope="module")
def pathways() -> Pathways:
    return Pathways(ROOT / "questionnaires")


@pytest.fixture(scope="module")
def people(pathways: Pathways) -> dict[str, Answers]:
    """Answers by a name for who gave them."""
    named = {name: pathways.answers(says(said)) for name, said in SAID.items()}
    return {**named, "sure of nothing": pathways.answers(unsure)}


@pytest.fixture
def patient(hapi: HapiServer) -> Party:
    """A new Alice in the server's chart."""
    alice = {"resourceType": "Patient", "id": f"alice-{uuid4()}", "name": [{"text": "Alice Adams"}]}
    stored = requests.put(f"{hapi.base_url}/Patient/{alice['id']}", json=alice, headers=FHIR, timeout=240)
    assert stored.status_code == 201
    return Party(f"Patient/{alice['id']}", "Alice Adams")


def post(hapi: HapiServer, bundle: object) -> requests.Response:
    return requests.post(hapi.base_url, data=dumps(bundle), headers=FHIR, timeout=240)


def errors(answer: requests.Response) -> list[str]:
    return [issue["diagnostics"] for issue in answer.json()["issue"] if issue["severity"] == "error"]


def test_the_invented_people_need_different_help(pathways: Pathways, people: dict[str, Answers]) -> None:
    found = {name: pathways.submission(answers).assessment.urgency for name, answers in people.items()}
    assert found["stroke sign"] is Urgency.EMERGENCY
    assert len(set(found.values())) >= 3


def test_every_submission_is_sound_for_the_validator(
    validator: Validator, pathways: Pathways, people: dict[str, Answers], tmp_path: Path
) -> None:
    for name, answers in people.items():
        bundle = to_transaction(pathways.submission(answers))
        (tmp_path / f"{name}.json").write_bytes(dumps(bundle))
    assert validator.validate(tmp_path).errors == ()


def test_a_submission_in_the_us_is_sound_too(
    validator: Validator, pathways: Pathways, people: dict[str, Answers], tmp_path: Path
) -> None:
    bundle = to_transaction(pathways.submission(people["numb all the time"], country="US"))
    (tmp_path / "us.json").write_bytes(dumps(bundle))
    report = validator.validate(tmp_path)
    assert report.errors == ()
    assert any("us-core" in finding.message for finding in report.of("unknown-profile"))


def test_answers_by_dice_make_sound_responses_too(
    validator: Validator, pathways: Pathways, tmp_path: Path
) -> None:
    for seed in range(DICE):
        bundle = to_transaction(pathways.submission(pathways.answers(at_random(seed))))
        (tmp_path / f"dice-{seed}.json").write_bytes(dumps(bundle))
    assert validator.validate(tmp_path).errors == ()


@pytest.mark.parametrize("name", [*SAID, "sure of nothing"])
def test_a_real_server_takes_each_submission_whole_and_once(
    hapi: HapiServer, pathways: Pathways, people: dict[str, Answers], patient: Party, name: str
) -> None:
    bundle = to_transaction(pathways.submission(people[name], patient=patient))
    for expected in ("201 Created", "200 OK"):
        answer = post(hapi, bundle)
        assert answer.status_code == 200, errors(answer)
        assert {entry["response"]["status"] for entry in answer.json()["entry"]} == {expected}


def test_the_answers_come_back_as_they_were_sent(
    hapi: HapiServer, pathways: Pathways, people: dict[str, Answers], patient: Party
) -> None:
    answers = people["numb all the time"]
    stored = post(hapi, to_transaction(pathways.submission(answers, patient=patient)))
    location = stored.json()["entry"][0]["response"]["location"]
    response = requests.get(f"{hapi.base_url}/{location}", timeout=240).json()
    assert from_response(response, pathways.pathway.form) == answers


def test_an_answer_of_another_form_is_refused_by_a_real_server(
    hapi: HapiServer, pathways: Pathways, people: dict[str, Answers], patient: Party
) -> None:
    bundle = to_transaction(pathways.submission(people["now and then"], patient=patient))
    bundle["entry"][0]["resource"]["item"][0]["linkId"] = "planted"
    answer = post(hapi, bundle)
    assert answer.status_code == 422
    assert "planted" in answer.text
