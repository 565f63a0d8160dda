"""The app in a frame of the hospital's page, in a real browser: two sites, as in life."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from factories import an_ehr, some_settings
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.server import RunningSandbox, serve_sandbox
from triage_app.settings import EHR, Secret

pytestmark = pytest.mark.browser


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def framing_hospital() -> Iterator[RunningSandbox]:
    sandbox = serve_sandbox(SandboxOptions(port=0, ask_consent=False))
    yield sandbox
    sandbox.stop()


@pytest.fixture
def ehr(framing_hospital: RunningSandbox) -> EHR:
    secret = Secret(framing_hospital.hospital.options.client_secret)
    return an_ehr(
        fhir_base_url=framing_hospital.fhir_url,
        client_secret=secret,
        frame_ancestors=(framing_hospital.base_url,),
    )


def serve(ehr: EHR, catalogue: Catalogue, sandbox: RunningSandbox, folder: Path) -> Iterator[None]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    settings = some_settings(ehr, base_url=address, database_url=f"sqlite:///{folder}/triage.db")
    server.app = create_app(settings, services=create_services(settings, catalogue=catalogue))
    sandbox.use_app(address)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def served(
    ehr: EHR, catalogue: Catalogue, framing_hospital: RunningSandbox, tmp_path: Path
) -> Iterator[None]:
    yield from serve(ehr, catalogue, framing_hospital, tmp_path)


@pytest.fixture
def served_unframed(
    ehr: EHR, catalogue: Catalogue, framing_hospital: RunningSandbox, tmp_path: Path
) -> Iterator[None]:
    yield from serve(replace(ehr, frame_ancestors=()), catalogue, framing_hospital, tmp_path)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_the_first_page_opens_in_the_hospitals_frame_and_its_form_works(
    page: Page, framing_hospital: RunningSandbox, served: None
) -> None:
    page.goto(f"{framing_hospital.base_url}/launch/alice/patient/frame")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_be_visible()
    inside = page.frames[1]
    assert "/l/" in inside.url
    inside.goto(inside.url.split("/l/")[0] + "/l/" + inside.url.split("/l/")[1].split("/")[0] + "/sign-out")
    frame.get_by_role("button", name="Sign out").click()
    expect(frame.locator("h1")).to_have_text("You are signed out")
    cookies = page.context.cookies()
    assert all(cookie["secure"] and cookie["sameSite"] == "None" for cookie in cookies)


def test_a_hospital_that_is_not_allowed_to_frame_shows_nothing_of_the_app(
    page: Page, framing_hospital: RunningSandbox, served_unframed: None
) -> None:
    page.goto(f"{framing_hospital.base_url}/launch/alice/patient/frame")
    page.wait_for_load_state("networkidle")
    assert "symptom check" not in page.frames[1].content()
