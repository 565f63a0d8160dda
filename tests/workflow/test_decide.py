"""A clinician's decision stands in the chart once, and never over somebody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from people import ALICE, BOB, KEY, PATHWAY, START, Clock, Hospital, launch_of
from test_open_review import WORSE

from triage_app.errors import (
    EHRAmbiguous,
    EHRConflict,
    EHRUnavailable,
    InvalidAnswer,
    NotAllowed,
    NotFound,
)
from triage_app.settings import AcceptAs
from triage_app.workflow.decide import Choice, decide, reasons
from triage_app.workflow.open_review import open_review
from triage_app.workflow.review import Suggestion
from triage_app.workflow.services import Services
from triage_app.workflow.submit import submit


@pytest.fixture
def suggestions(services: Services) -> tuple[Suggestion, ...]:
    submit(services, ALICE, WORSE, PATHWAY)
    found = open_review(services, BOB).responses[0].suggestions
    assert len(found) >= 2
    return found


def made(hospital: Hospital) -> list[dict[str, object]]:
    return [one for one in hospital.of("ServiceRequest") if one["intent"] != "proposal"]


def test_accepting_makes_a_plan_and_completes_the_suggestion(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    first = suggestions[0]
    decision = decide(services, BOB, first.reference, "accept", note="agreed", version=first.version)
    assert decision.choice is Choice.ACCEPT
    (plan,) = made(hospital)
    assert (plan["status"], plan["intent"]) == ("draft", "plan")
    assert plan["requester"] == {"reference": "Practitioner/bob"}
    assert plan["basedOn"] == [{"reference": first.reference}]
    assert hospital.stored[first.reference]["status"] == "completed"
    assert hospital.stored[first.reference]["intent"] == "proposal"


def test_where_the_site_allows_it_accepting_makes_an_order(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    ehr = replace(services.settings.registry[KEY], accept_as=AcceptAs.ORDER)
    allowing = replace(services, settings=replace(services.settings, registry={KEY: ehr}))
    decide(allowing, BOB, suggestions[0].reference, "accept")
    assert (made(hospital)[0]["status"], made(hospital)[0]["intent"]) == ("active", "order")


def test_declining_keeps_the_reason_and_makes_nothing(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    decide(services, BOB, suggestions[0].reference, "decline", "already-referred")
    assert made(hospital) == []
    again = open_review(services, BOB).responses[0].suggestions[0]
    assert again.status == "revoked"
    assert again.outcome is not None
    assert again.outcome.reason == reasons(services)["already-referred"]
    assert again.outcome.request == ""
    assert (again.outcome.by, again.outcome.at) == (BOB.user, START)


def test_the_task_closes_with_the_last_suggestion_and_not_before(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    statuses = []
    for suggestion in suggestions:
        decide(services, BOB, suggestion.reference, "accept")
        statuses.append(hospital.of("Task")[0]["status"])
    assert statuses == ["in-progress"] * (len(suggestions) - 1) + ["completed"]


def test_the_review_shows_what_became_of_it(services: Services, suggestions: tuple[Suggestion, ...]) -> None:
    decide(services, BOB, suggestions[0].reference, "accept")
    again = open_review(services, BOB).responses[0].suggestions[0]
    assert not again.is_open
    assert again.outcome is not None
    assert again.outcome.request.startswith("ServiceRequest/")
    assert again.outcome.request_state == "draft plan"
    assert (again.outcome.by, again.outcome.at) == (BOB.user, START)


@pytest.mark.parametrize("choice", ["accept", "decline"])
def test_a_second_decision_is_a_conflict(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...], choice: str
) -> None:
    decide(services, BOB, suggestions[0].reference, "accept")
    with pytest.raises(EHRConflict, match="decided already"):
        decide(services, BOB, suggestions[0].reference, choice, "other")
    assert len(made(hospital)) == 1


def test_a_suggestion_that_changed_since_it_was_shown_is_not_decided(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    hospital.stored[suggestions[0].reference]["meta"]["versionId"] = "2"
    with pytest.raises(EHRConflict, match="changed since"):
        decide(services, BOB, suggestions[0].reference, "accept", version=suggestions[0].version)
    assert made(hospital) == []


def test_a_change_between_reading_and_writing_is_caught_by_the_server(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    hospital.before.append(EHRConflict("answered 412", status=412))
    with pytest.raises(EHRConflict):
        decide(services, BOB, suggestions[0].reference, "accept")
    assert made(hospital) == []


def test_a_lost_answer_is_looked_for_before_anything_is_said(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    hospital.after.append(EHRAmbiguous("no usable answer to a write"))
    decide(services, BOB, suggestions[0].reference, "accept")
    assert len(made(hospital)) == 1


def test_a_write_that_did_not_happen_is_said_not_to_be_stored(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    hospital.before.append(EHRAmbiguous("answered 500", status=500))
    with pytest.raises(EHRUnavailable, match="not stored"):
        decide(services, BOB, suggestions[0].reference, "accept")
    assert open_review(services, BOB).responses[0].suggestions[0].is_open


def test_only_a_clinician_decides(services: Services, suggestions: tuple[Suggestion, ...]) -> None:
    with pytest.raises(NotAllowed):
        decide(services, ALICE, suggestions[0].reference, "accept")


def test_a_suggestion_of_another_patient_is_not_there(
    services: Services, hospital: Hospital, suggestions: tuple[Suggestion, ...]
) -> None:
    elsewhere = launch_of("Practitioner/bob", patient="charlie", number=2)
    with pytest.raises(NotFound):
        decide(services, elsewhere, suggestions[0].reference, "accept")
    assert made(hospital) == []


@pytest.mark.parametrize(
    ("choice", "reason", "note", "field"),
    [
        ("approve", "", "", "decision"),
        ("decline", "", "", "reason"),
        ("decline", "because", "", "reason"),
        ("accept", "", "x" * 1001, "note"),
    ],
)
def test_what_cannot_be_a_decision_is_refused_by_name(
    services: Services, suggestions: tuple[Suggestion, ...], choice: str, reason: str, note: str, field: str
) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        decide(services, BOB, suggestions[0].reference, choice, reason, note)
    assert caught.value.link_id == field


def test_who_decided_is_in_the_audit(
    services: Services, suggestions: tuple[Suggestion, ...], clock: Clock
) -> None:
    decide(services, BOB, suggestions[0].reference, "accept")
    entry = services.storage.fetch_audit(ehr=KEY, launch=BOB.id)[-1]
    assert (entry.action, entry.user, entry.at) == ("decide: accept", "Practitioner/bob", clock())
