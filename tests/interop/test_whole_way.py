"""The app's own stories against a real server: send, review, decide; nothing doubled, nothing overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from factories import SEALING_KEY, a_launch, an_ehr, some_settings

from interop.harness import HapiServer
from interop.java_build import ROOT
from interop.submissions import SAID, Pathways, says
from triage_app.catalogue.load import Catalogue
from triage_app.ehr.gateway import Gateway
from triage_app.ehr.smart import SmartClient
from triage_app.ehr.transport import Transport
from triage_app.errors import EHRConflict
from triage_app.storage import Storage
from triage_app.storage.rows import Launch, Role
from triage_app.workflow.decide import Choice, decide
from triage_app.workflow.open_review import open_review
from triage_app.workflow.services import Services
from triage_app.workflow.submit import IN_RECORD, submit

pytestmark = pytest.mark.java
PATIENTLY = 240
"""Seconds for one answer: the server shares a small machine with the tests."""


@pytest.fixture(scope="module")
def pathways() -> Pathways:
    return Pathways(ROOT / "questionnaires")


@pytest.fixture
def services(hapi: HapiServer, tmp_path: Path) -> Iterator[Services]:
    settings = some_settings(an_ehr(fhir_base_url=hapi.base_url), read_timeout_seconds=PATIENTLY)
    storage = Storage(f"sqlite:///{tmp_path}/triage.db", (SEALING_KEY,))
    storage.migrate()
    transport = Transport(settings)
    yield Services(
        settings=settings,
        catalogue=Catalogue.load(ROOT / "questionnaires"),
        storage=storage,
        smart=SmartClient(settings, transport),
        gateway=Gateway(transport),
    )
    transport.close()
    storage.close()


@pytest.fixture
def alice(hapi: HapiServer, services: Services) -> Launch:
    """Alice, new in the chart, has launched for herself."""
    patient = put(
        hapi, {"resourceType": "Patient", "id": f"alice-{uuid4()}", "name": [{"text": "Alice Adams"}]}
    )
    launch = a_launch(
        id=str(uuid4()), patient=patient, user=f"Patient/{patient}", refresh_token=None, expires_at=None
    )
    services.storage.save_launch(launch)
    return launch


@pytest.fixture
def bob(hapi: HapiServer, services: Services, alice: Launch) -> Launch:
    """Bob has launched from Alice's chart."""
    bob = put(hapi, {"resourceType": "Practitioner", "id": "bob", "name": [{"text": "Dr Bob Brown"}]})
    launch = replace(alice, id=str(uuid4()), user=f"Practitioner/{bob}", role=Role.CLINICIAN)
    services.storage.save_launch(launch)
    return launch


def put(hapi: HapiServer, resource: dict[str, object]) -> str:
    address = f"{hapi.base_url}/{resource['resourceType']}/{resource['id']}"
    stored = requests.put(
        address, json=resource, headers={"Content-Type": "application/fhir+json"}, timeout=PATIENTLY
    )
    assert stored.status_code in {200, 201}
    return str(resource["id"])


def requests_of(hapi: HapiServer, patient: str) -> list[dict[str, object]]:
    found = requests.get(
        f"{hapi.base_url}/ServiceRequest", params={"patient": patient, "_count": "50"}, timeout=PATIENTLY
    )
    return [entry["resource"] for entry in found.json().get("entry", [])]


def test_what_alice_sends_is_read_back_before_it_is_called_in_her_record(
    services: Services, pathways: Pathways, alice: Launch
) -> None:
    answers = pathways.answers(says(SAID["numb all the time"]))
    assert submit(services, alice, answers, pathways.pathway).state == IN_RECORD


def test_bob_finds_her_answers_and_the_rules_reproduce_the_result(
    services: Services, pathways: Pathways, alice: Launch, bob: Launch
) -> None:
    answers = pathways.answers(says(SAID["numb all the time"]))
    sent = submit(services, alice, answers, pathways.pathway)
    review = open_review(services, bob)
    (response,) = review.responses
    assert (review.unreadable, review.waiting) == ((), 0)
    assert response.answers == answers
    assert response.deviations == ()
    assert response.assessment == sent.assessment
    assert {suggestion.route for suggestion in response.suggestions} == {
        route.code for route in sent.assessment.routes
    }
    assert response.work is not None


def test_bob_accepts_a_suggestion_and_it_stands_once(
    hapi: HapiServer, services: Services, pathways: Pathways, alice: Launch, bob: Launch
) -> None:
    submit(services, alice, pathways.answers(says(SAID["numb all the time"])), pathways.pathway)
    suggestion = open_review(services, bob).responses[0].suggestions[0]
    decision = decide(
        services, bob, suggestion.reference, "accept", note="Agreed.", version=suggestion.version
    )
    assert decision.choice is Choice.ACCEPT
    (plan,) = [one for one in requests_of(hapi, alice.patient) if one["intent"] == "plan"]
    assert plan["basedOn"] == [{"reference": suggestion.reference}]
    assert open_review(services, bob).responses[0].suggestions[0].status == "completed"


def test_bob_declines_a_suggestion_and_nothing_is_requested(
    hapi: HapiServer, services: Services, pathways: Pathways, alice: Launch, bob: Launch
) -> None:
    submit(services, alice, pathways.answers(says(SAID["numb all the time"])), pathways.pathway)
    suggestion = open_review(services, bob).responses[0].suggestions[0]
    decide(services, bob, suggestion.reference, "decline", "already-referred", version=suggestion.version)
    assert [one for one in requests_of(hapi, alice.patient) if one["intent"] != "proposal"] == []
    assert open_review(services, bob).responses[0].suggestions[0].status == "revoked"


def test_a_decision_on_a_suggestion_that_has_changed_is_refused_whole(
    hapi: HapiServer, services: Services, pathways: Pathways, alice: Launch, bob: Launch
) -> None:
    submit(services, alice, pathways.answers(says(SAID["numb all the time"])), pathways.pathway)
    suggestion = open_review(services, bob).responses[0].suggestions[0]
    stored = requests.get(f"{hapi.base_url}/{suggestion.reference}", timeout=PATIENTLY).json()
    put(hapi, {**stored, "note": [{"text": "Seen by a colleague."}]})
    with pytest.raises(EHRConflict):
        decide(services, bob, suggestion.reference, "accept", version=suggestion.version)
    assert [one for one in requests_of(hapi, alice.patient) if one["intent"] != "proposal"] == []
