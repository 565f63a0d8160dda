"""The EHR's colours: taken where they can be read on, from its own hosts alone, for clinicians only."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.ehr.style import Style, contrast, vetted_style
from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import Secret

OURS: dict[str, Any] = {"own_background": "#f4f8f8", "own_texts": ("#1d2b30", "#4a5f66")}
GOOD = {"color_background": "#FFF", "color_text": "#102030", "color_highlight": "#003087"}


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_colours_that_can_be_read_on_are_taken() -> None:
    assert vetted_style(GOOD, **OURS) == Style("#ffffff", "#102030", "#003087")


@pytest.mark.parametrize(
    ("plain", "left"),
    [
        ({"color_background": "#000000"}, Style()),
        ({"color_background": "#000000", "color_text": "#ffffff"}, Style()),
        ({"color_text": "#999999"}, Style()),
        ({"color_background": "#8fa3a8"}, Style()),
        ({"color_highlight": "#ffff00"}, Style()),
        ({"color_highlight": "red"}, Style()),
        ({"color_highlight": "#003087;background:url(https://evil.example)"}, Style()),
        ({"color_highlight": "#003087\n"}, Style()),
        ({"color_text": ["#000"], "color_error": "#00ff00", "font_family_body": "Comic Sans"}, Style()),
    ],
)
def test_what_cannot_be_read_on_or_is_no_colour_is_left(plain: dict[str, Any], left: Style) -> None:
    assert vetted_style(plain, **OURS) == left


@pytest.fixture
def opened(sandbox: RunningSandbox, tmp_path: Any, catalogue: Catalogue) -> Any:
    def run(address: str, user: str = "Practitioner/bob", **changes: Any) -> tuple[Browser, str]:
        secret = Secret(sandbox.hospital.options.client_secret)
        ehr = an_ehr(fhir_base_url=sandbox.fhir_url, client_secret=secret, **changes)
        settings = some_settings(ehr, database_url=f"sqlite:///{tmp_path}/triage.db", base_url=BASE_URL)
        app = create_app(settings, services=create_services(settings, catalogue=catalogue))
        browser = Browser(app.test_client(), sandbox)
        launch = sandbox.new_launch(patient="alice", user=user, more={"smart_style_url": address})
        there = launch.url.removeprefix(BASE_URL)
        finished = browser.get(browser.log_in(browser.get(there)))
        return browser, "/".join(finished.location.split("/")[:3])

    return run


def css(browser: Browser, where: str, address: str, **how: Any) -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(address, **{"json": GOOD, **how})
        return browser.get(f"{where}/style.css"), len(mock.calls)


def test_a_clinicians_pages_take_the_hospitals_colours(opened: Any) -> None:
    address = "https://localhost/style-1.json"
    browser, where = opened(address, ehr_style=True)
    assert f'href="{where}/style.css"' in browser.get(f"{where}/review").text
    answer, asked = css(browser, where, address)
    assert answer.text == ".rv{--app-page:#ffffff;--app-text:#102030;--app-brand:#003087;}"
    assert (answer.headers["Content-Type"], asked) == ("text/css; charset=utf-8", 1)
    assert css(browser, where, address)[1] == 0, "an address is read once"


@pytest.mark.parametrize(
    "address", ["https://evil.example/style.json", "http://169.254.169.254/", "file:///etc/passwd"]
)
def test_an_address_elsewhere_is_never_read(address: str, opened: Any) -> None:
    browser, where = opened(address, ehr_style=True)
    answer, asked = css(browser, where, "https://evil.example/style.json")
    assert (answer.status_code, answer.text, asked) == (200, "", 0)


def test_without_the_registrys_word_nothing_is_read(opened: Any) -> None:
    address = "https://localhost/style-2.json"
    browser, where = opened(address)
    assert "style.css" not in browser.get(f"{where}/review").text
    assert css(browser, where, address)[1] == 0


def test_a_style_that_does_not_come_leaves_our_own(opened: Any) -> None:
    address = "https://localhost/style-3.json"
    browser, where = opened(address, ehr_style=True)
    answer, _ = css(browser, where, address, status=500)
    assert (answer.status_code, answer.text) == (200, "")
