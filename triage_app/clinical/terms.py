"""The closed sets of the clinical language, in their clinical order."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum


class Urgency(IntEnum):
    """How soon a person must be seen; a higher value is sooner.

    EMERGENCY now, SAME_DAY within 24 h, URGENT_2W within 14 days, SOON within 6 weeks,
    ROUTINE within 18 weeks, SELF_CARE re-check in 6 weeks.
    """

    SELF_CARE = 0
    ROUTINE = 1
    SOON = 2
    URGENT_2W = 3
    SAME_DAY = 4
    EMERGENCY = 5


class Mode(StrEnum):
    """How an EMERGENCY is acted on: call the emergency number, or go to the department."""

    GO = "go"
    CALL = "call"


class Severity(StrEnum):
    """Grade of nerve compression of one limb; UNKNOWN where answers are missing and no anchor is met."""

    UNKNOWN = "unknown"
    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"

    @property
    def rank(self) -> int:
        """Return the place in the order none < mild < moderate < severe; UNKNOWN is -1."""
        return list(Severity).index(self) - 1


class LimbKind(StrEnum):
    """A whole arm (shoulder to fingertips) or leg (buttock to toes), or the trunk and face."""

    ARM = "arm"
    LEG = "leg"
    TRUNK = "trunk"


class Side(StrEnum):
    """The person's own side."""

    RIGHT = "right"
    LEFT = "left"
    MIDDLE = "middle"


class FlagClass(StrEnum):
    """Class of a red flag; it decides what a blank and an unsure answer mean (evidence §8.1)."""

    T1 = "T1"
    T2 = "T2"
    E = "E"
    S = "S"
    U = "U"
    O = "O"  # noqa: E741 - the evidence's own letter


class Truth(Enum):
    """Kleene's strong three-valued logic."""

    MET = "met"
    NOT_MET = "not met"
    NOT_EVALUABLE = "not evaluable"
