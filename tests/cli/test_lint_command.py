"""``lint``: exit code 0 when the content is whole, 1 when it is not, with file, line, entry and key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import Edit, Run


def test_whole_content_ends_with_exit_code_0(run: Run) -> None:
    ran = run("lint")
    assert (ran.code, ran.out) == (0, "no faults\n")


def test_a_fault_is_one_line_with_its_place(run: Run, folder: Path, version: Path, edit: Edit) -> None:
    edit(version / "words" / "en.toml", "E08 = ", "E99 = ")
    ran = run("lint", "--questionnaires", folder)
    assert ran.code == 1
    missing, stale, total = ran.out.splitlines()
    assert missing.startswith("nerve-symptoms/1.0.0/words/en.toml:")
    assert missing.endswith(": clinician.rule, E08: is missing, expected a sentence")
    assert stale.endswith(": clinician.rule, E99: found a sentence about nothing that the pathway knows")
    assert total == "2 faults"


def test_what_cannot_be_read_is_a_fault_and_no_stack_trace(
    run: Run, folder: Path, version: Path, edit: Edit
) -> None:
    edit(version / "rules.toml", 'when = "rf.compart"', 'when = "rf.compart and"')
    ran = run("lint", "--questionnaires", folder)
    assert ran.code == 1
    assert ran.out.startswith("nerve-symptoms/1.0.0/rules.toml:")
    assert "rule E08, when" in ran.out
    assert ran.err == ""


def test_json_says_the_same_to_a_program(run: Run, folder: Path, version: Path, edit: Edit) -> None:
    edit(version / "words" / "en.toml", '"rf.crps" = ', '"rf.crpss" = ')
    found = json.loads(run("lint", "--json", "--questionnaires", folder).out)
    assert found["unchecked"] == []
    missing = found["faults"][0]
    assert missing.pop("line") > 0
    assert missing == {
        "file": "nerve-symptoms/1.0.0/words/en.toml",
        "entry": "patient.flag",
        "key": "rf.crps",
        "says": "is missing, expected a sentence",
    }


def test_without_the_hyphenation_it_says_what_was_not_checked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("triage_app.cli.lint", "triage_app.catalogue.lint_words"):
        monkeypatch.setattr(f"{module}.can_grade", lambda: False)
    ran = run("lint")
    assert ran.code == 0
    assert "not checked: the reading grade (pip install 'nerve-triage[author]')" in ran.out
