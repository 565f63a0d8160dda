"""Distinctive strings for everything secret, and a recorder that sees all that leaves the app."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from werkzeug.wrappers import Response

from security.world import World
from triage_app.clinical.questionnaire import Questionnaire

NAME = "Canaryfamily"
TYPED = "canarytyped"
NOTE = "canarynote"
GARBAGE = "canarygarbage"
LAUNCH_ERROR = "canarylauncherror"
CRASH = "canarycrash"


@dataclass(frozen=True)
class Exchange:
    """One request to the app and what it answered."""

    method: str
    url: str
    status: int
    headers: str
    location: str
    body: str

    @property
    def is_protocol(self) -> bool:
        """Return whether OAuth itself puts a code, a state or a launch value into this address."""
        return urlsplit(self.url).path.startswith(("/callback", "/launch"))


@dataclass
class Recorder:
    """Stands before the app and keeps every exchange; collects the secrets that pass the hospitals' side."""

    world: World
    exchanges: list[Exchange] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def install(self) -> None:
        inside = self.world.app.wsgi_app

        def outside(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            response = Response.from_app(inside, environ, buffered=True)
            self._keep(environ, response)
            return response(environ, start)

        self.world.app.wsgi_app = outside  # type: ignore[method-assign]
        self.world.wire.twist = self._listen

    def _keep(self, environ: dict[str, Any], response: Response) -> None:
        query = environ.get("QUERY_STRING", "")
        url = environ["PATH_INFO"] + (f"?{query}" if query else "")
        self.secrets.update(parse_qs(query).get("code", ()))
        location = response.headers.get("Location", "")
        told = [(name, value) for name, value in response.headers if name not in ("Location", "Set-Cookie")]
        body = response.get_data(as_text=True)
        self.exchanges.append(
            Exchange(environ["REQUEST_METHOD"], url, response.status_code, str(told), location, body)
        )
        for cookie in response.headers.getlist("Set-Cookie"):
            value = cookie.partition("=")[2].partition(";")[0]
            if len(value) > 20:
                self.secrets.add(value)

    def _listen(self, request: requests.PreparedRequest, response: requests.Response) -> requests.Response:
        if (request.url or "").endswith("/auth/token"):
            sent = request.body if isinstance(request.body, str) else (request.body or b"").decode()
            told = {**parse_qs(sent), **_object(response.content)}
            for name in ("code", "code_verifier", "access_token", "refresh_token", "id_token"):
                value = told.get(name)
                self.secrets.update([value] if isinstance(value, str) else value or ())
        return response


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def answered_words(form: Questionnaire) -> Iterator[str]:
    """Yield the linkIds that only stand where answers stand."""
    for item in form.items:
        for question in item.walk():
            if question.kind != "group" and "." in question.link_id and len(question.link_id) > 6:
                yield question.link_id


def bytes_at_rest(folder: Path) -> bytes:
    """Return the database with its journal, as a thief of the disk would have it."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def found_in(text: str | bytes, canaries: Iterable[str]) -> list[str]:
    """Return the canaries that a text holds."""
    if isinstance(text, bytes):
        return [canary for canary in canaries if canary.encode() in text]
    return [canary for canary in canaries if canary in text]
