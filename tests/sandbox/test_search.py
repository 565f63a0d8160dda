"""Search: tokens, references, dates, strings, what is not known, sorting and pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from triage_app.sandbox import Hospital
from triage_app.sandbox.store.matching import token_matches

from .conftest import FHIR, Caller, Clock, body_of, observation, said

OURS = "https://example.org/id"


@pytest.fixture(autouse=True)
def three(alice: Caller, clock: Clock) -> None:
    """Three Observations of Alice's, a second apart."""
    values: list[dict[str, Any]] = [
        {"status": "preliminary", "effectiveDateTime": "2026-11-18T10:00:00Z"},
        {
            "status": "final",
            "effectiveDateTime": "2026-11-19",
            "encounter": {"reference": "Encounter/alice-visit"},
        },
        {
            "status": "final",
            "effectiveDateTime": "2026-11-20T23:30:00-02:00",
            "meta": {"tag": [{"system": OURS, "code": "late"}]},
        },
    ]
    for number, changes in enumerate(values, 1):
        one = observation(id=f"o{number}", identifier=[{"system": OURS, "value": f"n{number}"}], **changes)
        assert alice.put(f"/Observation/o{number}", one).status_code == 201
        clock.go_on(seconds=1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "o1 o2 o3"),
        ("_id=o2", "o2"),
        ("_id=o1,o3", "o1 o3"),
        ("identifier=https://example.org/id|n2", "o2"),
        ("identifier=n2", "o2"),
        ("identifier=|n2", ""),
        ("identifier=https://elsewhere.example|n2", ""),
        ("identifier=https://example.org/id|", "o1 o2 o3"),
        ("identifier=n", ""),
        ("status=final", "o2 o3"),
        ("status=final,preliminary", "o1 o2 o3"),
        ("status:not=final", "o1"),
        ("status=http://hl7.org/fhir/observation-status|final", "o2 o3"),
        ("status=final&status=preliminary", ""),
        ("code=72514-3", "o1 o2 o3"),
        ("code=http://loinc.org|72514-3", "o1 o2 o3"),
        ("code=http://snomed.info/sct|72514-3", ""),
        ("_tag=https://example.org/id|late", "o3"),
        ("patient=alice", "o1 o2 o3"),
        ("patient=Patient/alice", "o1 o2 o3"),
        (f"patient={FHIR}/Patient/alice", "o1 o2 o3"),
        ("subject=Patient/alice", "o1 o2 o3"),
        ("subject:Patient=alice", "o1 o2 o3"),
        ("subject:Practitioner=alice", ""),
        ("encounter=alice-visit", "o2"),
        ("encounter=Encounter/alice-visit", "o2"),
        ("encounter=charlie-visit", ""),
        ("encounter:missing=true", "o1 o3"),
        ("encounter:missing=false", "o2"),
        ("date=2026-11-19", "o2"),
        ("date=2026-11", "o1 o2 o3"),
        ("date=2026-11-20", ""),
        ("date=2026-11-21", "o3"),
        ("date=2026-11-18T10:00:00Z", "o1"),
        ("date=2026-11-18T11:00:00%2B01:00", "o1"),
        ("date=ge2026-11-19", "o2 o3"),
        ("date=gt2026-11-19", "o3"),
        ("date=lt2026-11-19", "o1"),
        ("date=le2026-11-19", "o1 o2"),
        ("date=ge2026-11-19&date=lt2026-11-21", "o2"),
        ("date=ne2026-11-19", "o1 o3"),
        ("date=sa2026-11-19", "o3"),
        ("date=eb2026-11-19", "o1"),
        ("_lastUpdated=gt2026-11-20T12:00:01Z", "o3"),
        ("_lastUpdated=le2026-11-20T12:00:00.000Z", "o1"),
        ("_sort=date", "o1 o2 o3"),
        ("_sort=-date", "o3 o2 o1"),
        ("_sort=-status,-date", "o1 o3 o2"),
        ("_sort=-_lastUpdated", "o3 o2 o1"),
    ],
)
def test_a_search_finds(alice: Caller, query: str, found: str) -> None:
    assert alice.found(f"/Observation?{query}") == found.split()


@pytest.mark.parametrize(
    ("stored", "query", "found"),
    [
        ({"effectiveDateTime": "2027"}, "date=2027", True),
        ({"effectiveDateTime": "2027"}, "date=2027-05", False),
        ({"effectiveDateTime": "2027-02"}, "date=ge2027-02-27&date=lt2027-03", True),
        ({"effectivePeriod": {"start": "2027-01-05", "end": "2027-01-07"}}, "date=2027-01", True),
        ({"effectivePeriod": {"start": "2027-01-05", "end": "2027-01-07"}}, "date=2027-01-06", False),
        ({"effectivePeriod": {"start": "2027-01-05"}}, "date=ge2030", True),
        ({"effectivePeriod": {"end": "2027-01-07"}}, "date=lt1900", True),
        ({"effectiveInstant": "2027-01-05T10:00:00.123456789Z"}, "date=2027-01-05T10:00:00.123Z", True),
        ({"effectiveInstant": "2027-01-05T10:00:00Z"}, "date=2027-01-05T10:00Z", True),
        ({"effectiveDateTime": "9999-12-31"}, "date=ge2027", False),
        ({"effectiveDateTime": "0001-01-01T00:00:00+14:00"}, "date=lt1900", False),
        ({"effectiveDateTime": "2027-02-31"}, "date=2027", False),
    ],
)
def test_a_date_is_a_span_of_time(alice: Caller, stored: dict[str, Any], query: str, found: bool) -> None:
    thing = observation(id="span", **stored)
    if "effectiveDateTime" not in stored:
        del thing["effectiveDateTime"]
    assert alice.put("/Observation/span", thing).status_code == 201
    assert ("span" in alice.found(f"/Observation?{query}")) is found


def test_a_search_may_be_posted(alice: Caller) -> None:
    form = {"status": "final", "_sort": "-date"}
    answer = alice.http.post(
        "/fhir/Observation/_search", data=form, headers={"Authorization": f"Bearer {alice.token}"}
    )
    assert [entry["resource"]["id"] for entry in body_of(answer)["entry"]] == ["o3", "o2"]


def test_an_unknown_parameter_is_ignored_and_told(alice: Caller) -> None:
    bundle = body_of(alice.get("/Observation?status=final&colour=blue&_sort=mood&subject.name=x"))
    assert bundle["total"] == 2
    assert bundle["link"][0]["url"] == f"{FHIR}/Observation?status=final&_sort=mood"
    outcome = bundle["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    told = [issue["diagnostics"] for issue in outcome["resource"]["issue"]]
    assert [text.split()[2] for text in told] == ["colour", "subject.name", "_sort=mood"]


@pytest.mark.parametrize("query", ["colour=blue", "_sort=mood", "status=", "subject.name=x", "_include=*"])
def test_an_unknown_parameter_is_refused_under_strict_handling(alice: Caller, query: str) -> None:
    answer = alice.get(f"/Observation?{query}", Prefer="handling=strict")
    assert answer.status_code == 400
    assert "has no search parameter" in said(answer)


@pytest.mark.parametrize(
    "query",
    [
        "status:exact=final",
        "status:missing=perhaps",
        "date=yesterday",
        "date=2026-11-18T10:00:00 00:00",
        "date=ap2026",
        "date=2026-02-30",
        "_count=-1",
        "_count=many",
        "_page=x",
        "date:missing=",
        "date=9999-12-31",
    ],
)
def test_a_value_that_makes_no_sense_is_refused_whatever_the_handling(alice: Caller, query: str) -> None:
    answer = alice.get(f"/Observation?{query}")
    assert answer.status_code in ({200} if query in {"date:missing="} else {400})


def test_pages_follow_each_other_and_lose_nothing(alice: Caller) -> None:
    path, seen = "/Observation?_count=2&status=final,preliminary", []
    for _ in range(2):
        bundle = body_of(alice.get(path))
        assert bundle["total"] == 3
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        path = following[0].removeprefix(FHIR) if following else ""
    assert seen == ["o1", "o2", "o3"]
    assert path == ""


def test_a_count_of_nothing_only_counts(alice: Caller) -> None:
    bundle = body_of(alice.get("/Observation?_count=0"))
    assert bundle["total"] == 3
    assert "entry" not in bundle


def test_every_entry_says_where_its_resource_is(alice: Caller) -> None:
    entry = body_of(alice.get("/Observation?_id=o1"))["entry"][0]
    assert entry["fullUrl"] == f"{FHIR}/Observation/o1"
    assert entry["search"] == {"mode": "match"}


def test_a_questionnaire_is_searched_by_canonical_with_and_without_version(alice: Caller) -> None:
    canonical = "https://w3id.org/nerve-triage/Questionnaire/nerve-symptoms"
    alice.post(
        "/QuestionnaireResponse",
        {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": f"{canonical}|1.0.0",
            "status": "completed",
            "identifier": {"system": OURS, "value": "r1"},
            "subject": {"reference": "Patient/alice"},
            "authored": "2026-11-20T10:00:00Z",
        },
    )
    for query, count in [
        (f"questionnaire={quote(canonical + '|1.0.0')}", 1),
        (f"questionnaire={quote(canonical)}", 1),
        (f"questionnaire={quote(canonical + '|1.0.1')}", 0),
        (f"identifier={quote(OURS + '|r1')}", 1),
        ("authored=ge2026-11-20&status=completed&patient=alice", 1),
    ]:
        assert body_of(alice.get(f"/QuestionnaireResponse?{query}"))["total"] == count, query


def test_work_is_found_by_what_it_is_about(alice: Caller) -> None:
    request = body_of(
        alice.post(
            "/ServiceRequest",
            {
                "resourceType": "ServiceRequest",
                "status": "draft",
                "intent": "proposal",
                "subject": {"reference": "Patient/alice"},
                "authoredOn": "2026-11-20",
            },
        )
    )
    place = f"ServiceRequest/{request['id']}"
    plan = {**request, "intent": "plan", "basedOn": [{"reference": place}]}
    alice.post("/ServiceRequest", plan)
    alice.post(
        "/Task",
        {
            "resourceType": "Task",
            "status": "requested",
            "intent": "order",
            "for": {"reference": "Patient/alice"},
            "focus": {"reference": place},
            "authoredOn": "2026-11-20",
        },
    )
    alice.post(
        "/Provenance",
        {
            "resourceType": "Provenance",
            "recorded": "2026-11-20T10:00:00Z",
            "target": [{"reference": place}],
            "agent": [{"who": {"reference": "Patient/alice"}}],
        },
    )
    assert len(alice.found(f"/ServiceRequest?based-on={place}")) == 1
    assert len(alice.found("/ServiceRequest?intent=proposal&status=draft&patient=alice")) == 1
    assert len(alice.found(f"/Task?focus={place}&patient=alice&status=requested")) == 1
    assert len(alice.found(f"/Provenance?target={place}")) == 1


def test_strings_are_matched_from_the_start_and_without_case(alice: Caller, hospital: Hospital) -> None:
    for query, count in [
        ("name=mor", 1),
        ("family=MORENO", 1),
        ("name=reno", 0),
        ("name:contains=reno", 1),
        ("family:exact=Moreno", 1),
        ("family:exact=moreno", 0),
    ]:
        assert len(alice.found(f"/Patient?{query}")) == count, query


@pytest.mark.parametrize(
    ("value", "wanted", "met"),
    [
        (True, "true", True),
        (True, "True", False),
        ({"code": "a"}, "a", True),
        ({"code": "a"}, "|a", True),
        ({"system": "s", "code": "a"}, "|a", False),
        ({"coding": [{"code": "b"}, {"code": "a"}]}, "a", True),
        ({"text": "a"}, "a", False),
        ({}, "a", False),
        (7, "7", False),
        ("a", "s|a", True),
    ],
)
def test_a_token_is_compared_by_system_and_code(value: Any, wanted: str, met: bool) -> None:
    assert token_matches(value, wanted) is met


def test_an_escaped_comma_is_part_of_the_value(alice: Caller) -> None:
    one = observation(identifier=[{"system": OURS, "value": "a,b"}])
    alice.post("/Observation", one)
    assert len(alice.found("/Observation?identifier=a\\,b")) == 1
    assert alice.found("/Observation?identifier=a,b") == []
