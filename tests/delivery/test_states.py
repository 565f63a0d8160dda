"""A delivery goes only ways that keep its promise."""

from __future__ import annotations

import pytest

from triage_app.delivery.states import FOLLOWERS, DeliveryState, in_record, may_follow


def test_only_what_was_read_back_is_in_the_record() -> None:
    assert [state for state in DeliveryState if in_record(state)] == [DeliveryState.VERIFIED]


def test_every_state_has_its_followers_and_verified_is_the_end() -> None:
    assert set(FOLLOWERS) == set(DeliveryState)
    assert FOLLOWERS[DeliveryState.VERIFIED] == frozenset()


@pytest.mark.parametrize("before", [state for state in DeliveryState if state is not DeliveryState.SENDING])
def test_nothing_becomes_verified_but_by_the_holder_of_the_lease(before: DeliveryState) -> None:
    assert not may_follow(before, DeliveryState.VERIFIED)
    assert not may_follow(before, DeliveryState.DELIVERED)


@pytest.mark.parametrize("state", [s for s in DeliveryState if s is not DeliveryState.VERIFIED])
def test_nothing_but_verified_is_a_dead_end(state: DeliveryState) -> None:
    reached, waiting = set(), [state]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += FOLLOWERS[here]
    assert DeliveryState.VERIFIED in reached
