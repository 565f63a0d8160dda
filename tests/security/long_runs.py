"""The long runs behind `make safety`: what each found, for its evidence file."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice

from safety.evidence import Findings, Run

from security.interleavings import run_world
from security.ledger import Broken

WORLD_STEPS = 1000
MOST_SECONDS = 40 * 60
AT_ONCE = 2


def interleavings(run: Run, _rules: object) -> Findings:
    """Let people do so many things, in fresh worlds of a thousand steps, for at most forty minutes.

    World ``n`` of a run has the seed ``seed * 100000 + n``: a fault is found again by that seed alone.
    """
    findings = Findings(
        "people in 2-4 tabs of two browsers, with 2-4 patients at two hospitals, launch, answer, go back, "
        "refresh, send, sign out, let sessions end and post forms copied from other tabs, in any order; each "
        "page, draft and stored resource is compared with books kept apart"
    )
    seeds = iter(range(run.seed * 100_000, run.seed * 100_000 + run.count // WORLD_STEPS))
    counts: Counter[str] = Counter()
    deeds: Counter[str] = Counter()
    with ProcessPoolExecutor(AT_ONCE) as pool:
        while time.monotonic() - run.started < MOST_SECONDS:
            batch = list(islice(seeds, AT_ONCE))
            if not batch:
                break
            for counted, did, fault in pool.map(partial(_world, steps=WORLD_STEPS), batch):
                counts += counted
                deeds += did
                findings.failures += fault
    findings.counts = {**counts, "deeds": dict(sorted(deeds.items()))}
    if counts["steps"] < run.count:
        findings.remarks.append(
            f"{counts['steps']} of {run.count} steps: stopped after {MOST_SECONDS // 60} minutes"
        )
    return findings


def _world(seed: int, *, steps: int) -> tuple[Counter[str], Counter[str], list[str]]:
    try:
        people = run_world(seed, steps)
    except Broken as broken:
        return Counter(worlds=1, steps=steps), Counter(), [str(broken)]
    ledger = people.ledger
    counts = Counter(
        worlds=1,
        steps=people.steps,
        comparisons=ledger.checks,
        submissions=len(ledger.sent),
        decisions=ledger.decided.total(),
    )
    return counts, people.did, []
