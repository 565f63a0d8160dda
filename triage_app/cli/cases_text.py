"""Verdicts, rates and agreement as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from triage_app.catalogue.cases import Verdict
from triage_app.catalogue.raters import Agreement, Disagreement
from triage_app.catalogue.rates import Rate

OWN_LABELS = "These rates are against the authors' own labels: two clinicians' sheets are still to come."


def verdict_lines(verdict: Verdict) -> list[str]:
    """Return one line for a promise that held, and the person's sentence for one that broke."""
    case, found = verdict.case, verdict.assessment
    if found is None:
        return [f"not run {case.case_id}  the pathway {case.pathway_name} is not installed"]
    if verdict.passed:
        return [f"pass    {case.case_id}  {found.urgency.name}"]
    return [
        f"FAIL    {case.case_id}  {found.urgency.name}",
        f"          “{case.who}”",
        *(f"          {sentence}" for sentence in verdict.broken),
    ]


def rate_lines(rates: Iterable[Rate]) -> Iterator[str]:
    """Yield one line a rate, with its 95 % interval."""
    for rate in rates:
        low, high = rate.interval
        share = 100 * rate.good / rate.total
        counted = f"{rate.good} of {rate.total}"
        span = f"(95 % interval {100 * low:.1f} to {100 * high:.1f})"
        yield f"  {rate.name:<20}{counted:>12}  {share:5.1f} %  {span}"


def agreement_lines(found: Sequence[Agreement]) -> Iterator[str]:
    """Yield one line for each two who judged the same people."""
    for pair in found:
        interval = pair.weighted_interval
        span = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
        weighted, plain = _number(pair.weighted), _number(pair.plain)
        kappas = f"weighted kappa {weighted}{span}, plain {plain}"
        yield f"{pair.one} and {pair.other}: {pair.people} people, {kappas}"


def _number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}"


def disagreement_lines(found: Iterable[Disagreement]) -> Iterator[str]:
    """Yield each person on whom somebody differs."""
    for person in found:
        said = ", ".join(f"{rater} {level.name}" for rater, level in person.said)
        mark = "  UNDER-TRIAGE" if person.under_triage else "  over-triage" if person.over_triage else ""
        yield f"{person.case_id}  rules {person.rules.name}; {said}{mark}"
        yield f"          “{person.who}”"
