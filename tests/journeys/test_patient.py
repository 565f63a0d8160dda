"""Alice's way: from her chart page at the hospital through every question to "in your record"."""

from __future__ import annotations

import pytest

from journeys.chart import Chart, answers_of, code_of, keys_of, subject_of, written_in
from journeys.conftest import OpenScreen
from journeys.people import HAND
from journeys.screen import DESKTOP, SMALL, Screen
from triage_app.cli.demo.running import RunningDemo

pytestmark = pytest.mark.browser

OUR_HOSTS = {"localhost", "127.0.0.1"}
HAND_TAPS = {"thumb": (0.78, 0.6), "index": (0.66, 0.3), "middle": (0.49, 0.26)}
"""Where the fingers of the right hand are drawn, as parts of the picture's width and height."""


def tap_fingers(screen: Screen) -> None:
    """Tap the picture of the hand where the fingers are."""
    picture = screen.page.locator(".app-hand svg")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    for finger, (across, down) in HAND_TAPS.items():
        screen.page.touchscreen.tap(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        assert screen.page.locator(f"#digits-{finger}").is_checked(), finger
    screen.told["digits"] = sorted(HAND_TAPS)


def change(screen: Screen, page: str, name: str, code: str) -> None:
    """Follow the check page's link to a page, and change one answer there."""
    with screen.page.expect_navigation():
        screen.page.locator(f'a[href*="/q/{page}"]').first.click()
    assert screen.path == f"q/{page}"
    screen.page.locator(f'[name="{name}"][value="{code}"]').check()
    screen.told[name] = [code]
    screen.press("Continue")


def the_only_response(chart: Chart) -> dict[str, list[str]]:
    (response,) = chart["QuestionnaireResponse"]
    return answers_of(response)


def test_alice_goes_from_her_chart_to_in_your_record(either_phone: Screen, demo: RunningDemo) -> None:
    screen = either_phone
    charlie_before = demo.hospital.hospital.chart("charlie")
    screen.launch()
    screen.follow("Start now")
    screen.walk(HAND, until="q/right-arm/digits")
    tap_fingers(screen)
    screen.press("Continue")
    screen.walk(HAND)
    change(screen, "right-arm/limb.feeling", "const", "constant")
    assert screen.path == "check"
    screen.press("Send my answers")
    assert screen.path == "result"
    assert screen.page.get_by_text("Your answers are in your record").is_visible()
    assert screen.asked == OUR_HOSTS
    chart = screen.chart()
    assert_every_answer_arrived(screen, chart)
    assert_the_result_stands_beside_them(chart)
    assert {subject_of(one) for one in written_in(chart)} - {""} == {f"Patient/{screen.patient}"}
    assert demo.hospital.hospital.chart("charlie") == charlie_before


def assert_every_answer_arrived(screen: Screen, chart: Chart) -> None:
    arrived = the_only_response(chart)
    assert {name: arrived.get(name) for name in screen.told} == screen.told
    added = {"limb.kind": ["arm"], "side": ["right"]}
    assert {name: values for name, values in arrived.items() if name not in screen.told} == added


def assert_the_result_stands_beside_them(chart: Chart) -> None:
    found = {code_of(one["code"]): one["status"] for one in chart["Observation"]}
    assert found == {"severity": "preliminary", "triage-overall": "preliminary", "72514-3": "final"}
    suggestions = {(one["status"], one["intent"]) for one in chart["ServiceRequest"]}
    assert suggestions == {("draft", "proposal")}
    (task,) = chart["Task"]
    assert task["status"] == "requested"
    (provenance,) = chart["Provenance"]
    told = {target["reference"] for target in provenance["target"]}
    assert told == {
        f"{one['resourceType']}/{one['id']}"
        for one in written_in(chart)
        if one["resourceType"] not in ("Provenance", "QuestionnaireResponse")
    }
    keys = [key for one in written_in(chart) for key in keys_of(one)]
    assert len(keys) == len(set(keys))


def test_alice_goes_the_whole_way_by_keyboard_alone(
    open_screen: OpenScreen, demo: RunningDemo, alice: str
) -> None:
    screen = open_screen(demo, alice, size=DESKTOP)
    screen.open_chart()
    for name in ("As the patient", "Allow", "Start now"):
        screen.tab_to(name)
    while screen.path != "check":
        screen.type_answers(HAND)
    screen.tab_to("Send my answers")
    assert screen.page.get_by_text("Your answers are in your record").is_visible()
    assert the_only_response(screen.chart())["digits"] == ["index", "middle", "thumb"]


def test_every_kind_of_page_is_accessible_and_fits_320_pixels(
    open_screen: OpenScreen, demo: RunningDemo, alice: str
) -> None:
    screen = open_screen(demo, alice, size=SMALL)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        wide = screen.overflow()
        found[name] = screen.violations() + ([f"{wide} px too wide"] if wide > 0 else [])

    screen.open_chart()
    look("the hospital's chart")
    screen.follow("As the patient")
    look("the hospital's consent page")
    screen.press("Allow")
    look("start")
    screen.follow("Start now")
    screen.press("Continue")
    look("a page with an error")
    for kind, page in KINDS_OF_PAGE.items():
        screen.walk(HAND, until=page)
        look(kind)
    screen.press("Send my answers")
    look("result")
    screen.press("Finish and clear this screen")
    look("signed out")
    assert {kind: faults for kind, faults in found.items() if faults} == {}


KINDS_OF_PAGE = {
    "several questions": "q/screen.1",
    "a number": "q/age",
    "a tick list": "q/screen.3",
    "limbs": "q/limb",
    "one question": "q/right-arm/region",
    "the hand": "q/right-arm/digits",
    "tests of strength": "q/right-arm/limb.tests_hand",
    "times": "q/course.time",
    "check": "check",
}


FIRST_PAGE = 20 * 1024
LATER_PAGE = 6 * 1024


def test_the_first_page_is_light_and_the_later_ones_lighter(phone: Screen) -> None:
    phone.launch()
    phone.page.wait_for_load_state("networkidle")
    first = phone.weights()
    assert first
    assert sum(first.values()) <= FIRST_PAGE, first
    phone.answered.clear()
    phone.follow("Start now")
    phone.walk(HAND)
    phone.press("Send my answers")
    phone.page.wait_for_load_state("networkidle")
    later = phone.weights()
    assert len(later) > 20
    assert {path: size for path, size in later.items() if size > LATER_PAGE} == {}
    assert not any(path.startswith("/assets/") for path in later), "style sheets came twice"


def test_alice_stops_half_way_and_goes_on_from_a_new_launch(
    phone: Screen, open_screen: OpenScreen, demo: RunningDemo
) -> None:
    phone.launch()
    phone.follow("Start now")
    phone.walk(HAND, until="q/right-arm/limb.feeling")
    phone.follow("Save and finish later")
    phone.press("Finish and clear this screen")
    again = open_screen(demo, phone.patient)
    again.launch()
    assert again.page.get_by_text("You have begun already").is_visible()
    again.follow("Go on")
    assert again.path == "q/right-arm/limb.feeling"
    again.walk(HAND)
    again.press("Send my answers")
    arrived = the_only_response(again.chart())
    assert {name: arrived.get(name) for name in phone.told} == phone.told
