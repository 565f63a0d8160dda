"""A copy of the pathways to break, and a way to run one command as a shell would."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from shell import Edit, Ran, Run

from triage_app.catalogue.load import Catalogue
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


@pytest.fixture
def next_version(folder: Path, version: Path) -> Path:
    """The next version of the pathway, so far with the same content."""
    following = version.parent / "1.1.0"
    shutil.copytree(version, following)
    form = following / "questionnaire.json"
    form.write_text(form.read_text("utf-8").replace('"version": "1.0.0"', '"version": "1.1.0"', 1), "utf-8")
    return following


@pytest.fixture
def response(tmp_path: Path) -> Path:
    """Alice's answers as a server would give them back."""
    path = tmp_path / "response.json"
    form = Catalogue.load(QUESTIONNAIRES).newest("nerve-symptoms")
    system = "https://w3id.org/nerve-triage/CodeSystem/yes-no"
    path.write_text(
        json.dumps(
            {
                "resourceType": "QuestionnaireResponse",
                "status": "completed",
                "questionnaire": form.canonical,
                "item": [
                    {
                        "linkId": "screen",
                        "item": [
                            answered("screen.3", "g.injury", system),
                            {
                                "linkId": "rf.compart",
                                "answer": [{"valueCoding": {"system": system, "code": "yes"}}],
                            },
                        ],
                    }
                ],
            }
        ),
        "utf-8",
    )
    return path


def answered(group: str, link_id: str, system: str) -> dict[str, object]:
    return {
        "linkId": group,
        "item": [{"linkId": link_id, "answer": [{"valueCoding": {"system": system, "code": "yes"}}]}],
    }
