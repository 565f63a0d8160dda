"""What goes wrong on the way in, or on purpose: a clear page each time, and nothing is lost."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from journeys.conftest import OpenScreen
from journeys.people import HAND
from journeys.screen import Screen
from triage_app.cli.demo.running import RunningDemo

pytestmark = pytest.mark.browser

START = "Check your arm, hand, leg or foot symptoms"


def assert_is_a_clear_page(screen: Screen, heading: str) -> None:
    assert screen.heading == heading
    assert screen.violations() == []
    assert screen.overflow() <= 0
    assert "Traceback" not in screen.page.content()


def nothing_was_written(screen: Screen) -> bool:
    return screen.chart()["QuestionnaireResponse"] == []


def test_refused_consent_is_told_and_can_be_given_later(phone: Screen) -> None:
    phone.launch(decision="Refuse")
    assert_is_a_clear_page(phone, "Access was not given")
    assert nothing_was_written(phone)
    phone.launch()
    assert phone.heading == START


def test_an_address_of_an_unknown_hospital_is_refused_and_nobody_is_asked(phone: Screen) -> None:
    wrong = f"{phone.demo.hospital.base_url}/other/fhir"
    phone.demo.hospital.wire.clear()
    phone.page.goto(f"{phone.demo.app_url}/launch?{urlencode({'iss': wrong, 'launch': 'x'})}")
    assert_is_a_clear_page(phone, "This link cannot be used")
    assert phone.demo.hospital.wire.entries() == []


def test_a_callback_that_is_opened_twice_is_refused_and_the_session_stays(phone: Screen) -> None:
    phone.launch()
    callback = next(one.url for one in phone.answered if "/callback/" in one.url)
    first_page = phone.page.url
    phone.page.goto(callback)
    assert_is_a_clear_page(phone, "Please open the symptom check again")
    phone.page.goto(first_page)
    assert phone.heading == START


@pytest.mark.parametrize("token", ["of another page", "made up"])
def test_a_form_that_was_tampered_with_is_refused_and_no_answer_is_lost(phone: Screen, token: str) -> None:
    phone.launch()
    phone.follow("Start now")
    other = phone.page.locator('[name="form_token"]').first.input_value()
    phone.walk(HAND, until="q/age")
    phone.fill(HAND)
    planted = other if token == "of another page" else "x" * 40
    phone.page.evaluate("token => { document.querySelector('[name=form_token]').value = token }", planted)
    phone.press("Continue")
    assert_is_a_clear_page(phone, "This page was not accepted")
    phone.open("")
    phone.follow("Go on")
    assert phone.path == "q/age"
    phone.answer(HAND)
    assert phone.path == "q/screen.3"


def test_charlie_cannot_open_the_pages_of_alice(
    phone: Screen, open_screen: OpenScreen, demo: RunningDemo
) -> None:
    phone.launch()
    phone.follow("Start now")
    charlie = open_screen(demo, "charlie")
    charlie.launch()
    charlie.page.goto(phone.page.url)
    assert "Alice" not in charlie.page.content()
    assert_is_a_clear_page(charlie, "There is no session in this window")


def test_two_charts_in_one_browser_stay_apart(at_check: Screen) -> None:
    tab = Screen(at_check.page.context.new_page(), at_check.demo, "charlie")
    tab.launch()
    assert "Charlie" in tab.page.locator("header").inner_text()
    at_check.page.bring_to_front()
    at_check.page.reload()
    assert "Alice" in at_check.page.locator("header").inner_text()
    at_check.press("Send my answers")
    assert len(at_check.chart()["QuestionnaireResponse"]) == 1
    assert tab.chart()["QuestionnaireResponse"] == []
