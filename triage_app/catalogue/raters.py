"""How far clinicians agree with one another and with the rules, and on whom they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from triage_app.catalogue.cases import Verdict
from triage_app.catalogue.sheets import Label, Sheet, key_of
from triage_app.catalogue.statistics import Pair, bootstrap, plain_kappa, weighted_kappa
from triage_app.clinical.terms import Urgency

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Agreement:
    """Kappa of two raters (or a rater and the rules) over the people that both judged."""

    one: str
    other: str
    people: int
    weighted: float | None
    weighted_interval: Interval
    plain: float | None


@dataclass(frozen=True)
class Disagreement:
    """One person on whom somebody differs: what each said, and what the rules say."""

    case_id: str
    who: str
    said: tuple[tuple[str, Urgency], ...]
    rules: Urgency
    under_triage: bool  # below the highest of the lowest safe levels
    over_triage: bool  # above every highest reasonable level


def agreements(sheets: Sequence[Sheet], verdicts: Sequence[Verdict]) -> tuple[Agreement, ...]:
    """Return the agreement of each two raters, then of each rater with the rules."""
    ruled = {key_of(verdict.case): verdict.assessment.urgency for verdict in verdicts if verdict.assessment}
    chosen = [(sheet.rater, {key: label.best for key, label in sheet.labels.items()}) for sheet in sheets]
    pairs = [*combinations(chosen, 2), *((one, ("the rules", ruled)) for one in chosen)]
    return tuple(_agreement(one, other) for one, other in pairs)


def _agreement(one: tuple[str, Mapping[str, Urgency]], other: tuple[str, Mapping[str, Urgency]]) -> Agreement:
    both = sorted(one[1].keys() & other[1].keys())
    pairs: list[Pair] = [(int(one[1][key]), int(other[1][key])) for key in both]
    return Agreement(
        one=one[0],
        other=other[0],
        people=len(pairs),
        weighted=weighted_kappa(pairs),
        weighted_interval=bootstrap(pairs, weighted_kappa),
        plain=plain_kappa(pairs),
    )


def disagreements(sheets: Sequence[Sheet], verdicts: Sequence[Verdict]) -> Iterator[Disagreement]:
    """Yield each person on whom two raters differ, or whose label the rules miss."""
    for verdict in verdicts:
        key = key_of(verdict.case)
        labels = [(sheet.rater, sheet.labels[key]) for sheet in sheets if key in sheet.labels]
        if not labels or verdict.assessment is None:
            continue
        found = _compare(verdict, labels, verdict.assessment.urgency)
        if len({label.best for _, label in labels}) > 1 or found.under_triage or found.over_triage:
            yield found


def _compare(verdict: Verdict, labels: list[tuple[str, Label]], ruled: Urgency) -> Disagreement:
    return Disagreement(
        case_id=verdict.case.case_id,
        who=verdict.case.who,
        said=tuple((rater, label.best) for rater, label in labels),
        rules=ruled,
        under_triage=ruled < max(label.lowest_safe for _, label in labels),
        over_triage=ruled > max(label.highest_reasonable for _, label in labels),
    )
