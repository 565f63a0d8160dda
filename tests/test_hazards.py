"""The hazard log is whole: what it names is there, every hazard is controlled, its page is current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hazard_log import PAGE, ROOT, Hazard, is_there, missing, read_log, rendered

HAZARDS: list[Hazard] = read_log()["hazard"]


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["title"])
def test_every_control_and_every_test_of_a_hazard_is_there(hazard: Hazard) -> None:
    assert list(missing(hazard)) == []


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["title"])
def test_a_hazard_is_told_whole_and_its_controls_do_not_raise_it(hazard: Hazard) -> None:
    for key in ("cause", "effect", "how", "residual"):
        assert hazard[key].endswith("."), key
    before, after = hazard["before"], hazard["after"]
    assert all(1 <= number <= 5 for number in (*before, *after))
    assert after[0] * after[1] < before[0] * before[1]


def test_hazards_are_numbered_in_a_row() -> None:
    assert [hazard["id"] for hazard in HAZARDS] == [f"H{number:02}" for number in range(1, len(HAZARDS) + 1)]


def test_the_page_is_made_from_the_log() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered(read_log()), "run python tools/hazards.py"


@pytest.mark.parametrize(
    "reference",
    [
        "tests/test_hazards.py::test_that_is_not_here",
        "tests/no_such_file.py",
        "questionnaires/nerve-symptoms/1.0.0/rules.toml::E99",
        "questionnaires/nerve-symptoms/1.0.0/vocabulary.toml::rf.nothing",
    ],
)
def test_what_is_gone_is_noticed(reference: str) -> None:
    assert not is_there(reference)
    assert list(missing({"id": "H99", "control": [reference], "verification": [reference]}))


def test_nobody_is_named_as_having_signed() -> None:
    """Until a safety officer signs, log and intended use say that nobody has."""
    text = " ".join(Path(ROOT / "docs/safety/intended-use.md").read_text(encoding="utf-8").split())
    assert "not clinically signed off" in text
    assert "not yet" in read_log()["reviewed"]


def test_intended_use_speaks_to_patients_and_to_clinicians_apart() -> None:
    text = Path(ROOT / "docs/safety/intended-use.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads[:2] == ["For patients", "For clinicians"]
