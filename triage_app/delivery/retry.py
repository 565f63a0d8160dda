"""What to do after a failed write: repeat, look first, wait for a person, or stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from triage_app.delivery.states import DeliveryState

FIRST_DELAY_SECONDS = 1
LONGEST_DELAY_SECONDS = 15 * 60
LONGEST_RETRY_AFTER_SECONDS = 60 * 60
MOST_ATTEMPTS = 8


class Action(StrEnum):
    """What comes next."""

    RETRY = "retry"  # nothing was stored: the same bytes again, later
    RECONCILE = "reconcile"  # it may be stored: search our keys before anything else
    REFRESH = "refresh"  # the token is over: a fresh one, or hold
    HOLD = "hold"  # policy: wait for a person
    STEP_DOWN = "step-down"  # the server cannot do this: another rung, or stop
    CONFLICT = "conflict"  # somebody else changed it: show the difference
    STOP = "stop"  # repeating changes nothing: dead-letter


@dataclass(frozen=True)
class Failure:
    """What went wrong. ``status`` is None when no answer came; ``sent`` says whether the request went out."""

    status: int | None = None
    sent: bool = True
    issues: tuple[str, ...] = ()
    conditional_update: bool = False  # the write carried If-Match
    retry_after_seconds: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What to do, and the state in which the delivery waits. ``pause_lane`` stops all writes to that EHR."""

    action: Action
    state: DeliveryState
    pause_lane: bool = False


_STATE: Mapping[Action, DeliveryState] = MappingProxyType(
    {
        Action.RETRY: DeliveryState.QUEUED,
        Action.RECONCILE: DeliveryState.NEEDS_VERIFICATION,
        Action.REFRESH: DeliveryState.HELD,
        Action.HOLD: DeliveryState.HELD,
        Action.STEP_DOWN: DeliveryState.HELD,
        Action.CONFLICT: DeliveryState.DEAD_LETTER,
        Action.STOP: DeliveryState.DEAD_LETTER,
    }
)
_BY_STATUS: Mapping[int, Action] = MappingProxyType(
    {
        200: Action.RECONCILE,  # a body that is no FHIR: a login page, perhaps
        201: Action.RECONCILE,
        202: Action.RECONCILE,
        400: Action.STOP,
        401: Action.REFRESH,
        403: Action.HOLD,
        404: Action.STEP_DOWN,
        405: Action.STEP_DOWN,
        406: Action.STOP,
        408: Action.RECONCILE,
        410: Action.STOP,
        413: Action.STOP,
        414: Action.STOP,
        415: Action.STOP,
        422: Action.STOP,
        428: Action.CONFLICT,
        429: Action.RETRY,
        500: Action.RECONCILE,
        501: Action.STEP_DOWN,
        502: Action.RECONCILE,
        503: Action.RETRY,
        504: Action.RECONCILE,
    }
)
_TRANSIENT = frozenset({"lock-error", "transient"})
_PAUSING = frozenset({429, 503})


def decide(failure: Failure, *, attempts: int) -> Verdict:
    """Return what to do after ``attempts`` tries; after too many of them everything stops."""
    action = _action(failure)
    if action in (Action.RETRY, Action.RECONCILE) and attempts >= MOST_ATTEMPTS:
        action = Action.STOP
    return Verdict(action, _STATE[action], pause_lane=failure.status in _PAUSING)


def delay_seconds(attempts: int, *, chance: float, retry_after_seconds: int | None = None) -> float:
    """Return the wait before the next try: full jitter over a doubling span, or the server's own wish.

    ``chance`` is a random number from 0 to 1.
    """
    if retry_after_seconds is not None:
        return min(max(retry_after_seconds, 0), LONGEST_RETRY_AFTER_SECONDS)
    doublings = min(max(attempts, 1) - 1, 16)
    span = min(FIRST_DELAY_SECONDS * float(2**doublings), LONGEST_DELAY_SECONDS)
    return chance * span


def _action(failure: Failure) -> Action:
    status = failure.status
    if status is None:
        return Action.RECONCILE if failure.sent else Action.RETRY
    if status in (409, 412):
        return _on_conflict(failure)
    if "not-supported" in failure.issues:
        return Action.STEP_DOWN
    action = _BY_STATUS.get(status, Action.RECONCILE if status >= 500 else Action.STOP)
    return action if failure.sent or action is not Action.RECONCILE else Action.RETRY


def _on_conflict(failure: Failure) -> Action:
    if failure.conditional_update:
        return Action.CONFLICT
    if failure.status == 412:  # several resources carry our key: never pick one
        return Action.STOP
    return Action.RETRY if _TRANSIENT & set(failure.issues) else Action.RECONCILE
