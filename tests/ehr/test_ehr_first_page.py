"""What can be done without is asked for once, for a short time, and one page is enough."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import responses

from triage_app.ehr import Connection, Gateway
from triage_app.errors import EHRUnauthorized, EHRUnavailable, EHRUnreadable

CONDITIONS = "https://ehr.example.org/fhir/Condition"
ASKED = {"patient": "alice", "_count": "100"}


def a_page(*ids: str, following: str = "") -> dict[str, Any]:
    entries = [{"resource": {"resourceType": "Condition", "id": one}} for one in ids]
    links = [{"relation": "next", "url": following}] if following else []
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": links}


def test_the_first_page_is_enough(
    hospital: responses.RequestsMock, gateway: Gateway, connection: Connection
) -> None:
    hospital.get(CONDITIONS, json=a_page("1", "2", following=f"{CONDITIONS}?page=2"))
    found = gateway.first_page(connection, "Condition", ASKED, seconds=2)
    assert [one["id"] for one in found] == ["1", "2"]
    assert [call.request.url for call in hospital.calls] == [f"{CONDITIONS}?patient=alice&_count=100"]


@pytest.mark.parametrize("status", [429, 503])
def test_it_is_asked_for_once_where_another_read_is_tried_again(
    hospital: responses.RequestsMock, gateway: Gateway, connection: Connection, status: int
) -> None:
    hospital.get(CONDITIONS, status=status, headers={"Retry-After": "0"})
    with pytest.raises(EHRUnavailable):
        gateway.first_page(connection, "Condition", ASKED, seconds=2)
    assert len(hospital.calls) == 1


def test_it_waits_no_longer_than_told(
    hospital: responses.RequestsMock, gateway: Gateway, connection: Connection
) -> None:
    hospital.get(CONDITIONS, json=a_page())
    hospital.get(
        "https://ehr.example.org/fhir/Patient/alice", json={"resourceType": "Patient", "id": "alice"}
    )
    gateway.first_page(connection, "Condition", ASKED, seconds=1.5)
    gateway.read(connection, "Patient/alice", seconds=1.5)
    gateway.read(connection, "Patient/alice")
    waits = [call.request.req_kwargs["timeout"] for call in hospital.calls]  # type: ignore[attr-defined]
    assert waits == [1.5, 1.5, (3.05, 10.0)]


def test_silence_is_the_usual_error(
    hospital: responses.RequestsMock, gateway: Gateway, connection: Connection
) -> None:
    hospital.get(CONDITIONS, body=requests.ReadTimeout())
    with pytest.raises(EHRUnavailable):
        gateway.first_page(connection, "Condition", ASKED, seconds=2)


def test_refusals_and_nonsense_are_the_usual_errors(
    hospital: responses.RequestsMock, gateway: Gateway, connection: Connection
) -> None:
    hospital.get(CONDITIONS, status=401)
    hospital.get(CONDITIONS, json={"resourceType": "Condition"})
    with pytest.raises(EHRUnauthorized):
        gateway.first_page(connection, "Condition", ASKED, seconds=2)
    with pytest.raises(EHRUnreadable):
        gateway.first_page(connection, "Condition", ASKED, seconds=2)
