"""What is no R4 resource is refused, and the refusal names the place."""

from __future__ import annotations

from typing import Any

import pytest

from triage_app.sandbox import Hospital
from triage_app.sandbox.store.elements import elements_of
from triage_app.sandbox.store.outcome import Refusal
from triage_app.sandbox.store.structure import check_resource

from .conftest import Caller, body_of, observation


def refusal(resource: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as caught:
        check_resource(resource, resource["resourceType"])
    assert caught.value.status == 422
    return caught.value.diagnostics


def test_a_good_resource_passes() -> None:
    check_resource(observation(), "Observation")


@pytest.mark.parametrize("name", ["status", "code"])
def test_a_missing_element_is_named(name: str) -> None:
    thing = observation()
    del thing[name]
    assert refusal(thing) == f"Observation.{name}: it is missing"


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("ServiceRequest", "status"),
        ("Task", "status"),
        ("Provenance", "target"),
        ("Encounter", "class"),
        ("Condition", "subject"),
        ("MedicationRequest", "status"),
        ("DocumentReference", "content"),
        ("Questionnaire", "status"),
        ("QuestionnaireResponse", "status"),
        ("Communication", "status"),
        ("RelatedPerson", "patient"),
        ("Procedure", "status"),
        ("CodeSystem", "status"),
        ("ValueSet", "status"),
    ],
)
def test_an_empty_resource_of_a_type_lacks_what_r4_requires(kind: str, missing: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_resource({"resourceType": kind, "language": "en"}, kind)
    assert "is missing" in caught.value.diagnostics
    assert missing in _required(kind)


def _required(kind: str) -> set[str]:
    return {element.name for element in elements_of(kind).values() if element.required}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"Status": "final"}, "Observation.Status"),
        ({"value": 6}, "Observation.value"),
        ({"_subject": {"id": "x"}}, "Observation._subject"),
        ({"code": {"coding": [{"sytem": "x"}]}}, "Observation.code.coding[0].sytem"),
        ({"code": [{"text": "Pain"}]}, "Observation.code"),
        ({"code": "pain"}, "Observation.code"),
        ({"code": {}}, "Observation.code"),
        ({"code": {"text": ""}}, "Observation.code.text"),
        ({"code": {"text": None}}, "Observation.code.text"),
        ({"category": {"text": "survey"}}, "Observation.category"),
        ({"category": []}, "Observation.category"),
        ({"category": [None]}, "Observation.category[0]"),
        ({"valueInteger": "6"}, "Observation.valueInteger"),
        ({"valueInteger": True}, "Observation.valueInteger"),
        ({"valueInteger": 6.0}, "Observation.valueInteger"),
        ({"valueInteger": 2**31}, "Observation.valueInteger"),
        ({"valueString": "six"}, "Observation.value[x]"),
        ({"effectiveDateTime": "20.11.2026"}, "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-11-20T10:00"}, "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-13-01"}, "Observation.effectiveDateTime"),
        ({"issued": "2026-11-20"}, "Observation.issued"),
        ({"status": "done"}, "Observation.status"),
        ({"status": ["final"]}, "Observation.status"),
        ({"status": {"x": 1}}, "Observation.status"),
        ({"meta": {"tag": {"code": "x"}}}, "Observation.meta.tag"),
        ({"text": {"status": "generated", "div": "<p>hello</p>"}}, "Observation.text.div"),
        ({"extension": [{"url": "http://x.example"}]}, "Observation.extension[0]"),
        ({"extension": [{"valueString": "x"}]}, "Observation.extension[0].url"),
        ({"dataAbsentReason": {"text": "unknown"}}, "Observation"),
        ({"component": [{"valueInteger": 1}]}, "Observation.component[0].code"),
        ({"contained": [{"resourceType": "Task", "status": "wrong", "intent": "order"}]}, "Task.status"),
    ],
)
def test_a_wrong_shape_is_named_with_its_place(changes: dict[str, Any], place: str) -> None:
    assert refusal(observation(**changes)).startswith(f"{place}: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"_status": {"extension": [{"url": "http://x.example", "valueString": "because"}]}},
        {"meta": {"profile": ["http://x.example"], "_profile": [None]}},
        {"effectiveDateTime": "2026"},
        {"effectiveDateTime": "2026-11-20T10:00:00.123-05:00"},
        {"contained": [{"resourceType": "Device", "anything": True}]},
        {"valueInteger": -3},
    ],
)
def test_what_r4_allows_is_allowed(changes: dict[str, Any]) -> None:
    check_resource(observation(**changes), "Observation")


def test_an_item_has_answers_or_items_and_not_both() -> None:
    item = {"linkId": "a", "item": [{"linkId": "b"}], "answer": [{"valueBoolean": True}]}
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]}
    assert "qrs-1" in refusal(response)


def test_a_choice_that_must_stand_is_missed() -> None:
    request = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/alice"},
    }
    assert refusal(request) == "MedicationRequest.medication[x]: it is missing"


def test_a_reference_into_nothing_is_refused(alice: Caller, hospital: Hospital) -> None:
    for reference in ("Encounter/none", "QuestionnaireResponse/none", "Patient/none/_history/1", "nonsense"):
        answer = alice.post("/Observation", observation(focus=[{"reference": reference}]))
        assert answer.status_code == 422, reference
        assert body_of(answer)["issue"][0]["expression"] == ["Observation.focus[0].reference"]
    assert hospital.store.all("Observation") == []


def test_references_elsewhere_are_not_judged(alice: Caller) -> None:
    for reference in ("https://elsewhere.example/fhir/Device/1", "#it", "Device/unkept"):
        made = alice.post("/Observation", observation(focus=[{"reference": reference}]))
        assert made.status_code == 201, reference
