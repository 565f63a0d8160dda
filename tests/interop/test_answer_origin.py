"""Answers that were given beside facts of the chart are sound for others, mark and all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from interop.harness import HapiServer, Validator
from interop.java_build import ROOT
from interop.submissions import SAID, Pathways, says
from triage_app.fhir.bundle import to_transaction
from triage_app.fhir.exact_json import dumps
from triage_app.fhir.filing import Party
from triage_app.fhir.origin import Origin, OriginState, origins_in
from triage_app.fhir.result import Result

pytestmark = pytest.mark.java
FHIR = {"Content-Type": "application/fhir+json"}


@pytest.fixture(scope="module")
def pathways() -> Pathways:
    return Pathways(ROOT / "questionnaires")


def marked(pathways: Pathways, patient: Party, source: str) -> Result:
    """A submission with a mark on the person's age and diabetes and on the right arm's surgery."""
    answers = pathways.answers(says(SAID["numb all the time"]))
    shown = "Type 2 diabetes <of the chart> & more (health problem, 2019)"
    origins = {
        "age": Origin(OriginState.CHANGED, "born 1966"),
        "hx.diabetes": Origin(OriginState.CHANGED, shown, source),
        "arm-right/hx.surgery_site": Origin(
            OriginState.CONFIRMED, "Carpal tunnel release (operation)", source
        ),
    }
    said = (f"The chart says: {shown}; answered: “Diabetes (high blood sugar)” No.",)
    return replace(pathways.submission(answers, patient=patient), origins=origins, chart_says=said)


def test_marks_have_no_error_for_the_validator(
    validator: Validator, pathways: Pathways, tmp_path: Path
) -> None:
    bundle = to_transaction(marked(pathways, Party("Patient/alice", "Alice Adams"), "Condition/7"))
    assert len(origins_in(bundle["entry"][0]["resource"])) == 3
    (tmp_path / "marked.json").write_bytes(dumps(bundle))
    assert validator.validate(tmp_path).errors == ()


def test_marks_against_the_definition_are_errors(
    validator: Validator, pathways: Pathways, tmp_path: Path
) -> None:
    bundle = to_transaction(marked(pathways, Party("Patient/alice", "Alice Adams"), "Condition/7"))
    broken = dumps(bundle).replace(b'"chart-changed"', b'"guessed"')
    (tmp_path / "broken.json").write_bytes(broken)
    assert any("guessed" in finding.message for finding in validator.validate(tmp_path).errors)


def test_a_real_server_keeps_the_marks(hapi: HapiServer, pathways: Pathways) -> None:
    number = uuid4()
    people = {"resourceType": "Patient", "id": f"alice-{number}", "name": [{"text": "Alice Adams"}]}
    entry = {
        "resourceType": "Condition",
        "id": f"diabetes-{number}",
        "code": {"text": "Type 2 diabetes"},
        "subject": {"reference": f"Patient/alice-{number}"},
    }
    for one in (people, entry):
        address = f"{hapi.base_url}/{one['resourceType']}/{one['id']}"
        assert requests.put(address, json=one, headers=FHIR, timeout=240).status_code == 201
    patient = Party(f"Patient/alice-{number}", "Alice Adams")
    result = marked(pathways, patient, f"Condition/diabetes-{number}")
    stored = requests.post(hapi.base_url, data=dumps(to_transaction(result)), headers=FHIR, timeout=240)
    assert stored.status_code == 200, stored.text
    location = stored.json()["entry"][0]["response"]["location"]
    response = requests.get(f"{hapi.base_url}/{location}", timeout=240).json()
    assert origins_in(response) == result.origins
