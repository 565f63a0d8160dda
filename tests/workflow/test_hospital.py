"""The whole way with a hospital that really answers: launch, submit, review, decide, and its faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings
from flask import Flask
from people import CATALOGUE, PATHWAY
from test_open_review import WORSE

from triage_app import create_app, create_services
from triage_app.fhir.response import from_response
from triage_app.sandbox.faults import Fault
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.server import RunningSandbox, serve_sandbox
from triage_app.settings import Secret
from triage_app.storage.rows import Launch
from triage_app.workflow.decide import decide
from triage_app.workflow.deliver import deliver_waiting
from triage_app.workflow.open_review import open_review
from triage_app.workflow.services import Services
from triage_app.workflow.submit import IN_RECORD, SAVED_HERE, submit


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    running = serve_sandbox(SandboxOptions(port=0, app_url=BASE_URL, ask_consent=False))
    yield running
    running.stop()


@pytest.fixture
def app(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[Flask]:
    secret = Secret(sandbox.hospital.options.client_secret)
    ehr = an_ehr(fhir_base_url=sandbox.fhir_url, client_secret=secret)
    settings = some_settings(ehr, database_url=f"sqlite:///{tmp_path}/triage.db", base_url=BASE_URL)
    app = create_app(settings, services=create_services(settings, catalogue=CATALOGUE))
    yield app
    app.extensions["services"].storage.close()


@pytest.fixture
def services(app: Flask) -> Services:
    found: Services = app.extensions["services"]
    return found


def launched(app: Flask, sandbox: RunningSandbox, user: str | None = None) -> Launch:
    browser = Browser(app.test_client(), sandbox)
    launch = app.extensions["services"].storage.fetch_launch(browser.launch_id("alice", user))
    assert isinstance(launch, Launch)
    return launch


def stored(sandbox: RunningSandbox, resource_type: str) -> list[dict[str, Any]]:
    """Return what of ours is in the record."""
    found = sandbox.store.all(resource_type)
    return [one for one in found if "w3id.org/nerve-triage" in str(one)]


def test_answers_reach_a_real_record_and_a_clinician_decides_on_them(
    app: Flask, sandbox: RunningSandbox, services: Services
) -> None:
    alice = launched(app, sandbox)
    result = submit(services, alice, WORSE, PATHWAY)
    (waiting,) = services.storage.deliveries_of(ehr=alice.ehr, submission_id=result.submission_id)
    assert (result.state, waiting.last_error) == (IN_RECORD, None)
    (response,) = stored(sandbox, "QuestionnaireResponse")
    assert from_response(response, PATHWAY.form) == WORSE

    bob = launched(app, sandbox, "Practitioner/bob")
    review = open_review(services, bob)
    (found,) = review.responses
    assert found.reproduces, found.deviations
    first = found.suggestions[0]
    decide(services, bob, first.reference, "accept", note="agreed", version=first.version)
    again = open_review(services, bob).responses[0]
    assert again.suggestions[0].status == "completed"
    plans = [one for one in stored(sandbox, "ServiceRequest") if one["intent"] == "plan"]
    assert plans[0]["requester"]["reference"] == "Practitioner/bob"


@pytest.mark.parametrize("fault", [Fault.FAIL_AFTER_COMMIT, Fault.DROP_AFTER_COMMIT])
def test_an_answer_lost_after_the_record_has_it_doubles_nothing(
    app: Flask, sandbox: RunningSandbox, services: Services, fault: Fault
) -> None:
    alice = launched(app, sandbox)
    sandbox.faults.set(fault, times=1)
    assert submit(services, alice, WORSE, PATHWAY).state == IN_RECORD
    assert len(stored(sandbox, "QuestionnaireResponse")) == 1
    assert len(stored(sandbox, "Provenance")) == 1


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.DROPPED, Fault.LOGIN_PAGE])
def test_while_the_hospital_is_away_the_answers_wait_here_and_go_out_once_it_is_back(
    app: Flask, sandbox: RunningSandbox, services: Services, fault: Fault
) -> None:
    alice = launched(app, sandbox)
    sandbox.faults.set(fault)
    assert submit(services, alice, WORSE, PATHWAY).state == SAVED_HERE
    sandbox.faults.clear()
    (waiting,) = services.storage.pending_deliveries(ehr=alice.ehr, patient=alice.patient)
    later = max(waiting.due_at, services.storage.fetch_lane(alice.ehr).paused_until or waiting.due_at)
    patient_services = Services(**{**vars(services), "clock": lambda: later})
    assert [str(state) for state in deliver_waiting(patient_services, alice)] == ["verified"]
    assert len(stored(sandbox, "QuestionnaireResponse")) == 1
