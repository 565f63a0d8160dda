"""Turns every failure of an exchange with an EHR into one of our errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from triage_app.errors import (
    EHRAmbiguous,
    EHRConflict,
    EHRError,
    EHRRefused,
    EHRUnauthorized,
    EHRUnavailable,
    EHRUnreadable,
)

NEVER_SENT: tuple[type[Exception], ...] = (requests.ConnectTimeout, requests.exceptions.ProxyError)
"""The request did not leave: nothing can have been stored."""

OUR_MISTAKE: tuple[type[Exception], ...] = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.URLRequired,
    requests.exceptions.UnrewindableBodyError,
)
"""The request could not be made at all; repeating it changes nothing."""

UNUSABLE: tuple[type[Exception], ...] = (
    requests.exceptions.ContentDecodingError,
    requests.exceptions.InvalidJSONError,
    requests.exceptions.StreamConsumedError,
    requests.exceptions.TooManyRedirects,
)
"""There was an answer, and it could not be read."""

LONGEST_RETRY_AFTER_SECONDS = 3600


def no_answer(error: Exception, *, who: str, is_write: bool) -> EHRError:
    """Return our error for an exchange that ended without an answer; a write may have been stored."""
    kind = type(error).__name__
    if isinstance(error, OUR_MISTAKE):
        return EHRRefused(f"{who}: the request could not be made ({kind})")
    if isinstance(error, NEVER_SENT) or _was_never_sent(error):
        return EHRUnavailable(f"{who}: no connection ({kind})")
    if is_write:
        return EHRAmbiguous(f"{who}: no usable answer to a write ({kind})")
    if isinstance(error, UNUSABLE):
        return EHRUnreadable(f"{who}: the answer could not be read ({kind})")
    return EHRUnavailable(f"{who}: no answer ({kind})")


def _was_never_sent(error: Exception) -> bool:
    """Return whether a ConnectionError came from looking up the name or opening the connection."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, (NewConnectionError, NameResolutionError))


def refused(
    status: int, headers: Mapping[str, str], outcome: object, *, who: str, is_write: bool
) -> EHRError:
    """Return our error for an HTTP status outside 200-299."""
    issues = issue_codes(outcome)
    told = f"{who}: answered {status}" + (f" ({', '.join(issues)})" if issues else "")
    facts: dict[str, Any] = {"status": status, "issues": issues}
    if status == 401:
        return EHRUnauthorized(told, **facts)
    if status in (409, 412, 428):
        return EHRConflict(told, **facts)
    if status in (429, 503):
        return EHRUnavailable(told, retry_after_seconds=retry_after_seconds(headers), **facts)
    if status == 408 or (status >= 500 and status not in (501, 505)):
        return EHRAmbiguous(told, **facts) if is_write else EHRUnavailable(told, **facts)
    if 300 <= status < 400:
        return EHRRefused(f"{who}: answered {status}, a redirect, which is never followed", **facts)
    return EHRRefused(told, **facts)


def issue_codes(outcome: object) -> tuple[str, ...]:
    """Return the issue codes of an OperationOutcome; its texts may quote the chart and are left."""
    issues = outcome.get("issue") if isinstance(outcome, dict) else None
    if not isinstance(issues, list):
        return ()
    codes = [issue.get("code") for issue in issues[:10] if isinstance(issue, dict)]
    return tuple(code for code in codes if isinstance(code, str) and code.isascii() and len(code) <= 32)


def retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    """Return the EHR's wish (seconds or a date), at most an hour; None when it has none."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        try:
            seconds = int((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            return None
    return max(0, min(seconds, LONGEST_RETRY_AFTER_SECONDS))
