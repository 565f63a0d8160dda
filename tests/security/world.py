"""Two hospitals and one app in this process, without sockets: a request is a function call."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from factories import an_ehr, some_settings
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from requests.adapters import BaseAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

from triage_app import create_app, questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.ehr import Gateway, SmartClient, Transport
from triage_app.sandbox import Hospital, SandboxOptions, create_sandbox, hospital_of
from triage_app.sandbox.store.database import Store
from triage_app.settings import EHR, Secret
from triage_app.storage import Storage
from triage_app.workflow.services import Services

APP = "http://127.0.0.1:8000"
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
HOSPITALS = ("north", "south")
PATIENTS = ("alice", "charlie", "dora", "emil")

Twist = Callable[[requests.PreparedRequest, requests.Response], requests.Response]


@cache
def the_catalogue() -> Catalogue:
    """The pathways of this checkout, read once."""
    return Catalogue.load(questionnaires_folder())


class _Compiled(BytecodeCache):
    """Templates compiled once for all worlds of this process."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


@dataclass
class Clock:
    """A clock that stands until somebody waits."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **much: float) -> None:
        self.now += timedelta(**much)


class _Line(socket.socket):
    """Stands for the connection of a request, so that a hospital can hang up."""

    hung_up = False

    def shutdown(self, how: int) -> None:
        self.hung_up = True


class InProcess(BaseAdapter):
    """Hands the requests of the EHR client to a hospital's WSGI app; ``twist`` may change any answer.

    Keeps what went out: method and address of each request, whoever it was meant for.
    """

    def __init__(self, hospitals: Mapping[str, Flask]) -> None:
        super().__init__()
        self.hospitals = hospitals
        self.sent: list[tuple[str, str]] = []
        self.twist: Twist | None = None

    def send(self, request: requests.PreparedRequest, **_kwargs: Any) -> requests.Response:
        address = request.url or ""
        self.sent.append((request.method or "", address))
        app = self.hospitals.get(urlsplit(address).netloc)
        if app is None:
            raise requests.ConnectionError("there is nobody at this address")
        response = answered(app, request)
        return self.twist(request, response) if self.twist else response

    def close(self) -> None:
        """Nothing is open."""


def answered(app: Flask, request: requests.PreparedRequest) -> requests.Response:
    """Let a hospital answer; raise ConnectionError when it hangs up."""
    line = _Line(socket.AF_UNIX)
    with line:
        body = request.body or b""
        builder = EnvironBuilder(
            path=unquote(urlsplit(request.url or "").path),
            base_url="{0.scheme}://{0.netloc}".format(urlsplit(request.url or "")),
            query_string=urlsplit(request.url or "").query,
            method=request.method or "GET",
            headers=dict(request.headers),
            data=body.encode() if isinstance(body, str) else body,
            environ_base={"REMOTE_ADDR": "127.0.0.1", "werkzeug.socket": line},
        )
        chunks, status, headers = run_wsgi_app(app, builder.get_environ(), buffered=True)
        if line.hung_up:
            raise requests.ConnectionError("the hospital hung up")
    return a_response(request, int(status.split()[0]), dict(headers), b"".join(chunks))


def a_response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    """Return what a server sent, as the HTTP client sees it."""
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response.raw = io.BytesIO(body)
    response.request = request
    response.url = request.url or ""
    return response


@dataclass(frozen=True)
class World:
    """One app that two hospitals know, and everything that a test looks into."""

    app: Flask
    services: Services
    hospitals: Mapping[str, Hospital]
    wire: InProcess
    clock: Clock
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def store(self, ehr: str) -> Store:
        store = self.hospitals[ehr].store
        assert isinstance(store, Store)
        return store


@contextmanager
def a_world(database_url: str = "sqlite://", **changes: Any) -> Iterator[World]:
    """Build both hospitals, with the same patient ids and other names, and the app."""
    clock = Clock()
    sandboxes = {key: _sandbox(key, port, clock) for port, key in enumerate(HOSPITALS, start=9101)}
    hospitals = {key: hospital_of(app) for key, app in sandboxes.items()}
    settings = some_settings(
        *(_ehr(key, hospital) for key, hospital in hospitals.items()), database_url=database_url, base_url=APP
    )
    settings = replace(settings, **{"log_level": "CRITICAL", **changes})
    transport = Transport(settings)
    wire = InProcess(
        {f"localhost:{hospital.options.port}": sandboxes[key] for key, hospital in hospitals.items()}
    )
    for session in (transport._patient, transport._impatient):
        session.mount("http://", wire)
        session.mount("https://", wire)
    storage = Storage(settings.database_url, settings.sealing_keys)
    storage.migrate()
    services = Services(
        settings=settings,
        catalogue=the_catalogue(),
        storage=storage,
        smart=SmartClient(settings, transport),
        gateway=Gateway(transport),
        clock=clock,
        pause=lambda _seconds: None,
    )
    names = {
        (ehr, patient): _rename(hospitals[ehr], ehr, patient) for ehr in HOSPITALS for patient in PATIENTS
    }
    app = create_app(settings, services=services)
    app.jinja_env.bytecode_cache = COMPILED
    try:
        yield World(app, services, hospitals, wire, clock, names)
    finally:
        storage.close()
        for hospital in hospitals.values():
            hospital.store.close()


def _sandbox(key: str, port: int, clock: Clock) -> Flask:
    options = SandboxOptions(
        port=port,
        app_url=APP,
        callback_paths=(f"/callback/{key}",),
        client_id=f"triage-at-{key}",
        ask_consent=False,
        id_token_algorithm="ES384",
        clock=clock,
    )
    return create_sandbox(options)


def _ehr(key: str, hospital: Hospital) -> EHR:
    options = hospital.options
    return an_ehr(
        key=key,
        name=f"Hospital {key.title()}",
        clinic_name=f"Clinic {key.title()}",
        fhir_base_url=options.fhir_url,
        client_id=options.client_id,
        client_secret=Secret(options.client_secret),
    )


def _rename(hospital: Hospital, ehr: str, patient: str) -> str:
    """Give the patient a family name that nobody else has, anywhere; return it."""
    family = f"{patient.title()}of{ehr.title()}"
    person = hospital.store.read("Patient", patient).body
    assert person is not None
    body = {**person, "name": [{"use": "official", "family": family, "given": ["Q"]}]}
    hospital.store.write(body, patient, method="PUT")
    return family
