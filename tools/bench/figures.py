"""One measured figure: its name, value and budget; medians, percentiles and the printed table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True)
class Figure:
    """A value with its unit; ``most`` is the budget, None where there is none."""

    name: str
    value: float
    unit: str
    most: float | None = None
    besides: str = ""

    @property
    def missed(self) -> bool:
        """Return whether the budget is overdrawn."""
        return self.most is not None and self.value > self.most


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many percent of the values do not exceed."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return median and 95th percentile."""
    return median(values), percentile(values, 95)


def number(value: float) -> str:
    """Return a number with three significant digits, whole from 100 on."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def table(heading: str, figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = [f"### {heading}", "", "| what | figure | budget | |", "| --- | ---: | ---: | --- |"]
    for figure in figures:
        budget = "" if figure.most is None else f"{number(figure.most)} {figure.unit}"
        verdict = "**missed**" if figure.missed else ""
        notes = "; ".join(filter(None, (verdict, figure.besides)))
        lines.append(f"| {figure.name} | {number(figure.value)} {figure.unit} | {budget} | {notes} |")
    return "\n".join([*lines, ""])
