"""docs/requirements.csv: every duty of a SMART client and every negative case has a test that is there."""

from __future__ import annotations

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COLUMNS = ["source", "requirement", "duty", "test"]
GROUPS = {"launch": 14, "callback": 11, "token": 11, "id_token": 20, "refresh": 5}
NEGATIVE = "tests/security/test_negative_cases.py::test_a_negative_case"
OPEN: set[str] = set()
"""Duties that are not yet kept; none may join them unseen."""


def read_rows() -> list[dict[str, str]]:
    with (ROOT / "docs/requirements.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == COLUMNS
    return rows


ROWS = read_rows()


@cache
def names_in(path: str) -> frozenset[str]:
    """The tests of a file, and its negative cases by their texts."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    cases = {
        str(call.args[0].value)
        for call in calls
        if getattr(call.func, "id", "") == "case" and isinstance(call.args[0], ast.Constant)
    }
    return frozenset(tests | cases)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['source']}: {row['duty']}" for row in ROWS])
def test_a_duty_has_a_test_that_is_there(row: dict[str, str]) -> None:
    assert row["duty"].strip()
    if row["test"].startswith("open: "):
        assert row["duty"] in OPEN
        return
    path, _, rest = row["test"].partition("::")
    name, _, parameter = rest.removesuffix("]").partition("[")
    assert name.startswith("test_")
    assert name in names_in(path), row["test"]
    if row["test"].startswith(NEGATIVE):
        folder = "tests/security/"
        assert parameter in names_in(f"{folder}negative_launch.py") | names_in(
            f"{folder}negative_identity.py"
        )


def test_every_item_of_the_checklist_is_there() -> None:
    found = {row["source"] for row in ROWS if row["source"].startswith("smart ")}
    assert found == {f"smart {number}" for number in range(1, 37)}


def test_every_negative_case_is_there_once() -> None:
    found = [row["duty"].partition(":")[0] for row in ROWS if row["source"] == "negative"]
    assert {group: found.count(group) for group in GROUPS} == GROUPS
    assert len({row["duty"] for row in ROWS}) == len(ROWS), "a duty stands twice"


def test_nothing_is_called_open_that_is_not() -> None:
    assert {row["duty"] for row in ROWS if row["test"].startswith("open: ")} == OPEN
