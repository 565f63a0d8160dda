"""Part ``mutation``: a small fault planted in triage_app/clinical is noticed by a test."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from safety.compare import ROOT, Both
from safety.evidence import Findings, Run
from safety.planting import Fault, count, plant

TESTS = (
    "tests/clinical",
    "tests/test_cases.py",
    "tests/content/test_advice.py",
    "tests/content/test_form_and_engine.py",
    "tests/safety/test_second.py",
)
CLINICAL = ROOT / "triage_app" / "clinical"
WANTED = 0.9
LONGEST = 40 * 60  # seconds; what is not tried by then is said
PATIENCE = 300  # seconds for one fault: longer is a loop without an end, which is noticed


@dataclass(frozen=True)
class Place:
    """Where a fault can be planted: the module of triage_app/clinical, and which of its faults."""

    module: str
    number: int

    def plant(self) -> Fault:
        return plant((CLINICAL / self.module).read_text(encoding="utf-8"), self.number)


def every_place() -> Iterator[Place]:
    for path in sorted(CLINICAL.glob("*.py")):
        for number in range(count(path.read_text(encoding="utf-8"))):
            yield Place(path.name, number)


def mutation(run: Run, both: Both) -> Findings:
    """Plant ``count`` faults (0: all), drawn with the seed, one after another in a copy of the package."""
    del both
    every = list(every_place())
    chosen = random.Random(run.seed).sample(every, min(run.count, len(every)) if run.count else len(every))
    noticed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        copied = _copy(Path(folder))
        for place in chosen:
            if time.monotonic() - run.started > LONGEST:
                break
            fault = place.plant()
            tried[place.module] += 1
            if _noticed(copied / "triage_app" / "clinical" / place.module, fault):
                noticed[place.module] += 1
            else:
                survivors.append({"module": place.module, "line": fault.line, "what": fault.what})
    return _findings(len(every), tried, noticed, survivors)


def _copy(folder: Path) -> Path:
    """Copy the package, so that the repository is never touched."""
    shutil.copytree(ROOT / "triage_app", folder / "triage_app", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "questionnaires").symlink_to(ROOT / "questionnaires")
    return folder


def _noticed(path: Path, fault: Fault) -> bool:
    sound = path.read_text(encoding="utf-8")
    try:
        _write(path, fault.source)
        return not passes(path.parents[2])
    finally:
        _write(path, sound)


def _write(path: Path, source: str) -> None:
    """Write, with a time of its own, so that no compiled file of an earlier source is taken for it."""
    path.write_text(source, encoding="utf-8")
    later = time.time_ns() + random.randrange(10**12)
    os.utime(path, ns=(later, later))


def passes(copied: Path) -> bool:
    """Whether the tests pass with the package of the copy."""
    environment = {**os.environ, "PYTHONPATH": str(copied), "SAFETY_EXAMPLES": "5"}
    command = [str(Path(sys.executable).with_name("pytest")), "-x", "-q", "-p", "no:cacheprovider", *TESTS]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def _findings(
    planted: int, tried: Counter[str], noticed: Counter[str], survivors: list[dict[str, object]]
) -> Findings:
    share = sum(noticed.values()) / sum(tried.values()) if tried else 0.0
    return Findings(
        what="A small fault planted in triage_app/clinical makes a test fail",
        counts={
            "faults that can be planted": planted,
            "planted": sum(tried.values()),
            "noticed": sum(noticed.values()),
            "share noticed": round(share, 3),
            "wanted": WANTED,
            "planted by module": dict(sorted(tried.items())),
        },
        failures=survivors,
        enough=share >= WANTED,
        remarks=[
            f"Tests that had to notice: {', '.join(TESTS)}.",
            "Faults: comparison, and/or, condition, constant, plus/minus, min/max, any/all, no return.",
        ],
    )
