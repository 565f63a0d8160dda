"""The server's answer is read entry by entry, and what it stored is compared with what was sent."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from triage_app.delivery.reconcile import differences, ids_of, keys_of

SENT: dict[str, Any] = {
    "resourceType": "Observation",
    "identifier": [{"system": "urn:nt", "value": "1"}],
    "status": "final",
    "issued": "2026-11-20T10:42:03.120+00:00",
    "valueQuantity": {"value": Decimal("7.10"), "unit": "score"},
    "derivedFrom": [{"reference": "urn:uuid:a"}],
}
IDS = {"urn:uuid:a": "QuestionnaireResponse/9"}
STORED: dict[str, Any] = {
    **SENT,
    "id": "12",
    "meta": {"versionId": "1"},
    "issued": "2026-11-20T10:42:03.12Z",
    "derivedFrom": [{"reference": "https://ehr.example.org/fhir/QuestionnaireResponse/9"}],
    "text": {"status": "generated"},
}
BUNDLE: dict[str, Any] = {"entry": [{"fullUrl": "urn:uuid:b", "resource": SENT}]}


@pytest.mark.parametrize(
    "answer",
    [
        {"response": {"status": "201 Created", "location": "Observation/12/_history/1"}},
        {"response": {"status": "200 OK", "location": "https://ehr.example.org/fhir/Observation/12"}},
        {"response": {"status": "201"}, "resource": {"resourceType": "Observation", "id": "12"}},
    ],
)
def test_the_place_of_each_entry_is_read(answer: dict[str, Any]) -> None:
    assert ids_of(BUNDLE, {"entry": [answer]}) == {"urn:uuid:b": "Observation/12"}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"entry": []},
        {"entry": "x"},
        {"entry": [1]},
        {"entry": [{"response": "201"}]},
        {"entry": [{"response": {"location": 12}, "resource": []}]},
        {"entry": [{"response": {"status": "201"}}]},
        {"entry": [{"response": {"location": "Patient/12"}}]},
        {"entry": [{"response": {"location": "12"}}]},
    ],
)
def test_an_answer_that_does_not_say_where_is_not_taken_for_success(answer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        ids_of(BUNDLE, answer)


def test_what_a_server_adds_or_writes_another_way_is_no_difference() -> None:
    assert differences(SENT, STORED, IDS) == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda r: r.update(status="preliminary"), ("status",)),
        (lambda r: r.pop("identifier"), ("identifier",)),
        (lambda r: r["valueQuantity"].update(value=Decimal("7.11")), ("valueQuantity",)),
        (lambda r: r["valueQuantity"].update(value="7.10"), ("valueQuantity",)),
        (lambda r: r.update(derivedFrom=[]), ("derivedFrom",)),
        (lambda r: r["derivedFrom"][0].update(reference="QuestionnaireResponse/8"), ("derivedFrom",)),
        (lambda r: r.update(issued="2026-11-20T11:42:03.12Z"), ("issued",)),
        (lambda r: r.update(issued="yesterday evening, at about ten"), ("issued",)),
    ],
)
def test_what_was_dropped_or_changed_is_named(
    change: Callable[[dict[str, Any]], Any], found: tuple[str]
) -> None:
    stored = copy.deepcopy(STORED)
    change(stored)
    assert differences(SENT, stored, IDS) == found


@pytest.mark.parametrize("meta", [None, [], {"tag": "x"}, {"tag": [1]}])
@pytest.mark.parametrize("identifier", [None, "x", [1], {"system": 1}])
def test_whatever_a_server_sends_can_be_asked_for_its_keys(meta: object, identifier: object) -> None:
    assert not keys_of({"meta": meta, "identifier": identifier}) & keys_of(SENT)


def test_a_resource_is_known_by_its_identifiers_and_tags() -> None:
    assert keys_of(SENT) == {"urn:nt|1"}
    response = {"identifier": {"system": "urn:nt", "value": "2"}}
    assert keys_of(response) == {"urn:nt|2"}
    assert keys_of({"meta": {"tag": [{"system": "urn:nt", "code": "3"}]}}) == {"urn:nt|3"}
