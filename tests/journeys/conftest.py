"""The app and the hospital on loopback, windows of three sizes, and a chart of one's own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from journeys.people import new_alice
from journeys.screen import PHONE, Screen
from triage_app.cli.demo.clock import DemoClock
from triage_app.cli.demo.running import RunningDemo, running_demo
from triage_app.cli.demo.seed import seed

OpenScreen = Callable[..., Screen]


@pytest.fixture(scope="session")
def shared_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """The app and the hospital of the whole run, with empty charts."""
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
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
