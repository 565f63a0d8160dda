"""A real FHIR server keeps the promises that delivery counts on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from interop.harness import HapiServer

pytestmark = pytest.mark.java
SOUND = Path(__file__).parent / "fixtures" / "sound"
FHIR = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
IDENTIFIERS = "https://w3id.org/nerve-triage/id"


class Chart:
    """A server seen by a plain HTTP client."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        address = f"{self.base_url}{path}"
        data = None if body is None else json.dumps(body)
        return requests.request(method, address, data=data, headers={**FHIR, **headers}, timeout=240)


@pytest.fixture
def chart(hapi: HapiServer) -> Chart:
    return Chart(hapi.base_url)


@pytest.fixture
def alice(chart: Chart) -> str:
    """Alice under an id that the client chose; a new one for each test."""
    patient = {**resource("patient"), "id": f"alice-{uuid4()}"}
    assert chart.send("PUT", f"/Patient/{patient['id']}", patient).status_code == 201
    return f"Patient/{patient['id']}"


def resource(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SOUND / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def new(name: str, patient: str) -> dict[str, Any]:
    """A sound resource about this patient, without id, with an identifier of its own."""
    text = json.dumps(resource(name)).replace("Patient/alice", patient)
    made: dict[str, Any] = json.loads(text)
    del made["id"]
    for pointer in ("derivedFrom", "reasonReference"):
        made.pop(pointer, None)
    identifier = {"system": IDENTIFIERS, "value": str(uuid4())}
    made["identifier"] = identifier if made["resourceType"] == "QuestionnaireResponse" else [identifier]
    return made


def entry(made: dict[str, Any]) -> dict[str, Any]:
    """A guarded transaction entry."""
    identifier = made["identifier"] if isinstance(made["identifier"], dict) else made["identifier"][0]
    condition = f"identifier={IDENTIFIERS}|{identifier['value']}"
    request = {"method": "POST", "url": made["resourceType"], "ifNoneExist": condition}
    return {"fullUrl": f"urn:uuid:{uuid4()}", "resource": made, "request": request}


def outcomes(answer: requests.Response) -> list[str]:
    return [sent["response"]["status"].split()[0] for sent in answer.json()["entry"]]


def test_a_transaction_is_stored_whole_with_its_inner_references(chart: Chart, alice: str) -> None:
    response, observation = entry(new("response", alice)), new("observation", alice)
    observation["derivedFrom"] = [{"reference": response["fullUrl"]}]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [response, entry(observation)]}
    answer = chart.send("POST", "", bundle)
    assert outcomes(answer) == ["201", "201"]
    locations = [stored["response"]["location"].split("/_history")[0] for stored in answer.json()["entry"]]
    kept = chart.send("GET", f"/{locations[1]}").json()
    assert kept["derivedFrom"] == [{"reference": locations[0]}]


def test_sending_a_transaction_again_doubles_nothing(chart: Chart, alice: str) -> None:
    sent = [entry(new("response", alice)), entry(new("observation", alice))]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": sent}
    assert outcomes(chart.send("POST", "", bundle)) == ["201", "201"]
    assert outcomes(chart.send("POST", "", bundle)) == ["200", "200"]
    assert chart.send("GET", f"/Observation?patient={alice}").json()["total"] == 1


def test_one_bad_entry_stops_the_whole_transaction(chart: Chart, alice: str) -> None:
    bad = new("observation", alice)
    del bad["status"]
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [entry(new("response", alice)), entry(bad)],
    }
    assert chart.send("POST", "", bundle).status_code == 422
    assert chart.send("GET", f"/QuestionnaireResponse?patient={alice}").json()["total"] == 0


def test_a_conditional_create_makes_one_resource(chart: Chart, alice: str) -> None:
    made = new("observation", alice)
    condition = {"If-None-Exist": f"identifier={IDENTIFIERS}|{made['identifier'][0]['value']}"}
    assert chart.send("POST", "/Observation", made, **condition).status_code == 201
    assert chart.send("POST", "/Observation", made, **condition).status_code == 200


def test_an_update_on_an_old_version_is_refused(chart: Chart, alice: str) -> None:
    made = chart.send("POST", "/ServiceRequest", new("request", alice)).json()
    path, first = f"/ServiceRequest/{made['id']}", {"If-Match": 'W/"1"'}
    assert chart.send("PUT", path, made | {"status": "revoked"}, **first).status_code == 200
    assert chart.send("PUT", path, made | {"status": "completed"}, **first).status_code in {409, 412}
    assert chart.send("GET", path).json()["status"] == "revoked"


def test_an_answer_outside_the_options_is_refused(chart: Chart, alice: str) -> None:
    made = new("response", alice)
    made["item"][0]["answer"][0]["valueCoding"] |= {"code": "maybe", "display": "Maybe"}
    refused = chart.send("POST", "/QuestionnaireResponse", made)
    assert refused.status_code == 422
    assert "maybe" in refused.text


def test_a_reference_to_nothing_is_refused(chart: Chart) -> None:
    made = new("observation", "Patient/nobody")
    assert 400 <= chart.send("POST", "/Observation", made).status_code < 500


def test_long_results_come_in_pages_on_the_same_origin(chart: Chart, alice: str) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [entry(new("observation", alice)) for _ in range(5)],
    }
    chart.send("POST", "", bundle)
    page = chart.send("GET", f"/Observation?patient={alice}&_count=2").json()
    seen = len(page["entry"])
    while following := [link["url"] for link in page["link"] if link["relation"] == "next"]:
        assert following[0].startswith(chart.base_url)
        page = chart.send("GET", following[0].removeprefix(chart.base_url)).json()
        seen += len(page["entry"])
    assert seen == 5


def test_the_server_says_what_it_can(chart: Chart) -> None:
    statement = chart.send("GET", "/metadata").json()
    assert statement["fhirVersion"] == "4.0.1"
    kinds = {kind["type"] for kind in statement["rest"][0]["resource"]}
    assert {"QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance"} <= kinds


def test_the_server_holds_our_published_forms(chart: Chart) -> None:
    found = chart.send(
        "GET", "/Questionnaire?url=https://w3id.org/nerve-triage/Questionnaire/nerve-symptoms"
    ).json()
    assert found["total"] == 1
