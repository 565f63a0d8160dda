"""Names, answers, tokens and codes go through a whole story; no log, URL, error page or disk holds them."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from security.canaries import (
    CRASH,
    GARBAGE,
    LAUNCH_ERROR,
    NAME,
    NOTE,
    TYPED,
    Exchange,
    Recorder,
    answered_words,
    bytes_at_rest,
    found_in,
)
from security.interleavings import People, Tab
from security.ledger import Who
from security.world import APP, a_response, a_world
from triage_app.ehr import Gateway

PATIENT = "canary-patient-id"


@dataclass(frozen=True)
class Story:
    """What was left behind by one story."""

    exchanges: list[Exchange]
    secrets: frozenset[str]
    answers: tuple[str, ...]
    at_rest: tuple[bytes, ...]
    logged: str
    people: People


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("canaries")
    database = f"sqlite:///{folder}/triage.db"
    with listening() as logged, a_world(database, log_level="DEBUG") as world:
        recorder = Recorder(world)
        recorder.install()
        teller = Teller(People(world, 1), recorder, folder)
        teller.tell(pytest.MonkeyPatch())
        yield Story(
            recorder.exchanges,
            frozenset(recorder.secrets | teller.client_secrets()),
            tuple(answered_words(teller.people.ledger.form)),
            tuple(teller.at_rest),
            logged(),
            teller.people,
        )


class Lines(logging.Handler):
    """Every line that any logger of this process writes."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(f"{record.getMessage()} {record.exc_info}")


@contextmanager
def listening() -> Iterator[Callable[[], str]]:
    """Give a function that returns all that was logged or printed meanwhile."""
    lines, printed, root = Lines(), io.StringIO(), logging.getLogger()
    before = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stderr(printed), redirect_stdout(printed):
            yield lambda: "\n".join([*lines.kept, printed.getvalue()])
    finally:
        root.removeHandler(lines)
        root.setLevel(before)


class Teller:
    """Lets Alice answer and send, Bob review and decline, and everything go wrong that can."""

    def __init__(self, people: People, recorder: Recorder, folder: Path) -> None:
        self.people, self.recorder, self.folder = people, recorder, folder
        self.at_rest: list[bytes] = []
        self.world = people.world

    def client_secrets(self) -> set[str]:
        return {self.world.services.settings.registry["north"].client_secret.reveal()}  # type: ignore[union-attr]

    def look(self) -> None:
        self.at_rest.append(bytes_at_rest(self.folder))

    def tell(self, patch: pytest.MonkeyPatch) -> None:
        store = self.world.store("north")
        person = store.read("Patient", "alice").body or {}
        store.write(
            {**person, "id": PATIENT, "name": [{"family": NAME, "given": ["Q"]}]}, PATIENT, method="PUT"
        )
        tab = self.launch(f"Patient/{PATIENT}")
        self.answers(tab)
        self.sends(tab)
        self.bob_decides(self.launch("Practitioner/bob"))
        self.refused_launches()
        self.hospital_talks_nonsense(tab)
        self.app_crashes(patch)
        self.mistakes(tab)
        self.people._open(tab, tab.url("sign-out"))
        self.people.sign_out()
        self.look()

    def launch(self, user: str) -> Tab:
        people, who = self.people, Who("north", PATIENT, user)
        launch = self.world.hospitals["north"].new_launch(patient=PATIENT, user=user)
        response = people._get(0, launch.url)
        people.tabs, people.begun = [], [(0, who, str(response.location))]
        people.dice.seed(3)  # comes back in its own browser
        names = dict(self.world.names)
        names["north", PATIENT] = NAME
        object.__setattr__(self.world, "names", names)
        people.finish()
        return people.tabs[0]

    def answers(self, tab: Tab) -> None:
        people = self.people
        people._answer_here(tab)
        people._open(tab, tab.url("q/age"))
        form = people._question(tab)
        assert form is not None
        fields = people._fill(tab, form)
        people._post(tab, 0, tab.view.url, {**fields, "age": [TYPED]})
        self.look()
        people.dice.seed(5)
        for _ in range(150):
            if any(one.action.endswith("/send") for one in tab.view.forms):
                break
            self.answer_here(tab)
        self.look()

    def answer_here(self, tab: Tab) -> None:
        """No sign of an emergency, and otherwise anything, so that there is something to suggest."""
        form = self.people._question(tab)
        if form is None:
            self.people._answer_here(tab)
            return
        calm = "/q/right-arm" not in tab.view.path
        self.people._post_page(tab, form, self.people._fill(tab, form, harmless=calm))

    def sends(self, tab: Tab) -> None:
        self.world.hospitals["north"].faults.set("down", times=9)
        people = self.people
        assert tab.view.path.endswith("/check"), tab.view.path
        form = next(one for one in tab.view.forms if one.action.endswith("/send"))
        token = {one.name: [one.value] for one in form.fields if one.name}
        assert people._post(tab, 0, tab.url("send"), token).status_code == 303
        people._open(tab, tab.url("result"))
        self.look()
        self.world.hospitals["north"].faults.clear()
        self.world.clock.wait(minutes=9)
        people.dice.seed(1)
        people.retry()
        people._open(tab, tab.url("result"))
        assert "Your answers are in your record" in tab.view.text
        self.look()

    def bob_decides(self, tab: Tab) -> None:
        people = self.people
        people._open(tab, tab.url("review"))
        detail = re.search(r'href="(/l/[^"]+/review/[^"]+)"', tab.view.text)
        assert detail
        people._open(tab, detail[1])
        people._open(tab, tab.url("review"))
        form = next(form for form in tab.view.forms if "reason" in form.names())
        fields = {one.name: [one.value] for one in form.fields if one.kind == "hidden"}
        reason = form.named("reason")[0].value
        said = {"reason": [reason], "note": [NOTE]}
        assert people._post(tab, 0, tab.url("decide"), {**fields, **said}).status_code == 303
        people._open(tab, tab.url("review"))
        wrong = {**fields, "decision": [TYPED], "note": [NOTE]}
        people._post(tab, 0, tab.url("decide"), wrong)
        self.look()

    def refused_launches(self) -> None:
        people = self.people
        for address in (
            f"{APP}/launch?iss=https://{GARBAGE}.example/fhir&launch={LAUNCH_ERROR}",
            f"{APP}/launch?launch={LAUNCH_ERROR}",
            f"{APP}/callback/north?error={LAUNCH_ERROR}&error_description={LAUNCH_ERROR}&state={LAUNCH_ERROR}",
            f"{APP}/callback/north?code={LAUNCH_ERROR}&state={LAUNCH_ERROR}",
            f"{APP}/{GARBAGE}/not-there",
            f"{APP}/fhir/Questionnaire?strange={TYPED}",
            f"{APP}/readyz",
            f"{APP}/livez",
        ):
            people._get(0, address)
        for fault in ("token-refused", "wrong-nonce", "wrong-audience", "foreign-key", "down", "login-page"):
            launch = self.world.hospitals["north"].new_launch(patient=PATIENT)
            back = people.log_in(str(people._get(0, launch.url).location))
            self.world.hospitals["north"].faults.set(fault)
            if fault != "login-page":  # strikes the record only
                assert people._get(0, back).status_code >= 400
            self.world.hospitals["north"].faults.clear()
        self.look()

    def hospital_talks_nonsense(self, tab: Tab) -> None:
        bodies = [
            (500, "text/html", f"<h1>{GARBAGE} {NAME}</h1>"),
            (200, "text/html", GARBAGE),
            (200, "application/fhir+json", f'{{"resourceType": "{GARBAGE}"}}'),
            (
                422,
                "application/fhir+json",
                f'{{"resourceType":"OperationOutcome","issue":[{{"diagnostics":"{GARBAGE}"}}]}}',
            ),
            (302, "text/plain", GARBAGE),
        ]
        bob = self.launch("Practitioner/bob")
        for status, kind, body in bodies:
            headers = {"Content-Type": kind, "Location": f"https://{GARBAGE}.example"}

            def twist(
                request: requests.PreparedRequest,
                _response: requests.Response,
                told: tuple[int, dict[str, str], bytes] = (status, headers, body.encode()),
            ) -> requests.Response:
                return a_response(request, *told)

            self.world.wire.twist = twist
            self.people._get(0, bob.url("review"))
            self.people._get(0, tab.url(""))
            self.people._get(0, tab.url("check"))
        self.world.wire.twist = self.recorder._listen

    def app_crashes(self, patch: pytest.MonkeyPatch) -> None:
        bob = self.launch("Practitioner/bob")

        def crash(*_arguments: object, **_more: object) -> None:
            raise RuntimeError(f"{CRASH} {NAME}")

        with patch.context() as here:
            here.setattr(Gateway, "search", crash)
            response = self.people.browsers[0].get(f"/l/{bob.launch_id}/review", base_url=APP)
            assert response.status_code == 500

    def mistakes(self, tab: Tab) -> None:
        for fields in ({"form_token": [TYPED]}, {}, {"form_token": ["x"], "age": [TYPED], "note": [NOTE]}):
            self.people._post(tab, 0, tab.url("q/age"), fields)
        self.people.tabs = [tab]


def secret_words(story: Story) -> list[str]:
    return [NAME, NOTE, TYPED, GARBAGE, LAUNCH_ERROR, CRASH, *story.secrets]


def test_the_story_was_told(story: Story) -> None:
    assert len(story.secrets) > 20
    assert len(story.exchanges) > 100
    assert {one.status for one in story.exchanges} >= {200, 303, 400, 403, 404, 422, 500, 502}
    assert all(len(one) > 20_000 for one in story.at_rest)
    assert story.logged.count('"event": "request"') > 100
    assert NAME in "".join(one.body for one in story.exchanges)
    assert any(
        PATIENT.encode() in one for one in story.at_rest
    )  # ids are keys: so the bytes are the right ones


def test_no_log_line_holds_a_canary(story: Story) -> None:
    assert found_in(story.logged, [*secret_words(story), PATIENT, *story.answers]) == []


def test_no_byte_at_rest_holds_a_name_an_answer_a_token_or_a_code(story: Story) -> None:
    for at_rest in story.at_rest:
        assert found_in(at_rest, [*secret_words(story), *story.answers]) == []


def test_no_url_holds_a_canary(story: Story) -> None:
    """A code, a state and a launch value are in OAuth's own addresses only, a name in none."""
    for one in story.exchanges:
        assert found_in(one.location, [NAME, NOTE, TYPED, GARBAGE, CRASH, *story.secrets, PATIENT]) == []
        if not one.is_protocol:
            assert found_in(one.url, [NAME, NOTE, *story.secrets, PATIENT]) == []


def test_no_error_page_holds_a_canary(story: Story) -> None:
    """A page of a form that must be put right (422) shows the person what they typed; no other does."""
    errors = [one for one in story.exchanges if one.status >= 400 and one.status != 422]
    assert len(errors) > 15
    for one in errors:
        assert found_in(one.body, [*secret_words(story), PATIENT]) == [], one.url
        assert "Traceback" not in one.body


def test_no_answer_of_the_app_holds_a_secret(story: Story) -> None:
    for one in story.exchanges:
        assert found_in(one.body, story.secrets) == [], one.url
        assert found_in(one.headers, [*secret_words(story), PATIENT]) == [], one.url


def test_every_page_keeps_its_address_to_itself(story: Story) -> None:
    for one in story.exchanges:
        assert re.search(r"'Referrer-Policy', '(same-origin|no-referrer)'", one.headers), one.url
