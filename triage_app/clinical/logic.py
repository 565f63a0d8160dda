"""Kleene's three truth values, with "met" parted by whether an unsure answer had to be read as a yes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from triage_app.clinical.terms import Truth

NOT_MET: Final = 0
OPEN: Final = 1
"""Not evaluable: something that it hangs on was left blank."""
SOFT: Final = 2
"""Met, but only because an unsure answer is read as the next worse one."""
MET: Final = 3

OPPOSITE: Final = (MET, OPEN, NOT_MET, NOT_MET)
TRUTHS: Final = (Truth.NOT_MET, Truth.NOT_EVALUABLE, Truth.MET, Truth.MET)

COMPARE: Final[dict[str, Callable[[object, object], bool]]] = {
    "=": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: found != wanted,
    "<": lambda found, wanted: found < wanted,  # type: ignore[operator]
    "<=": lambda found, wanted: found <= wanted,  # type: ignore[operator]
    ">": lambda found, wanted: found > wanted,  # type: ignore[operator]
    ">=": lambda found, wanted: found >= wanted,  # type: ignore[operator]
}


def truth_of(holds: bool) -> int:
    """Return MET or NOT_MET."""
    return MET if holds else NOT_MET
