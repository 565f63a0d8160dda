"""Reads an error of the gateway as the failure that the retry table knows."""

from __future__ import annotations

from triage_app.delivery.retry import Failure
from triage_app.errors import EHRAmbiguous, EHRError, EHRUnavailable, EHRUnreadable

BAD_REQUEST = 400
UNREADABLE = 200


def failure_of(error: EHRError, *, sent: bool) -> Failure:
    """Return the failure; ``sent`` is False for a read that went before any write."""
    wish = error.retry_after_seconds if isinstance(error, EHRUnavailable) else None
    if error.status is not None:
        return Failure(error.status, sent=sent, issues=error.issues, retry_after_seconds=wish)
    if isinstance(error, EHRAmbiguous):
        return Failure(None, sent=sent)
    if isinstance(error, EHRUnavailable):
        return Failure(None, sent=False)
    return Failure(UNREADABLE if isinstance(error, EHRUnreadable) else BAD_REQUEST, sent=sent)
