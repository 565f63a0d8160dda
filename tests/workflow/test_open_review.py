"""A review works every result out again and says whether it agrees with what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from people import ALICE, BOB, CHARLIE, PATHWAY, START, Clock, Hospital, all_no, launch_of

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.terms import Urgency
from triage_app.errors import EHRUnavailable
from triage_app.workflow.open_review import open_review
from triage_app.workflow.services import Services
from triage_app.workflow.submit import submit
from triage_app.workflow.written import corrections_in

CALM = all_no()
(ARM,) = CALM.limbs
WORSE = Answers(
    {**CALM.person, "pain": Decimal(8)},
    (Limb(ARM.kind, ARM.side, {**ARM.answers, "const": "constant", "t.thumb_up": "weak"}),),
)


def twice(services: Services, clock: Clock) -> None:
    submit(services, ALICE, CALM, PATHWAY)
    clock.forward(days=40)
    submit(services, ALICE, WORSE, PATHWAY)


def test_an_empty_chart_has_nothing_to_review(services: Services) -> None:
    review = open_review(services, BOB)
    assert (review.responses, review.unreadable, review.waiting) == ((), (), 0)


def test_the_newest_answers_come_first_with_what_was_said_and_by_whom(
    services: Services, clock: Clock
) -> None:
    twice(services, clock)
    newest, oldest = open_review(services, BOB).responses
    assert newest.authored is not None
    assert oldest.authored is not None
    assert newest.authored > oldest.authored
    assert newest.answers == WORSE
    assert newest.answered_by == newest.keyed_by == "the patient"
    assert ("8" in {answer for _, answer in newest.rows}) is True
    assert newest.work is not None
    assert newest.work.status == "requested"


def test_what_was_written_is_worked_out_again_and_agrees(services: Services, clock: Clock) -> None:
    twice(services, clock)
    for response in open_review(services, BOB).responses:
        assert response.deviations == ()
        assert response.reproduces
        assert response.stored_urgency == response.assessment.urgency.name


def test_a_result_that_was_written_otherwise_is_said_to_deviate(
    services: Services, hospital: Hospital
) -> None:
    submit(services, ALICE, WORSE, PATHWAY)
    for resource in hospital.of("Observation"):
        if resource["code"]["coding"][0]["code"] == "triage-overall":
            resource["valueCodeableConcept"]["coding"][0]["code"] = "SELF_CARE"
            resource["method"]["text"] = "other rules"
        if resource["code"]["coding"][0]["code"] == "severity":
            resource["valueCodeableConcept"]["coding"][0]["code"] = "mild"
    found = open_review(services, BOB).responses[0]
    assert not found.reproduces
    assert any("SELF_CARE" in text for text in found.deviations)
    assert any("another checksum" in text for text in found.deviations)
    assert any("mild" in text for text in found.deviations)


def test_a_result_that_is_missing_is_said_to_be_missing(services: Services, hospital: Hospital) -> None:
    submit(services, ALICE, WORSE, PATHWAY)
    hospital.stored = {k: v for k, v in hospital.stored.items() if v["resourceType"] != "Observation"}
    assert open_review(services, BOB).responses[0].deviations == ("The result is not in the chart.",)


def test_the_change_since_last_time_is_told_results_first(services: Services, clock: Clock) -> None:
    twice(services, clock)
    newest, oldest = open_review(services, BOB).responses
    assert oldest.differences == ()
    changed = {difference.what: difference for difference in newest.differences}
    assert changed["Right arm"].worse is True
    assert changed["Right arm"].before == oldest.assessment.limbs[0].severity
    assert changed["Right arm"].now == newest.assessment.limbs[0].severity
    assert changed["Urgency"].worse is True
    assert any(d.before == "4" and d.now == "8" for d in newest.differences)
    assert list(changed).index("Urgency") < list(changed).index("Right arm")


def test_suggestions_carry_their_rules_and_sources(services: Services, clock: Clock) -> None:
    twice(services, clock)
    newest = open_review(services, BOB).responses[0]
    assert newest.assessment.urgency > Urgency.SELF_CARE
    assert [s.route for s in newest.suggestions] == [r.code for r in newest.assessment.routes]
    for suggestion in newest.suggestions:
        assert suggestion.is_open
        assert suggestion.why
        assert suggestion.sources
        assert suggestion.reference.startswith("ServiceRequest/")
        assert suggestion.version == "1"


def test_what_would_have_changed_the_outcome_is_worked_out(services: Services) -> None:
    submit(services, ALICE, WORSE, PATHWAY)
    found = open_review(services, BOB).responses[0]
    assert {change.rule_id for change in found.changes} == set(found.assessment.decided_by)


def test_a_response_without_version_or_of_an_unknown_one_is_listed_as_unreadable(
    services: Services, hospital: Hospital
) -> None:
    submit(services, ALICE, CALM, PATHWAY)
    response = hospital.of("QuestionnaireResponse")[0]
    for canonical in (PATHWAY.url, f"{PATHWAY.url}|9.9.9"):
        response["questionnaire"] = canonical
        review = open_review(services, BOB)
        assert review.responses == ()
        assert review.unreadable[0].reason


def test_answers_that_were_tampered_with_are_unreadable_and_not_a_crash(
    services: Services, hospital: Hospital
) -> None:
    submit(services, ALICE, CALM, PATHWAY)
    hospital.of("QuestionnaireResponse")[0]["item"][0]["linkId"] = "ghost"
    review = open_review(services, BOB)
    assert review.responses == ()
    assert "ghost" in review.unreadable[0].reason


def test_what_is_anothers_is_not_shown(services: Services, hospital: Hospital) -> None:
    submit(services, ALICE, CALM, PATHWAY)
    hospital.of("QuestionnaireResponse")[0]["subject"] = {"reference": "Patient/charlie"}
    assert open_review(services, BOB).responses == ()


def test_answers_from_another_app_are_shown_as_such_with_nothing_written_and_nothing_to_deviate(
    services: Services, hospital: Hospital
) -> None:
    submit(services, ALICE, WORSE, PATHWAY)
    (response,) = hospital.of("QuestionnaireResponse")
    response["identifier"] = {"system": "urn:other", "value": "1"}
    hospital.stored = {k: v for k, v in hospital.stored.items() if v is response}
    (found,) = open_review(services, BOB).responses
    assert not found.is_ours
    assert found.assessment.severity == "moderate"
    assert (found.deviations, found.suggestions, found.work) == ((), (), None)
    assert [one.what for one in found.written] == ["The answers"]


def test_withdrawn_answers_are_told_but_not_shown(services: Services, hospital: Hospital) -> None:
    submit(services, ALICE, CALM, PATHWAY)
    hospital.of("QuestionnaireResponse")[0]["status"] = "entered-in-error"
    review = open_review(services, BOB)
    assert review.responses == ()
    assert [one.authored for one in review.withdrawn] == [START]


def test_what_stands_in_the_chart_is_listed_with_its_state(services: Services) -> None:
    submit(services, ALICE, WORSE, PATHWAY)
    written = open_review(services, BOB).responses[0].written
    said = {one.what: one.status for one in written}
    assert said["The answers"] == "completed"
    assert said["Severity, Right arm: Moderate"] == "preliminary"
    assert said["Pain, 0 to 10"] == "final"
    assert said["Task: review"] == "requested"
    assert any(what.startswith("Suggestion: ") and said[what] == "draft" for what in said)
    assert all(one.at == START for one in written)


def test_answers_that_are_not_those_that_were_sent_are_said_to_be_altered(
    services: Services, hospital: Hospital
) -> None:
    submit(services, ALICE, WORSE, PATHWAY)
    assert open_review(services, BOB).responses[0].altered == ()
    response = hospital.of("QuestionnaireResponse")[0]
    _item(response, "pain")["answer"] = [{"valueInteger": 2}]
    response["status"] = "amended"
    altered = open_review(services, BOB).responses[0].altered
    assert any("not those that were sent" in text for text in altered)
    assert any("amended" in text for text in altered)


def _item(holder: dict[str, Any], link_id: str) -> dict[str, Any]:
    (found,) = [one for one in _items(holder) if one["linkId"] == link_id]
    return found


def _items(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in holder.get("item", ()):
        yield item
        yield from _items(item)


def test_signs_that_were_first_answered_otherwise_are_read_back() -> None:
    first = "First answered otherwise: “Chest?” Yes, then No."
    second = "First answered otherwise: “Legs?” Not sure, then not answered."
    note = {"text": f"SOON: because. {first} {second} Not clinically signed off."}
    assert corrections_in({"note": [note]}) == (first, second)
    assert corrections_in(None) == ()


def test_what_waits_here_is_counted_so_that_nobody_thinks_the_chart_is_whole(services: Services) -> None:
    submit(services, replace(ALICE, access_token=None), CALM, PATHWAY)
    assert open_review(services, BOB).waiting == 1
    assert open_review(services, CHARLIE).waiting == 0


def test_a_chart_that_cannot_be_read_is_an_error_and_not_an_empty_page(
    services: Services, hospital: Hospital
) -> None:
    hospital.reading.append(EHRUnavailable("no answer"))
    with pytest.raises(EHRUnavailable):
        open_review(services, launch_of("Practitioner/bob"))
