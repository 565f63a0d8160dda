"""The hospital as a server of its own, with the people that it starts with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from fhir.resources.R4B import get_fhir_model_class

from triage_app.sandbox import RunningSandbox, SandboxOptions, create_sandbox, hospital_of, serve_sandbox
from triage_app.sandbox.people import STORIES, load_people
from triage_app.sandbox.store.bundle import process
from triage_app.sandbox.store.interactions import Interactions
from triage_app.sandbox.store.permit import HospitalItself
from triage_app.sandbox.store.structure import check_resource

from .conftest import CHALLENGE, FHIR, VERIFIER, observation


def test_it_answers_on_localhost_at_a_free_port_and_stops() -> None:
    sandbox = serve_sandbox(SandboxOptions(port=0, id_token_algorithm="ES384"))
    try:
        assert sandbox.base_url.startswith("http://localhost:")
        assert not sandbox.base_url.endswith(":0")
        found = requests.get(f"{sandbox.fhir_url}/.well-known/smart-configuration", timeout=5).json()
        assert found["issuer"] == sandbox.fhir_url
    finally:
        sandbox.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.base_url, timeout=5)


def token(sandbox: RunningSandbox) -> str:
    """A whole launch over HTTP."""
    launch = sandbox.new_launch(patient="alice")
    callback = "http://127.0.0.1:5001/callback"
    query = {
        "response_type": "code",
        "client_id": "nerve-triage",
        "redirect_uri": callback,
        "state": "s",
        "aud": sandbox.fhir_url,
        "launch": launch.handle,
        "scope": "launch patient/*.cruds",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    url = f"{sandbox.base_url}/auth/authorize"
    back = requests.get(url, params=query, allow_redirects=False, timeout=5).headers["Location"]
    code = back.partition("code=")[2].partition("&")[0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": VERIFIER,
    }
    answer = requests.post(
        f"{sandbox.base_url}/auth/token", data=form, auth=("nerve-triage", "sandbox-secret"), timeout=5
    )
    return str(answer.json()["access_token"])


def test_it_follows_the_app_to_another_address(running: RunningSandbox) -> None:
    running.use_app("http://127.0.0.1:5001")
    assert running.new_launch(patient="alice").url.startswith("http://127.0.0.1:5001/launch?")
    assert token(running)


def test_many_callers_with_one_key_make_one_resource(running: RunningSandbox) -> None:
    running.use_app("http://127.0.0.1:5001")
    headers = {
        "Authorization": f"Bearer {token(running)}",
        "Content-Type": "application/fhir+json",
        "If-None-Exist": "identifier=https://example.org/id|one",
    }

    def create(_: int) -> int:
        return requests.post(
            f"{running.fhir_url}/Observation", json=observation(), headers=headers, timeout=10
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, range(24)))
    assert statuses == [200] * 23 + [201]
    assert len(running.store.all("Observation")) == 1


def test_a_record_on_disk_is_there_after_a_restart(tmp_path: Path) -> None:
    options = SandboxOptions(database=str(tmp_path / "hospital.db"), id_token_algorithm="ES384")
    first = hospital_of(create_sandbox(options))
    first.store.write(observation(), "kept", method="PUT")  # type: ignore[union-attr]
    first.store.close()
    second = hospital_of(create_sandbox(options))
    assert [one["id"] for one in second.store.all("Observation")] == ["kept"]
    assert [one["meta"]["versionId"] for one in second.store.all("Patient")] == ["1"] * 5
    second.store.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"app_url": "127.0.0.1:5000"},
        {"app_url": "http://127.0.0.1:5000/"},
        {"upstream": "x"},
        {"id_token_algorithm": "none"},
    ],
)
def test_options_that_cannot_work_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SandboxOptions(**wrong)


class TestThePeople:
    """Five patients, one clinician, one organisation."""

    def test_they_are_r4_by_two_independent_judgements(self) -> None:
        for resource in load_people():
            check_resource(resource, resource["resourceType"])
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)

    def test_each_refers_only_to_those_before(self) -> None:
        app = create_sandbox(SandboxOptions(people=False, id_token_algorithm="ES384"))
        interactions = Interactions(hospital_of(app).store, HospitalItself(), FHIR)  # type: ignore[arg-type]
        for resource in load_people():
            assert interactions.update(resource["resourceType"], resource["id"], resource).status == 201

    def test_they_go_into_any_server_as_one_transaction(self) -> None:
        app = create_sandbox(SandboxOptions(people=False, id_token_algorithm="ES384"))
        interactions = Interactions(hospital_of(app).store, HospitalItself(), FHIR)  # type: ignore[arg-type]
        entry = [
            {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
            for one in load_people()
        ]
        answer = process(interactions, {"resourceType": "Bundle", "type": "transaction", "entry": entry})
        assert {one["response"]["status"] for one in answer["entry"]} == {"201 Created"}

    def test_every_patient_has_a_story_an_open_visit_and_a_number(self) -> None:
        patients = [one for one in load_people() if one["resourceType"] == "Patient"]
        visits = {one["subject"]["reference"] for one in load_people() if one["resourceType"] == "Encounter"}
        assert {one["id"] for one in patients} == set(STORIES)
        assert visits == {f"Patient/{one['id']}" for one in patients}
        assert len({one["identifier"][0]["value"] for one in patients}) == 5

    def test_no_id_is_a_number_alone(self) -> None:
        assert not [one["id"] for one in load_people() if one["id"].isdigit()]

    def test_they_are_marked_as_invented(self) -> None:
        marks = [
            one["meta"]["security"][0]["code"] for one in load_people() if one["resourceType"] == "Patient"
        ]
        assert marks == ["HTEST"] * 5

    def test_an_empty_hospital_has_nobody(self) -> None:
        app = create_sandbox(SandboxOptions(people=False, id_token_algorithm="ES384"))
        assert "There is nobody here." in app.test_client().get("/").text
