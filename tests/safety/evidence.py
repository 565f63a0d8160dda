"""Writes what a run found to docs/evidence, so that a reader can repeat it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safety.compare import ROOT

FOLDER = ROOT / "docs" / "evidence"


@dataclass
class Findings:
    """What one run counted and what failed."""

    what: str
    counts: dict[str, Any] = field(default_factory=dict)
    failures: list[Any] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    enough: bool | None = None  # where some failures are allowed: whether there are few enough

    @property
    def passed(self) -> bool:
        return not self.failures if self.enough is None else self.enough


@dataclass(frozen=True)
class Run:
    """How a part was asked for."""

    part: str
    seed: int
    count: int
    started: float = field(default_factory=time.monotonic)

    @property
    def command(self) -> str:
        return f"make safety PART={self.part} SEED={self.seed} COUNT={self.count}"


def write(run: Run, findings: Findings, folder: Path = FOLDER) -> Path:
    """Write the file of the part and return where it stands."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run.part}.json"
    path.write_text(json.dumps(told(run, findings), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def told(run: Run, findings: Findings) -> Mapping[str, Any]:
    return {
        "part": run.part,
        "what": findings.what,
        "command": run.command,
        "commit": commit(),
        "seed": run.seed,
        "counts": findings.counts,
        "failed": len(findings.failures),
        "failures": findings.failures,
        "remarks": findings.remarks,
        "seconds": round(time.monotonic() - run.started),
    }


def commit() -> str:
    """The commit that was run, and whether the rules or the engine differed from it."""
    head = _git("rev-parse", "HEAD")
    changed = _git(
        "status",
        "--porcelain",
        "--",
        "triage_app/clinical",
        "triage_app/catalogue",
        "questionnaires",
        "tests/safety",
    )
    return f"{head}{' with changes' if changed else ''}"


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
