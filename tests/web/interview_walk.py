"""Alice at her screen: opens pages, fills in what she is asked, and goes where the app sends her."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

from factories import NOW, a_launch, an_ehr, some_settings
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from triage_app import create_app
from triage_app.catalogue.load import Catalogue
from triage_app.ehr import Gateway, SmartClient, Transport
from triage_app.settings import EHR
from triage_app.storage import Storage
from triage_app.storage.rows import Launch
from triage_app.web.form_token import FIELD
from triage_app.workflow.services import Services
from triage_app.workflow.sessions import hash_secret

SECRET = "alice-s-browser"
BASE_URL = "http://127.0.0.1:8000"
QUESTIONNAIRES = Path(__file__).parent.parent.parent / "questionnaires"


@functools.cache
def the_catalogue() -> Catalogue:
    """The pathways of this checkout, read once."""
    return Catalogue.load(QUESTIONNAIRES)


@dataclass
class Clock:
    """A clock that stands until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class Html(HTMLParser):
    """What a test asks of a page: its fields, links, headings and visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, list[tuple[str, bool]]] = {}
        self.hidden: dict[str, str] = {}
        self.tokens: list[str] = []  # one for each form, in order
        self.values: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.title = self.heading = self.text = ""
        self._open: list[str] = []
        self._href = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "input":
            self._take_input(have, checked="checked" in dict(attrs))
        if tag in ("title", "h1", "a", "script", "style"):
            self._open.append(tag)
            self._href = have.get("href", "") if tag == "a" else self._href
            self._link = ""

    def _take_input(self, have: dict[str, str], *, checked: bool) -> None:
        if have["type"] == "hidden":
            self.hidden[have["name"]] = have["value"]
            self.tokens += [have["value"]] if have["name"] == FIELD else []
        elif have["type"] in ("radio", "checkbox"):
            self.fields.setdefault(have["name"], []).append((have["value"], checked))
        else:
            self.values[have["name"]] = have.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
            if tag == "a":
                self.links[" ".join(self._link.split())] = self._href

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        if "h1" in self._open:
            self.heading += data
        if "a" in self._open:
            self._link += data
        if not self._open or self._open[-1] not in ("script", "style", "title"):
            self.text += data

    def chosen(self, name: str) -> list[str]:
        return [value for value, checked in self.fields[name] if checked]


@dataclass
class Walk:
    """One launch of Alice in one browser."""

    app: Flask
    client: FlaskClient
    launch: Launch
    clock: Clock
    seen: list[str] = field(default_factory=list)

    @property
    def services(self) -> Services:
        return self.app.extensions["services"]

    def url(self, path: str) -> str:
        return f"/l/{self.launch.id}/{path}"

    def get(self, path: str) -> TestResponse:
        return self.client.get(self.url(path), base_url=BASE_URL)

    def page(self, path: str) -> Html:
        response = self.get(path)
        assert response.status_code == 200, (path, response.status, response.location)
        return Html(response.text)

    def post(self, path: str, fields: Mapping[str, str | Sequence[str]] | None = None) -> TestResponse:
        """Open a page and send its form with these answers and its own hidden fields."""
        hidden = self.page(path).hidden
        return self.send(path, {**hidden, **(fields or {})})

    def send(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> TestResponse:
        return self.client.post(self.url(path), data=dict(fields), base_url=BASE_URL)

    def answers(self) -> Mapping[str, object]:
        draft = self.services.storage.fetch_draft(
            ehr=self.launch.ehr,
            patient=self.launch.patient,
            author=self.launch.user,
            pathway="nerve-symptoms",
        )
        assert draft is not None
        return draft.answers

    def walk(self, said: Mapping[str, str | Sequence[str]], *, start: str = "q/screen.1") -> str:
        """Answer page after page, with the least answer where ``said`` has none, until none follows."""
        path = start
        for _ in range(200):
            if not path.startswith("q/"):
                return path
            self.seen.append(path)
            response = self.post(path, self.least(self.page(path), path, said))
            assert response.status_code == 303, (path, Html(response.text).text)
            path = response.location.removeprefix(self.url(""))
        raise AssertionError("the walk has no end")

    @staticmethod
    def least(
        page: Html, path: str, said: Mapping[str, str | Sequence[str]]
    ) -> dict[str, str | Sequence[str]]:
        limb = path.removeprefix("q/").split("/")[0] + "/"
        told = {name.removeprefix(limb): value for name, value in said.items()}
        given: dict[str, str | Sequence[str]] = {}
        for name, offered in page.fields.items():
            codes = [code for code, _ in offered]
            if name in told:
                given[name] = told[name]
            elif "none" in codes and "yes" not in codes:
                given[name] = "none"
            elif len(codes) > 1:
                given[name] = next((code for code in ("no", "ok", "normal") if code in codes), codes[0])
        if any(name in told for name in page.fields) and "none" in given.values():
            given = {name: value for name, value in given.items() if value != "none" or name in told}
        given.update({name: told.get(name, "40" if name == "age" else "3") for name in page.values})
        return given


def a_walk(folder: Path, ehr: EHR | None = None, **changes: object) -> Walk:
    """Alice's launch, ready at the first page."""
    settings = some_settings(ehr or an_ehr(), database_url=f"sqlite:///{folder}/walk.db", base_url=BASE_URL)
    storage = Storage(settings.database_url, settings.sealing_keys)
    storage.migrate()
    clock = Clock()
    transport = Transport(settings)
    services = Services(
        settings=settings,
        catalogue=the_catalogue(),
        storage=storage,
        smart=SmartClient(settings, transport),
        gateway=Gateway(transport),
        clock=clock,
    )
    launch = a_launch(cookie_hash=hash_secret(SECRET), **changes)
    storage.save_launch(launch)
    app = create_app(settings, services=services)
    client = app.test_client()
    client.set_cookie(f"nt-{launch.id}", SECRET, domain="127.0.0.1")
    return Walk(app, client, launch, clock)
