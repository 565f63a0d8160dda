"""The security documents answer every row that they must, and name tests that there are."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECURITY = ROOT / "docs" / "security"
STATES = {"met", "not applicable", "**open**"}
LEVELS_1_AND_2 = {
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11,
    "10.5": 5, "10.6": 2, "10.7": 3, "14.1": 2, "14.2": 4, "14.3": 3,
}  # fmt: skip
"""How many requirements of each section ASVS 5.0 has in levels 1 and 2."""
FRONTEND = {"3.7.1", "3.7.2"}
THREATS = [*range(1, 14), *range(20, 28), *range(30, 38), 40, *range(42, 50), *range(60, 69)]


def rows(document: str) -> list[list[str]]:
    text = (SECURITY / document).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| (\d|TM)", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("document", ["asvs.md", "threats.md"])
def test_every_test_that_is_named_is_there(document: str) -> None:
    text = (SECURITY / document).read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[^`:]+\.py)::(test_\w+)`", text)
    assert named
    for path, test in named:
        assert re.search(rf"^def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), test


def test_every_requirement_of_the_six_chapters_has_one_row() -> None:
    wanted = {
        f"{section}.{number}" for section, many in LEVELS_1_AND_2.items() for number in range(1, many + 1)
    }
    assert Counter(row[0] for row in rows("asvs.md")) == Counter(wanted | FRONTEND)
    assert len(wanted | FRONTEND) == 89


def test_a_requirement_that_is_not_met_says_why() -> None:
    for number, state, why, _ in rows("asvs.md"):
        assert state in STATES, number
        assert why, number


def test_the_sums_are_those_of_the_table() -> None:
    text = (SECURITY / "asvs.md").read_text(encoding="utf-8")
    states = Counter(row[1] for row in rows("asvs.md"))
    sums = (
        f"{states['met']} met, {states['not applicable']} not applicable, {states['**open**']} open, of 89."
    )
    assert sums in text


def test_every_threat_has_one_row_with_a_test_or_what_is_missing() -> None:
    assert [row[0] for row in rows("threats.md")] == [f"TM-{number:02}" for number in THREATS]
    for threat, _, tests, missing in rows("threats.md"):
        assert tests or missing, threat
