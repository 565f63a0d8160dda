"""A clinician's decision is a new request or a reason; the suggestion is never turned into an order."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from golden import assert_golden
from person import RESULT, WORDING
from test_bundle import WHOLE, resources

from triage_app.errors import InvalidDocument
from triage_app.fhir.bundle import resolve
from triage_app.fhir.check import check
from triage_app.fhir.decision import Decision, accept, decline
from triage_app.fhir.filing import Party

BOB = Party("Practitioner/bob", "Dr Bob Brown")
BY_BOB = Decision(
    clinician=BOB,
    at=RESULT.filing.recorded.replace(hour=15),
    terms=WORDING.terms,
    organisation=RESULT.filing.organisation,
    note="Thumb base looks thin.",
    app_version="1.0.0",
    us=True,
)
IDS = {
    entry["fullUrl"]: f"{entry['resource']['resourceType']}/{place}"
    for place, entry in enumerate(WHOLE["entry"])
}


def stored(resource_type: str, version: str | None = "3") -> dict[str, Any]:
    """Return the first resource of that type as the server keeps it."""
    found = resolve(copy.deepcopy(resources(WHOLE, resource_type)[0]), IDS)
    meta = {**found.get("meta", {}), **({"versionId": version} if version else {})}
    return {**found, "id": f"{resource_type.lower()}-1", "meta": meta}


PROPOSAL, TASK = stored("ServiceRequest"), stored("Task")


def by_url(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["request"]["url"]: entry for entry in bundle["entry"]}


def test_accepting_makes_a_draft_plan_of_the_clinicians_own() -> None:
    entries = by_url(accept(PROPOSAL, TASK, BY_BOB, as_order=False))
    made = entries["ServiceRequest"]["resource"]
    assert (made["status"], made["intent"]) == ("draft", "plan")
    assert made["basedOn"] == [{"reference": "ServiceRequest/servicerequest-1"}]
    assert made["requester"] == BOB.to_reference()
    assert made["note"][0]["text"] == "Thumb base looks thin."
    assert made["note"][0]["authorReference"] == BOB.to_reference()
    assert made["code"] == PROPOSAL["code"]
    assert made["identifier"] != PROPOSAL["identifier"]
    assert "id" not in made
    assert "versionId" not in made["meta"]
    assert entries["ServiceRequest"]["request"]["ifNoneExist"].startswith("identifier=")


def test_only_where_the_site_allows_it_is_an_order_made() -> None:
    made = by_url(accept(PROPOSAL, TASK, BY_BOB, as_order=True))["ServiceRequest"]["resource"]
    assert (made["status"], made["intent"]) == ("active", "order")


@pytest.mark.parametrize("as_order", [True, False])
def test_the_suggestion_is_completed_and_stays_a_proposal(as_order: bool) -> None:
    entry = by_url(accept(PROPOSAL, TASK, BY_BOB, as_order=as_order))["ServiceRequest/servicerequest-1"]
    assert entry["resource"] == {**PROPOSAL, "status": "completed"}
    assert entry["request"] == {"method": "PUT", "url": "ServiceRequest/servicerequest-1", "ifMatch": 'W/"3"'}


def test_declining_revokes_with_the_reason_and_keeps_what_was_there() -> None:
    entries = by_url(decline(PROPOSAL, TASK, BY_BOB, reason="already-referred"))
    found = entries["ServiceRequest/servicerequest-1"]["resource"]
    assert found["status"] == "revoked"
    assert found["intent"] == "proposal"
    assert found["extension"][0]["url"] == "http://hl7.org/fhir/StructureDefinition/request-statusReason"
    assert found["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "already-referred"
    assert [note["text"] for note in found["note"]][1:] == ["Thumb base looks thin."]
    assert "ServiceRequest" not in entries


@pytest.mark.parametrize(("last", "status"), [(True, "completed"), (False, "in-progress")])
def test_the_task_closes_with_the_last_suggestion(last: bool, status: str) -> None:
    by = Decision(BOB, BY_BOB.at, WORDING.terms, last=last)
    accepted = by_url(accept(PROPOSAL, TASK, by, as_order=False))
    assert accepted["Task/task-1"]["resource"]["status"] == status
    output = accepted["Task/task-1"]["resource"]["output"][0]
    assert output["valueReference"]["reference"] == accepted["ServiceRequest"]["fullUrl"]
    assert by_url(decline(PROPOSAL, TASK, by, reason="other"))["Task/task-1"]["resource"]["status"] == status


def test_the_trail_names_the_clinician_and_everything_touched() -> None:
    found = by_url(accept(PROPOSAL, TASK, BY_BOB, as_order=False))["Provenance"]["resource"]
    assert found["agent"][0]["who"] == BOB.to_reference()
    assert found["agent"][1]["who"]["identifier"]["value"] == "nerve-triage/1.0.0"
    assert [target["reference"] for target in found["target"]][1:] == [
        "ServiceRequest/servicerequest-1",
        "Task/task-1",
    ]


def test_results_are_not_touched_by_a_decision() -> None:
    urls = by_url(accept(PROPOSAL, TASK, BY_BOB, as_order=False))
    assert not any(url.startswith(("Observation", "QuestionnaireResponse")) for url in urls)


def test_the_same_decision_has_the_same_keys() -> None:
    assert accept(PROPOSAL, TASK, BY_BOB, as_order=False) == accept(PROPOSAL, TASK, BY_BOB, as_order=False)


def test_a_decision_is_as_it_was_read_and_agreed() -> None:
    assert_golden("decision-accept", accept(PROPOSAL, TASK, BY_BOB, as_order=False))
    assert_golden("decision-decline", decline(PROPOSAL, TASK, BY_BOB, reason="examined-differs"))


@pytest.mark.parametrize("task", [TASK, None])
def test_a_decision_is_sound_r4(task: dict[str, Any] | None) -> None:
    check(accept(PROPOSAL, task, BY_BOB, as_order=True))
    check(decline(PROPOSAL, task, BY_BOB, reason="not-now"))


def test_a_suggestion_that_cannot_be_held_to_its_version_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="versionId"):
        accept(stored("ServiceRequest", None), TASK, BY_BOB, as_order=False)


@pytest.mark.parametrize("identifier", [[], [{"system": "urn:x", "value": "1"}]])
def test_a_suggestion_that_is_not_ours_is_refused(identifier: list[dict[str, str]]) -> None:
    with pytest.raises(InvalidDocument, match="found none of ours"):
        decline({**PROPOSAL, "identifier": identifier}, TASK, BY_BOB, reason="other")
