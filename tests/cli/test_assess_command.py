"""``assess``: what the rules say for facts or for a stored response, in lines or as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shell import Run

from triage_app import questionnaires_folder
from triage_app.catalogue.load import Catalogue

ALICE = """
others = "no"
answers = { "rf.compart" = "yes" }
[[limb]]
region = "leg"
side = "left"
"""


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "alice.toml"
    path.write_text(ALICE, "utf-8")
    return path


def test_facts_are_assessed_with_reasons_and_the_smallest_change(run: Run, facts: Path) -> None:
    ran = run("assess", facts)
    assert ran.code == 0
    assert ran.out.startswith(
        "urgency   EMERGENCY (go)\nred flags rf.compart (raised)\nseverity  severe\nleg-left  mild"
    )
    assert "E08      EMERGENCY  Tight muscle" in ran.out
    assert "E08      rf.compart = no: ROUTINE" in ran.out


def test_json_holds_the_whole_trace(run: Run, facts: Path) -> None:
    found = json.loads(run("assess", facts, "--json").out)
    assert (found["urgency"], found["mode"], found["severity"]) == ("EMERGENCY", "go", "severe")
    assert found["decided_by"] == ["E08"]
    rules = Catalogue.load(questionnaires_folder()).newest("nerve-symptoms").rules
    assert {entry["rule"] for entry in found["trace"]} == set(rules.by_id)


def test_a_stored_response_is_assessed_by_the_version_it_was_answered_with(run: Run, response: Path) -> None:
    found = json.loads(run("assess", response, "--json").out)
    assert (found["urgency"], found["version"], found["incomplete"]) == ("EMERGENCY", "1.0.0", True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("QuestionnaireResponse", "Patient", "response.json, resourceType: expected QuestionnaireResponse"),
        ("|1.0.0", "|9.9.9", "there is no pathway of that canonical address"),
        ('"code": "yes"', '"code": "maybe"', "g.injury"),
        ('"linkId": "rf.compart"', '"linkId": "rf.comport"', "rf.comport"),
    ],
)
def test_a_wrong_response_is_one_sentence_and_exit_code_2(
    run: Run, response: Path, old: str, new: str, message: str
) -> None:
    text = response.read_text("utf-8")
    assert old in text
    response.write_text(text.replace(old, new, 1), "utf-8")
    ran = run("assess", response)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert message in ran.err


def test_a_file_that_is_not_json_is_one_sentence(run: Run, response: Path) -> None:
    response.write_text("{", "utf-8")
    ran = run("assess", response)
    assert ran.code == 2
    assert ran.err.startswith("error: ")


def test_a_wrong_fact_is_refused_by_file_and_key(run: Run, facts: Path) -> None:
    facts.write_text(ALICE.replace("rf.compart", "rf.comport"), "utf-8")
    ran = run("assess", facts)
    assert ran.code == 2
    assert ran.err == "error: alice.toml, answers: found rf.comport, expected a linkId of vocabulary.toml\n"
