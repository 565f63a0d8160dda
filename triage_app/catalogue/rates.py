"""How often the rules come out as the people's labels say, per urgency band, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from triage_app.catalogue.cases import Expectation, Verdict
from triage_app.catalogue.statistics import wilson
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.terms import Urgency

Held = Callable[[Expectation, Assessment], bool | None]
"""Whether one kind of promise held; None where it was not made."""


@dataclass(frozen=True)
class Rate:
    """``good`` of ``total`` people, with the 95 % interval of the share."""

    name: str
    good: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Return the Wilson interval, in 0..1."""
        return wilson(self.good, self.total)


def rates(verdicts: Iterable[Verdict]) -> tuple[Rate, ...]:
    """Return the rates of acceptable urgency (whole and per band), routes, severity and first pattern.

    The band of a person is the lowest urgency that their label accepts.
    """
    run = [(verdict.case.expect, verdict.assessment) for verdict in verdicts if verdict.assessment]
    whole = [_rate(name, run, held) for name, held in _KINDS]
    bands = [
        _rate(
            f"urgency, {band.name}",
            [(expect, found) for expect, found in run if expect.urgency and min(expect.urgency) is band],
            _urgency,
        )
        for band in reversed(Urgency)
    ]
    return tuple(rate for rate in [*whole, *bands] if rate.total)


def _rate(name: str, run: list[tuple[Expectation, Assessment]], held: Held) -> Rate:
    outcomes = [outcome for expect, found in run if (outcome := held(expect, found)) is not None]
    return Rate(name, sum(outcomes), len(outcomes))


def _urgency(expect: Expectation, found: Assessment) -> bool | None:
    return found.urgency in expect.urgency if expect.urgency else None


def _routes(expect: Expectation, found: Assessment) -> bool | None:
    if not expect.routes and not expect.never_routes:
        return None
    got = {route.code for route in found.routes}
    return expect.routes <= got and not expect.never_routes & got


def _severity(expect: Expectation, found: Assessment) -> bool | None:
    return found.severity in expect.severity if expect.severity else None


def _pattern(expect: Expectation, found: Assessment) -> bool | None:
    first = found.patterns[0].code if found.patterns else "none"
    return first in expect.pattern if expect.pattern else None


_KINDS: tuple[tuple[str, Held], ...] = (
    ("acceptable urgency", _urgency),
    ("routes", _routes),
    ("severity", _severity),
    ("first pattern", _pattern),
)
