"""Transactions, all or nothing, and batches, each entry for itself."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from triage_app.sandbox import Hospital

from .conftest import Caller, body_of, observation, said

OURS = "https://w3id.org/nerve-triage/id"
RESPONSE, RESULT, REQUEST, TASK, ORIGIN = (
    f"urn:uuid:0000000{n}-0000-4000-8000-000000000000" for n in range(1, 6)
)


def entry(full_url: str, resource: dict[str, Any], **request: str) -> dict[str, Any]:
    kind = resource["resourceType"]
    return {"fullUrl": full_url, "resource": resource, "request": {"method": "POST", "url": kind} | request}


def keyed(full_url: str, resource: dict[str, Any]) -> dict[str, Any]:
    """A create that is guarded by the resource's own key."""
    if resource["resourceType"] == "Provenance":
        resource["meta"] = {"tag": [{"system": OURS, "code": full_url[-36:]}]}
        return entry(full_url, resource, ifNoneExist=f"_tag={OURS}|{full_url[-36:]}")
    identifier = {"system": OURS, "value": full_url[-36:]}
    many = resource["resourceType"] != "QuestionnaireResponse"
    resource["identifier"] = [identifier] if many else identifier
    return entry(full_url, resource, ifNoneExist=f"identifier={OURS}|{full_url[-36:]}")


@pytest.fixture
def submission() -> dict[str, Any]:
    """A whole submission: answers, a result, a suggestion, work, and where it came from."""
    alice = {"reference": "Patient/alice"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "subject": alice,
        "authored": "2026-11-20T10:42:00+00:00",
    }
    result = observation(derivedFrom=[{"reference": RESPONSE}])
    request = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "subject": alice,
        "supportingInfo": [{"reference": RESPONSE}],
        "reasonReference": [{"reference": RESULT}],
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{RESPONSE}">the answers</a></div>',
        },
    }
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": alice,
        "focus": {"reference": REQUEST},
        "input": [{"type": {"text": "answers"}, "valueReference": {"reference": RESPONSE}}],
    }
    origin = {
        "resourceType": "Provenance",
        "recorded": "2026-11-20T10:42:03Z",
        "target": [{"reference": place} for place in (RESULT, REQUEST, TASK)],
        "agent": [{"who": alice}],
        "entity": [{"role": "source", "what": {"reference": RESPONSE}}],
    }
    # The last comes first: an entry may refer to any other, wherever it stands.
    things: list[tuple[str, dict[str, Any]]] = [
        (ORIGIN, origin),
        (TASK, task),
        (REQUEST, request),
        (RESULT, result),
        (RESPONSE, response),
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [keyed(url, one) for url, one in things],
    }


def statuses(bundle: dict[str, Any]) -> list[str]:
    return [one["response"]["status"][:3] for one in bundle["entry"]]


def everything(hospital: Hospital) -> list[dict[str, Any]]:
    kinds = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance")
    return [one for kind in kinds for one in hospital.store.all(kind)]


class TestTransaction:
    """All or nothing."""

    def test_a_submission_is_stored_with_its_references_rewritten(
        self, alice: Caller, hospital: Hospital, submission: dict[str, Any]
    ) -> None:
        answer = body_of(alice.post("", submission))
        assert answer["type"] == "transaction-response"
        assert statuses(answer) == ["201"] * 5
        response, result, request, task, origin = everything(hospital)
        assert result["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}]
        assert request["reasonReference"] == [{"reference": f"Observation/{result['id']}"}]
        assert f'href="QuestionnaireResponse/{response["id"]}"' in request["text"]["div"]
        assert task["focus"] == {"reference": f"ServiceRequest/{request['id']}"}
        assert task["input"][0]["valueReference"]["reference"].endswith(response["id"])
        assert [one["reference"].rpartition("/")[2] for one in origin["target"]] == [
            result["id"],
            request["id"],
            task["id"],
        ]
        assert "urn:uuid" not in str(everything(hospital))

    def test_answers_stand_in_the_order_of_the_entries(
        self, alice: Caller, submission: dict[str, Any]
    ) -> None:
        locations = [one["response"]["location"] for one in body_of(alice.post("/", submission))["entry"]]
        kinds = [place.partition("/")[0] for place in locations]
        assert kinds == ["Provenance", "Task", "ServiceRequest", "Observation", "QuestionnaireResponse"]
        assert all(place.endswith("/_history/1") for place in locations)

    def test_the_same_again_doubles_nothing(
        self, alice: Caller, hospital: Hospital, submission: dict[str, Any]
    ) -> None:
        first = body_of(alice.post("", submission))
        before = everything(hospital)
        second = body_of(alice.post("", submission))
        assert statuses(second) == ["200"] * 5
        assert [one["response"]["location"] for one in second["entry"]] == [
            one["response"]["location"] for one in first["entry"]
        ]
        assert everything(hospital) == before

    def test_what_was_stored_in_part_is_completed_around_it(
        self, alice: Caller, hospital: Hospital, submission: dict[str, Any]
    ) -> None:
        only = submission | {"entry": submission["entry"][4:]}
        assert statuses(body_of(alice.post("", only))) == ["201"]
        assert statuses(body_of(alice.post("", submission))) == ["201"] * 4 + ["200"]
        response, result, *_ = everything(hospital)
        assert result["derivedFrom"][0]["reference"].endswith(response["id"])

    @pytest.mark.parametrize(
        ("spoil", "status", "text"),
        [
            (lambda one: one["resource"].pop("status"), 422, "status: it is missing"),
            (lambda one: one["resource"].update(focus={"reference": "urn:uuid:nobody"}), 422, "no fullUrl"),
            (
                lambda one: one["resource"].update(focus={"reference": "ServiceRequest/none"}),
                422,
                "not on this",
            ),
            (lambda one: one["resource"].update({"for": {"reference": "Patient/charlie"}}), 403, "outside"),
            (lambda one: one["request"].update(url="Account"), 404, "not a resource type"),
            (lambda one: one["request"].update(url="Observation"), 400, "resourceType"),
            (lambda one: one["request"].update(method="PATCH"), 400, "not supported"),
            (lambda one: one["request"].update(url="https://elsewhere.example/Task"), 400, "not supported"),
            (lambda one: one["request"].update(ifNoneExist="colour=blue"), 400, "no search parameter"),
            (lambda one: one["request"].update(method="PUT", url="Task"), 400, "does not go with"),
            (lambda one: one["request"].update(url="Task/1"), 400, "does not go with"),
            (lambda one: one["request"].update(method=["PUT"]), 400, "method: expected text"),
            (lambda one: one["request"].update(ifNoneExist={}), 400, "ifNoneExist: expected text"),
            (lambda one: one.update(fullUrl=7), 400, "fullUrl: expected text"),
            (lambda one: one.pop("request"), 400, "request is missing"),
            (lambda one: one.pop("resource"), 400, "need one"),
            (lambda one: one.update(fullUrl=RESPONSE), 400, "two entries"),
        ],
        ids=range(17),
    )
    def test_one_bad_entry_stops_all_and_is_named(
        self,
        alice: Caller,
        hospital: Hospital,
        submission: dict[str, Any],
        spoil: Any,
        status: int,
        text: str,
    ) -> None:
        bundle = copy.deepcopy(submission)
        spoil(bundle["entry"][1])
        answer = alice.post("", bundle)
        assert (answer.status_code, text in said(answer)) == (status, True), said(answer)
        assert "Bundle.entry[" in said(answer)
        assert everything(hospital) == []

    def test_two_entries_with_one_condition_are_refused(
        self, alice: Caller, submission: dict[str, Any]
    ) -> None:
        entries = submission["entry"]
        entries[1]["request"]["ifNoneExist"] = entries[2]["request"]["ifNoneExist"]
        assert alice.post("", submission).status_code == 400

    def test_several_matches_stop_all(
        self, alice: Caller, hospital: Hospital, submission: dict[str, Any]
    ) -> None:
        twin = submission["entry"][3]["resource"] | {"derivedFrom": [{"display": "x"}]}
        alice.post("/Observation", twin)
        alice.post("/Observation", twin)
        assert alice.post("", submission).status_code == 412
        assert len(everything(hospital)) == 2

    def test_accepting_a_suggestion_is_one_transaction_guarded_by_versions(
        self, bob: Caller, alice: Caller, hospital: Hospital, submission: dict[str, Any]
    ) -> None:
        alice.post("", submission)
        _, _, request, task, _ = everything(hospital)
        place = f"ServiceRequest/{request['id']}"
        plan = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "plan",
            "subject": {"reference": "Patient/alice"},
            "basedOn": [{"reference": place}],
            "requester": {"reference": "Practitioner/bob"},
        }

        def guarded(resource: dict[str, Any], status: str) -> dict[str, Any]:
            where = f"{resource['resourceType']}/{resource['id']}"
            return entry(where, resource | {"status": status}, method="PUT", url=where, ifMatch='W/"1"')

        accept = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [guarded(request, "completed"), guarded(task, "completed"), keyed(RESULT, plan)],
        }
        assert statuses(body_of(bob.post("", accept))) == ["200", "200", "201"]
        late = alice.post("", accept)
        assert late.status_code == 412
        assert [one["meta"]["versionId"] for one in hospital.store.all("Task")] == ["2"]
        assert len(hospital.store.all("ServiceRequest")) == 2

    def test_reading_and_deleting_go_in_it_too(self, alice: Caller, hospital: Hospital) -> None:
        made = body_of(alice.post("/Observation", observation()))
        place = f"Observation/{made['id']}"
        bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {"request": {"method": "GET", "url": "Patient/alice"}},
                {"request": {"method": "GET", "url": "Observation?status=final"}},
                {"request": {"method": "DELETE", "url": place}},
            ],
        }
        answer = body_of(alice.post("", bundle))
        assert statuses(answer) == ["200", "200", "204"]
        assert answer["entry"][0]["resource"]["id"] == "alice"
        assert answer["entry"][1]["resource"]["total"] == 0
        assert hospital.store.all("Observation") == []

    def test_minimal_answers_hold_no_resources(self, alice: Caller, submission: dict[str, Any]) -> None:
        answer = body_of(alice.post("", submission, Prefer="return=minimal"))
        assert [set(one) for one in answer["entry"]] == [{"response"}] * 5

    def test_without_the_scope_nothing_is_stored(
        self, let_in: Any, hospital: Hospital, submission: dict[str, Any]
    ) -> None:
        caller = let_in(scope="launch patient/QuestionnaireResponse.cruds patient/Observation.cruds")
        assert caller.post("", submission).status_code == 403
        assert everything(hospital) == []


class TestBatch:
    """Each entry for itself."""

    def test_one_bad_entry_leaves_the_others(self, alice: Caller, hospital: Hospital) -> None:
        bad = observation()
        del bad["status"]
        bundle = {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [
                keyed(RESULT, observation()),
                entry(REQUEST, bad),
                {"request": {"method": "GET", "url": "Patient/charlie"}},
                entry(TASK, observation(derivedFrom=[{"reference": RESULT}])),
                "nonsense",
            ],
        }
        answer = body_of(alice.post("", bundle))
        assert answer["type"] == "batch-response"
        assert statuses(answer) == ["201", "422", "403", "400", "400"]
        outcomes = [one["response"].get("outcome", {}).get("resourceType") for one in answer["entry"]]
        assert outcomes == [None] + ["OperationOutcome"] * 4
        assert len(hospital.store.all("Observation")) == 1


@pytest.mark.parametrize(
    "bundle",
    [
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "type": "collection", "entry": []},
        {"resourceType": "Parameters"},
        {},
        {"resourceType": "Bundle", "type": "transaction", "entry": {}},
    ],
)
def test_what_is_no_request_bundle_is_refused(alice: Caller, bundle: dict[str, Any]) -> None:
    assert alice.post("", bundle).status_code == 400


def test_an_empty_transaction_is_empty(alice: Caller) -> None:
    answer = body_of(alice.post("", {"resourceType": "Bundle", "type": "transaction"}))
    assert answer == {"resourceType": "Bundle", "type": "transaction-response", "entry": []}
