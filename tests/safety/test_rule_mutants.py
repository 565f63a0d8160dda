"""Small faults planted in rules.toml are noticed.

A seeded sample of them is planted here; ``make safety PART=rule-mutants`` plants them all and lists those
that nobody noticed in docs/evidence/rule-mutants.json. A fault that is not in that list must be noticed.
"""

from __future__ import annotations

import json
import random
import tomllib

import pytest

from safety.compare import FOLDER, Both
from safety.evidence import FOLDER as EVIDENCE
from safety.holding import edge_people
from safety.rule_mutants import Board, Mutant, mutants
from triage_app.catalogue.cases import judge

SAMPLE = 60
KINDS = {
    "rule removed",
    "floor lowered",
    "anchor lowered",
    "comparison flipped",
    "comparison moved",
    "flag or detail dropped",
    "code dropped",
}


@pytest.fixture(scope="module")
def board(both: Both) -> Board:
    return Board(both)


@pytest.fixture(scope="module")
def faults(both: Both) -> list[Mutant]:
    rows = tomllib.loads((FOLDER / "rules.toml").read_text(encoding="utf-8"))
    return list(mutants(rows, both.words))


def unnoticed() -> set[tuple[str, str, str]] | None:
    """The faults that nobody noticed when all were planted; None when only some ever were."""
    told = json.loads((EVIDENCE / "rule-mutants.json").read_text(encoding="utf-8"))
    if told["counts"]["planted"] < told["counts"]["faults that can be planted"]:
        return None
    return {(fault["rule"], fault["kind"], fault["what"]) for fault in told["failures"]}


def test_every_rule_and_every_kind_of_fault_is_planted(both: Both, faults: list[Mutant]) -> None:
    assert {fault.kind for fault in faults} == KINDS
    assert {fault.rule for fault in faults} >= both.rules.by_id.keys()


def test_a_floor_that_is_lowered_is_noticed(board: Board, faults: list[Mutant]) -> None:
    lowered = [f for f in faults if f.kind == "floor lowered" and not f.what.startswith(("ROUTINE", "SOON"))]
    chosen = random.Random(1).sample(lowered, SAMPLE // 2)
    assert [(fault.rule, fault.what) for fault in chosen if not board.noticed_by(fault)] == []


def test_a_sample_of_all_faults_is_noticed(board: Board, faults: list[Mutant]) -> None:
    chosen = random.Random(2).sample(faults, SAMPLE)
    missed = [fault for fault in chosen if not board.noticed_by(fault)]
    known = unnoticed()
    if known is None:
        assert len(missed) < SAMPLE // 2
    else:
        assert [f.what for f in missed if (f.rule, f.kind, f.what) not in known] == []


def test_the_rules_as_they_are_keep_every_promise(board: Board, both: Both) -> None:
    rows = tomllib.loads((FOLDER / "rules.toml").read_text(encoding="utf-8"))
    assert board.noticed_by(Mutant("none", "none", "nothing changed", rows)) == ""


def test_people_at_the_edges_of_rules_get_what_they_got(both: Both) -> None:
    people = edge_people()
    verdicts = [judge(case) for case in people]
    assert [(v.case.case_id, v.case.who, v.broken) for v in verdicts if not v.passed] == []
