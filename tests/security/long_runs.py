"""The long runs behind `make safety`: what each found, for its evidence file."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from safety.evidence import Findings, Run

from security.fuzz import (
    LONGEST_CPU_SECONDS,
    STORIES,
    Reply,
    a_target,
    replies,
    sent_requests,
    try_reply,
    try_request,
)
from security.interleavings import run_world
from security.ledger import Broken

WORLD_STEPS = 1000
MOST_SECONDS = 40 * 60
FUZZ_BATCH = 400
"""Inputs that meet the same world; charts grow with each."""
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


def fuzz(run: Run, _rules: object) -> Findings:
    """Throw so many inputs at routes and hospital answers, half each, for at most forty minutes."""
    findings = Findings(
        "any request to any route, and any answer of a hospital at any step, by Hypothesis: no 5xx but the "
        "502 and 503 that tell of the hospital, no stack trace, none over a second of processor time"
    )
    counts: Counter[str] = Counter()
    slowest = 0.0
    seeds = iter(range(run.seed * 100_000, run.seed * 100_000 + max(1, run.count // FUZZ_BATCH)))
    with ProcessPoolExecutor(AT_ONCE) as pool:
        while time.monotonic() - run.started < MOST_SECONDS:
            batch = list(islice(seeds, AT_ONCE))
            if not batch:
                break
            for counted, faults, spent in pool.map(_fuzz_batch, batch):
                counts += counted
                slowest = max(slowest, spent)
                findings.failures += faults
    findings.counts = {**dict(sorted(counts.items())), "slowest_cpu_seconds": round(slowest, 2)}
    if counts["inputs"] < run.count:
        findings.remarks.append(
            f"{counts['inputs']} of {run.count} inputs, in {MOST_SECONDS // 60} minutes or less"
        )
    return findings


def _fuzz_batch(number: int) -> tuple[Counter[str], list[str], float]:
    """Try one batch in one world; a failure ends it and is told with the batch's seed."""
    many = settings(
        max_examples=FUZZ_BATCH // 2, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    counts: Counter[str] = Counter()
    faults: list[str] = []
    with a_target() as target:

        @seed(number)
        @many
        @given(data=st.data(), with_token=st.booleans())
        def requests_to_routes(data: st.DataObject, with_token: bool) -> None:
            counts["inputs"] += 1
            try_request(target, data.draw(sent_requests(target)), with_token=with_token)

        @seed(number)
        @many
        @given(reply=replies(), story=st.sampled_from(sorted(STORIES)))
        def answers_of_hospitals(reply: Reply, story: str) -> None:
            counts["inputs"] += 1
            try_reply(target, reply, story)

        for each in (requests_to_routes, answers_of_hospitals):
            try:
                each()
            except Exception as error:  # whatever it is, it is the finding
                faults.append(f"batch {number}: {type(error).__name__}: {error}"[:500])
        for key, times in target.tried.items():
            counts[f"answer {key.rsplit(' ', 1)[1]}"] += times
    if target.slowest > LONGEST_CPU_SECONDS:
        faults.append(f"batch {number}: {target.slowest_was} took {target.slowest:.1f} s of the processor")
    return counts, faults, target.slowest
