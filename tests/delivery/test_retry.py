"""What follows a failed write, status by status."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage_app.delivery.retry import (
    LONGEST_DELAY_SECONDS,
    LONGEST_RETRY_AFTER_SECONDS,
    MOST_ATTEMPTS,
    Action,
    Failure,
    decide,
    delay_seconds,
)
from triage_app.delivery.states import DeliveryState

TABLE = [
    (Failure(None, sent=False), Action.RETRY, DeliveryState.QUEUED),
    (Failure(500, sent=False), Action.RETRY, DeliveryState.QUEUED),
    (Failure(401, sent=False), Action.REFRESH, DeliveryState.HELD),
    (Failure(None), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(200), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(202), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(400), Action.STOP, DeliveryState.DEAD_LETTER),
    (Failure(401), Action.REFRESH, DeliveryState.HELD),
    (Failure(403), Action.HOLD, DeliveryState.HELD),
    (Failure(404), Action.STEP_DOWN, DeliveryState.HELD),
    (Failure(405), Action.STEP_DOWN, DeliveryState.HELD),
    (Failure(408), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(409), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(409, issues=("lock-error",)), Action.RETRY, DeliveryState.QUEUED),
    (Failure(409, issues=("duplicate",)), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(409, conditional_update=True), Action.CONFLICT, DeliveryState.DEAD_LETTER),
    (Failure(410), Action.STOP, DeliveryState.DEAD_LETTER),
    (Failure(412), Action.STOP, DeliveryState.DEAD_LETTER),
    (Failure(412, conditional_update=True), Action.CONFLICT, DeliveryState.DEAD_LETTER),
    (Failure(413), Action.STOP, DeliveryState.DEAD_LETTER),
    (Failure(418), Action.STOP, DeliveryState.DEAD_LETTER),
    (Failure(422), Action.STOP, DeliveryState.DEAD_LETTER),
    (Failure(422, issues=("not-supported",)), Action.STEP_DOWN, DeliveryState.HELD),
    (Failure(428), Action.CONFLICT, DeliveryState.DEAD_LETTER),
    (Failure(429), Action.RETRY, DeliveryState.QUEUED),
    (Failure(500), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(501), Action.STEP_DOWN, DeliveryState.HELD),
    (Failure(503), Action.RETRY, DeliveryState.QUEUED),
    (Failure(504), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
    (Failure(599), Action.RECONCILE, DeliveryState.NEEDS_VERIFICATION),
]


@pytest.mark.parametrize(("failure", "action", "state"), TABLE)
def test_each_failure_has_its_answer(failure: Failure, action: Action, state: DeliveryState) -> None:
    verdict = decide(failure, attempts=1)
    assert (verdict.action, verdict.state) == (action, state)


@pytest.mark.parametrize(("failure", "action", "state"), TABLE)
def test_no_failure_is_repeated_for_ever(failure: Failure, action: Action, state: DeliveryState) -> None:
    assert decide(failure, attempts=MOST_ATTEMPTS).action not in (Action.RETRY, Action.RECONCILE)


@given(st.integers(400, 599), st.booleans())
def test_whatever_may_have_been_stored_is_never_simply_repeated(status: int, conditional: bool) -> None:
    verdict = decide(Failure(status, conditional_update=conditional), attempts=1)
    assert verdict.action is not Action.RETRY or status in (429, 503)


@pytest.mark.parametrize(("status", "pauses"), [(429, True), (503, True), (500, False), (None, False)])
def test_a_server_under_pressure_is_left_alone_as_a_whole(status: int | None, pauses: bool) -> None:
    assert decide(Failure(status), attempts=1).pause_lane is pauses


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_delay_is_never_longer_than_the_cap(attempts: int, chance: float) -> None:
    assert 0 <= delay_seconds(attempts, chance=chance) <= LONGEST_DELAY_SECONDS


def test_delays_double_up_to_the_cap_and_honour_the_server() -> None:
    assert [delay_seconds(n, chance=1) for n in (1, 2, 3, 11)] == [1, 2, 4, LONGEST_DELAY_SECONDS]
    assert delay_seconds(1, chance=0.5, retry_after_seconds=30) == 30
    assert delay_seconds(1, chance=0.5, retry_after_seconds=10**9) == LONGEST_RETRY_AFTER_SECONDS
    assert delay_seconds(1, chance=0.5, retry_after_seconds=-5) == 0
