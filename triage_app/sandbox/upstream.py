"""A real FHIR server behind the hospital's door: read, written and forwarded to over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import requests

from triage_app.sandbox.store.outcome import Refusal, Resource

_TIMEOUT_SECONDS = 60
_REQUEST_HEADERS = (
    "Accept",
    "Cache-Control",
    "Content-Type",
    "If-Match",
    "If-None-Exist",
    "If-None-Match",
    "Prefer",
)
_ANSWER_HEADERS = ("Content-Type", "ETag", "Last-Modified", "Location", "Content-Location", "Retry-After")


@dataclass(frozen=True)
class Held:
    """A resource as the real server holds it."""

    body: Resource | None


@dataclass(frozen=True)
class Answer:
    """What the real server answered, its own address replaced by ours."""

    status: int
    headers: dict[str, str]
    body: bytes


class Upstream:
    """Speaks to the server at ``url`` and hides its address behind ``own_url``."""

    def __init__(self, url: str, *, own_url: str) -> None:
        self.url = url
        self._own_url = own_url
        self._session = requests.Session()
        self._session.trust_env = False

    def forward(
        self, method: str, path: str, *, query: str = "", headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Pass a request on; absolute URLs are rewritten both ways. 502 where the server does not answer."""
        sent = {
            name: headers[name].replace(self._own_url, self.url)
            for name in _REQUEST_HEADERS
            if headers.get(name)
        }
        url = f"{self.url}/{path}".rstrip("/") + (f"?{query}" if query else "")
        data = body.replace(self._own_url.encode(), self.url.encode())
        answer = self._asked(method, url, headers=sent, data=data)
        kept = {name: self._ours(answer.headers[name]) for name in _ANSWER_HEADERS if name in answer.headers}
        return Answer(
            answer.status_code, kept, answer.content.replace(self.url.encode(), self._own_url.encode())
        )

    def _get(self, url: str) -> requests.Response:
        return self._asked("GET", url, headers={"Cache-Control": "no-cache"})

    def _asked(
        self, method: str, url: str, *, headers: Mapping[str, str], data: bytes = b""
    ) -> requests.Response:
        try:
            return self._session.request(
                method, url, headers=headers, data=data, timeout=_TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            text = f"the server behind this one did not answer: {type(error).__name__}"
            raise Refusal(502, "transient", text) from error

    def _ours(self, text: str) -> str:
        return text.replace(self.url, self._own_url)

    def read(self, resource_type: str, resource_id: str) -> Held:
        """One resource, or a refusal with the server's own status."""
        answer = self._get(f"{self.url}/{resource_type}/{resource_id}")
        if answer.status_code != requests.codes.ok:
            raise Refusal(answer.status_code, "not-found", f"{resource_type}/{resource_id} cannot be read")
        return Held(answer.json())

    def all(self, resource_type: str) -> list[Resource]:
        """Every resource of a type, page after page."""
        found: list[Resource] = []
        url: str | None = f"{self.url}/{resource_type}?_count=200"
        while url:
            answer = self._get(url)
            if answer.status_code != requests.codes.ok:
                return found
            bundle = answer.json()
            found += [entry["resource"] for entry in bundle.get("entry", []) if "resource" in entry]
            url = next((link["url"] for link in bundle.get("link", []) if link["relation"] == "next"), None)
        return found

    def load(self, resources: Iterable[Resource]) -> None:
        """Put resources there under their own ids. Raises ValueError where the server refuses one."""
        for resource in resources:
            place = f"{resource['resourceType']}/{resource['id']}"
            answer = self._session.put(f"{self.url}/{place}", json=resource, timeout=_TIMEOUT_SECONDS)
            if answer.status_code not in {200, 201}:
                raise ValueError(
                    f"{self.url} answered {answer.status_code} to PUT {place}: {answer.text[:300]}"
                )

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
