"""``cases``: exit code 0 when every promise holds, 1 when one is broken, 2 when the file cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

from shell import Edit, Run

E08 = 'when = "rf.compart"\nurgency = "EMERGENCY"\nmode = "go"\n'


def test_kept_promises_end_with_exit_code_0(run: Run, two_people: Path) -> None:
    ran = run("cases", two_people)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[:5] == [
        "pass    Alice  EMERGENCY",
        "not run Charlie  the pathway knee-pain is not installed",
        "",
        "1 passed, 0 failed, 1 not run",
        "under-triage 0, over-triage 0",
    ]
    assert "  acceptable urgency        1 of 1  100.0 %  (95 % interval 20.7 to 100.0)" in lines
    assert lines[-2:] == [
        "These rates are against the authors' own labels: two clinicians' sheets are still to come.",
        "nerve-symptoms 1.0.0 is not clinically signed off.",
    ]


def test_a_floor_that_was_lowered_speaks_as_a_person(
    run: Run, folder: Path, version: Path, two_people: Path, edit: Edit
) -> None:
    edit(version / "rules.toml", E08, 'when = "rf.compart"\nurgency = "SOON"\n')
    ran = run("cases", two_people, "--questionnaires", folder)
    assert ran.code == 1
    assert ran.out.splitlines()[:3] == [
        "FAIL    Alice  SOON",
        "          “My calf is like wood and hurts more by the hour”",
        "          urgency is SOON, promised EMERGENCY",
    ]
    assert "under-triage 1, over-triage 0" in ran.out


def test_the_published_people_find_the_lowered_floor_too(
    run: Run, folder: Path, version: Path, edit: Edit
) -> None:
    edit(version / "rules.toml", E08, 'when = "rf.compart"\nurgency = "SOON"\n')
    ran = run("cases", version / "cases.toml", "--questionnaires", folder)
    assert ran.code == 1
    assert "“The shin I was kicked on is hard as wood" in ran.out


def test_json_says_the_same_to_a_program(
    run: Run, folder: Path, version: Path, two_people: Path, edit: Edit
) -> None:
    edit(version / "rules.toml", E08, 'when = "rf.compart"\nurgency = "SOON"\n')
    ran = run("cases", two_people, "--json", "--questionnaires", folder)
    found = json.loads(ran.out)
    assert ran.code == 1
    assert {key: found[key] for key in ("passed", "failed", "not_run", "under_triage", "over_triage")} == {
        "passed": 0,
        "failed": 1,
        "not_run": 1,
        "under_triage": 1,
        "over_triage": 0,
    }
    assert found["cases"][0] == {
        "id": "Alice",
        "who": "My calf is like wood and hurts more by the hour",
        "run": True,
        "passed": False,
        "urgency": "SOON",
        "broken": ["urgency is SOON, promised EMERGENCY"],
        "under_triage": True,
        "over_triage": False,
    }
    assert found["cases"][1]["run"] is False
    assert found["refused"] == []


def test_an_unknown_word_refuses_its_case_with_exit_code_2_and_the_others_run(
    run: Run, two_people: Path, edit: Edit
) -> None:
    edit(two_people, 'pathway = "knee-pain"', 'others = "no"')
    edit(two_people, "rf.compart", "rf.comport")
    ran = run("cases", two_people)
    assert ran.code == 2
    assert ran.err == (
        "error: people.toml, case Alice, answers: found rf.comport, expected a linkId of vocabulary.toml\n"
    )
    assert ran.out.splitlines()[:3] == [
        "pass    Charlie  ROUTINE",
        "",
        "1 passed, 0 failed, 0 not run, 1 refused",
    ]


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    ran = run("cases", tmp_path / "nobody.toml")
    assert ran.code == 2
    assert "nobody.toml' does not exist" in ran.err


def test_a_file_that_is_not_toml_is_named_with_its_line(run: Run, two_people: Path) -> None:
    two_people.write_text("[[case]]\nid = Alice\n", "utf-8")
    ran = run("cases", two_people)
    assert ran.code == 2
    assert "people.toml: Invalid value (at line 2, column 6)" in ran.err


def test_the_example_of_the_documentation_runs(run: Run, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "ben.toml").write_text(example, "utf-8")
    assert run("cases", tmp_path / "ben.toml").out.startswith("pass    Ben  SAME_DAY\n\n1 passed, 0 failed")


def test_a_sheet_is_printed_filled_in_and_compared(run: Run, two_people: Path, tmp_path: Path) -> None:
    sheet = run("cases", "sheet", two_people)
    assert sheet.code == 0
    assert 'EMERGENCY"' not in sheet.out
    filled = sheet.out.replace('rater = ""', 'rater = "Bob"').replace('best = ""', 'best = "SAME_DAY"')
    (tmp_path / "bob.toml").write_text(filled, "utf-8")
    agreed = run("cases", "agree", "--cases", two_people, tmp_path / "bob.toml")
    assert agreed.code == 0
    assert "Alice  rules EMERGENCY; Bob SAME_DAY  over-triage" in agreed.out
    assert "One sheet is in; two are needed before a rate means anything." in agreed.out
    (tmp_path / "eve.toml").write_text(filled.replace('SAME_DAY"', 'EMERGENCY"'), "utf-8")
    both = run("cases", "agree", "--cases", two_people, tmp_path / "bob.toml", tmp_path / "eve.toml")
    assert "Alice  rules EMERGENCY; Bob SAME_DAY, Bob EMERGENCY" in both.out
