"""Whether demands on answers can all hold at once: a small search with a limit on its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MOST_STEPS = 50_000
"""After so many steps the search gives up and says yes: it accuses nobody without proof."""


@dataclass(frozen=True)
class Demand:
    """The answer to ``name`` is one of these."""

    name: str
    values: frozenset[object]


@dataclass(frozen=True)
class All:
    """Every part holds; without parts, always."""

    parts: tuple[Goal, ...] = ()


@dataclass(frozen=True)
class Any:
    """At least one part holds; without parts, never."""

    parts: tuple[Goal, ...] = ()


Goal = Demand | All | Any
ALWAYS = All()


def can_hold(goal: Goal) -> bool:
    """Return False when no answers meet the goal."""
    return _solve((goal,), {}, iter(range(MOST_STEPS)))


def _solve(goals: tuple[Goal, ...], known: Mapping[str, frozenset[object]], steps: Iterator[int]) -> bool:
    while goals:
        if next(steps, None) is None:
            return True
        *others, goal = goals
        goals = tuple(others)
        match goal:
            case Demand(name, values):
                left = known.get(name, values) & values
                if not left:
                    return False
                known = {**known, name: left}
            case All(parts):
                goals += parts[::-1]
            case Any(parts):
                return any(_solve((*goals, part), known, steps) for part in parts)
    return True
