"""Faults can be planted in the engine, one at a time, and one that matters is noticed."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from safety.evidence import FOLDER
from safety.mutation import LONGEST, WANTED, every_place
from safety.planting import count, plant

SOURCE = '''
def f(a, b: int = 1) -> int:
    """Says 1."""
    if TYPE_CHECKING:
        c = 2
    assert a < 3
    if not a or b >= 4:
        raise ValueError(f"found {a + 5}")
    return min(a, b) - 6
'''


def test_each_fault_changes_one_thing_that_runs() -> None:
    found = {plant(SOURCE, number).what for number in range(count(SOURCE))}
    assert found == {
        "1 -> 2",
        "if not a or b >= 4: ... -> if not (not a or b >= 4): ...",
        "not a or b >= 4 -> not a and b >= 4",
        "b >= 4 -> b > 4",
        "4 -> 5",
        "return min(a, b) - 6 -> return None",
        "min(a, b) - 6 -> min(a, b) + 6",
        "min(a, b) -> max(a, b)",
        "6 -> 7",
    }


def test_every_faulty_module_can_still_be_read() -> None:
    places = list(every_place())
    assert len(places) > 1000
    for place in places[:: len(places) // 50]:
        ast.parse(place.plant().source)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_evidence_says_how_it_was_made_and_what_failed(file: Path) -> None:
    told = json.loads(file.read_text(encoding="utf-8"))
    if "part" in told:
        assert told["part"] == file.stem
        assert told["command"].startswith(f"make safety PART={file.stem}")
        assert told["seconds"] <= LONGEST
        assert told["failed"] == len(told["failures"])


def test_nine_of_ten_faults_in_the_engine_were_noticed() -> None:
    told = json.loads(Path(FOLDER / "mutation.json").read_text(encoding="utf-8"))
    assert told["counts"]["share noticed"] >= WANTED


@pytest.mark.parametrize("part", ["second", "properties"])
def test_the_two_evaluators_and_the_properties_found_nothing(part: str) -> None:
    assert json.loads(Path(FOLDER / f"{part}.json").read_text(encoding="utf-8"))["failures"] == []
