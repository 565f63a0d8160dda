"""Where a delivery stands, and which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DeliveryState(StrEnum):
    """Where a delivery stands.

    ``delivered`` has the server's word, ``verified`` was read back and compared: only that may be called
    "in the record". ``held`` waits for a token or a person; ``needs-verification`` may or may not be stored;
    ``dead-letter`` is refused and waits for an operator. Nothing is ever deleted from here.
    """

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    VERIFIED = "verified"
    HELD = "held"
    NEEDS_VERIFICATION = "needs-verification"
    DEAD_LETTER = "dead-letter"


_S = DeliveryState
FOLLOWERS: Mapping[DeliveryState, frozenset[DeliveryState]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.SENDING}),
        _S.SENDING: frozenset(_S),
        _S.DELIVERED: frozenset({_S.SENDING}),
        _S.HELD: frozenset({_S.SENDING, _S.QUEUED}),
        _S.NEEDS_VERIFICATION: frozenset({_S.SENDING, _S.QUEUED}),
        _S.DEAD_LETTER: frozenset({_S.QUEUED}),
        _S.VERIFIED: frozenset(),
    }
)
"""Every way out of a state leads through ``sending``, so that only the holder of the lease decides."""

OPEN = (_S.QUEUED, _S.HELD, _S.DELIVERED, _S.NEEDS_VERIFICATION)
"""States that a fresh launch of the same patient may take up again."""


def may_follow(before: DeliveryState, after: DeliveryState) -> bool:
    """Return whether a delivery may go from ``before`` to ``after``."""
    return after in FOLLOWERS[before]


def in_record(state: DeliveryState) -> bool:
    """Return whether it may be said that this is in the person's record."""
    return state is DeliveryState.VERIFIED
