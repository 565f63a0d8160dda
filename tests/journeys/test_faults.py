"""The hospital fails at Send: the page says what is true, and after repair each thing stands once."""

from __future__ import annotations

from collections import Counter

import pytest

from journeys.chart import keys_of, written_in
from journeys.conftest import Clock, OpenScreen
from journeys.people import HAND, new_alice
from journeys.screen import Screen
from triage_app.cli.demo.running import RunningDemo
from triage_app.cli.demo.seed import play
from triage_app.cli.demo.stories import Visit
from triage_app.sandbox.visitor import Visitor

pytestmark = pytest.mark.browser

IN_RECORD = "Your answers are in your record"
NOT_YET = "Your answers are saved here, but not yet in your record"
NOTHING_STORED = ["down", "dropped", "throttled", "login-page", "access-refused", "token-refused"]
STORED_UNSAID = ["500-after-commit", "drop-after-commit"]


@pytest.fixture(scope="module")
def what_stands(shared_demo: RunningDemo) -> Counter[str]:
    """How many of each thing are in the chart of one who says the same while nothing is wrong."""
    twin = new_alice(shared_demo)
    play(shared_demo, Visit(twin, 0, dict(HAND)))
    return kinds(shared_demo, twin)


def kinds(demo: RunningDemo, patient: str) -> Counter[str]:
    return Counter(one["resourceType"] for one in written_in(demo.hospital.hospital.chart(patient)))


def break_hospital(screen: Screen, fault: str) -> None:
    screen.demo.hospital.faults.set(fault)
    if fault == "token-refused":
        screen.demo.hospital.hospital.grants.expire_access_tokens()


def shown_state(screen: Screen) -> str:
    """What the result page says about where the answers are."""
    return screen.page.locator(".app-state h2").inner_text()


@pytest.mark.parametrize("fault", NOTHING_STORED + STORED_UNSAID)
def test_the_page_says_what_is_true_and_the_next_launch_brings_the_rest(
    fault: str, at_check: Screen, what_stands: Counter[str], clock: Clock
) -> None:
    screen = at_check
    break_hospital(screen, fault)
    screen.press("Send my answers")
    assert screen.path == "result"
    assert shown_state(screen) == (
        IN_RECORD if kinds(screen.demo, screen.patient) == what_stands else NOT_YET
    )
    assert (shown_state(screen) == NOT_YET) == (fault in NOTHING_STORED)
    screen.demo.hospital.faults.clear()
    clock.forward(minutes=5)
    again = Visitor({}).launch(screen.demo.hospital.new_launch(patient=screen.patient).url)
    assert again.status_code == 200
    assert kinds(screen.demo, screen.patient) == what_stands
    keys = [key for one in written_in(screen.chart()) for key in keys_of(one)]
    assert len(keys) == len(set(keys))
    screen.page.reload()
    assert shown_state(screen) == IN_RECORD


def test_alice_may_try_again_herself(at_check: Screen, what_stands: Counter[str], clock: Clock) -> None:
    at_check.demo.hospital.faults.set("down")
    at_check.press("Send my answers")
    at_check.press("Try again now")
    assert shown_state(at_check) == NOT_YET
    at_check.demo.hospital.faults.clear()
    clock.forward(minutes=5)
    at_check.press("Try again now")
    assert shown_state(at_check) == IN_RECORD
    assert kinds(at_check.demo, at_check.patient) == what_stands


def test_a_second_press_of_send_doubles_nothing(at_check: Screen, what_stands: Counter[str]) -> None:
    twin = at_check.page.context.new_page()
    twin.goto(at_check.page.url)
    at_check.press("Send my answers")
    with twin.expect_navigation():
        twin.get_by_role("button", name="Send my answers").click()
    assert "in your record" in twin.locator(".app-state h2").inner_text()
    assert kinds(at_check.demo, at_check.patient) == what_stands


def test_a_hospital_that_is_down_at_launch_gets_a_clear_page_and_the_next_launch_works(
    own_demo: RunningDemo, open_screen: OpenScreen
) -> None:
    screen = open_screen(own_demo, "alice")
    screen.open_chart()
    own_demo.hospital.faults.set("down")
    screen.follow("As the patient")
    assert screen.violations() == []
    assert screen.heading == "Your hospital’s system does not answer"
    own_demo.hospital.faults.clear()
    screen.launch()
    assert screen.heading == "Check your arm, hand, leg or foot symptoms"
