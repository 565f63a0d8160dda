"""Logs: JSON lines, static event names, listed keys only, a request id in each."""

from __future__ import annotations

import re
import sys
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

from triage_app.settings import Settings

ALLOWED_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "request_id",
        "method",
        "route",
        "status",
        "milliseconds",
        "error",
        "where",
        "reason",
        "ehr",
        "kind",
        "state",
        "rung",
        "attempts",
        "count",
        "pathway",
        "version",
        "rule",
    }
)
"""What a log line may hold. None of these ever carries a patient's id, name, answer or token."""

_EVENT = re.compile(r"[a-z][a-z0-9_]{2,60}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

log = structlog.get_logger()


def keep_allowed(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not listed, and a name that was not a static one."""
    kept = {key: value for key, value in line.items() if key in ALLOWED_KEYS}
    if not _EVENT.fullmatch(str(kept.get("event", ""))):
        kept["event"] = "unnamed_event"
    return kept


def configure_logs(settings: Settings) -> None:
    """Set up structlog for this process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level.lower()),
        logger_factory=lambda *_names: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def install_logs(app: Flask) -> None:
    """Give each request an id and one line when it ends."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    found = request.headers.get("X-Request-ID", "")
    g.request_id = found if _REQUEST_ID.fullmatch(found) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    log.info(
        "request",
        method=request.method,
        route=str(request.url_rule or "none"),
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        ehr=g.ehr.key if g.get("ehr") else None,
    )
    return response
