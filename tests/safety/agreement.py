"""Part ``second``: the product and the second evaluator agree about everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from safety.compare import Both, Difference, differences
from safety.crowd import Crowd
from safety.evidence import Findings, Run
from safety.second.result import Result
from triage_app.clinical.answers import Answers

BATCH = 1000


def agreement(run: Run, both: Both) -> Findings:
    """Hold both against ``count`` generated people, a thousand at a time."""
    crowd = Crowd(both.words, both.book)
    seen: Counter[str] = Counter()
    met: set[str] = set()
    failures = []
    for start in range(0, run.count, BATCH):
        seeds = range(run.seed + start, run.seed + min(start + BATCH, run.count))
        people = [crowd.person(seed) for seed in seeds]
        for difference, result in zip(*_compared(both, people), strict=True):
            seen[result.urgency] += 1
            seen["with an unsure sign"] += "unsure" in result.flags.values()
            seen["not determined"] += not result.determined
            met |= {rule for rule, _ in result.met}
            failures += [_failure(seeds[found.number], found) for found in difference]
    counts = {
        "answer sets": run.count,
        "disagreements": len(failures),
        "rules met by somebody": len(met),
        "rules met by nobody": sorted(both.rules.by_id.keys() - met),
        "answer sets by what came out": dict(sorted(seen.items())),
    }
    compared = ", ".join(name.replace("_", " ") for name in Result.__dataclass_fields__)
    return Findings(
        what="Two evaluators that share no code read the same rule files and must agree about everybody",
        counts=counts,
        failures=failures,
        remarks=[
            f"Compared: {compared}.",
            "The seed of a person is SEED plus its number; the same seed is the same person.",
        ],
    )


def _compared(both: Both, people: Sequence[Answers]) -> tuple[list[list[Difference]], list[Result]]:
    results: list[Result] = []
    found: list[list[Difference]] = [[] for _ in people]
    for difference in differences(both, people, results):
        found[difference.number].append(difference)
    return found, results


def _failure(seed: int, found: Difference) -> dict[str, object]:
    return {"seed": seed, "what": found.what, "product": str(found.product), "second": str(found.second)}
