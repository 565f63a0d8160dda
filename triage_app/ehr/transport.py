"""One HTTP exchange with an EHR: no redirects, no cookies, limits on time and size, our own errors."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, Retry
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, MaxRetryError, ResponseError

from triage_app.ehr import failures
from triage_app.errors import EHRAmbiguous, EHRError, EHRUnreadable
from triage_app.fhir import exact_json
from triage_app.settings import Settings

LONGEST_WAIT_SECONDS = 2
"""A read waits at most so long before its one more try; an EHR that asks for more is told to people."""

CHUNK_BYTES = 65_536


class ShortRetry(Retry):
    """Tries a read again after 429 or 503, unless the EHR asks to wait long."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Count a try; give up at once where the wait would be long."""
        wait = self.get_retry_after(response) if response is not None else None
        if wait is not None and wait > LONGEST_WAIT_SECONDS:
            raise MaxRetryError(cast("ConnectionPool", _pool), url or "", ResponseError("asks for long"))
        return super().increment(method, url, response, error, _pool, _stacktrace)


@dataclass(frozen=True)
class Answer:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        """Return whether the answer says that it is JSON."""
        media = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return media in ("application/json", "text/json") or media.endswith("+json")

    def json(self) -> Any:
        """Return the body's value, or None where it is no JSON."""
        if not self.is_json:
            return None
        try:
            return exact_json.loads(self.body)
        except ValueError:
            return None

    def object(self, *, who: str, is_write: bool = False) -> dict[str, Any]:
        """Return the body's JSON object; raise EHRUnreadable, or EHRAmbiguous where it answers a write."""
        value = self.json()
        if isinstance(value, dict):
            return value
        found = "JSON of another kind" if self.is_json else "no JSON"
        kind = EHRAmbiguous if is_write else EHRUnreadable
        raise kind(f"{who}: answered {self.status} with {found}, expected a JSON object", status=self.status)


class Transport:
    """A pool of connections with our limits; one for the whole app."""

    def __init__(self, settings: Settings) -> None:
        self._timeout = (settings.connect_timeout_seconds, settings.read_timeout_seconds)
        self._longest_seconds = settings.connect_timeout_seconds + 3 * settings.read_timeout_seconds
        self._limit_bytes = settings.response_limit_kib * 1024
        self._patient = _session(_short_retry())
        self._impatient = _session(Retry(total=0, read=False))

    def send(
        self,
        method: str,
        url: str,
        *,
        who: str,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | None = None,
        data: bytes | Mapping[str, str] | None = None,
        is_write: bool = False,
        seconds: float | None = None,
    ) -> Answer:
        """Return the answer, whatever its status; raise an EHRError when there is none that can be read.

        ``seconds`` is for what can be done without: tried once, and given up after about so long.
        """
        session = self._patient if seconds is None else self._impatient
        longest = seconds or self._longest_seconds
        with _own_errors(who=who, is_write=is_write):
            response = session.request(
                method,
                url,
                headers={**headers, "User-Agent": "nerve-triage"},
                params=params,
                data=data,
                timeout=seconds or self._timeout,
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = self._read(response, longest, who=who, is_write=is_write)
            return Answer(response.status_code, response.headers, body)

    def _read(self, response: requests.Response, longest: float, *, who: str, is_write: bool) -> bytes:
        """Read at most our limit of decompressed bytes, for at most so many seconds."""
        body, deadline = bytearray(), time.monotonic() + longest
        kind = EHRAmbiguous if is_write else EHRUnreadable
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > self._limit_bytes:
                raise kind(f"{who}: the answer is larger than {self._limit_bytes // 1024} KiB")
            if time.monotonic() > deadline:
                raise kind(f"{who}: the answer takes longer than {longest:.0f} s")
        return bytes(body)

    def close(self) -> None:
        """Close every connection."""
        self._patient.close()
        self._impatient.close()


def _session(retry: Retry) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # A .netrc would replace our Authorization header.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_connections=8, pool_maxsize=32))
    return session


def _short_retry() -> ShortRetry:
    return ShortRetry(
        total=2,
        connect=1,
        read=0,
        redirect=0,
        status=1,
        other=0,
        status_forcelist=(429, 503),
        allowed_methods=("GET",),
        backoff_factor=0.2,
        raise_on_status=False,
    )


@contextmanager
def _own_errors(*, who: str, is_write: bool) -> Iterator[None]:
    try:
        yield
    except EHRError:
        raise
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise failures.no_answer(error, who=who, is_write=is_write) from error
