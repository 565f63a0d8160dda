"""Throws anything at every route, and lets the hospitals answer anything, at every step of a story."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests
from flask.testing import FlaskClient
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from security.interleavings import People, Tab
from security.ledger import Who
from security.nasty import BODIES, KINDS, TEXTS, Change, changed, changes, header_texts, json_values, texts
from security.world import APP, World, a_response, a_world
from triage_app.ehr import Gateway, SmartClient, Transport
from triage_app.errors import TriageError
from triage_app.storage.rows import Draft, Launch
from triage_app.web.form_token import make_form_token
from triage_app.web.security import page_of_path
from triage_app.workflow.connections import refresh

BY_DESIGN = frozenset({502, 503})
"""A hospital that does not answer, or not what it should, is told with these."""

LONGEST_CPU_SECONDS = 1.0
_VARIABLE = re.compile(r"<(?:([a-z]+)(?:\([^)]*\))?:)?([a-z_]+)>")
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
QUERY = (
    "iss",
    "launch",
    "state",
    "code",
    "error",
    "each",
    "change",
    "again",
    "probe",
    "url",
    "version",
    "_format",
)
FORM = (
    "form_token",
    "of",
    "decision",
    "reason",
    "note",
    "suggestion",
    "version",
    "shown",
    "iss",
    "launch",
    "limb",
)
HEADERS = (
    "Accept",
    "Origin",
    "Referer",
    "Sec-Fetch-Site",
    "Sec-Fetch-Dest",
    "X-Request-ID",
    "Accept-Language",
    "If-None-Match",
    "Range",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "Authorization",
    "Cookie",
)
STATUSES = (200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 503, 599)
RECORD_KINDS = (
    "smart-configuration",
    "jwks",
    "token",
    "metadata",
    "Patient",
    "QuestionnaireResponse",
    "Observation",
    "ServiceRequest",
    "Task",
    "Condition",
    "Procedure",
    "MedicationRequest",
    "fhir",
)


class Failed(AssertionError):
    """The app failed by itself."""


@dataclass(frozen=True)
class Sent:
    """One request to the app."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    form: list[tuple[str, str]]
    body: bytes | None
    kind: str


@dataclass(frozen=True)
class Reply:
    """How a hospital's answers are changed: those to this kind of request, from the n-th on."""

    about: str
    status: int | None
    kind: str | None
    body: bytes | None
    changes: list[Change]
    location: str | None


@dataclass
class Target:
    """One world with a patient, a clinician, an answered form and a response in the chart."""

    world: World
    people: People
    tabs: dict[str, Tab] = field(default_factory=dict)
    draft: Draft | None = None
    tried: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_was: str = ""

    @property
    def client(self) -> FlaskClient:
        return self.people.browsers[0]

    def prepare(self) -> None:
        """Let a patient send once and answer again without sending, and a clinician open the chart."""
        self.tab("patient")
        self._answer_all()
        self.people._send(self.tab("patient"))
        self._answer_all()
        self.draft = self._stored()
        self.tab("clinician")

    def _answer_all(self) -> None:
        tab = self.tab("patient")
        self.people._open(tab, tab.url(""))
        for _ in range(80):
            if any(form.action.endswith("/send") for form in tab.view.forms):
                return
            self.people._answer_here(tab)
        raise AssertionError("the form has no end")

    def _stored(self) -> Draft | None:
        return self.world.services.storage.fetch_draft(
            ehr="north", patient="alice", author="Patient/alice", pathway="nerve-symptoms"
        )

    def tab(self, role: str) -> Tab:
        """Return a session of that role that is in use."""
        tab = self.tabs.get(role)
        if tab is None or not self._is_alive(tab):
            user = "Patient/alice" if role == "patient" else "Practitioner/bob"
            launch = self.world.hospitals["north"].new_launch(patient="alice", user=user)
            back = self.people.log_in(str(self.people._get(0, launch.url).location))
            finished = self.people._get(0, back)
            launch_id = str(finished.location).split("/")[2]
            now = self.world.clock.now
            tab = self.tabs[role] = Tab(0, Who("north", "alice", user), role, launch_id, now, now)
        return tab

    def _is_alive(self, tab: Tab) -> bool:
        launch = self.launch(tab)
        cookie = self.client.get_cookie(f"nt-{tab.launch_id}", domain="127.0.0.1")
        return launch.ended_at is None and launch.access_token is not None and cookie is not None

    def launch(self, tab: Tab) -> Launch:
        launch = self.world.services.storage.fetch_launch(tab.launch_id)
        assert launch is not None
        return launch

    def again(self) -> None:
        """Bring the answered draft back, and forget what the clients remember of the hospital."""
        storage = self.world.services.storage
        key = {"ehr": "north", "patient": "alice", "author": "Patient/alice", "pathway": "nerve-symptoms"}
        storage.delete_draft(**key)
        assert self.draft is not None
        storage.save_draft(replace(self.draft, id=self.world.services.new_id()))
        transport = Transport(self.world.services.settings)
        for session in (transport._patient, transport._impatient):
            session.mount("http://", self.world.wire)
            session.mount("https://", self.world.wire)
        fresh = replace(
            self.world.services,
            smart=SmartClient(self.world.services.settings, transport),
            gateway=Gateway(transport),
        )
        self.world.app.extensions["services"] = fresh
        self.world.app.extensions.pop("people", None)

    def judge(self, what: str, response: TestResponse, began: float) -> TestResponse:
        """Raise Failed unless the answer is one that we mean."""
        spent = time.process_time() - began
        if spent > self.slowest:
            self.slowest, self.slowest_was = spent, what
        self.tried[f"{what} {response.status_code}"] += 1
        if response.status_code >= 500 and response.status_code not in BY_DESIGN:
            raise Failed(f"{what}: {response.status_code}")
        if "Traceback (most recent" in response.text or "werkzeug" in response.text.lower():
            raise Failed(f"{what}: the answer shows its inside")
        return response


@contextmanager
def a_target() -> Iterator[Target]:
    with a_world() as world:
        target = Target(world, People(world, 1))
        target.prepare()
        yield target


def sent_requests(target: Target) -> st.SearchStrategy[Sent]:
    """Return requests to every route of the app: mostly well-formed, with something strange in them."""
    rules = sorted(
        target.world.app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))
    )
    return st.sampled_from(rules).flatmap(lambda rule: _requests_to(target, rule))


def _requests_to(target: Target, rule: Rule) -> st.SearchStrategy[Sent]:
    methods = sorted((rule.methods or set()) & set(METHODS))
    pairs = st.lists(st.tuples(st.sampled_from(QUERY), texts()), max_size=5)
    headers = st.lists(st.tuples(st.sampled_from(HEADERS), header_texts()), max_size=3)
    form = st.lists(
        st.tuples(st.one_of(st.sampled_from(FORM + _link_ids(target)), texts()), _values()), max_size=8
    )
    return st.builds(
        Sent,
        method=st.one_of(st.sampled_from(methods), st.sampled_from(methods), st.sampled_from(METHODS)),
        path=_paths(target, rule),
        query=st.one_of(pairs, _a_launch_query(target)),
        headers=headers,
        form=form,
        body=st.one_of(st.none(), st.none(), st.none(), st.sampled_from(BODIES), st.binary(max_size=200)),
        kind=st.sampled_from(
            (*KINDS, "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
        ),
    )


def _values() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(("yes", "no", "unsure", "none", "3", "accept", "decline")), texts())


def _link_ids(target: Target) -> tuple[str, ...]:
    form = target.people.ledger.form
    return tuple(question.link_id for item in form.items for question in item.walk())


def _a_launch_query(target: Target) -> st.SearchStrategy[list[tuple[str, str]]]:
    iss = target.world.hospitals["north"].options.fhir_url
    return st.tuples(st.sampled_from((iss, iss + "/", iss.upper())), texts()).map(
        lambda pair: [("iss", pair[0]), ("launch", pair[1])]
    )


def _paths(target: Target, rule: Rule) -> st.SearchStrategy[str]:
    parts: list[st.SearchStrategy[str]] = []
    last = 0
    for match in _VARIABLE.finditer(rule.rule):
        parts += [st.just(rule.rule[last : match.start()]), _segment(target, match[2])]
        last = match.end()
    parts.append(st.just(rule.rule[last:]))
    return st.tuples(*parts).map("".join)


def _segment(target: Target, name: str) -> st.SearchStrategy[str]:
    anything = texts().map(lambda text: quote(text, safe="/"))
    known: tuple[str, ...] = {
        "launch_id": tuple(target.tab(role).launch_id for role in ("patient", "clinician")),
        "path": _page_paths(target),
        "resource_type": ("Questionnaire", "CodeSystem", "ValueSet"),
        "resource_id": ("nerve-symptoms", "nerve-symptoms-1.0.0"),
        "response_id": tuple(
            one["id"] for one in target.world.store("north").all("QuestionnaireResponse")[:2]
        ),
        "ehr_key": ("north", "south"),
    }.get(name, ())
    if not known:
        return anything
    return st.one_of(st.sampled_from(known), st.sampled_from(known), st.sampled_from(known), anything)


def _page_paths(target: Target) -> tuple[str, ...]:
    ids = _link_ids(target)
    return (*ids, *(f"right-arm/{one}" for one in ids), *(f"{one}/details" for one in ids))


def try_request(target: Target, sent: Sent, *, with_token: bool) -> None:
    """Send one request; raise Failed when the app fails by itself."""
    form = list(sent.form)
    path = sent.path
    for role in ("patient", "clinician"):
        if path.startswith(f"/l/{target.tab(role).launch_id}/") and with_token:
            token = make_form_token(
                target.world.services.settings, target.launch(target.tab(role)), page_of_path(path)
            )
            form = [pair for pair in form if pair[0] != "form_token"] + [("form_token", token)]
    body: Any = sent.body
    headers = [pair for pair in sent.headers if pair[0] != "Cookie" or not with_token]
    if body is None:
        body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    else:
        kind = sent.kind
    began = time.process_time()
    response = target.client.open(
        path,
        method=sent.method,
        base_url=APP,
        query_string=urlencode(sent.query),
        headers=[*headers, ("Content-Type", kind)],
        data=body if sent.method not in ("GET", "HEAD") else None,
    )
    target.judge(f"{sent.method} {_shape(path)}", response, began)


def _shape(path: str) -> str:
    return "/".join(part if len(part) < 12 and part.isalpha() else "*" for part in path.split("/")[:4])


def replies() -> st.SearchStrategy[Reply]:
    """Return ways in which a hospital answers otherwise than it should."""
    return st.builds(
        Reply,
        about=st.sampled_from(RECORD_KINDS),
        status=st.one_of(st.none(), st.none(), st.sampled_from(STATUSES)),
        kind=st.one_of(st.none(), st.none(), st.none(), st.sampled_from(KINDS)),
        body=st.one_of(st.none(), st.none(), st.none(), st.sampled_from(BODIES), st.binary(max_size=100)),
        changes=changes(),
        location=st.one_of(st.none(), st.sampled_from(TEXTS[:10]).map(lambda text: quote(text))),
    )


def twisted(reply: Reply) -> Callable[[requests.PreparedRequest, requests.Response], requests.Response]:
    """Return what changes a hospital's answers in that way."""

    def twist(request: requests.PreparedRequest, response: requests.Response) -> requests.Response:
        if reply.about not in urlsplit(request.url or "").path:
            return response
        body = reply.body if reply.body is not None else changed(response.content, reply.changes)
        headers = dict(response.headers)
        headers.pop("Content-Length", None)
        if reply.kind is not None:
            headers["Content-Type"] = reply.kind
        if reply.location is not None:
            headers |= {"Location": reply.location, "Retry-After": reply.location}
        return a_response(request, reply.status or response.status_code, headers, body)

    return twist


def try_reply(target: Target, reply: Reply, story: str) -> None:
    """Let one part of the story meet such a hospital; raise Failed when the app fails by itself."""
    patient, clinician = target.tab("patient"), target.tab("clinician")
    target.again()
    target.world.wire.twist = twisted(reply)
    began = time.process_time()
    try:
        for response in STORIES[story](target, patient, clinician):
            target.judge(f"{story} {reply.about}", response, began)
            began = time.process_time()
    finally:
        target.world.wire.twist = None
        target.world.clock.wait(seconds=1)


def _launches(target: Target, _patient: Tab, _clinician: Tab) -> Iterator[TestResponse]:
    pressed = target.world.hospitals["north"].new_launch(patient="alice", user="Practitioner/bob")
    parts = urlsplit(pressed.url)
    began = target.client.get(f"{parts.path}?{parts.query}", base_url=APP)
    yield began
    if began.status_code != 303 or urlsplit(str(began.location)).netloc not in target.world.wire.hospitals:
        return
    try:
        back = urlsplit(target.people.log_in(str(began.location)))
    except KeyError:  # the hospital's login does not like what its own discovery told us
        return
    finished = target.client.get(f"{back.path}?{back.query}", base_url=APP)
    yield finished
    if finished.status_code == 303:
        yield target.client.get(str(finished.location), base_url=APP)


def _reads(target: Target, patient: Tab, clinician: Tab) -> Iterator[TestResponse]:
    for tab, page in (
        (clinician, "review"),
        (patient, ""),
        (patient, "check"),
        (patient, "q/history.diabetes"),
    ):
        yield target.client.get(tab.url(page).removeprefix(APP), base_url=APP)
    held = target.world.store("north").all("QuestionnaireResponse")
    yield target.client.get(clinician.url(f"review/{held[0]['id']}").removeprefix(APP), base_url=APP)


def _sends(target: Target, patient: Tab, _clinician: Tab) -> Iterator[TestResponse]:
    yield _post(target, patient, "send", {})
    target.world.clock.wait(seconds=40)
    yield _post(target, patient, "result", {})
    yield target.client.get(patient.url("result").removeprefix(APP), base_url=APP)


def _decides(target: Target, _patient: Tab, clinician: Tab) -> Iterator[TestResponse]:
    open_ones = [one for one in target.world.store("north").all("ServiceRequest") if one["status"] == "draft"]
    for one in open_ones[:1]:
        said = {"suggestion": f"ServiceRequest/{one['id']}", "version": one["meta"]["versionId"]}
        yield _post(target, clinician, "decide", {**said, "decision": "accept"})


def _refreshes(target: Target, _patient: Tab, clinician: Tab) -> Iterator[TestResponse]:
    services = target.world.app.extensions["services"]
    try:
        refresh(services, target.launch(clinician))
    except TriageError:
        target.tried["refresh refused"] += 1
    yield target.client.get(clinician.url("review").removeprefix(APP), base_url=APP)


def _leaves(target: Target, _patient: Tab, clinician: Tab) -> Iterator[TestResponse]:
    yield _post(target, clinician, "sign-out", {})


def _post(target: Target, tab: Tab, page: str, fields: dict[str, str]) -> TestResponse:
    token = make_form_token(target.world.services.settings, target.launch(tab), page)
    return target.client.post(
        tab.url(page).removeprefix(APP), base_url=APP, data={**fields, "form_token": token}
    )


STORIES: dict[str, Callable[[Target, Tab, Tab], Iterator[TestResponse]]] = {
    "launch": _launches,
    "read": _reads,
    "send": _sends,
    "decide": _decides,
    "refresh": _refreshes,
    "leave": _leaves,
}

__all__ = [
    "STORIES",
    "Failed",
    "a_target",
    "json_values",
    "replies",
    "sent_requests",
    "try_reply",
    "try_request",
]
