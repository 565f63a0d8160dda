"""The scopes are what is read and written, and nothing besides."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import an_ehr, an_environment

from triage_app.errors import ConfigurationError
from triage_app.settings import read_settings
from triage_app.settings.scopes import CHART_USES, IDENTITY, USES, Use, covers, default_scopes, scopes_for

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"


def test_letters_stand_in_the_order_of_smart_whatever_the_order_of_the_table() -> None:
    uses = [Use("Task", letter, "why") for letter in "suc"]
    assert scopes_for([*uses, Use("Patient", "r", "why")]) == ("patient/Task.cus", "patient/Patient.r")


def test_no_use_is_named_twice_and_each_says_why() -> None:
    named = [(use.resource, use.letter) for use in USES + CHART_USES]
    assert len(named) == len(set(named))
    assert all(use.why for use in USES + CHART_USES)


def test_the_history_is_asked_for_only_where_the_site_wants_the_reminder() -> None:
    assert "patient/Condition.s" in an_ehr().scopes
    without = an_ehr(read_chart=False).scopes
    assert set(an_ehr().scopes) - set(without) == set(scopes_for(CHART_USES))
    assert without[: len(IDENTITY)] == IDENTITY


def test_a_site_that_names_its_scopes_is_asked_for_those_alone() -> None:
    assert an_ehr(scopes=("openid", "fhirUser")).scopes == ("openid", "fhirUser")


def test_an_empty_list_of_scopes_is_a_slip_and_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text("[ehr.general]\nscopes = []\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"ehr\.general\.scopes: found \[\]"):
        read_settings(an_environment(path))


def test_read_chart_is_true_or_false(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text('[ehr.general]\nread_chart = "no"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"ehr\.general\.read_chart: found 'no', expected true"):
        read_settings(an_environment(path))


@pytest.mark.parametrize(
    "granted",
    [
        "patient/Condition.s",
        "patient/Condition.rs",
        "patient/Condition.read",
        "patient/*.read",
        "patient/*.*",
        "user/Condition.cruds",
        "patient/Condition.rs?category=problem-list-item",
    ],
)
def test_a_grant_of_either_version_covers_a_search(granted: str) -> None:
    assert covers(("launch", granted), "Condition", "s")


@pytest.mark.parametrize(
    "granted",
    [
        "patient/Condition.r",
        "patient/Procedure.s",
        "patient/Condition.write",
        "Condition.s",
        "patient/Condition",
    ],
)
def test_another_grant_does_not(granted: str) -> None:
    assert not covers(("launch", granted), "Condition", "s")


@pytest.mark.parametrize(
    ("granted", "covered"),
    [
        ("patient/Observation.c", True),
        ("patient/Observation.write", True),
        ("patient/Observation.c?category=survey", True),
        ("patient/Observation.c?category=laboratory", False),
        ("patient/Observation.rs", False),
        ("patient/Observation.read", False),
    ],
)
def test_a_restricted_grant_lets_write_only_what_is_ours(granted: str, covered: bool) -> None:
    assert covers((granted,), "Observation", "c") is covered


def test_the_document_lists_the_very_scopes() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [scope for scope in default_scopes(read_chart=True) if f"`{scope}`" not in text] == []
