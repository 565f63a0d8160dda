"""Reads an error of the gateway as the failure that the retry table knows."""

from __future__ import annotations

from triage_app.delivery.retry import Failure
from triage_app.errors import (
    EHRAmbiguous,
    EHRConflict,
    EHRError,
    EHRUnauthorized,
    EHRUnavailable,
    EHRUnreadable,
)

_STATUS: tuple[tuple[type[EHRError], int], ...] = (
    (EHRUnauthorized, 401),
    (EHRConflict, 409),
    (EHRUnreadable, 200),
    (EHRError, 400),
)
"""The status that an error without one stands for."""


def failure_of(error: EHRError, *, sent: bool) -> Failure:
    """Return the failure; ``sent`` is False for a read that went before any write."""
    wish = error.retry_after_seconds if isinstance(error, EHRUnavailable) else None
    if error.status is not None:
        return Failure(error.status, sent=sent, issues=error.issues, retry_after_seconds=wish)
    if isinstance(error, EHRAmbiguous):
        return Failure(None, sent=sent)
    if isinstance(error, EHRUnavailable):
        return Failure(None, sent=False)
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    return Failure(status, sent=sent)
