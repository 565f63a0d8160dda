"""The patient's pages in a real browser: small screens, fingers, keyboards, screen readers, scripts off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from interview_walk import Html, Walk
from playwright.sync_api import Browser, Page, Request
from werkzeug.serving import make_server

from triage_app import create_app
from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import Settings

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}
PHONE = {"width": 390, "height": 844}
SAID: dict[str, str | Sequence[str]] = {
    "limb": ["left-arm"],
    "region": "hand",
    "digits": ["thumb", "index"],
    "const": "daily",
}


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """The app on a port of its own, over the database in which Alice was launched."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    here = f"http://127.0.0.1:{server.port}"
    server.app = create_app(replace(settings, base_url=here))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Screen:
    """Alice's browser at one size."""

    page: Page
    address: str
    start: str
    asked: list[str]

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{self.start}{path}")

    @property
    def path(self) -> str:
        return self.page.url.split(self.start)[-1].split("#")[0]

    def answer(self, said: dict[str, str | Sequence[str]] = SAID) -> None:
        for name, value in Walk.least(Html(self.page.content()), self.path.split("?")[0], said).items():
            for code in [value] if isinstance(value, str) else value:
                tile = self.page.locator(f'[name="{name}"][value="{code}"]')
                if tile.count():
                    tile.first.check()
                else:
                    self.page.fill(f'[name="{name}"]', code)
        self.press("Continue")

    def press(self, name: str) -> None:
        """Press a button that leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).click()

    def walk(self, until: str = "check") -> None:
        for _ in range(60):
            if self.path.startswith(until):
                return
            self.answer()
        raise AssertionError(f"the walk never came to {until}")

    def violations(self) -> list[str]:
        return [found["id"] for found in Axe().run(self.page).response["violations"]]

    def overflow(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.fixture
def a_screen(
    browser: Browser, address: str, app: Flask, sandbox: RunningSandbox, browser_of_alice: object
) -> Iterator[Callable[..., Screen]]:
    contexts = []

    def open_screen(size: dict[str, int] = PHONE, *, scripts: bool = True) -> Screen:
        context = browser.new_context(viewport=size, has_touch=True, java_script_enabled=scripts)
        contexts.append(context)
        start = browser_of_alice.launch("alice").location  # type: ignore[attr-defined]
        for cookie in browser_of_alice.client._cookies.values():  # type: ignore[attr-defined]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(_host(request)))
        screen = Screen(page, address, start, asked)
        screen.open("")
        return screen

    yield open_screen
    for context in contexts:
        context.close()


def _host(request: Request) -> str:
    return request.url.split("/")[2]


@pytest.mark.parametrize("size", [SMALL, PHONE])
def test_every_page_is_accessible_fits_the_screen_and_asks_no_other_host(
    a_screen: Callable[..., Screen], size: dict[str, int]
) -> None:
    screen = a_screen(size)
    found = {"start": screen.violations()}
    screen.press("Start now")
    screen.press("Continue")
    found["error"] = screen.violations()
    for _ in range(60):
        path = screen.path
        found[path] = screen.violations()
        assert screen.overflow() <= 0, path
        if not path.startswith("q/"):
            break
        screen.answer()
    screen.press("Send my answers")
    found["result"] = screen.violations()
    assert screen.overflow() <= 0
    assert {path: ids for path, ids in found.items() if ids} == {}
    assert set(screen.asked) == {screen.address.removeprefix("http://")}


def test_the_whole_way_works_without_scripts(a_screen: Callable[..., Screen]) -> None:
    screen = a_screen(scripts=False)
    screen.press("Start now")
    screen.walk()
    screen.press("Send my answers")
    assert screen.path == "result"
    assert screen.page.get_by_text("Your answers are in your record").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_tap_on_the_hand_marks_the_finger_and_does_not_move_the_page(
    a_screen: Callable[..., Screen], scripts: bool
) -> None:
    screen = a_screen(scripts=scripts)
    screen.open("q/screen.1")
    screen.walk(until="q/left-arm/digits")
    before = _scroll(screen)
    _tap_index_finger(screen)
    assert screen.page.locator("#digits-index").is_checked()
    assert screen.page.locator("#s-digits-index").is_visible()
    assert not screen.page.locator("#s-digits-ring").is_visible()
    assert _scroll(screen) == before
    _tap_index_finger(screen)
    assert not screen.page.locator("#digits-index").is_checked()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_tap_on_the_arm_marks_the_palm_and_a_tap_on_the_list_marks_the_picture(
    a_screen: Callable[..., Screen], scripts: bool
) -> None:
    screen = a_screen(scripts=scripts)
    screen.open("q/screen.1")
    screen.walk(until="q/left-arm/limb.places_arm")
    before = _scroll(screen)
    picture = screen.page.locator(".app-hand svg").bounding_box()
    assert picture is not None
    x, y = picture["x"] + picture["width"] * 0.6, picture["y"] + picture["height"] * 0.32
    screen.page.touchscreen.tap(x, y)
    assert screen.page.get_by_role("checkbox", name="The palm").is_checked()
    assert _scroll(screen) == before
    screen.page.get_by_text("The outer side of the upper arm").click()
    painted = screen.page.locator("#s-arm_out").evaluate("path => getComputedStyle(path).fillOpacity")
    assert painted == "1"


def _tap_index_finger(screen: Screen) -> None:
    """Tap where a left index finger is drawn: a third from the top, right of the thumb."""
    box = screen.page.locator(".app-hand svg").bounding_box()
    assert box is not None
    screen.page.touchscreen.tap(box["x"] + box["width"] * 0.32, box["y"] + box["height"] * 0.3)


def _scroll(screen: Screen) -> float:
    """Where the picture stands on the screen; it must not move under the finger."""
    box = screen.page.locator(".app-hand svg").bounding_box()
    assert box is not None
    return box["y"]


def test_tiles_and_buttons_are_large_enough_for_hands_that_hurt(a_screen: Callable[..., Screen]) -> None:
    screen = a_screen(SMALL)
    for path, selector, least in (
        ("q/screen.1", ".nhsuk-radios__item", 56),
        ("q/screen.3", ".nhsuk-checkboxes__item", 56),
        ("q/limb", ".nhsuk-checkboxes__item", 56),
        ("q/limb", "button:visible", 44),
    ):
        screen.open(path)
        heights = [box.bounding_box()["height"] for box in screen.page.locator(selector).all()]  # type: ignore[index]
        assert min(heights) >= least, (path, selector)


def test_the_whole_tile_takes_the_tap_not_only_its_words(a_screen: Callable[..., Screen]) -> None:
    screen = a_screen()
    screen.open("q/limb")
    tile = screen.page.locator(".nhsuk-checkboxes__item").first
    box = tile.bounding_box()
    assert box is not None
    tile.click(position={"x": box["width"] - 6, "y": box["height"] - 6})
    assert screen.page.locator("#limb-right-arm").is_checked()


def test_none_of_these_takes_back_the_other_ticks(a_screen: Callable[..., Screen]) -> None:
    screen = a_screen()
    screen.open("q/screen.3")
    screen.page.get_by_label("A cut, a bite").check()
    screen.page.get_by_label("None of these").check()
    assert not screen.page.get_by_label("A cut, a bite").is_checked()
    screen.page.get_by_label("A cut, a bite").check()
    assert not screen.page.get_by_label("None of these").is_checked()


def test_a_page_can_be_answered_by_keyboard_alone_and_the_error_gets_the_focus(
    a_screen: Callable[..., Screen],
) -> None:
    screen = a_screen()
    screen.open("q/limb")
    screen.page.get_by_role("button", name="Continue").press("Enter")
    assert screen.page.evaluate("document.activeElement.className").startswith("nhsuk-error-summary")
    screen.page.keyboard.press("Tab")
    screen.page.keyboard.press("Enter")
    assert screen.page.evaluate("document.activeElement.id") == "limb-right-arm"
    screen.page.keyboard.press("Space")
    screen.page.get_by_role("button", name="Continue").press("Enter")
    assert screen.path == "q/right-arm/region"


def test_names_are_the_words_on_the_screen(a_screen: Callable[..., Screen]) -> None:
    screen = a_screen()
    screen.open("q/screen.1")
    screen.walk(until="q/left-arm/digits")
    for name in ("Thumb", "Index finger", "Middle finger", "Ring finger", "Little finger"):
        assert screen.page.get_by_role("checkbox", name=name, exact=True).count() == 1


def test_before_the_session_ends_the_person_is_asked_and_can_stay(a_screen: Callable[..., Screen]) -> None:
    screen = a_screen()
    screen.page.clock.install()
    screen.open("q/screen.1")
    screen.page.clock.fast_forward("17:59")
    dialog = screen.page.get_by_role("dialog", name="Are you still there?")
    assert not dialog.is_visible()
    screen.page.clock.fast_forward("00:02")
    assert dialog.is_visible()
    assert screen.violations() == []
    with screen.page.expect_request(f"**{screen.start}q/screen.1"):
        screen.page.keyboard.press("Escape")
    assert not dialog.is_visible()
    screen.page.clock.fast_forward("18:01")
    assert dialog.is_visible()
