"""What SMART App Launch asks of an app, and which of it this hospital has seen the app do."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import StrEnum


class Duty(StrEnum):
    """One thing that an app must do and that a hospital can see."""

    DISCOVERY = "reads the SMART configuration"
    CODE_FLOW = "asks for a code (response_type)"
    REDIRECT = "names itself and its registered redirect address, exactly"
    LAUNCH = "brings the launch value back unchanged, with the scope launch"
    AUDIENCE = "names this hospital's FHIR base as aud, exactly"
    STATE = "sends a state that is long, and new each time"
    CHALLENGE = "sends a PKCE challenge by S256, new each time"
    IDENTITY = "asks who is there (openid fhirUser), with a nonce that is new each time"
    SCOPES = "asks for types by name, not for everything"
    EXCHANGE = "exchanges the code with the same redirect address and the verifier that fits"
    ONCE = "uses a code once"
    CLIENT = "proves itself at the token endpoint as it is registered"
    KEYS = "fetches the keys that sign the id_token"
    LIES = "gives up when the id_token lies"
    USED = "reads or writes the record with the token that it was given"
    BEARER = "shows the token in the Authorization header of the FHIR endpoint, and nowhere else"
    REFRESH = "uses a refresh token once"
    REVOKED = "gives its token back in the end"


class Verdict(StrEnum):
    """What was seen of a duty."""

    KEPT = "kept"
    BROKEN = "BROKEN"
    NOT_SEEN = "not seen"


UNSEEN_FROM_HERE = (
    "whether the app compares the state on return, where it keeps its tokens, and (unless a lie is switched "
    "on) whether it verifies the id_token"
)
"""What no hospital can see on the wire."""


@dataclass(frozen=True)
class Seen:
    """One duty, what was seen of it, and why it counts as broken."""

    duty: Duty
    verdict: Verdict
    why: str = ""


class Duties:
    """The book of one app. What was broken once stays broken until the book is cleared."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Duty, Seen] = {}
        self._noted_at = 0.0

    def note(self, duty: Duty, good: object, why: str = "") -> None:
        """Write down what was just seen."""
        with self._lock:
            self._noted_at = time.monotonic()
            before = self._seen.get(duty)
            if before is None or before.verdict is Verdict.KEPT:
                self._seen[duty] = Seen(duty, Verdict.KEPT) if good else Seen(duty, Verdict.BROKEN, why)

    def all(self) -> list[Seen]:
        """Every duty in the order of a launch."""
        with self._lock:
            return [self._seen.get(duty, Seen(duty, Verdict.NOT_SEEN)) for duty in Duty]

    def quiet_since(self) -> float | None:
        """The ``time.monotonic`` of the last note; None before the first."""
        return self._noted_at or None

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._seen.clear()
            self._noted_at = 0.0


def report(seen: list[Seen]) -> str:
    """The book as lines for a terminal."""
    lines = [
        f"  {one.verdict:<9} {one.duty}{f': {one.why}' if one.verdict is Verdict.BROKEN else ''}"
        for one in seen
    ]
    return "\n".join(
        [
            "What the app did, seen from the hospital:",
            *lines,
            f"Not to be seen from here: {UNSEEN_FROM_HERE}.",
        ]
    )
