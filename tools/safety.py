"""Runs one part of the proof of the rules and writes what it found to docs/evidence/<part>.json.

    make safety PART=second [SEED=1] [COUNT=100000]

Parts: second (two evaluators agree), properties (what must always hold), rule-mutants (a small fault in a
rule is noticed), mutation (a small fault in the engine is noticed), edges (writes tests/safety/edges.toml),
interleavings (people in several tabs do things in any order), fuzz (any request, any answer of a hospital).
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT / "tests")  # not tools: this file bears the name of the package that it runs

from safety.agreement import agreement  # noqa: E402
from safety.compare import load_both  # noqa: E402
from safety.evidence import Run, write  # noqa: E402
from safety.holding import properties  # noqa: E402
from safety.mutation import mutation  # noqa: E402
from safety.rule_mutants import rule_mutants  # noqa: E402
from safety.seeking import edges  # noqa: E402
from security.long_runs import fuzz, interleavings  # noqa: E402

PARTS = {
    "second": (agreement, 100_000),
    "properties": (properties, 10_000),
    "rule-mutants": (rule_mutants, 0),  # 0: all
    "interleavings": (interleavings, 100_000),
    "fuzz": (fuzz, 100_000),
    "mutation": (mutation, 150),
    "edges": (edges, 0),
}


def main(arguments: list[str]) -> int:
    """Run the part; 0 when nothing failed."""
    if not arguments or arguments[0] not in PARTS:
        print(__doc__)
        return 2
    work, usual = PARTS[arguments[0]]
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    count = int(arguments[2]) if len(arguments) > 2 else usual
    run = Run(arguments[0], seed, count)
    findings = work(run, load_both())
    path = write(run, findings)
    for failure in findings.failures[:20]:
        print(failure)
    print(f"{len(findings.failures)} failed; {path.relative_to(ROOT)} says the rest")
    return 0 if findings.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
