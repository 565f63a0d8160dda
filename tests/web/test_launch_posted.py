"""The login asked for by a form, in a real browser: with scripts by itself, without them by a button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from test_launch_frame import ehr, framing_hospital, serve  # noqa: F401 - fixtures

from triage_app.catalogue.load import Catalogue
from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import EHR

pytestmark = pytest.mark.browser


@pytest.fixture
def served_by_post(
    ehr: EHR,  # noqa: F811
    catalogue: Catalogue,
    framing_hospital: RunningSandbox,  # noqa: F811
    tmp_path: Path,
) -> Iterator[None]:
    yield from serve(replace(ehr, authorize_by_post=True), catalogue, framing_hospital, tmp_path)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("place", ["", "/frame"])
def test_alice_comes_to_her_first_page(
    scripts: bool,
    place: str,
    browser: Browser,
    framing_hospital: RunningSandbox,  # noqa: F811
    served_by_post: None,
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{framing_hospital.base_url}/launch/alice/patient{place}")
    where = page.frame_locator("iframe") if place else page
    if not scripts:
        where.get_by_role("button", name="Go on").click()
    expect(where.locator("h1")).to_contain_text("Check your arm")
    context.close()
