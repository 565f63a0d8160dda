"""A submission is written as one guarded transaction of sound R4 resources."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest
from golden import assert_golden
from person import (
    ALICE,
    EMERGENCY,
    FILING,
    RESULT,
    RIGHT,
    SELF_CARE,
    SOON,
    SUBMISSION,
    TOLD,
    with_assessment,
)

from triage_app.clinical.assessment import Assessment
from triage_app.clinical.terms import Severity, Urgency
from triage_app.errors import InvalidDocument
from triage_app.fhir.bundle import resolve, split, to_transaction
from triage_app.fhir.check import check
from triage_app.fhir.exact_json import dumps
from triage_app.fhir.filing import Party

WHOLE = to_transaction(RESULT)
LIVE = (SOON, EMERGENCY, SELF_CARE)


def resources(bundle: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [resource for resource in found if resource["resourceType"] == resource_type]


def observation(bundle: dict[str, Any], code: str) -> dict[str, Any]:
    found = resources(bundle, "Observation")
    return next(one for one in found if one["code"]["coding"][0]["code"] == code)


def components(resource: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [one for one in resource["component"] if one["code"]["coding"][0]["code"] == code]


@pytest.mark.parametrize(
    ("name", "assessment", "country"),
    [
        ("transaction-soon-us", SOON, "US"),
        ("transaction-soon-gb", SOON, "GB"),
        ("transaction-emergency", EMERGENCY, "GB"),
        ("transaction-self-care", SELF_CARE, "GB"),
    ],
)
def test_the_transaction_is_as_it_was_read_and_agreed(
    name: str, assessment: Assessment, country: str
) -> None:
    assert_golden(name, to_transaction(with_assessment(assessment, country=country)))


@pytest.mark.parametrize("assessment", LIVE, ids=lambda one: one.urgency.name)
@pytest.mark.parametrize("country", ["US", "GB"])
def test_every_resource_is_sound_r4(assessment: Assessment, country: str) -> None:
    check(to_transaction(with_assessment(assessment, country=country)))


@pytest.mark.parametrize("assessment", LIVE, ids=lambda one: one.urgency.name)
def test_every_entry_is_guarded_by_its_own_key_and_sent_without_id(assessment: Assessment) -> None:
    entries = to_transaction(with_assessment(assessment))["entry"]
    guards = [entry["request"]["ifNoneExist"] for entry in entries]
    assert len(set(guards)) == len(guards)
    for entry in entries:
        assert entry["request"]["method"] == "POST"
        assert "id" not in entry["resource"]
        assert "urn:uuid" not in entry["request"]["ifNoneExist"]
    assert guards[-1].startswith("_tag=https://w3id.org/nerve-triage/id|")


@pytest.mark.parametrize("assessment", LIVE, ids=lambda one: one.urgency.name)
def test_every_reference_to_the_bundle_is_to_an_entry_of_it(assessment: Assessment) -> None:
    bundle = to_transaction(with_assessment(assessment))
    urls = {entry["fullUrl"] for entry in bundle["entry"]}
    assert set(re.findall(rb'"reference":"(urn:[^"]+)"', dumps(bundle))) <= {url.encode() for url in urls}


def test_the_same_submission_has_the_same_keys_and_another_has_others() -> None:
    again = to_transaction(RESULT)
    other = to_transaction(with_assessment(SOON, submission=uuid5(SUBMISSION, "other")))
    assert dumps(again) == dumps(WHOLE)
    assert not {e["fullUrl"] for e in other["entry"]} & {e["fullUrl"] for e in WHOLE["entry"]}


def test_a_severity_says_limb_band_score_pattern_and_reasons_and_waits_for_review() -> None:
    found = observation(WHOLE, "severity")
    assert found["status"] == "preliminary"
    assert found["bodySite"]["coding"][0]["code"] == "arm-right"
    assert found["valueCodeableConcept"]["coding"][0]["code"] == "severe"
    assert components(found, "severity-score")[0]["valueRange"]["high"]["value"] == 12
    assert components(found, "pattern")[0]["valueCodeableConcept"]["coding"][0]["code"] == "median-wrist"
    assert "Numb all the time (SV01)" in found["note"][0]["text"]
    assert "performer" not in found
    assert found["device"]["identifier"]["value"] == "nerve-triage/1.0.0"
    assert found["method"]["coding"][0]["version"] == "1.0.0"
    assert "ab" * 32 in found["method"]["text"]
    assert found["category"][0]["coding"][0]["code"] == "survey"
    assert found["interpretation"][0]["coding"][0]["code"] == "A"


def test_a_limb_without_signs_is_written_only_to_go_on_with_its_series() -> None:
    sites = [
        one.get("bodySite", {}).get("coding", [{}])[0].get("code") for one in resources(WHOLE, "Observation")
    ]
    assert "arm-left" not in sites
    going_on = to_transaction(replace(RESULT, series=frozenset({"arm-left"})))
    left = next(
        o for o in resources(going_on, "Observation") if o.get("bodySite", {}).get("text") == "Left arm"
    )
    assert left["valueCodeableConcept"]["coding"][0]["code"] == "none"
    assert "interpretation" not in left


def test_a_severity_that_is_not_known_has_a_reason_and_no_value() -> None:
    limb = replace(RIGHT, severity=Severity.UNKNOWN, anchors=())
    found = observation(to_transaction(with_assessment(replace(SOON, limbs=(limb,)))), "severity")
    assert found["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert "valueCodeableConcept" not in found


def test_the_whole_stands_alone_with_urgency_signs_routes_and_reasons() -> None:
    found = observation(WHOLE, "triage-overall")
    assert found["status"] == "preliminary"
    assert found["valueCodeableConcept"]["coding"][0]["code"] == "SOON"
    routes = [one["valueCodeableConcept"]["coding"][0]["code"] for one in components(found, "route")]
    assert routes == ["PNSURG", "EDX"]
    assert components(found, "red-flag")[0]["valueCodeableConcept"]["coding"][0]["code"] == "none"
    assert components(found, "complete")[0]["valueBoolean"] is True
    assert "Not clinically signed off" in found["note"][0]["text"]
    assert len(found["derivedFrom"]) == 2


def test_signs_raised_and_not_sure_are_named_and_past_ones_are_not() -> None:
    found = observation(to_transaction(with_assessment(EMERGENCY)), "triage-overall")
    signs = [one["valueCodeableConcept"] for one in components(found, "red-flag")]
    assert [sign["coding"][0]["code"] for sign in signs] == ["rf.stroke", "rf.saddle"]
    assert signs[1]["text"].endswith("answered not sure")
    assert found["interpretation"][0]["coding"][0]["code"] == "AA"
    assert components(found, "mode")[0]["valueString"] == "call"


def test_nothing_says_that_no_sign_was_reported_while_one_was_left_blank() -> None:
    found = observation(to_transaction(with_assessment(replace(SOON, determined=False))), "triage-overall")
    assert components(found, "red-flag") == []
    assert components(found, "complete")[0]["valueBoolean"] is False
    assert "Not every emergency question was answered" in found["note"][0]["text"]


def test_pain_is_final_by_who_told_it_and_absent_when_it_was_not_told() -> None:
    found = observation(WHOLE, "72514-3")
    assert found["status"] == "final"
    assert found["performer"] == [ALICE.to_reference()]
    assert found["valueQuantity"]["value"] == 6
    silent = replace(RESULT, answers=replace(TOLD, person={"gate.sudden": "no"}))
    codes = [one["code"]["coding"][0]["code"] for one in resources(to_transaction(silent), "Observation")]
    assert "72514-3" not in codes


def test_a_suggestion_is_a_draft_proposal_without_requester_or_diagnosis() -> None:
    surgery, studies = resources(WHOLE, "ServiceRequest")
    assert (surgery["status"], surgery["intent"]) == ("draft", "proposal")
    assert "requester" not in surgery
    assert surgery["category"][0]["coding"][0]["code"] == "3457005"
    assert studies["category"][0]["coding"][0]["code"] == "386053000"
    assert surgery["performerType"]["coding"][0]["code"] == "394801008"
    assert surgery["occurrencePeriod"] == {"start": "2026-11-20", "end": "2027-01-01"}
    assert surgery["requisition"] == studies["requisition"]
    assert [reason["coding"][0]["code"] for reason in surgery["reasonCode"]] == ["R20.0", "R29.898"]
    assert "A clinician decides" in surgery["note"][0]["text"]
    assert {site["coding"][0]["code"] for site in surgery["bodySite"]} == {"arm-right"}


def test_outside_the_us_reasons_are_words_and_no_us_profile_is_claimed() -> None:
    bundle = to_transaction(with_assessment(SOON, country="GB"))
    assert all("coding" not in reason for reason in resources(bundle, "ServiceRequest")[0]["reasonCode"])
    assert b"us/core" not in dumps(bundle)
    assert b"us/core" in dumps(WHOLE)


@pytest.mark.parametrize(
    ("urgency", "due_days", "priority", "days"),
    [
        (Urgency.SAME_DAY, None, "asap", 1),
        (Urgency.URGENT_2W, None, "urgent", 14),
        (Urgency.URGENT_2W, 3, "urgent", 3),
        (Urgency.SOON, None, "routine", 42),
        (Urgency.ROUTINE, None, "routine", 126),
    ],
)
def test_priority_and_window_follow_the_urgency(
    urgency: Urgency, due_days: int | None, priority: str, days: int
) -> None:
    assessment = replace(SOON, urgency=urgency, due_days=due_days)
    bundle = to_transaction(with_assessment(assessment))
    found = resources(bundle, "ServiceRequest")[0]
    assert found["priority"] == priority
    assert found["occurrencePeriod"]["end"] == str((FILING.authored + timedelta(days=days)).date())
    task = resources(bundle, "Task")[0]
    assert task["priority"] == priority
    due = task["restriction"]["period"]["end"]
    assert due <= (FILING.authored + timedelta(days=days)).isoformat(timespec="milliseconds")


def test_one_task_focuses_on_the_first_suggestion_and_lists_all() -> None:
    task = resources(WHOLE, "Task")[0]
    suggested = [entry["fullUrl"] for entry in WHOLE["entry"] if entry["request"]["url"] == "ServiceRequest"]
    assert task["focus"]["reference"] == suggested[0]
    kinds = [one["type"]["coding"][0]["code"] for one in task["input"]]
    assert kinds == ["answers", "result", "suggestion", "suggestion"]
    assert (task["status"], task["intent"]) == ("requested", "order")
    assert task["requester"]["identifier"]["value"] == "nerve-triage/1.0.0"


def test_an_emergency_is_never_a_request_and_its_task_is_at_once() -> None:
    bundle = to_transaction(with_assessment(EMERGENCY))
    assert resources(bundle, "ServiceRequest") == []
    task = resources(bundle, "Task")[0]
    assert task["priority"] == "stat"
    assert task["focus"]["reference"] == bundle["entry"][0]["fullUrl"]
    assert "The emergency instruction was shown at 2026-11-20 10:42" in task["description"]


def test_self_care_asks_for_nothing_unless_a_sign_was_left_blank() -> None:
    calm = to_transaction(with_assessment(SELF_CARE))
    assert [entry["request"]["url"] for entry in calm["entry"]] == [
        "QuestionnaireResponse",
        "Observation",
        "Observation",
        "Provenance",
    ]
    blank = to_transaction(with_assessment(replace(SELF_CARE, determined=False)))
    assert len(resources(blank, "Task")) == 1


def test_the_trail_names_person_app_rules_and_all_but_the_response() -> None:
    found = resources(WHOLE, "Provenance")[0]
    kinds = [agent["type"]["coding"][0]["code"] for agent in found["agent"]]
    assert kinds == ["informant", "assembler", "transmitter"]
    assert found["agent"][1]["onBehalfOf"]["display"] == "Riverside Hand Clinic"
    targets = [target["reference"] for target in found["target"]]
    assert targets == [entry["fullUrl"] for entry in WHOLE["entry"][1:-1]]
    assert found["entity"][1]["what"]["identifier"]["value"] == f"nerve-symptoms|1.0.0|sha256:{'ab' * 32}"


def test_whoever_keyed_for_another_is_named_beside_them() -> None:
    helped = with_assessment(SOON, author=Party("#helper", "", "Daughter"))
    agents = resources(to_transaction(helped), "Provenance")[0]["agent"]
    assert [agent["type"]["coding"][0]["code"] for agent in agents][:2] == ["informant", "enterer"]
    assert agents[1]["who"] == {"display": "Daughter"}
    check(to_transaction(helped))


def test_a_large_submission_splits_into_record_and_work_where_the_server_is_small() -> None:
    assert split(WHOLE, largest=8) == (WHOLE,)
    record, work = split(WHOLE, largest=7)
    assert [entry["request"]["url"] for entry in work["entry"]] == ["ServiceRequest"] * 2 + [
        "Task",
        "Provenance",
    ]
    ids = {entry["fullUrl"]: f"Observation/{place}" for place, entry in enumerate(record["entry"])}
    left = set(re.findall(rb'"reference":"(urn:[^"]+)"', dumps(resolve(work, ids))))
    assert left <= {entry["fullUrl"].encode() for entry in work["entry"]}
    check(resolve(work, ids))


def spoilt(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    broken = copy.deepcopy(WHOLE)
    change(broken)
    return broken


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda b: b.update(type="transactoin"), "Bundle.type"),
        (lambda b: b["entry"][0]["request"].update(method="PSOT"), "Bundle.entry.request.method"),
        (lambda b: b["entry"][0]["resource"].update(status="complete"), "QuestionnaireResponse.status"),
        (lambda b: b["entry"][1]["resource"].update(status="prelim"), "Observation.status"),
        (lambda b: b["entry"][1]["resource"].pop("code"), "Observation: found code"),
        (lambda b: b["entry"][1]["resource"].update(colour="red"), "Observation: found colour"),
        (lambda b: b["entry"][4]["resource"].update(intent="suggestion"), "ServiceRequest.intent"),
        (lambda b: b["entry"][4]["resource"].update(priority="soon"), "ServiceRequest.priority"),
        (lambda b: b["entry"][6]["resource"].update(status="open"), "Task.status"),
        (lambda b: b["entry"][7]["resource"]["entity"][0].update(role="origin"), "Provenance.entity.role"),
        (lambda b: b["entry"][1]["resource"]["text"].update(status="made"), "Observation.text.status"),
        (
            lambda b: b["entry"][4]["resource"]["category"][0]["coding"][0].update(code="230791009"),
            "allow-listed",
        ),
        (lambda b: b["entry"][2]["resource"]["code"]["coding"][0].update(display="Pain"), "allow-listed"),
    ],
)
def test_what_is_not_sound_is_refused_before_it_is_sent(
    change: Callable[[dict[str, Any]], Any], says: str
) -> None:
    with pytest.raises(InvalidDocument, match=re.escape(says)):
        check(spoilt(change))


def test_a_refusal_of_the_gate_repeats_no_answer() -> None:
    broken = spoilt(lambda b: b["entry"][0]["resource"].update(authored="Alice Adams was here"))
    with pytest.raises(InvalidDocument) as caught:
        check(broken)
    assert "Alice" not in str(caught.value)
