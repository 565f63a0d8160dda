"""The gateway: a token stays with its origin, numbers keep their digits, odd answers are refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import responses

from triage_app import errors
from triage_app.ehr import Connection, Gateway

BASE = "https://ehr.example.org/fhir"
PATIENT = {"resourceType": "Patient", "id": "alice"}


def bundle(*resources: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    link = [{"relation": "next", "url": following}] if following else []
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": link,
        "entry": [{"resource": one} for one in resources],
    }


def test_a_read_carries_the_token_and_asks_for_fhir(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Patient/alice", json=PATIENT)
    assert gateway.read(connection, "Patient/alice") == PATIENT
    sent = hospital.calls[0].request
    assert sent.headers["Authorization"] == "Bearer alice-access-token"
    assert sent.headers["Accept"] == "application/fhir+json"


@pytest.mark.parametrize(
    "reference",
    [
        "https://evil.example/Patient/1",
        "//evil.example/Patient/1",
        "Patient/../Practitioner/1",
        "Patient/..",
        "Patient",
        "patient/1",
        "Patient/1?x=y",
        "Patient/a b",
        "#contained",
        "urn:uuid:1",
        "",
    ],
)
def test_a_reference_that_is_not_relative_is_never_read(
    reference: str, gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    with pytest.raises(errors.EHRRefused):
        gateway.read(connection, reference)
    assert len(hospital.calls) == 0


def test_another_resource_than_the_one_asked_for_is_refused(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Patient/alice", json={"resourceType": "Patient", "id": "charlie"})
    with pytest.raises(errors.EHRUnreadable):
        gateway.read(connection, "Patient/alice")


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ("<html>Please log in</html>", "text/html"),
        ('{"resourceType": "Patient", "id": "alice"}', "text/plain"),
        ("{broken", "application/fhir+json"),
        ("[]", "application/fhir+json"),
        ("{}", "application/fhir+json"),
        ('{"resourceType": "Patient", "resourceType": "Patient", "id": "alice"}', "application/fhir+json"),
        ('{"resourceType": "Patient", "id": "alice", "x": NaN}', "application/fhir+json"),
        (
            '{"resourceType": "Patient", "id": "alice", "x": ' + "[" * 5000 + "]" * 5000 + "}",
            "application/fhir+json",
        ),
        (b'{"resourceType": "Patient", "id": "alice", "x": "\xff"}', "application/fhir+json"),
        ('{"resourceType": "Patient", "id": "alice", "x": ' + "9" * 20000 + "}", "application/fhir+json"),
        ("x" * 70_000, "application/fhir+json"),
        ("", "application/fhir+json"),
    ],
    ids=[
        "html",
        "plain",
        "broken",
        "list",
        "nothing",
        "doubled key",
        "NaN",
        "deep",
        "bad UTF-8",
        "huge number",
        "too large",
        "empty",
    ],
)
def test_an_answer_that_is_not_fhir_is_unreadable_and_after_a_write_ambiguous(
    body: str | bytes, media: str, gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Patient/alice", body=body, content_type=media)
    hospital.post(BASE, body=body, content_type=media)
    hospital.post(f"{BASE}/Task", body=body, content_type=media)
    with pytest.raises(errors.EHRUnreadable):
        gateway.read(connection, "Patient/alice")
    with pytest.raises(errors.EHRAmbiguous):
        gateway.transaction(connection, {"resourceType": "Bundle"})
    with pytest.raises(errors.EHRAmbiguous):
        gateway.create(connection, {"resourceType": "Task"})


def test_no_digit_of_a_number_is_lost(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(
        f"{BASE}/Observation/1",
        body='{"resourceType":"Observation","id":"1","value":1.10}',
        content_type="application/fhir+json",
    )
    hospital.post(f"{BASE}/Observation", status=201, headers={"Location": f"{BASE}/Observation/2/_history/1"})
    value = gateway.read(connection, "Observation/1")["value"]
    assert str(value) == "1.10"
    gateway.create(connection, {"resourceType": "Observation", "value": Decimal("1.10")})
    assert hospital.calls[1].request.body == b'{"resourceType":"Observation","value":1.10}'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    status: int, gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Patient/alice", status=status, headers={"Location": "https://evil.example/"})
    stolen = hospital.get("https://evil.example/", json=PATIENT)
    with pytest.raises(errors.EHRRefused, match="redirect"):
        gateway.read(connection, "Patient/alice")
    assert stolen.call_count == 0


def test_a_search_goes_over_all_pages_of_its_own_origin(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Task", json=bundle(PATIENT, following="https://ehr.example.org:443/fhir?page=2"))
    hospital.get(
        f"{BASE}?page=2",
        json=bundle({"resourceType": "Task", "id": "1"}, {"resourceType": "OperationOutcome"}),
    )
    found = gateway.search(connection, "Task", {"patient": "alice", "status": ["draft", "active"]})
    assert [one["resourceType"] for one in found] == ["Patient", "Task"]
    assert hospital.calls[0].request.url == f"{BASE}/Task?patient=alice&status=draft&status=active"


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/fhir?page=2",
        "https://ehr.example.org.evil.example/fhir?page=2",
        "https://ehr.example.org@evil.example/fhir?page=2",
        "https://user@ehr.example.org/fhir?page=2",
        "http://ehr.example.org/fhir?page=2",
        "https://ehr.example.org:8443/fhir?page=2",
        "https://ehr.example.org/other?page=2",
        "https://ehr.example.org/fhirst?page=2",
        "https://ehr.example.org/fhir/../other",
        "https://ehr.example.org/fhir/%2e%2e/other",
        "//evil.example/fhir?page=2",
        "\\\\evil.example\\fhir",
        "javascript:alert(1)",
        "https://ehr.example.org:port/fhir",
    ],
)
def test_a_next_link_to_anywhere_else_is_not_followed(
    following: str, gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Task", json=bundle(PATIENT, following=following))
    with pytest.raises(errors.EHRUnreadable, match="next link"):
        gateway.search(connection, "Task", {"patient": "alice"})
    assert len(hospital.calls) == 1


def test_a_search_without_end_is_stopped_and_never_half_told(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Task", json=bundle(PATIENT, following=f"{BASE}/Task?again=1"))
    with pytest.raises(errors.EHRUnreadable, match="no end"):
        gateway.search(connection, "Task", {"patient": "alice"})
    assert len(hospital.calls) == 21


@pytest.mark.parametrize(
    "page",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Bundle", "entry": {}},
        {"resourceType": "Bundle", "entry": ["x"]},
    ],
)
def test_a_search_answered_with_something_else_is_refused(
    page: dict[str, Any], gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Task", json=page)
    with pytest.raises(errors.EHRUnreadable):
        gateway.search(connection, "Task", {})


def test_a_create_is_conditional_and_tells_what_is_stored(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.post(f"{BASE}/Task", status=201, headers={"Location": f"{BASE}/Task/7/_history/3"})
    stored = gateway.create(connection, {"resourceType": "Task"}, if_none_exist="identifier=a|b")
    assert stored == {"resourceType": "Task", "id": "7", "meta": {"versionId": "3"}}
    assert hospital.calls[0].request.headers["If-None-Exist"] == "identifier=a|b"


@pytest.mark.parametrize("location", ["", f"{BASE}/Patient/7", f"{BASE}/Task", "Task/../7", "/Task/x y"])
def test_a_create_that_does_not_say_what_is_stored_is_ambiguous(
    location: str, gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.post(f"{BASE}/Task", status=201, headers={"Location": location})
    with pytest.raises(errors.EHRAmbiguous):
        gateway.create(connection, {"resourceType": "Task"})


def test_an_accepted_write_is_not_yet_a_stored_one(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.post(f"{BASE}/Task", status=202, json={"resourceType": "Task", "id": "7"})
    with pytest.raises(errors.EHRAmbiguous):
        gateway.create(connection, {"resourceType": "Task"})


def test_an_update_names_the_version_that_it_changes(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    task = {"resourceType": "Task", "id": "7"}
    hospital.put(f"{BASE}/Task/7", json={**task, "meta": {"versionId": "4"}})
    assert gateway.update(connection, task, if_match="3")["meta"]["versionId"] == "4"
    assert hospital.calls[0].request.headers["If-Match"] == 'W/"3"'
    hospital.replace("PUT", f"{BASE}/Task/7", status=412)
    with pytest.raises(errors.EHRConflict):
        gateway.update(connection, task, if_match="3")


def test_a_capability_statement_is_asked_for_once(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/metadata", json={"resourceType": "CapabilityStatement"})
    assert gateway.capabilities(connection) == gateway.capabilities(connection)
    assert len(hospital.calls) == 1


def test_no_cookie_of_a_hospital_is_kept(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get(f"{BASE}/Patient/alice", json=PATIENT, headers={"Set-Cookie": "session=alice; Path=/"})
    gateway.read(connection, "Patient/alice")
    gateway.read(connection, "Patient/alice")
    assert "Cookie" not in hospital.calls[1].request.headers


def test_a_connection_does_not_show_its_token(connection: Connection) -> None:
    assert "alice-access-token" not in repr(connection)


def test_a_netrc_of_the_machine_does_not_replace_the_token(
    gateway: Gateway,
    connection: Connection,
    hospital: responses.RequestsMock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine ehr.example.org login operator password of-the-operator\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    hospital.get(f"{BASE}/Patient/alice", json=PATIENT)
    gateway.read(connection, "Patient/alice")
    assert hospital.calls[0].request.headers["Authorization"] == "Bearer alice-access-token"


def test_a_search_with_too_many_entries_is_stopped(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    tasks = [{"resourceType": "Task", "id": str(number)} for number in range(700)]
    hospital.get(f"{BASE}/Task", json=bundle(*tasks, following=f"{BASE}/Task?again=1"))
    with pytest.raises(errors.EHRUnreadable, match="no end"):
        gateway.search(connection, "Task", {"patient": "alice"})
    assert len(hospital.calls) == 3
