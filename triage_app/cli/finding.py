"""What a check finds: a subject, whether it is good, what was seen, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Good, worth knowing, or to be mended before patients come."""

    GOOD = "good"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``mend`` is empty where nothing need be done."""

    subject: str
    state: State
    says: str
    mend: str = ""


def good(subject: str, says: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(subject, State.GOOD, says)


def note(subject: str, says: str) -> Finding:
    """Return a finding that somebody should know of."""
    return Finding(subject, State.NOTE, says)


def mend(subject: str, says: str, how: str) -> Finding:
    """Return a finding that must be mended, and how."""
    return Finding(subject, State.MEND, says, how)
