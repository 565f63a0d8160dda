"""What can be made to go wrong, and what is going wrong just now."""

from __future__ import annotations

import threading
from enum import StrEnum


class Fault(StrEnum):
    """One way in which a hospital's server fails its callers."""

    DOWN = "down"
    DROPPED = "dropped"
    THROTTLED = "throttled"
    SLOW = "slow"
    LOGIN_PAGE = "login-page"
    FAIL_AFTER_COMMIT = "500-after-commit"
    DROP_AFTER_COMMIT = "drop-after-commit"
    TOKEN_REFUSED = "token-refused"  # noqa: S105 - the name of a fault
    ACCESS_REFUSED = "access-refused"
    WRONG_NONCE = "wrong-nonce"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_ISSUER = "wrong-issuer"
    EXPIRED_IDENTITY = "expired-id-token"
    FOREIGN_KEY = "foreign-key"


MEANING = {
    Fault.DOWN: "The server answers every request of the app with 503.",
    Fault.DROPPED: "The connection is dropped before anything is done.",
    Fault.THROTTLED: "The server answers 429 and asks to come back after 2 seconds.",
    Fault.SLOW: "The record keeps every reader waiting: 10 seconds, or until this is switched off.",
    Fault.LOGIN_PAGE: "The record answers 200 with a login page instead of FHIR.",
    Fault.FAIL_AFTER_COMMIT: "A write is stored, and then answered with 500.",
    Fault.DROP_AFTER_COMMIT: "A write is stored, and then the connection is dropped without an answer.",
    Fault.TOKEN_REFUSED: "No code or refresh token is exchanged any more.",
    Fault.ACCESS_REFUSED: "Every access token is refused with 401, as if it had run out.",
    Fault.WRONG_NONCE: "The id_token carries another nonce than the one asked for.",
    Fault.WRONG_AUDIENCE: "The id_token is made out to another app.",
    Fault.WRONG_ISSUER: "The id_token names another hospital.",
    Fault.EXPIRED_IDENTITY: "The id_token ran out an hour ago.",
    Fault.FOREIGN_KEY: "The id_token is signed with a key that the hospital does not publish.",
}


SLOW_SECONDS = 10.0


class Faults:
    """Which faults are on; one set with ``times`` goes off by itself after so many uses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[Fault, int | None] = {}
        self._hurry = threading.Event()

    def set(self, fault: str, on: bool = True, *, times: int | None = None) -> None:
        """Switch a fault on or off. Raises ValueError for a name that is no fault."""
        known = Fault(fault)
        with self._lock:
            self._left.pop(known, None)
            if on:
                self._left[known] = times
            if known is Fault.SLOW and on:
                self._hurry.clear()
            elif known is Fault.SLOW:
                self._hurry.set()

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._left.clear()
            self._hurry.set()

    def keep_waiting(self) -> None:
        """Return after ``SLOW_SECONDS``, or as soon as slowness is switched off."""
        self._hurry.wait(SLOW_SECONDS)

    def is_on(self, fault: Fault) -> bool:
        """Whether a fault is on, without using it up."""
        return fault in self._left

    def strikes(self, fault: Fault) -> bool:
        """Whether a fault is on now; counts as one use of it."""
        with self._lock:
            if fault not in self._left:
                return False
            left = self._left[fault]
            if left is not None:
                self._left[fault] = left - 1
                if left <= 1:
                    del self._left[fault]
            return True
