"""Times the server over whole journeys, the time that waits for the pretend hospital taken out."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from typing import Any
from urllib.parse import urlsplit

from browsing import BASE_URL, Browser
from factories import an_ehr, some_settings
from figures import Figure, percentile, spread
from journeys.people import HAND, MILD, STROKE, Said
from werkzeug.test import TestResponse

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.ehr import Gateway, SmartClient, Transport
from triage_app.ehr.transport import Answer
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.server import serve_sandbox
from triage_app.sandbox.visitor import Visitor, read_forms
from triage_app.settings import Secret

ROUNDS = 4
LOOKS = 5
PEOPLE: Sequence[Said] = (HAND, MILD, STROKE)
SQUEEZED = {"Accept-Encoding": "gzip"}
MOST_PAGES = 80
FIRST_PAGE_KIB, LATER_PAGE_KIB = 20, 6
SLOWEST_MS = 50


class WatchedTransport(Transport):
    """A transport that counts its requests and how long they took."""

    requests = 0
    seconds = 0.0

    def send(self, method: str, url: str, **more: Any) -> Answer:
        """Send as ever."""
        begun = perf_counter()
        try:
            return super().send(method, url, **more)
        finally:
            self.requests += 1
            self.seconds += perf_counter() - begun


@dataclass
class Times:
    """What was seen: milliseconds and sizes by kind of page, requests to the EHR by deed."""

    wall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Journey:
    """One person on the way through the app, watched."""

    browser: Browser
    transport: WatchedTransport
    times: Times
    said: Said
    patient: str = "alice"

    def get(self, kind: str, address: str) -> TestResponse:
        """Open a page as a browser does, and note what it took."""
        with self._watched(kind) as answers:
            answers.append(self.browser.get(address, headers=SQUEEZED))
        self.times.sizes[kind].append(len(answers[0].data))
        return answers[0]

    def post(self, kind: str, address: str, fields: Mapping[str, Any]) -> TestResponse:
        """Send a form, and note what it took."""
        with self._watched(kind) as answers:
            answers.append(self.browser.post(address, data=dict(fields)))
        return answers[0]

    def walk(self) -> None:
        """Launch, answer every page, send, read the result; then a clinician opens the review."""
        launched = self._counted("launch to first question", self._launch)
        page, address = launched
        for _ in range(MOST_PAGES):
            if not urlsplit(address).path.split("/", 3)[3].startswith("q/"):
                break
            answer = self.post("a page's answers", address, self._filled(address, page))
            if answer.status_code != 303:  # the emergency page: go on as it offers
                self.times.sizes["emergency page, not compressed"].append(len(answer.data))
                address = address.rsplit("/q/", 1)[0] + "/check"
            else:
                address = answer.location
            page = self.get("check" if address.endswith("/check") else "question", address)
        self._counted("submit", lambda: self._send(address, page))
        self.get("result", address.replace("/check", "/result"))

    def review(self, kind: str) -> None:
        """Open the review of the patient's chart as Bob."""
        finished = self.browser.launch(self.patient, "bob")
        self.get(kind, finished.location)

    def _launch(self) -> tuple[TestResponse, str]:
        with self._watched("launch"):
            launched = self.browser.press_launch(self.patient)
        back = self.browser.log_in(launched)
        with self._watched("callback"):
            finished = self.browser.get(back)
        self.get("landing", finished.location)
        address = f"{finished.location}q/screen.1"
        return self.get("question", address), address

    def _send(self, address: str, page: TestResponse) -> None:
        way = address.replace("/check", "/send")
        sending = next(form for form in read_forms(text_of(page)) if form.action.endswith("/send"))
        answer = self.post("send", way, hidden_of(sending))
        if answer.status_code != 303:
            raise RuntimeError(f"the answers were not taken: {answer.status_code}")

    def _filled(self, address: str, page: TestResponse) -> dict[str, Any]:
        visitor = Visitor(self.said)
        form = next(one for one in read_forms(text_of(page)) if visitor.is_question(address, one))
        return {**hidden_of(form), **visitor.answers_to(address, form)}

    def _counted(self, deed: str, do: Any) -> Any:
        before = self.transport.requests
        done = do()
        self.times.asked[deed].append(self.transport.requests - before)
        return done

    @contextmanager
    def _watched(self, kind: str) -> Iterator[list[TestResponse]]:
        self.transport.seconds = 0.0
        answers: list[TestResponse] = []
        wall, cpu = perf_counter(), thread_time()
        yield answers
        used = thread_time() - cpu
        self.times.cpu[kind].append(used * 1000)
        self.times.wall[kind].append((perf_counter() - wall - self.transport.seconds) * 1000)


def measure(folder: Path) -> list[Figure]:
    """Return the figures of a few people's whole journeys."""
    with TemporaryDirectory() as place:
        times, styles = _journeys(folder, Path(place))
    return [*_speeds(times), *_sizes(times, styles), *_requests(times)]


def _journeys(folder: Path, place: Path) -> tuple[Times, int]:
    sandbox = serve_sandbox(SandboxOptions(port=0, app_url=BASE_URL, ask_consent=False))
    try:
        secret = Secret(sandbox.hospital.options.client_secret)
        hospital = an_ehr(fhir_base_url=sandbox.fhir_url, client_secret=secret)
        settings = some_settings(
            hospital, database_url=f"sqlite:///{place}/bench.db", base_url=BASE_URL, log_level="WARNING"
        )
        transport = WatchedTransport(settings)
        services = create_services(settings, catalogue=Catalogue.load(folder))
        services = replace(services, smart=SmartClient(settings, transport), gateway=Gateway(transport))
        app = create_app(settings, services=services)
        dora = Browser(app.test_client(), sandbox)
        for words in PEOPLE:  # fills the chart, and warms up
            Journey(dora, transport, Times(), words, "dora").walk()
        times = Times()
        for _ in range(ROUNDS):
            _walk(app, sandbox, transport, times)
        styles = _styles(Browser(app.test_client(), sandbox))
        services.storage.close()
    finally:
        sandbox.stop()
    return times, styles


def _walk(app: Any, sandbox: Any, transport: WatchedTransport, times: Times) -> None:
    def journey(words: Said, patient: str = "alice") -> Journey:
        return Journey(Browser(app.test_client(), sandbox), transport, times, words, patient)

    for words in PEOPLE:
        journey(words).walk()
    for _ in range(LOOKS):
        journey({}, "dora").review("review of three responses")
    journey({}).review("review of a year of responses")


def _styles(browser: Browser) -> int:
    """Return the compressed bytes of all files that the first page brings along."""
    page = browser.get(f"/l/{browser.launch_id()}/").text
    files = {part.split('"')[0] for part in page.split('"') if part.startswith("/assets/")}
    return sum(len(browser.get(address, headers=SQUEEZED).data) for address in files)


def _speeds(times: Times) -> Iterator[Figure]:
    for kind, found in times.wall.items():
        middle, high = spread(found)
        cpu = percentile(times.cpu[kind], 50)
        besides = f"{len(found)} times, median {middle:.1f} ms, CPU {cpu:.1f} ms"
        yield Figure(f"server, {kind}, 95 %", high, "ms", SLOWEST_MS, besides)


def _sizes(times: Times, styles: int) -> Iterator[Figure]:
    first = max(times.sizes["landing"])
    yield Figure("first page with all its files", (first + styles) / 1024, "KiB", FIRST_PAGE_KIB, "gzip")
    for kind, found in times.sizes.items():
        if kind != "landing":
            middle = percentile(found, 50) / 1024
            most = LATER_PAGE_KIB if kind in ("question", "check", "result") else None
            yield Figure(f"page: {kind}, largest", max(found) / 1024, "KiB", most, f"median {middle:.1f} KiB")


def _requests(times: Times) -> Iterator[Figure]:
    for deed, found in times.asked.items():
        yield Figure(f"requests to the EHR: {deed}", max(found), "", 2, "settings of the EHR known already")


def hidden_of(form: Any) -> dict[str, str]:
    """Return the fields that a form brings along."""
    return {control.name: control.value for control in form.fields if control.kind == "hidden"}


def text_of(page: TestResponse) -> str:
    """Return a page's HTML, unpacked."""
    packed = page.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(page.data) if packed else page.data).decode()
