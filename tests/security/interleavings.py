"""People in a few tabs, at two hospitals, do things in any order; nothing may reach another's record."""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from security.ledger import Broken, Ledger, Who
from security.world import APP, HOSPITALS, PATIENTS, World, a_world, answered
from triage_app.clinical.pages import page_for
from triage_app.sandbox.visitor import Form, read_forms
from triage_app.web.forms import read_page

TROUBLES = (
    "down",
    "dropped",
    "throttled",
    "500-after-commit",
    "drop-after-commit",
    "access-refused",
    "login-page",
)
SESSION = timedelta(hours=8)
IDLE = {"patient": timedelta(minutes=20), "clinician": timedelta(minutes=15)}
TOUCH = timedelta(seconds=30)
_LAUNCH_ID = re.compile(r"/l/([A-Za-z0-9_-]{8,})/")
_PERSON = re.compile(r"(?:Alice|Charlie|Dora|Emil)of(?:North|South)")
_RESPONSE = re.compile(r"/review/([A-Za-z0-9.-]+)")

Fields = dict[str, list[str]]


@dataclass
class View:
    """What a person sees: where it is, and its page."""

    url: str
    text: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def forms(self) -> list[Form]:
        return [form for form in read_forms(self.text) if form.method == "post"]


@dataclass
class Tab:
    """One launch in one browser, and the pages that its Back button leads to."""

    browser: int
    who: Who
    role: str
    launch_id: str
    begun: datetime
    seen: datetime
    ended: bool = False
    history: list[View] = field(default_factory=list)

    @property
    def view(self) -> View:
        return self.history[-1]

    def alive(self, now: datetime) -> bool:
        return not self.ended and now < min(self.seen + IDLE[self.role], self.begun + SESSION)

    def url(self, page: str) -> str:
        return f"{APP}/l/{self.launch_id}/{page}"


class People:
    """Drives one world; raises Broken as soon as a promise does not hold."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.dice = random.Random(seed)
        self.ledger = Ledger(world)
        self.browsers: list[FlaskClient] = [world.app.test_client() for _ in range(2)]
        self.most_tabs = self.dice.randint(2, 4)
        self.patients = PATIENTS[: self.dice.randint(2, 4)]
        self.tabs: list[Tab] = []
        self.begun: list[tuple[int, Who, str]] = []
        self.steps = 0
        self.did: Counter[str] = Counter()
        self.touched: list[Tab] = []

    # What people do

    def step(self) -> None:
        """Do one thing, then compare drafts with the books: those just at hand, now and then all."""
        deeds = {
            self.begin: 10, self.finish: 12, self.answer: 60, self.back: 8, self.refresh: 8, self.rush: 3,
            self.submit: 10, self.retry: 3, self.sign_out: 3, self.wait: 2, self.copy_form: 8,
            self.other_browser: 4, self.look: 5, self.review: 3, self.decide: 4, self.foreign_decision: 2,
        }  # fmt: skip
        deed: Callable[[], None] = self.dice.choices(list(deeds), list(deeds.values()))[0]
        if not self.tabs:
            deed = self.finish if self.begun else self.begin
        deed()
        self.did[deed.__name__] += 1
        self.steps += 1
        self.ledger.compare_drafts(only=None if self.steps % 20 == 0 else {tab.who for tab in self.touched})
        self.touched.clear()

    def begin(self) -> None:
        """Press a launch button and stop at the hospital's login."""
        ehr, patient = self.dice.choice(HOSPITALS), self.dice.choice(self.patients)
        user = self.dice.choices(["patient", "clinician"], [4, 1])[0]
        author = f"Patient/{patient}" if user == "patient" else "Practitioner/bob"
        browser = self.dice.randrange(len(self.browsers))
        launch = self.world.hospitals[ehr].new_launch(patient=patient, user=author)
        response = self._get(browser, launch.url)
        self._expect(response, {303})
        self.begun.append((browser, Who(ehr, patient, author), str(response.location)))

    def finish(self) -> None:
        """Log in at the hospital and come back, now and then in another browser."""
        if not self.begun:
            return
        browser, who, address = self.begun.pop(self.dice.randrange(len(self.begun)))
        back = self.log_in(address)
        if "code" not in parse_qs(urlsplit(back).query):
            return  # the hospital has let the launch grow too old
        if self.dice.random() < 0.1:
            foreign = self._get(1 - browser, back)
            self._expect(foreign, {400})
            return
        finished = self._get(browser, back)
        if finished.status_code == 400:  # it took longer than ten minutes
            return
        self._expect(finished, {303})
        role = "clinician" if who.author.startswith("Practitioner") else "patient"
        launch_id = _LAUNCH_ID.findall(str(finished.location))[0]
        now = self.world.clock.now
        tab = Tab(browser, who, role, launch_id, now, now)
        if len(self.tabs) >= self.most_tabs:
            self.tabs.pop(self.dice.randrange(len(self.tabs)))
        self.tabs.append(tab)
        self._open(tab, str(finished.location))
        self.ledger.told(who)

    def log_in(self, address: str) -> str:
        """Return where the hospital's login sends the browser back to."""
        hospital = self.world.wire.hospitals[urlsplit(address).netloc]
        request = requests.Request("GET", address).prepare()
        return str(answered(hospital, request).headers["Location"])

    def answer(self) -> None:
        """Fill in the page at hand, or go to the first that is open, and send it."""
        tab = self._tab()
        form = self._question(tab)
        if form is None:
            self._open(tab, tab.url(""))
            found = re.search(r'href="(/l/[^"]+/(?:q/[^"]+|check))"', tab.view.text)
            if not found or not tab.alive(self.world.clock.now):
                return
            self._open(tab, html.unescape(found[1]))
            form = self._question(tab)
        if form is not None:
            self._post_page(tab, form, self._fill(tab, form))

    def rush(self) -> None:
        """Answer page after page until all is answered, then send."""
        tab = self._tab()
        for _ in range(60):
            if not tab.alive(self.world.clock.now) or tab.view.path.endswith("/check"):
                break
            before = tab.view.path
            self._answer_here(tab)
            self.steps += 1
            if tab.view.path == before:
                break
        if tab.view.path.endswith("/check"):
            self._send(tab)

    def _answer_here(self, tab: Tab) -> None:
        form = self._question(tab)
        if form is None:
            self._open(tab, tab.url(""))
            found = re.search(r'href="(/l/[^"]+/(?:q/[^"]+|check))"', tab.view.text)
            if found:
                self._open(tab, html.unescape(found[1]))
            return
        self._post_page(tab, form, self._fill(tab, form, harmless=True))

    def back(self) -> None:
        """Press Back: the earlier page stands there again as it was."""
        tab = self._tab()
        if len(tab.history) > 1:
            tab.history.pop()

    def refresh(self) -> None:
        """Load the page again."""
        tab = self._tab()
        self._open(tab, tab.view.url)

    def look(self) -> None:
        """Open some page of the session."""
        tab = self._tab()
        self._open(
            tab,
            tab.url(self.dice.choice(("", "check", "later", "result", "q/age", "q/screen.1", "sign-out"))),
        )

    def submit(self) -> None:
        """Check the answers and send them, sometimes while the hospital is in trouble."""
        tab = self._tab()
        if not tab.view.path.endswith("/check"):
            self._open(tab, tab.url("check"))
        self._send(tab)

    def _send(self, tab: Tab) -> None:
        form = next((one for one in tab.view.forms if one.action.endswith("/send")), None)
        if form is None:
            return
        hospital = self.world.hospitals[tab.who.ehr]
        if self.dice.random() < 0.3:
            hospital.faults.set(self.dice.choice(TROUBLES), times=self.dice.randint(1, 3))
        response = self._post(tab, tab.browser, urljoin(tab.view.url, form.action), _hidden(form))
        hospital.faults.clear()
        told = self.ledger.told(tab.who)
        if response.status_code == 303 and str(response.location).endswith("/result") and told.passed:
            self.ledger.send(tab.who)
            self.did["sent"] += 1
        if response.status_code == 303:
            self._open(tab, str(response.location))

    def retry(self) -> None:
        """Press "Try again now" on a result that is not in the record yet."""
        tab = self._tab()
        self._open(tab, tab.url("result"))
        form = next((one for one in tab.view.forms if not one.action), None)
        if form is not None and tab.view.path.endswith("/result"):
            self._post(tab, tab.browser, tab.view.url, _hidden(form))

    def sign_out(self) -> None:
        """Sign out; nothing of the session may work any more."""
        tab = self._tab()
        self._open(tab, tab.url("sign-out"))
        form = next((one for one in tab.view.forms if "sign-out" in one.action or not one.action), None)
        if form is None or not tab.view.path.endswith("/sign-out"):
            return
        response = self._post(tab, tab.browser, tab.url("sign-out"), _hidden(form))
        if response.status_code == 200:
            tab.ended = True
            if tab.history[:-1]:
                tab.history.pop()

    def wait(self) -> None:
        """Let time pass: a little, or until sessions end."""
        self.world.clock.wait(minutes=self.dice.choice((2, 5, 12, 21, 65)))

    def copy_form(self) -> None:
        """Send one tab's form to another's address: another patient's, hospital's, or an ended session's."""
        donor, target = self._tab(), self._tab()
        form = self._question(donor)
        if form is None or donor.launch_id == target.launch_id:
            return
        fields = self._fill(donor, form)
        page = donor.view.path.split("/", 3)[3]
        response = self._post(target, target.browser, target.url(page), fields)
        self._refused(response, target)

    def other_browser(self) -> None:
        """Send a form, and open the page, from a browser that did not launch."""
        tab = self._tab()
        self._expect(self._get(1 - tab.browser, tab.view.url), {401})
        form = self._question(tab)
        if form is not None:
            self._refused(self._post(tab, 1 - tab.browser, tab.view.url, self._fill(tab, form)), tab)

    def review(self) -> None:
        """Let a clinician look at a chart."""
        tab = self._tab(role="clinician")
        if tab is not None:
            self._open(tab, tab.url("review"))

    def decide(self) -> None:
        """Let a clinician accept or decline what the page at hand suggests."""
        tab = self._tab(role="clinician")
        if tab is None:
            return
        if not tab.view.path.endswith("/review"):
            self._open(tab, tab.url("review"))
        forms = [form for form in tab.view.forms if form.action.endswith("/decide")]
        if not forms:
            return
        form = self.dice.choice(forms)
        said = {"decision": ["accept"]} if "reason" not in form.names() else {}
        if not said:
            said = {"reason": [next(one.value for one in form.named("reason"))]}
        response = self._post(tab, tab.browser, tab.url("decide"), {**_hidden(form), **said})
        if response.status_code == 303:
            self.ledger.decided[tab.who.ehr, tab.who.patient] += 1
            self._open(tab, tab.url("review"))

    def foreign_decision(self) -> None:
        """Send the suggestion of one chart with the form of another."""
        tab, other = self._tab(role="clinician"), self._tab(role="clinician")
        if tab is None or other is None or tab.who == other.who:
            return
        mine = next((form for form in tab.view.forms if form.action.endswith("/decide")), None)
        theirs = next((form for form in other.view.forms if form.action.endswith("/decide")), None)
        if mine is None or theirs is None:
            return
        fields = {**_hidden(theirs), "form_token": _hidden(mine)["form_token"], "decision": ["accept"]}
        response = self._post(tab, tab.browser, tab.url("decide"), fields)
        self._expect(response, {401, 404, 409})

    # How it is done

    def settle(self) -> None:
        """Let everything that waits be delivered, then compare all drafts and both hospitals."""
        self.ledger.compare_drafts()
        for who in dict.fromkeys(who for who, _ in self.ledger.sent):
            for _ in range(8):
                self.world.clock.wait(hours=2)
                launch = self.world.hospitals[who.ehr].new_launch(patient=who.patient, user=who.author)
                response = self._get(0, launch.url)
                back = self.log_in(str(response.location))
                self._expect(self._get(0, back), {303})
                if not self.world.services.storage.pending_deliveries(ehr=who.ehr, patient=who.patient):
                    break
        self.ledger.compare_hospitals()

    def _tab(self, role: str = "") -> Any:
        if self.dice.random() < 0.3:  # people do not stay long at a session that is over
            self.tabs = [tab for tab in self.tabs if tab.alive(self.world.clock.now)] or self.tabs
        tabs = [tab for tab in self.tabs if tab.role == role or not role]
        return self.dice.choice(tabs) if tabs else None

    def _question(self, tab: Tab) -> Form | None:
        if "/q/" not in tab.view.path:
            return None
        return next((form for form in tab.view.forms if not form.action), None)

    def _fill(self, tab: Tab, form: Form, *, harmless: bool = False) -> Fields:
        """Return answers to a form, each person's age their own, with lies about whose they are."""
        fields = _hidden(form)
        tiles = {name for name in form.names() if _is_tile(form, name)}
        for name in form.names():
            controls = form.named(name)
            if name in tiles or controls[0].kind in ("hidden", "submit"):
                continue
            offered = [control.value for control in controls]
            if controls[0].kind == "radio":
                fields[name] = [self._one_of(offered, harmless=harmless)]
            elif controls[0].kind == "checkbox":
                if len(offered) > 1 and ("none" in offered or name == "limb"):
                    fields[name] = [self._one_of(offered, harmless=harmless)]
                elif self.dice.random() < (0.0 if harmless else 0.1):
                    fields[name] = [self.dice.choice(offered)]
            else:
                fields[name] = [str(self._age(tab.who)) if name == "age" else str(self.dice.randint(1, 6))]
        boxes = [
            name for name in form.names() if form.named(name)[0].kind == "checkbox" and name not in tiles
        ]
        if tiles and not any(name in fields for name in boxes):
            fields.update({name: ["none"] for name in tiles})
        return fields

    def _one_of(self, offered: list[str], *, harmless: bool) -> str:
        calm = [
            code for code in ("no", "ok", "normal", "none", "never", "same", "right-arm") if code in offered
        ]
        if calm and (harmless or self.dice.random() < 0.75):
            return calm[0]
        return self.dice.choice(offered)

    def _age(self, who: Who) -> int:
        known = PATIENTS.index(who.patient) if who.patient in PATIENTS else len(PATIENTS)
        place = HOSPITALS.index(who.ehr) * 10 + known
        return 30 + place if who.author.startswith("Patient") else 60 + place

    def _post_page(self, tab: Tab, form: Form, fields: Fields) -> None:
        """Send a page and write down what it must have come to."""
        now, told = self.world.clock.now, self.ledger.told(tab.who)
        alive, ended = tab.alive(now), tab.ended
        page = page_for(self.ledger.form, told.answers, tab.view.path.split("/q/")[1])
        response = self._post(tab, tab.browser, tab.view.url, fields)
        kept = alive or (not ended and self._is_kept(tab, response))
        if kept and page is not None:
            asked = dict(parse_qsl(urlsplit(tab.view.url).query, keep_blank_values=True))
            told.note(page, read_page(page, MultiDict(_pairs(fields)), each="each" in asked))
        if not alive:
            return
        if response.status_code == 303:
            self._open(tab, str(response.location))
        elif response.status_code in (200, 422):
            self._see(tab, View(tab.view.url, response.text))

    def _is_kept(self, tab: Tab, response: TestResponse) -> bool:
        """Say whether a late answer must be kept: while its browser has not forgotten the session."""
        cookie = self.browsers[tab.browser].get_cookie(f"nt-{tab.launch_id}", domain="127.0.0.1")
        is_said = "Your last answer was kept" in response.text
        is_instruction = "app-stop" in response.text
        if not is_instruction and is_said != (cookie is not None):
            raise Broken(f"a late answer is {'' if is_said else 'not '}said to be kept")
        return cookie is not None

    def _open(self, tab: Tab, address: str) -> None:
        """Load a page in its tab, redirects followed."""
        for _ in range(5):
            alive = tab.alive(self.world.clock.now)
            response = self._get(tab.browser, urljoin(APP, address))
            if not alive:
                self._expect(response, {401})
                return
            if response.status_code == 401:
                raise Broken("a session in use is gone")
            self._touch(tab)
            if response.status_code != 303:
                break
            address = str(response.location)
        self._see(tab, View(urljoin(APP, address), response.text))

    def _see(self, tab: Tab, view: View) -> None:
        """Look at a page as its person does: whose is it, and whose answers stand there?"""
        name = self.world.names[tab.who.ehr, tab.who.patient]
        if set(_PERSON.findall(view.text)) - {name}:
            raise Broken(f"{tab.who} was shown another person's name at {view.path}")
        if set(_LAUNCH_ID.findall(view.text)) - {tab.launch_id}:
            raise Broken(f"{tab.who} was shown another session's address at {view.path}")
        if "/review" in view.path:
            self._check_responses(tab, view)
        elif view.path.endswith("/q/age"):
            ages = re.findall(r'name="age"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="age"', view.text)
            if any(int(one or other) != self._age(tab.who) for one, other in ages):
                raise Broken(f"{tab.who} was shown another person's age")
        elif view.path.endswith(("/check", "/result")):
            self._check_age_row(tab, view)
        tab.history = [*tab.history[-7:], view]
        self.ledger.checks += 1

    def _check_age_row(self, tab: Tab, view: View) -> None:
        shown = re.findall(r"How old are you\?</dt>\s*<dd[^>]*>(\d+)", view.text)
        if any(int(age) != self._age(tab.who) for age in shown):
            raise Broken(f"{tab.who} was shown another person's answers at {view.path}")

    def _check_responses(self, tab: Tab, view: View) -> None:
        for response_id in set(_RESPONSE.findall(view.text)):
            held = self.world.store(tab.who.ehr).read("QuestionnaireResponse", response_id).body
            if held is None or held["subject"]["reference"] != f"Patient/{tab.who.patient}":
                raise Broken(f"{tab.who} was shown the answers of {held and held['subject']}")

    def _get(self, browser: int, address: str) -> TestResponse:
        parts = urlsplit(address)
        response = self.browsers[browser].get(f"{parts.path}?{parts.query}".rstrip("?"), base_url=APP)
        return self._fine(response, parts.path)

    def _post(self, tab: Tab, browser: int, address: str, fields: Fields) -> TestResponse:
        parts = urlsplit(address)
        lies = {"patient": self.dice.choice(PATIENTS), "ehr": self.dice.choice(HOSPITALS)}
        alive = tab.alive(self.world.clock.now)
        self.touched.append(tab)
        response = self.browsers[browser].post(
            f"{parts.path}?{parts.query}".rstrip("?"),
            base_url=APP,
            data=MultiDict([*_pairs(fields), *lies.items()]),
        )
        if alive and browser == tab.browser:
            self._touch(tab)
        return self._fine(response, parts.path)

    def _touch(self, tab: Tab) -> None:
        if self.world.clock.now - tab.seen >= TOUCH:
            tab.seen = self.world.clock.now

    def _fine(self, response: TestResponse, path: str) -> TestResponse:
        if response.status_code == 500 or "Traceback" in response.text:
            raise Broken(f"the app failed at {path}")
        return response

    def _expect(self, response: TestResponse, wanted: set[int]) -> None:
        if response.status_code not in wanted:
            raise Broken(f"{response.request.path}: {response.status_code}, expected one of {sorted(wanted)}")

    def _refused(self, response: TestResponse, tab: Tab) -> None:
        """A page that holds an emergency sign is answered with the instruction, and nothing is saved."""
        is_instruction = response.status_code == 200 and "app-stop" in response.text
        if is_instruction and set(_PERSON.findall(response.text)):
            raise Broken("an instruction for a foreign form names a person")
        if not is_instruction:
            self._expect(response, {401, 403})


def _hidden(form: Form) -> Fields:
    return {one.name: [one.value] for one in form.fields if one.kind == "hidden"}


def _pairs(fields: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in fields.items() for value in values]


def _is_tile(form: Form, name: str) -> bool:
    controls = form.named(name)
    values = {control.value for control in controls}
    return controls[0].kind in ("checkbox", "radio") and bool(values) and values <= {"none", "unsure"}


def run_world(seed: int, steps: int) -> People:
    """Let people do that many things in a fresh world; raise Broken with the seed's first fault."""
    with a_world() as world:
        people = People(world, seed)
        try:
            while people.steps < steps:
                people.step()
            people.settle()
        except Broken as broken:
            raise Broken(f"seed {seed}, step {people.steps}: {broken}") from broken
        return people
