"""The app and the hospital on loopback, windows of three sizes, and a chart of one's own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from journeys.people import HAND, new_alice
from journeys.screen import PHONE, Screen
from triage_app.cli.demo.clock import DemoClock
from triage_app.cli.demo.running import RunningDemo, running_demo
from triage_app.cli.demo.seed import seed
from triage_app.sandbox.visitor import Visitor

OpenScreen = Callable[..., Screen]


class Clock:
    """Tells the time of this moment, more however far it was put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, minutes: int) -> None:
        """Let that much time pass."""
        self._ahead += timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def clock() -> Clock:
    """The clock of the app and the hospital that the run shares."""
    return Clock()


@pytest.fixture(scope="session")
def shared_demo(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[RunningDemo]:
    """The app and the hospital of the whole run, with empty charts."""
    with running_demo(tmp_path_factory.mktemp("demo"), clock=clock) as running:
        yield running


@pytest.fixture
def demo(shared_demo: RunningDemo) -> Iterator[RunningDemo]:
    """The same, whole again when the test ends."""
    yield shared_demo
    shared_demo.hospital.faults.clear()


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[RunningDemo]:
    """An app and a hospital for one test, which may break them."""
    with running_demo(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def seeded_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """The demonstration as ``make demo`` shows it: two people with a year of answers."""
    clock = DemoClock()
    with running_demo(tmp_path_factory.mktemp("seeded"), clock=clock) as running:
        seed(running, clock)
        yield running


@pytest.fixture
def alice(demo: RunningDemo) -> str:
    """The id of an Alice whose chart is this test's alone."""
    return new_alice(demo)


@pytest.fixture
def open_screen(browser: Browser) -> Iterator[OpenScreen]:
    """Opens windows: ``open_screen(demo, patient, size=PHONE, scripts=True)``."""
    contexts: list[BrowserContext] = []

    def opened(
        demo: RunningDemo, patient: str, *, size: dict[str, int] = PHONE, scripts: bool = True
    ) -> Screen:
        context = browser.new_context(viewport=size, has_touch=True, java_script_enabled=scripts)
        contexts.append(context)
        return Screen(context.new_page(), demo, patient)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def phone(open_screen: OpenScreen, demo: RunningDemo, alice: str) -> Screen:
    """Alice's telephone."""
    return open_screen(demo, alice)


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def either_phone(
    request: pytest.FixtureRequest, open_screen: OpenScreen, demo: RunningDemo, alice: str
) -> Screen:
    """Alice's telephone, with scripts and without."""
    return open_screen(demo, alice, scripts=request.param)


@pytest.fixture
def at_check(phone: Screen) -> Screen:
    """Alice has answered as HAND says and stands before Send."""
    visitor = Visitor(HAND)
    launch = phone.demo.hospital.new_launch(patient=phone.patient)
    page = visitor.answer_all(visitor.launch(launch.url), until="/check")
    cookies = [
        {"name": one.name, "value": one.value, "url": phone.demo.app_url} for one in visitor.session.cookies
    ]
    phone.page.context.add_cookies(cookies)
    phone.page.goto(page.url)
    return phone
