"""``compare``: a lowered result ends with exit code 1, unless somebody has explained exactly that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import Edit, Run

E10 = 'when = "rf.cast and (rf.cast.numb or rf.cast.move or rf.cast.colour or rf.cast.pain)"\n'
HEADER = "| person | lowered | why |\n|---|---|---|\n"
ROWS = (
    "| `Alice` | urgency EMERGENCY → SAME_DAY | a trial of numb casts |\n"
    "| `Alice` | severity severe -> mild | as above |\n"
)


PEOPLE = """
[[case]]
id = "Alice"
who = "My fingers have gone numb beyond the plaster"
others = "no"
answers = { "rf.cast" = "yes", "rf.cast.numb" = "yes" }
[[case.limb]]
region = "arm"
side = "left"
[[case]]
id = "Charlie"
who = "My pinch is weak"
[[case.limb]]
region = "hand"
side = "left"
"t.pinch" = "weak"
"""


@pytest.fixture
def version(version: Path) -> Path:
    """The version with two people only."""
    (version / "cases.toml").write_text(PEOPLE, "utf-8")
    return version


@pytest.fixture
def lowered(next_version: Path, edit: Edit) -> Path:
    """A next version in which a cast that only numbs is no emergency any more."""
    edit(next_version / "rules.toml", E10, E10.replace("rf.cast.numb or ", ""))
    return next_version


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "changelog.md"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No changelog lies where the command is run."""
    monkeypatch.chdir(tmp_path)


def test_the_same_content_changes_nobody(run: Run, version: Path, next_version: Path) -> None:
    ran = run("compare", version, next_version)
    assert ran.code == 0
    assert ran.out == "0 of 2 people differ, 0 lowered without a reason\n"


def test_a_lowered_result_is_told_by_the_person_and_ends_with_exit_code_1(
    run: Run, version: Path, lowered: Path
) -> None:
    ran = run("compare", version, lowered)
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[0] == "Alice  “My fingers have gone numb beyond the plaster”"
    assert lines[1:3] == ["  lower  urgency EMERGENCY → SAME_DAY", "  lower  severity severe → mild"]
    assert "         routes ED" in lines[3]
    assert lines[-1].endswith("1 lowered without a reason")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"## nerve-symptoms 1.1.0\n{HEADER}{ROWS}", 0),
        (f"## nerve-symptoms 1.1.0, revision 3 (draft)\n\nText.\n\n{HEADER}{ROWS}", 0),
        (f"## nerve-symptoms 1.1.0\n{HEADER}{ROWS.splitlines()[0]}\n", 1),
        (f"## nerve-symptoms 1.0.0\n{HEADER}{ROWS}", 1),
        (f"## nerve-symptoms 1.1.0\n## Older\n{HEADER}{ROWS}", 1),
        (f"## nerve-symptoms 1.1.0\n{HEADER}{ROWS.replace('Alice', 'Bob')}", 1),
        (f"## nerve-symptoms 1.1.0\n{HEADER}{ROWS.replace('SAME_DAY', 'SOON')}", 1),
        (f"## nerve-symptoms 1.1.0\n{HEADER}{ROWS.replace('a trial of numb casts', ' ')}", 1),
    ],
    ids=["exact", "with text", "half", "version", "section", "person", "level", "no reason"],
)
def test_only_what_is_explained_exactly_is_let_through(
    run: Run, version: Path, lowered: Path, page: Path, text: str, code: int
) -> None:
    page.write_text(text, "utf-8")
    assert run("compare", version, lowered, "--acknowledged", page).code == code


def test_the_changelog_of_the_project_is_read_without_being_named(
    run: Run, version: Path, lowered: Path, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "clinical-changelog.md").write_text(
        f"## nerve-symptoms 1.1.0\n{HEADER}{ROWS}", "utf-8"
    )
    ran = run("compare", version, lowered)
    assert ran.code == 0
    assert "urgency EMERGENCY → SAME_DAY, explained" in ran.out


def test_a_higher_result_is_told_and_let_through(
    run: Run, version: Path, lowered: Path, tmp_path: Path
) -> None:
    ran = run("compare", lowered, version)
    assert ran.code == 0
    assert "         urgency SAME_DAY → EMERGENCY" in ran.out


def test_a_person_whom_the_new_version_cannot_read_is_lowered(
    run: Run, version: Path, next_version: Path, edit: Edit
) -> None:
    edit(version / "cases.toml", '"t.pinch" = "weak"', '"t.pinch" = "weak"\nnew_item = "yes"')
    item = (
        '[item.new_item]\ntype = "yesno"\noptions = ["no", "yes"]\nscope = "limb"\nasked = false\n[regions]'
    )
    edit(version / "vocabulary.toml", "[regions]", item)
    ran = run("compare", version, next_version)
    assert ran.code == 1
    assert "lower  answers read → cases.toml, case Charlie, limb 1: found new_item" in ran.out


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_stored_response_is_compared_too(
    run: Run, version: Path, next_version: Path, response: Path, edit: Edit, as_folder: bool
) -> None:
    edit(next_version / "rules.toml", 'when = "rf.compart"', 'when = "rf.compart and rf.bleed"')
    folder = response.parent / "stored"
    folder.mkdir()
    stored = response.rename(folder / "response.json")
    ran = run("compare", version, next_version, folder if as_folder else stored, "--json")
    rows = {row["person"]: row for row in json.loads(ran.out)["differing"]}
    assert ran.code == 1
    assert rows["response.json"]["differences"][0] == {
        "what": "urgency",
        "old": "EMERGENCY",
        "new": "ROUTINE",
        "lower": True,
        "explained": False,
    }


def test_a_response_to_another_version_is_one_sentence(
    run: Run, version: Path, next_version: Path, response: Path
) -> None:
    ran = run("compare", next_version, version, response)
    assert ran.code == 2
    assert ran.err.startswith("error: response.json: questionnaire: found ")


def test_a_response_that_is_no_json_is_one_sentence(
    run: Run, version: Path, next_version: Path, response: Path
) -> None:
    response.write_text("{", "utf-8")
    ran = run("compare", version, next_version, response)
    assert ran.code == 2
    assert ran.err.startswith("error: response.json: is not JSON: ")
