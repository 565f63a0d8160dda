"""The exchanges with the app, in order, with everything secret taken out."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

_HIDDEN = "(hidden)"
_SECRET = frozenset(
    {
        "access_token",
        "refresh_token",
        "id_token",
        "client_secret",
        "code",
        "code_verifier",
        "token",
        "client_assertion",
        "ticket",
        "launch",
    }
)
_KEPT = 2000


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; ``status`` is 0 where no answer was sent."""

    number: int
    at: datetime
    method: str
    path: str
    status: int
    summary: str
    headers: dict[str, str]
    request: Any
    response: Any


class Wire:
    """Remembers the newest exchanges."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._number = 0
        self._entries: deque[Exchange] = deque(maxlen=_KEPT)

    def record(
        self,
        *,
        method: str,
        path: str,
        status: int,
        summary: str,
        headers: dict[str, str] | None = None,
        request: Any = None,
        response: Any = None,
    ) -> None:
        """Add one exchange; bodies are masked already."""
        with self._lock:
            self._number += 1
            at, shown = self._clock(), headers or {}
            self._entries.append(
                Exchange(self._number, at, method, path, status, summary, shown, request, response)
            )

    def entries(self) -> list[Exchange]:
        """All exchanges that are remembered, newest last."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget all exchanges."""
        with self._lock:
            self._entries.clear()


def readable_body(body: bytes, content_type: str, *, oauth: bool) -> Any:
    """A body as JSON, form or text; in an OAuth exchange its secrets are masked."""
    if not body:
        return None
    text = body.decode("utf-8", "replace")
    if "json" in content_type:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text[:2000]
        return mask(value) if oauth else value
    if "form-urlencoded" in content_type:
        return mask(dict(parse_qsl(text, keep_blank_values=True)))
    return f"{content_type.partition(';')[0]}, {len(body)} bytes"


def mask(value: Any) -> Any:
    """A copy of an object with the values of secret members hidden."""
    if not isinstance(value, dict):
        return value
    return {name: _HIDDEN if name in _SECRET else mask(held) for name, held in value.items()}


def mask_query(path: str, query: str) -> str:
    """A path with its query, secret values hidden."""
    if not query:
        return path
    pairs = [
        (name, _HIDDEN if name in _SECRET else value)
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]
    return f"{path}?{urlencode(pairs, safe='/:|,()')}"
