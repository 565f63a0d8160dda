"""Opens our pages, LHC-Forms and the bare floor side by side in Chromium, in turns, fresh each time."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from conftest import CHROMIUM_FLAGS
from figures import number
from floor import floor_page, lforms_page
from playwright.sync_api import Browser, Page, sync_playwright
from renderer.lforms_package import lforms_folder
from site_of_others import serving

from triage_app.cli.demo.running import running_demo
from triage_app.sandbox.visitor import Visitor

ROUNDS = 5
PATIENCE_MS = 90_000
LOOK_MS = 50
KILOBIT = 1024 / 8  # bytes
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1600 * KILOBIT,
    "uploadThroughput": 750 * KILOBIT,
}

WATCH = """() => {
    let clicked = -Infinity;
    const look = () => {
        const first = [...document.querySelectorAll('input[type=radio], input[type=checkbox]')]
            .find(field => field.getClientRects().length && !field.disabled);
        if (first && performance.now() - clicked > 200) {
            clicked = performance.now();
            first.click();
        }
        const taken = first && (first.checked || first.closest('.ant-radio-wrapper-checked'));
        if (taken) window.usable = performance.now();
        else setTimeout(look, 5);
    };
    setTimeout(look, 0);
}"""
TAKEN = """() => {
    const [painted] = performance.getEntriesByName("first-contentful-paint");
    return painted && window.usable ? [painted.startTime, window.usable] : null;
}"""


@dataclass(frozen=True)
class Condition:
    """How fast the machine and the network are."""

    name: str
    processor: int
    slow: bool


CONDITIONS = (
    Condition("as it is", 1, slow=False),
    Condition("processor 4 times slower", 4, slow=False),
    Condition("1.6 Mbit/s, 150 ms", 1, slow=True),
    Condition("both", 4, slow=True),
)


@dataclass(frozen=True)
class Contender:
    """One page to open, with the cookies that it needs, and the page that was there before it."""

    name: str
    address: str
    cookies: Sequence[Mapping[str, str]] = ()
    before: str = ""


@dataclass(frozen=True)
class Load:
    """What one opening took: milliseconds, bytes on the wire, requests."""

    painted: float
    usable: float
    size: int
    requests: int


Loads = Mapping[tuple[str, str], Sequence[Load]]


def measure(folder: Path) -> str:
    """Return the tables; the floor stands first, the others are told as a multiple of it too."""
    with _contenders(folder) as contenders, sync_playwright() as playwright:
        executable = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        for contender in contenders:
            _open(browser, contender, CONDITIONS[0])  # settle
        found: dict[tuple[str, str], list[Load]] = defaultdict(list)
        for _ in range(ROUNDS):
            for condition in CONDITIONS:
                for contender in contenders:
                    found[condition.name, contender.name].append(_open(browser, contender, condition))
        browser.close()
    return "\n".join(_lines(found, [contender.name for contender in contenders]))


@contextmanager
def _contenders(folder: Path) -> Iterator[Sequence[Contender]]:
    file = folder / "nerve-symptoms" / "1.0.0" / "questionnaire.json"
    questionnaire: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    pages = {
        "/floor": lambda: floor_page(questionnaire),
        "/lforms": lambda: lforms_page(questionnaire),
    }
    with (
        TemporaryDirectory() as place,
        running_demo(Path(place)) as demo,
        serving(pages, lforms_folder()) as others,
    ):
        visitor = Visitor({})
        landing = visitor.launch(demo.hospital.new_launch(patient="alice").url).url
        cookies = [
            {"name": cookie.name, "value": cookie.value or "", "url": demo.app_url}
            for cookie in visitor.session.cookies
            if cookie.domain == urlsplit(demo.app_url).hostname
        ]
        yield (
            Contender("bare page", f"{others}/floor"),
            Contender("ours", f"{landing}q/screen.1", cookies),
            Contender("ours, a later page", f"{landing}q/screen.2", cookies, before=landing),
            Contender("LHC-Forms", f"{others}/lforms"),
        )


def _open(browser: Browser, contender: Contender, condition: Condition) -> Load:
    """Open the page in a fresh context; usable is painted, with a first answer that takes a click."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies(list(contender.cookies))  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(f"({WATCH})()")
    wire = context.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    wire.send("Network.enable")
    if contender.before:
        page.goto(contender.before, wait_until="networkidle", timeout=PATIENCE_MS)
        sizes.clear()
    wire.send("Emulation.setCPUThrottlingRate", {"rate": condition.processor})
    if condition.slow:
        wire.send("Network.emulateNetworkConditions", SLOW)
    page.goto(contender.address, wait_until="commit", timeout=PATIENCE_MS)
    painted, usable = _taken(page)
    page.wait_for_load_state("networkidle", timeout=PATIENCE_MS)
    context.close()
    return Load(painted, max(painted, usable), sum(sizes), sum(size > 0 for size in sizes))


def _taken(page: Page) -> tuple[float, float]:
    """Wait until the page is usable; return when it was painted, and when a first answer took a click."""
    for _ in range(PATIENCE_MS // LOOK_MS):
        taken = page.evaluate(TAKEN)
        if taken:
            return taken[0], taken[1]
        page.wait_for_timeout(LOOK_MS)
    raise TimeoutError(f"{page.url} was not usable within {PATIENCE_MS} ms")


def _lines(found: Loads, names: Sequence[str]) -> Iterator[str]:
    floor, *others = names
    yield "### The page in Chromium"
    yield ""
    yield f"| median of {ROUNDS} | {floor} | {' | '.join(others)} |"
    yield f"| --- | ---: |{' ---: |' * len(others)}"
    first = CONDITIONS[0].name
    yield _row(
        "bytes on the wire, kB", [median(one.size for one in found[first, name]) / 1000 for name in names]
    )
    yield _row("requests", [median(one.requests for one in found[first, name]) for name in names])
    for condition in CONDITIONS:
        for what, kind in (("first paint", "painted"), ("first question usable", "usable")):
            values = [median(getattr(one, kind) for one in found[condition.name, name]) for name in names]
            yield _row(f"{what}, {condition.name}, ms", values)
    yield ""


def _row(what: str, values: Sequence[float]) -> str:
    floor, *others = values
    cells = [f"{number(value)} ({value / floor:.2g}x)" for value in others]
    return f"| {what} | {number(floor)} | {' | '.join(cells)} |"
