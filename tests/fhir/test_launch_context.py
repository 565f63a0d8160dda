"""What an EHR says of a launch: both published contracts are understood, nothing odd makes it fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from triage_app.fhir.launch_context import (
    QUESTIONNAIRE_ROLE,
    Action,
    LaunchContext,
    read_launch_context,
)

FORM = "https://w3id.org/nerve-triage/Questionnaire/nerve-symptoms|1.0.0"
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def test_a_canonical_in_its_role_asks_for_that_form() -> None:
    said = {"fhirContext": [{"type": "Questionnaire", "canonical": FORM, "role": QUESTIONNAIRE_ROLE}]}
    assert read_launch_context(said) == LaunchContext(action=Action.START, questionnaires=(FORM,))


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("as_text", [True, False])
def test_an_intent_with_an_action_says_what_to_do(action: Action, as_text: bool) -> None:
    wish: Any = f'{{"action": "{action}"}}' if as_text else {"action": str(action)}
    found = read_launch_context(
        {
            "intent": "questionnaire.assessment.dialog",
            "appContext": wish,
            "fhirContext": [
                {"reference": "Questionnaire/12"},
                {"reference": "QuestionnaireResponse/34", "role": "launch"},
            ],
        }
    )
    assert (found.action, found.response) == (action, "QuestionnaireResponse/34")


def test_a_task_is_found_in_both_forms_of_the_list() -> None:
    for entry in ("Task/7", {"reference": "Task/7", "type": "Task"}):
        assert read_launch_context({"fhirContext": ["Patient/alice", entry]}).task == "Task/7"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"intent": "reconcile-medications"},
        {"fhirContext": "Task/7"},
        {"fhirContext": [7, None, {"reference": "https://evil.example/Task/7"}, {"reference": "Task/../7"}]},
        {"fhirContext": [{"canonical": "javascript:alert(1)"}]},
        {"fhirContext": [{"canonical": FORM, "type": "PlanDefinition"}]},
        {"appContext": "{not json"},
        {"appContext": "[]"},
        {"tenant": "a\nb"},
        {"smart_style_url": "x" * 5000},
        {"__vendor": {"x": 1}, "https://vendor.example/key": "v"},
    ],
)
def test_what_is_not_understood_is_left(said: dict[str, Any]) -> None:
    assert read_launch_context(said) == LaunchContext()


@given(
    some.dictionaries(
        some.sampled_from(["fhirContext", "intent", "appContext", "tenant", "smart_style_url"]), JSON
    )
)
def test_nothing_that_an_ehr_says_makes_it_fail_and_it_survives_the_database(said: dict[str, Any]) -> None:
    found = read_launch_context(said)
    assert LaunchContext.from_plain(found.to_plain()) == found
