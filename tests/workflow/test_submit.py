"""A submission is on disk before it is sent, goes out once, and its state is told truthfully."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from people import ALICE, BOB, CHARLIE, KEY, PATHWAY, Clock, Hospital, all_no, draft_of, launch_of

from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.engine import assess
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import Severity, Urgency
from triage_app.errors import EHRAmbiguous, EHRRefused, EHRUnavailable, InvalidAnswer
from triage_app.fhir.response import from_response
from triage_app.workflow.deliver import deliver_waiting
from triage_app.workflow.services import Services
from triage_app.workflow.submit import IN_RECORD, SAVED_HERE, submit

CALM = all_no()


def test_answers_reach_the_record_and_are_told_so(services: Services, hospital: Hospital) -> None:
    result = submit(services, ALICE, CALM, PATHWAY)
    assert result.state == IN_RECORD
    response = hospital.of("QuestionnaireResponse")[0]
    assert response["subject"] == {"reference": "Patient/alice"}
    assert response["author"] == response["source"] == {"reference": "Patient/alice"}
    assert response["status"] == "completed"
    assert from_response(response, PATHWAY.form) == CALM
    assert len(hospital.of("Provenance")) == 1
    assert result.reference == result.submission_id[:8].upper()


def test_what_is_stored_here_is_what_was_told(services: Services) -> None:
    result = submit(services, ALICE, CALM, PATHWAY)
    stored = services.storage.fetch_submission(ehr=KEY, submission_id=result.submission_id)
    assert stored is not None
    assert Answers.from_plain(stored.snapshot["answers"]) == CALM
    assert (stored.pathway, stored.version) == (PATHWAY.name, PATHWAY.version)


def test_the_same_draft_sent_twice_is_one_submission(services: Services, hospital: Hospital) -> None:
    services.storage.save_draft(draft_of(ALICE, CALM))
    first = submit(services, ALICE, CALM, PATHWAY)
    services.storage.save_draft(draft_of(ALICE, CALM, sequence=9))
    second = submit(services, ALICE, CALM, PATHWAY)
    assert second.submission_id == first.submission_id
    assert len(hospital.of("QuestionnaireResponse")) == 1
    assert hospital.sent == 1


def test_a_sent_draft_is_gone(services: Services) -> None:
    services.storage.save_draft(draft_of(ALICE, CALM))
    submit(services, ALICE, CALM, PATHWAY)
    kept = services.storage.fetch_draft(
        ehr=KEY, patient="alice", author="Patient/alice", pathway=PATHWAY.name
    )
    assert kept is None


@pytest.mark.parametrize(
    "error",
    [
        EHRUnavailable("no connection"),
        EHRUnavailable("answered 503", status=503),
        EHRRefused("answered 403", status=403),
        EHRRefused("answered 422", status=422),
    ],
)
def test_while_the_ehr_does_not_take_it_nothing_is_lost_and_nothing_is_claimed(
    services: Services, hospital: Hospital, error: Exception
) -> None:
    hospital.before.append(error)  # type: ignore[arg-type]
    result = submit(services, ALICE, CALM, PATHWAY)
    assert result.state == SAVED_HERE
    assert hospital.stored == {}
    assert services.storage.fetch_submission(ehr=KEY, submission_id=result.submission_id) is not None
    assert len(services.storage.pending_deliveries(ehr=KEY, patient="alice")) == 1


def test_what_waits_goes_out_with_the_next_launch_of_the_same_person(
    services: Services, hospital: Hospital, clock: Clock
) -> None:
    submit(services, replace(ALICE, access_token=None), CALM, PATHWAY)
    assert hospital.sent == 0
    later = launch_of("Patient/alice", number=2)
    services.storage.save_launch(later)
    clock.forward(hours=1)
    assert [str(state) for state in deliver_waiting(services, later)] == ["verified"]
    assert len(hospital.of("QuestionnaireResponse")) == 1


def test_another_user_does_not_send_what_somebody_else_sent_off(services: Services, clock: Clock) -> None:
    submit(services, replace(ALICE, access_token=None), CALM, PATHWAY)
    clock.forward(hours=1)
    assert deliver_waiting(services, CHARLIE) == ()
    assert deliver_waiting(services, BOB) == ()


def test_a_lost_answer_doubles_nothing(services: Services, hospital: Hospital) -> None:
    hospital.after.append(EHRAmbiguous("no usable answer to a write"))
    result = submit(services, ALICE, CALM, PATHWAY)
    assert result.state == IN_RECORD
    assert hospital.sent == 1
    assert len(hospital.of("QuestionnaireResponse")) == 1


def test_an_unclear_failure_is_looked_for_before_it_is_repeated(
    services: Services, hospital: Hospital
) -> None:
    hospital.before.append(EHRAmbiguous("answered 500", status=500))
    assert submit(services, ALICE, CALM, PATHWAY).state == IN_RECORD
    assert hospital.sent == 2
    assert len(hospital.of("QuestionnaireResponse")) == 1


def test_without_a_way_to_look_an_unclear_write_is_not_repeated(
    services: Services, hospital: Hospital, clock: Clock
) -> None:
    hospital.after.append(EHRAmbiguous("no usable answer to a write"))
    hospital.reading.append(EHRUnavailable("no answer"))
    assert submit(services, ALICE, CALM, PATHWAY).state == SAVED_HERE
    assert hospital.sent == 1
    waiting = services.storage.pending_deliveries(ehr=KEY, patient="alice")[0]
    assert waiting.state == "needs-verification"
    clock.forward(hours=1)
    assert [str(state) for state in deliver_waiting(services, ALICE)] == ["verified"]
    assert hospital.sent == 1


def test_what_cannot_be_read_back_is_not_called_in_the_record(
    services: Services, hospital: Hospital, clock: Clock
) -> None:
    hospital.reading.append(EHRUnavailable("no answer"))
    assert submit(services, ALICE, CALM, PATHWAY).state == SAVED_HERE
    clock.forward(hours=1)
    assert [str(state) for state in deliver_waiting(services, ALICE)] == ["verified"]
    assert hospital.sent == 1


def test_what_is_stored_otherwise_than_sent_is_not_called_in_the_record(
    services: Services, hospital: Hospital
) -> None:
    hospital.spoil["Observation"] = {"component": []}
    assert submit(services, ALICE, CALM, PATHWAY).state == SAVED_HERE
    waiting = services.storage.pending_deliveries(ehr=KEY, patient="alice")[0]
    assert waiting.state == "delivered"
    assert "Observation.component" in str(waiting.last_error)


def test_a_server_without_transactions_is_not_written_to(services: Services, hospital: Hospital) -> None:
    hospital.declares = False
    assert submit(services, ALICE, CALM, PATHWAY).state == SAVED_HERE
    waiting = services.storage.pending_deliveries(ehr=KEY, patient="alice")[0]
    assert waiting.state == "held"
    assert "does not declare transactions" in str(waiting.last_error)
    assert hospital.sent == 0


def test_an_emergency_makes_no_request_and_a_task_at_once(services: Services, hospital: Hospital) -> None:
    told = all_no(
        **{"g.sudden": "yes", "rf.stroke": "yes", "rf.stroke.when": "h24", "rf.stroke.still": "yes"}
    )
    result = submit(services, ALICE, told, PATHWAY)
    assert result.assessment.urgency is Urgency.EMERGENCY
    assert hospital.of("ServiceRequest") == []
    assert hospital.of("Task")[0]["priority"] == "stat"


def test_what_is_no_longer_asked_is_not_sent(services: Services, hospital: Hospital) -> None:
    told = Answers({**CALM.person, "rf.stroke": "yes"}, CALM.limbs)
    result = submit(services, ALICE, told, PATHWAY)
    assert result.assessment.urgency is not Urgency.EMERGENCY
    assert from_response(hospital.of("QuestionnaireResponse")[0], PATHWAY.form) == CALM


def test_an_answer_that_the_form_does_not_take_stores_nothing(services: Services, hospital: Hospital) -> None:
    with pytest.raises(InvalidAnswer, match="age"):
        submit(services, ALICE, Answers({**CALM.person, "age": "old"}, CALM.limbs), PATHWAY)
    assert services.storage.fetch_submissions(ehr=KEY, patient="alice") == []
    assert hospital.sent == 0


def test_a_sign_left_blank_is_sent_in_progress_and_asks_for_a_review(
    services: Services, hospital: Hospital
) -> None:
    blank = {key: value for key, value in CALM.person.items() if key != "rf.saddle"}
    result = submit(services, ALICE, Answers(blank, CALM.limbs), PATHWAY)
    assert result.assessment.incomplete
    assert hospital.of("QuestionnaireResponse")[0]["status"] == "in-progress"
    assert len(hospital.of("Task")) == 1


def test_a_clinician_who_asks_is_author_and_the_patient_the_source(
    services: Services, hospital: Hospital
) -> None:
    submit(services, BOB, CALM, PATHWAY)
    response = hospital.of("QuestionnaireResponse")[0]
    assert response["author"] == {"reference": "Practitioner/bob"}
    assert response["source"] == {"reference": "Patient/alice"}


def test_nothing_about_the_person_is_kept_in_the_error(services: Services, hospital: Hospital) -> None:
    hospital.before.append(EHRRefused("Riverside Hospital: answered 422", status=422))
    submit(services, ALICE, CALM, PATHWAY)
    waiting = services.storage.pending_deliveries(ehr=KEY, patient="alice")[0]
    assert waiting.last_error == "Riverside Hospital: answered 422"
    assert waiting.state == "dead-letter"


def severities(hospital: Hospital) -> list[str]:
    found = [one for one in hospital.of("Observation") if one["code"]["coding"][0]["code"] == "severity"]
    return [one["valueCodeableConcept"]["coding"][0]["code"] for one in found]


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Callable[[Severity], None]:
    """Let the rules grade every limb so, whatever was told."""

    def grade(severity: Severity) -> None:
        def found(told: Answers, rules: RuleSet) -> Assessment:
            result = assess(told, rules)
            return replace(result, limbs=tuple(replace(one, severity=severity) for one in result.limbs))

        monkeypatch.setattr("triage_app.workflow.submit.assess", found)

    return grade


def test_a_limb_without_signs_puts_no_finding_into_the_chart_unless_it_closes_a_series(
    services: Services, hospital: Hospital, clock: Clock, graded: Callable[[Severity], None]
) -> None:
    for severity in (Severity.NONE, Severity.SEVERE, Severity.NONE, Severity.NONE):
        graded(severity)
        submit(services, ALICE, CALM, PATHWAY)
        clock.forward(days=30)
    assert severities(hospital) == ["severe", "none"]


def test_when_the_chart_cannot_be_asked_the_answers_are_sent_all_the_same(
    services: Services, hospital: Hospital, graded: Callable[[Severity], None]
) -> None:
    graded(Severity.NONE)
    hospital.reading.append(EHRUnavailable("no answer"))
    assert submit(services, ALICE, CALM, PATHWAY).state == IN_RECORD
    assert severities(hospital) == []
