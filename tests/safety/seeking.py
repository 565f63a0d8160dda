"""Part ``edges``: finds people for the faults that nobody of cases.toml notices, and writes them down."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable

from safety.compare import FOLDER, Both
from safety.edges import Edge, Seeker, edges_for, written
from safety.evidence import Findings, Run
from safety.holding import EDGES
from safety.rule_mutants import Board, Mutant, mutants


def unnoticed(board: Board, faults: Iterable[Mutant]) -> dict[str, list[Mutant]]:
    """The faults of each rule that nobody notices."""
    found: dict[str, list[Mutant]] = defaultdict(list)
    for fault in faults:
        if not board.noticed_by(fault):
            found[fault.rule].append(fault)
    return found


def seek(both: Both, seed: int, rules: Iterable[str] | None = None) -> tuple[list[Edge], list[Mutant]]:
    """Return the edges of these rules (of all), and the faults for which none was found."""
    rows = tomllib.loads((FOLDER / "rules.toml").read_text(encoding="utf-8"))
    wanted = None if rules is None else set(rules)
    faults = [fault for fault in mutants(rows, both.words) if wanted is None or fault.rule in wanted]
    seeker = Seeker(both, seed)
    edges: list[Edge] = []
    left: list[Mutant] = []
    for rule, missed in unnoticed(Board(both, edges=False), faults).items():
        found, without = edges_for(seeker, rule, missed)
        edges += found
        left += without
    return edges, left


def edges(run: Run, both: Both) -> Findings:
    """Look for the edges of all rules and write them down."""
    found, left = seek(both, run.seed)
    EDGES.write_text(written(found), encoding="utf-8")
    return Findings(
        what="People at the edges of rules, who notice what nobody of cases.toml notices",
        counts={"edges": len(found), "faults without an edge": len(left)},
        remarks=["rule-mutants.json tells which faults are noticed by nobody."],
    )
