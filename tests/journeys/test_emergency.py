"""A sign of an emergency: the instruction comes in the same answer, whatever else is broken."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Response

from journeys.chart import answers_of, code_of
from journeys.conftest import OpenScreen
from journeys.people import STROKE, new_alice
from journeys.screen import SMALL, Screen
from triage_app.cli.demo.running import RunningDemo, running_demo
from triage_app.storage import connection

pytestmark = pytest.mark.browser

INSTRUCTION = "Call 999 now"
LAST_DETAIL = "q/rf.stroke/details"


def come_to_the_last_detail(screen: Screen) -> None:
    screen.launch()
    screen.follow("Start now")
    screen.walk(STROKE, until=LAST_DETAIL)
    screen.fill(STROKE)


def press_continue(screen: Screen) -> Response:
    """Send the page; return the answer that the window now shows."""
    with screen.page.expect_navigation() as navigation:
        screen.page.get_by_role("button", name="Continue").click()
    answer = navigation.value
    assert answer is not None
    return answer


def test_the_instruction_comes_in_the_answer_to_the_form_itself(either_phone: Screen) -> None:
    screen = either_phone
    come_to_the_last_detail(screen)
    answer = press_continue(screen)
    assert (answer.request.method, answer.request.redirected_from) == ("POST", None)
    assert screen.heading == INSTRUCTION
    assert screen.page.get_by_role("link", name="Call 999").first.get_attribute("href") == "tel:999"
    assert screen.page.get_by_text("not been sent to your clinic yet").is_visible()
    assert screen.chart()["QuestionnaireResponse"] == []


def test_the_instruction_is_accessible_fits_and_stands_above_the_fold(
    open_screen: OpenScreen, demo: RunningDemo, alice: str
) -> None:
    screen = open_screen(demo, alice, size=SMALL)
    come_to_the_last_detail(screen)
    press_continue(screen)
    box = screen.page.get_by_role("link", name="Call 999").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= SMALL["height"]
    assert screen.overflow() <= 0
    assert screen.violations() == []


def test_what_was_told_can_be_sent_afterwards_and_the_result_says_the_same(phone: Screen) -> None:
    come_to_the_last_detail(phone)
    press_continue(phone)
    phone.follow("Check and send what I told you")
    assert phone.page.get_by_role("heading", name=INSTRUCTION).is_visible()
    phone.press("Send my answers")
    assert phone.path == "result"
    assert phone.heading == INSTRUCTION
    chart = phone.chart()
    assert answers_of(chart["QuestionnaireResponse"][0])["rf.stroke"] == ["yes"]
    (overall,) = [one for one in chart["Observation"] if code_of(one["code"]) == "triage-overall"]
    assert code_of(overall["valueCodeableConcept"]) == "EMERGENCY"
    assert [one["priority"] for one in chart["Task"]] == ["stat"]
    assert chart["ServiceRequest"] == [], "an emergency is no referral that waits in a queue"


def lock(database: Path) -> sqlite3.Connection:
    """Hold the database so that nobody else can read or write."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("begin exclusive")
    return holder


def break_tables(database: Path) -> sqlite3.Connection:
    """Take the tables away."""
    holder = sqlite3.connect(database)
    names = holder.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    for (name,) in names.fetchall():
        holder.execute(f'alter table "{name}" rename to "lost {name}"')
    holder.commit()
    return holder


@pytest.fixture
def impatient_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningDemo]:
    """An app that gives up on a locked database soon."""
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_MILLISECONDS", 200)
    with running_demo(tmp_path) as running:
        yield running


@pytest.mark.parametrize("spoil", [lock, break_tables])
def test_the_instruction_needs_neither_the_hospital_nor_the_database(
    spoil: Callable[[Path], sqlite3.Connection],
    open_screen: OpenScreen,
    impatient_demo: RunningDemo,
    tmp_path: Path,
) -> None:
    screen = open_screen(impatient_demo, new_alice(impatient_demo))
    come_to_the_last_detail(screen)
    impatient_demo.hospital.faults.set("down")
    holder = spoil(tmp_path / "nerve-triage.db")
    answer = press_continue(screen)
    holder.close()
    assert answer.status == 200
    assert screen.heading == INSTRUCTION
    shown = screen.page.locator("main").inner_text()
    assert "Nobody has been told about this answer" in shown
    assert not [word for word in ("saved", "sent", "your clinic", "Check and send") if word in shown]


def test_a_hospital_that_is_down_does_not_keep_the_instruction_from_being_saved(phone: Screen) -> None:
    come_to_the_last_detail(phone)
    phone.demo.hospital.faults.set("down")
    press_continue(phone)
    assert phone.heading == INSTRUCTION
    assert phone.page.get_by_text("We saved this answer here").is_visible()
