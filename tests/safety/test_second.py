"""Two evaluators of the same rule files agree, and a fault in either is found."""

from __future__ import annotations

import ast
import operator
from pathlib import Path

import pytest

from safety.agreement import agreement
from safety.compare import Both, differences
from safety.crowd import Crowd
from safety.evidence import Run
from safety.second import judge
from safety.second.sentences import read_sentence
from safety.second.writing import written

SECOND = Path(judge.__file__).parent


def test_the_product_and_the_second_evaluator_agree_about_everybody(both: Both) -> None:
    found = agreement(Run("second", seed=1, count=400), both)
    assert found.failures == []
    assert found.counts["rules met by somebody"] > 150


def test_a_comparison_read_one_step_too_narrow_is_found(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(judge.SIGNS, ">=", operator.gt)
    crowd = Crowd(both.words, both.book)
    found = list(differences(both, [crowd.person(seed) for seed in range(60)]))
    assert "met" in {difference.what for difference in found}


def test_a_blank_read_as_a_no_is_found(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "PERHAPS", judge.NO)
    crowd = Crowd(both.words, both.book)
    assert list(differences(both, [crowd.person(seed) for seed in range(200)]))


def test_the_second_evaluator_shares_no_line_with_the_product() -> None:
    for path in SECOND.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("triage_app")], path.name


@pytest.mark.parametrize(
    "text",
    [
        "a.b and (c or not d)",
        "any t.* (it >= weak and it.reason not in {always, pain})",
        "count(digits in {thumb, index}) >= 2 or unsure(T2, rf.x) >= 2",
        "both legs (x = yes) and every limb and met(N06-C5) and blank(y)",
    ],
)
def test_a_condition_written_back_reads_the_same(text: str) -> None:
    sentence = read_sentence(text, {})
    assert read_sentence(written(sentence), {}) == sentence


@pytest.mark.parametrize("text", ["a and", "a )", "most(a)", "count(a in b) >= 2"])
def test_a_condition_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        read_sentence(text, {})
