"""LHC-Forms in one page of Chromium, or the reason why it cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from machine import require
from playwright.sync_api import Browser

from renderer.lforms import LForms, serving
from renderer.lforms_package import LFormsUnavailable, lforms_folder


@pytest.fixture(scope="session")
def lforms(browser: Browser) -> Iterator[LForms]:
    """LHC-Forms, ready to show a form; the tests share its page."""
    try:
        folder = lforms_folder()
    except LFormsUnavailable as reason:
        require("npm", str(reason))
    with serving(folder) as address:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function("window.LForms && LForms.Util.addFormToPage && LForms.FHIR")
        yield LForms(page)
        page.close()
