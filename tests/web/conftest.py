"""The app in this process, the pretend hospital on loopback, and people with a browser each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings
from flask import Flask

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
