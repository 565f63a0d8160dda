"""The README's pictures: taken anew when REFRESH_GOLDEN is set, and otherwise there and small."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from journeys.conftest import OpenScreen
from journeys.people import STROKE, new_alice
from journeys.screen import DESKTOP, Screen
from triage_app.cli.demo.running import RunningDemo
from triage_app.cli.demo.stories import VISITS

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
LARGEST = 120_000  # bytes
COLOURS = 128
PNG = b"\x89PNG\r\n\x1a\n"

ALICE = VISITS[3].said
"""Alice's last visit: numb all the time, and the thumb's muscle thinner."""


def keep(screen: Screen, name: str) -> None:
    """Write the window as it stands, in few colours."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    taken = screen.page.screenshot(scale="css", animations="disabled", caret="hide")
    few = Image.open(BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)


def the_hand(screen: Screen) -> None:
    screen.launch()
    screen.follow("Start now")
    screen.walk(ALICE, until="q/right-arm/digits")
    screen.fill(ALICE)
    screen.page.locator(".app-map").scroll_into_view_if_needed()


def the_instruction(screen: Screen) -> None:
    screen.launch()
    screen.follow("Start now")
    screen.walk(STROKE, until="q/rf.stroke/details")
    screen.answer(STROKE)


def the_result(screen: Screen) -> None:
    the_hand(screen)
    screen.press("Continue")
    screen.walk(ALICE)
    screen.press("Send my answers")


def the_review(screen: Screen) -> None:
    screen.launch("clinician")


def the_chart(screen: Screen) -> None:
    screen.open_chart()


def the_wire(screen: Screen) -> None:
    screen.page.goto(f"{screen.demo.hospital.base_url}/wire")
    sent = screen.page.locator("ol.wire > li", has_text="in one transaction").last
    sent.locator("details").first.evaluate("details => { details.open = true }")
    sent.evaluate("exchange => exchange.scrollIntoView()")


PHONES = {"patient-hand": the_hand, "emergency": the_instruction, "result": the_result}
DESKTOPS = {"clinician": the_review, "chart": the_chart, "wire": the_wire}


def take(name: str, request: pytest.FixtureRequest) -> None:
    """Take one picture anew: patients hold a telephone, the rest is seen from a desk."""
    opened: OpenScreen = request.getfixturevalue("open_screen")
    if name in PHONES:
        demo: RunningDemo = request.getfixturevalue("demo")
        screen = opened(demo, new_alice(demo))
        PHONES[name](screen)
    else:
        screen = opened(request.getfixturevalue("seeded_demo"), "alice", size=DESKTOP)
        DESKTOPS[name](screen)
    keep(screen, name)


@pytest.mark.parametrize("name", [*PHONES, *DESKTOPS])
def test_the_picture_is_there_and_small(name: str, request: pytest.FixtureRequest) -> None:
    if "REFRESH_GOLDEN" in os.environ:
        take(name, request)
    content = (FOLDER / f"{name}.png").read_bytes()
    assert content.startswith(PNG)
    assert len(content) <= LARGEST
