"""Red flags are counted by what was said to them; a gate that is no counts for all that it opens."""

from __future__ import annotations

import pytest

from triage_app import questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.clinical.answers import Answers
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.signs import count_signs


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return Catalogue.load(questionnaires_folder()).newest("nerve-symptoms").rules


def gates_no(rules: RuleSet, **more: str) -> Answers:
    """Every opening question answered no."""
    gates = {gate for flag in rules.vocabulary.flags for gate in flag.gates}
    told = {name: "no" for name in rules.vocabulary.items if name in gates or name.startswith("g.")}
    return Answers({**told, **{name.replace("__", "."): value for name, value in more.items()}})


def test_nothing_answered_is_nothing_known(rules: RuleSet) -> None:
    signs = count_signs(Answers(), rules)
    assert signs.yes == signs.unsure == ()
    assert signs.asked == len(rules.vocabulary.flags)
    assert "rf.stroke" in signs.blank


def test_a_gate_that_is_no_answers_the_signs_behind_it(rules: RuleSet) -> None:
    assert "rf.stroke" in count_signs(gates_no(rules), rules).no


def test_yes_unsure_and_blank_are_told_apart(rules: RuleSet) -> None:
    opened = {"g__sudden": "yes"}
    assert "rf.stroke" in count_signs(gates_no(rules, **opened), rules).blank
    assert "rf.stroke" in count_signs(gates_no(rules, **opened, rf__stroke="yes"), rules).yes
    assert "rf.stroke" in count_signs(gates_no(rules, **opened, rf__stroke="unsure"), rules).unsure


def test_each_sign_is_counted_once(rules: RuleSet) -> None:
    signs = count_signs(gates_no(rules, g__sudden="unsure", rf__stroke="unsure"), rules)
    assert signs.asked == len({*signs.yes, *signs.no, *signs.unsure, *signs.blank})
    assert signs.answered == len(signs.yes) + len(signs.no)
