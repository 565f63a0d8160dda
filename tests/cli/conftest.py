"""A copy of the pathways to break, and a way to run one command as a shell would."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from shell import Edit, Ran, Run

from triage_app.cli import main

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def runner(*words: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["nerve-triage", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return runner


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the questionnaires."""
    return Path(shutil.copytree(QUESTIONNAIRES, tmp_path / "questionnaires"))


@pytest.fixture
def version(folder: Path) -> Path:
    return folder / "nerve-symptoms" / "1.0.0"


@pytest.fixture
def edit() -> Edit:
    def editor(path: Path, old: str, new: str) -> None:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return editor


@pytest.fixture
def two_people(tmp_path: Path) -> Path:
    """Alice's calf is an emergency; Charlie waits for a pathway that is not installed."""
    path = tmp_path / "people.toml"
    path.write_text(
        """
        [[case]]
        id = "Alice"
        who = "My calf is like wood and hurts more by the hour"
        others = "no"
        answers = { "rf.compart" = "yes" }
        [[case.limb]]
        region = "leg"
        side = "left"
        [case.expect]
        urgency = ["EMERGENCY"]
        [[case]]
        id = "Charlie"
        pathway = "knee-pain"
        who = "My knee clicks"
        [case.expect]
        urgency = ["ROUTINE"]
        """,
        "utf-8",
    )
    return path
