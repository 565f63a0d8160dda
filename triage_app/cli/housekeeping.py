"""Removes what has been kept long enough, once an hour, beside a serving app."""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog

from triage_app.errors import StorageError
from triage_app.workflow.services import Services

HOUR = 3600
log = structlog.get_logger()


def purge(services: Services) -> None:
    """Remove drafts, sealed contents and ended sessions that are past the retention time."""
    keep = timedelta(days=services.settings.retention_days)
    services.storage.purge(now=services.clock(), keep=keep)


def start_housekeeping(services: Services) -> threading.Event:
    """Purge now and every hour in a thread of this process; setting the returned event ends it."""
    ended = threading.Event()
    threading.Thread(target=_go_on, args=(services, ended), name="housekeeping", daemon=True).start()
    return ended


def _go_on(services: Services, ended: threading.Event) -> None:
    while True:
        try:
            purge(services)
        except StorageError:
            log.warning("purge_failed")
        if ended.wait(HOUR):
            return
