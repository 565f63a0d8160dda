"""The app in this process, the pretend hospital on loopback, and people with a browser each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings
from flask import Flask
from reviewing import Clinic

from triage_app import create_app, create_services, questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.server import RunningSandbox, serve_sandbox
from triage_app.settings import EHR, Secret, Settings


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    sandbox = serve_sandbox(SandboxOptions(port=0, app_url=BASE_URL, ask_consent=False))
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    yield running_sandbox
    running_sandbox.faults.clear()


@pytest.fixture
def hospital(sandbox: RunningSandbox) -> EHR:
    options = sandbox.hospital.options
    return an_ehr(fhir_base_url=sandbox.fhir_url, client_secret=Secret(options.client_secret))


@pytest.fixture
def settings(hospital: EHR, tmp_path: Path) -> Settings:
    return some_settings(hospital, database_url=f"sqlite:///{tmp_path}/triage.db", base_url=BASE_URL)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load(questionnaires_folder())


@pytest.fixture
def app(settings: Settings, catalogue: Catalogue) -> Flask:
    return create_app(settings, services=create_services(settings, catalogue=catalogue))


@pytest.fixture
def a_browser(app: Flask, sandbox: RunningSandbox) -> Callable[[], Browser]:
    return lambda: Browser(app.test_client(), sandbox)


@pytest.fixture
def browser_of_alice(a_browser: Callable[[], Browser]) -> Browser:
    return a_browser()


@pytest.fixture
def browser_of_charlie(a_browser: Callable[[], Browser]) -> Browser:
    return a_browser()


def _clinic(sandbox: RunningSandbox, catalogue: Catalogue, folder: Path) -> Iterator[Clinic]:
    secret = Secret(sandbox.hospital.options.client_secret)
    hospital = an_ehr(fhir_base_url=sandbox.fhir_url, client_secret=secret)
    settings = some_settings(hospital, database_url=f"sqlite:///{folder}/triage.db", base_url=BASE_URL)
    services = create_services(settings, catalogue=catalogue)
    yield Clinic(create_app(settings, services=services), sandbox)
    services.storage.close()


@pytest.fixture(scope="session")
def whole_clinic(
    running_sandbox: RunningSandbox, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clinic]:
    """The clinic of the whole run; each test takes a patient of its own."""
    yield from _clinic(running_sandbox, catalogue, tmp_path_factory.mktemp("clinic"))


@pytest.fixture
def clinic(whole_clinic: Clinic, sandbox: RunningSandbox) -> Clinic:
    """The same, its hospital whole again when the test ends."""
    return whole_clinic


@pytest.fixture
def own_clinic(sandbox: RunningSandbox, catalogue: Catalogue, tmp_path: Path) -> Iterator[Clinic]:
    """A clinic for one test, which may leave deliveries waiting."""
    yield from _clinic(sandbox, catalogue, tmp_path)
