"""Rates and agreement with their 95 % intervals. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from random import Random

Z_95 = 1.959964
"""Two-sided 95 % point of the standard normal distribution."""

Pair = tuple[int, int]
"""The ranks that two raters gave one person."""


def wilson(successes: int, total: int) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion, in 0..1; (0, 1) where nothing was counted.

    Wilson 1927, J Am Stat Assoc 22:209.
    """
    if total == 0:
        return 0.0, 1.0
    share, square = successes / total, Z_95**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = Z_95 / (1 + square / total) * sqrt(share * (1 - share) / total + square / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def plain_kappa(pairs: Sequence[Pair]) -> float | None:
    """Return Cohen's kappa; None where chance alone would agree always.

    Cohen 1960, Educ Psychol Meas 20:37.
    """
    return _kappa(pairs, lambda one, other: float(one != other))


def weighted_kappa(pairs: Sequence[Pair]) -> float | None:
    """Return kappa with quadratic weights: two levels apart weigh four times as much as one (Cohen 1968)."""
    return _kappa(pairs, lambda one, other: float((one - other) ** 2))


def _kappa(pairs: Sequence[Pair], weight: Callable[[int, int], float]) -> float | None:
    if not pairs:
        return None
    observed = sum(weight(one, other) for one, other in pairs) / len(pairs)
    firsts, seconds = [one for one, _ in pairs], [other for _, other in pairs]
    expected = sum(weight(one, other) for one in firsts for other in seconds) / len(pairs) ** 2
    return None if expected == 0 else 1 - observed / expected


def bootstrap(
    pairs: Sequence[Pair],
    statistic: Callable[[Sequence[Pair]], float | None],
    *,
    seed: int = 1,
    rounds: int = 500,
) -> tuple[float, float] | None:
    """Return the 95 % percentile interval of a statistic over resampled people; None where it has none."""
    dice = Random(seed)  # noqa: S311 - resampling, not secrets
    drawn = (statistic(dice.choices(pairs, k=len(pairs))) for _ in range(rounds)) if pairs else ()
    values = sorted(value for value in drawn if value is not None)
    if not values:
        return None
    return values[int(0.025 * (len(values) - 1))], values[int(0.975 * (len(values) - 1))]
