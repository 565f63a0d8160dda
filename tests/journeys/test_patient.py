"""Alice's way: from her chart page at the hospital through every question to "in your record"."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.people import HAND
from journeys.screen import Screen

pytestmark = pytest.mark.browser

HAND_TAPS = {"thumb": (0.78, 0.6), "index": (0.66, 0.3), "middle": (0.49, 0.26)}
"""Where the right hand's fingers are drawn, as parts of the picture's width and height."""


def tap_fingers(screen: Screen) -> None:
    """Tap the picture of the hand where the fingers are."""
    picture = screen.page.locator(".app-hand svg")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    for across, down in HAND_TAPS.values():
        screen.page.touchscreen.tap(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def answer_until_check(screen: Screen) -> None:
    """Answer everything as HAND says, the fingers by taps on the picture."""
    screen.walk(HAND, until="q/right-arm/digits")
    tap_fingers(screen)
    for finger in HAND_TAPS:
        assert screen.page.locator(f"#digits-{finger}").is_checked(), finger
    screen.press("Continue")
    screen.walk(HAND)


def answers_of(response: dict[str, Any]) -> dict[str, list[str]]:
    """Every answer of a QuestionnaireResponse by linkId: codes, numbers and texts."""
    found: dict[str, list[str]] = {}
    waiting = list(response.get("item", []))
    while waiting:
        item = waiting.pop()
        waiting += item.get("item", [])
        for answer in item.get("answer", []):
            waiting += answer.get("item", [])
            value = next(held for name, held in answer.items() if name.startswith("value"))
            found.setdefault(item["linkId"], []).append(
                value["code"] if isinstance(value, dict) else str(value)
            )
    return found


def patient_of(resource: dict[str, Any]) -> str:
    """Whose resource it is."""
    held = resource.get("subject") or resource.get("for") or resource["target"][0]
    return str(held["reference"])


def test_alice_goes_from_her_chart_to_in_your_record(either_phone: Screen) -> None:
    screen = either_phone
    screen.launch()
    assert screen.heading == "Check your arm, hand, leg or foot symptoms"
    screen.follow("Start now")
    answer_until_check(screen)
    change(screen, "right-arm/limb.feeling", "const", "constant")
    assert screen.path == "check"
    screen.press("Send my answers")
    assert screen.path == "result"
    assert screen.page.get_by_text("Your answers are in your record").is_visible()


def change(screen: Screen, page: str, name: str, code: str) -> None:
    """Follow the check page's link to a page, and change one answer there."""
    with screen.page.expect_navigation():
        screen.page.locator(f'a[href*="/q/{page}"]').first.click()
    assert screen.path == f"q/{page}"
    screen.page.locator(f'[name="{name}"][value="{code}"]').check()
    screen.press("Continue")
