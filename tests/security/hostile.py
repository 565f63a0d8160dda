"""A hospital that can be told to lie, an app that was launched from it, and a spy on every connection."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from factories import an_ehr, some_settings
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.settings import EHR
from triage_app.storage.rows import Launch
from triage_app.workflow.services import Services

BASE_URL = "http://127.0.0.1:8000"
SCOPES = "launch openid fhirUser patient/*.cruds"
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"}, private=True)
EC = ECKey.generate_key("P-384", parameters={"kid": "ec-1"}, private=True)
Json = dict[str, Any]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Hospital:
    """Its documents, each of which a test may change; ``asked`` are the paths that were asked for."""

    port: int = 0
    document: Json = field(default_factory=dict)
    keys: list[Json] = field(default_factory=lambda: [one.as_dict(private=False) for one in (RSA, EC)])
    token: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    sign: Callable[[Json], str] | None = None
    instead: dict[str, Callable[[], Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    nonce: str = ""

    @property
    def base(self) -> str:
        """Its FHIR base, which is the issuer too."""
        return f"http://localhost:{self.port}/fhir"

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        name = request.path.rpartition("/")[2]
        if name in self.instead:
            return self.instead[name]()(environ, start_response)
        answers = {
            "smart-configuration": self.discovery,
            "jwks": lambda: {"keys": self.keys},
            "token": lambda: self.tokens(request.form.to_dict()),
        }
        plain = answers[name]() if name in answers else {"resourceType": "OperationOutcome"}
        return Response(json.dumps(plain), content_type="application/json")(environ, start_response)

    def discovery(self) -> Json:
        """What it says of itself; a value of None leaves a member out."""
        base = {
            "issuer": self.base,
            "authorization_endpoint": f"http://localhost:{self.port}/auth/authorize",
            "token_endpoint": f"http://localhost:{self.port}/auth/token",
            "jwks_uri": f"http://localhost:{self.port}/auth/jwks",
            "code_challenge_methods_supported": ["S256"],
        }
        return {name: value for name, value in (base | self.document).items() if value is not None}

    def tokens(self, form: dict[str, str]) -> Json:
        """What its token endpoint says."""
        self.forms.append(form)
        good: Json = {
            "access_token": f"access-{len(self.forms)}",
            "refresh_token": f"refresh-{len(self.forms)}",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": SCOPES,
            "patient": "alice",
        }
        if form.get("grant_type") == "authorization_code" or self.claims or self.sign:
            good["id_token"] = self.id_token()
        return {name: value for name, value in (good | self.token).items() if value is not None}

    def id_token(self) -> str:
        """Its id_token, signed as told."""
        now = int(datetime.now(UTC).timestamp())
        good = {
            "iss": self.base,
            "aud": "nerve-triage",
            "sub": "alice-login",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "fhirUser": "Patient/alice",
        }
        claims = {name: value for name, value in (good | self.claims).items() if value is not None}
        return self.sign(claims) if self.sign else signed(claims)


def signed(claims: Json, key: RSAKey | ECKey = RSA, algorithm: str = "RS256", **header: Any) -> str:
    """A token by this key; a header of None is left out."""
    told = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **header}
    told = {name: value for name, value in told.items() if value is not None}
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jwt.encode(told, claims, key, [algorithm], registry=registry)


@contextmanager
def running(hospital: Hospital) -> Iterator[Hospital]:
    """Let the hospital answer on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hospital.port = listener.getsockname()[1]
        server = make_server(
            "127.0.0.1", hospital.port, hospital, threaded=True, fd=listener.fileno(), request_handler=_Quiet
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield hospital
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@dataclass
class World:
    """Alice's browser, the app, its hospital and the second hospital, and where connections went."""

    app: Flask
    client: FlaskClient
    hospital: Hospital
    other: Hospital
    connections: list[tuple[Any, ...]]
    clock: Callable[[], datetime]
    later: list[timedelta]

    @property
    def services(self) -> Services:
        return self.app.extensions["services"]

    @property
    def foreign(self) -> list[tuple[Any, ...]]:
        """Connections to anywhere but the hospital that was launched from."""
        return [place for place in self.connections if place[1] != self.hospital.port]

    def get(self, path: str, query: Json | list[tuple[str, str]] | None = None) -> TestResponse:
        tail = f"?{urlencode(query)}" if query else ""
        return self.client.get(f"{path}{tail}", base_url=BASE_URL)

    def launch(self, **changes: str | None) -> TestResponse:
        """Open the launch address; None leaves a parameter out."""
        query = {"iss": self.hospital.base, "launch": "handle-1", **changes}
        return self.get("/launch", {name: value for name, value in query.items() if value is not None})

    def begin(self) -> dict[str, str]:
        """Launch, and return the authorisation request that the browser was sent with."""
        answer = self.launch()
        assert answer.status_code == 303, answer.text
        asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
        self.hospital.nonce = asked["nonce"]
        return asked

    def call_back(self, *, key: str = "general", **query: str | None) -> TestResponse:
        """Begin, then come back with the code and these changes."""
        return self.back(self.begin()["state"], key=key, **query)

    def back(self, state: str, *, key: str = "general", **query: str | None) -> TestResponse:
        """Come back from the hospital's login."""
        asked = {"state": state, "code": "code-1", **query}
        given = {name: value for name, value in asked.items() if value is not None}
        return self.get(f"/callback/{key}", given)

    def session(self) -> Launch:
        """Alice's launch after everything went well."""
        answer = self.call_back()
        assert answer.status_code == 303, answer.text
        found = re.match(r"/l/([^/]+)/", answer.location)
        assert found
        launch = self.services.storage.fetch_launch(found[1])
        assert launch is not None
        return launch

    def refused(self, answer: TestResponse, *statuses: int) -> None:
        """Hold that there is no session, no code was kept, and nothing of the attacker's is shown."""
        assert answer.status_code in (statuses or (400, 403, 502, 503)), (answer.status_code, answer.text)
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers
        assert "Traceback" not in answer.text
        assert self.services.storage.fetch_audit(ehr="general") == []


@contextmanager
def a_world(folder: Path, catalogue: Catalogue, connections: list[tuple[Any, ...]]) -> Iterator[World]:
    """Build it: the app knows both hospitals."""
    later: list[timedelta] = []

    def clock() -> datetime:
        return datetime.now(UTC) + sum(later, timedelta())

    with running(Hospital()) as hospital, running(Hospital()) as other:
        ehrs: list[EHR] = [
            an_ehr(fhir_base_url=hospital.base),
            an_ehr(key="other", name="Other Hospital", fhir_base_url=other.base),
        ]
        settings = some_settings(
            *ehrs,
            database_url=f"sqlite:///{folder}/triage.db",
            base_url=BASE_URL,
            response_limit_kib=64,
            read_timeout_seconds=0.2,
        )
        services = create_services(settings, catalogue=catalogue)
        object.__setattr__(services, "clock", clock)
        app = create_app(settings, services=services)
        yield World(app, app.test_client(), hospital, other, connections, clock, later)
        services.storage.close()
