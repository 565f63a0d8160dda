"""No foreign error leaves the folder, and a write without an answer is never called failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import responses
import urllib3
from urllib3.exceptions import MaxRetryError, NewConnectionError

from triage_app import errors
from triage_app.ehr import Connection, Gateway, Transport
from triage_app.ehr.failures import no_answer, refused, retry_after_seconds


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


REQUESTS_ERRORS = sorted(set(subclasses(requests.RequestException)), key=lambda kind: kind.__name__)
URLLIB3_ERRORS = [urllib3.exceptions.ProtocolError("cut"), urllib3.exceptions.DecodeError("bad gzip")]
PLAIN_ERRORS = [
    OSError("no route"),
    ConnectionResetError("reset"),
    ValueError("odd"),
    UnicodeDecodeError("utf-8", b"", 0, 1, "bad"),
]


def made(kind: type[Exception]) -> Exception:
    if issubclass(kind, requests.JSONDecodeError):
        return kind("bad", "doc", 0)
    return kind("went wrong")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "error",
    [*map(made, REQUESTS_ERRORS), *URLLIB3_ERRORS, *PLAIN_ERRORS],
    ids=lambda error: type(error).__name__,
)
def test_every_error_of_the_http_library_becomes_ours(
    error: Exception, method: str, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "request", fail)
    with pytest.raises(errors.EHRError) as raised:
        transport.send(
            method, "https://ehr.example.org/fhir", who="General", headers={}, is_write=method == "POST"
        )
    assert raised.value.__cause__ is error
    assert "went wrong" not in str(raised.value)


@pytest.mark.parametrize(
    "kind", [requests.ReadTimeout, requests.ConnectionError, requests.exceptions.ChunkedEncodingError]
)
def test_a_write_without_an_answer_is_ambiguous_and_a_read_unavailable(kind: type[Exception]) -> None:
    assert isinstance(no_answer(kind("cut"), who="General", is_write=True), errors.EHRAmbiguous)
    assert isinstance(no_answer(kind("cut"), who="General", is_write=False), errors.EHRUnavailable)


def test_a_write_that_never_left_is_not_ambiguous() -> None:
    pool = urllib3.HTTPSConnectionPool("ehr.example.org")
    never = requests.ConnectionError(MaxRetryError(pool, "/", NewConnectionError(pool, "refused")))
    assert isinstance(no_answer(never, who="General", is_write=True), errors.EHRUnavailable)
    timeout = requests.ConnectTimeout("too long")
    assert isinstance(no_answer(timeout, who="General", is_write=True), errors.EHRUnavailable)


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (301, errors.EHRRefused, errors.EHRRefused),
        (307, errors.EHRRefused, errors.EHRRefused),
        (400, errors.EHRRefused, errors.EHRRefused),
        (401, errors.EHRUnauthorized, errors.EHRUnauthorized),
        (403, errors.EHRRefused, errors.EHRRefused),
        (404, errors.EHRRefused, errors.EHRRefused),
        (408, errors.EHRUnavailable, errors.EHRAmbiguous),
        (409, errors.EHRConflict, errors.EHRConflict),
        (410, errors.EHRRefused, errors.EHRRefused),
        (412, errors.EHRConflict, errors.EHRConflict),
        (422, errors.EHRRefused, errors.EHRRefused),
        (429, errors.EHRUnavailable, errors.EHRUnavailable),
        (500, errors.EHRUnavailable, errors.EHRAmbiguous),
        (501, errors.EHRRefused, errors.EHRRefused),
        (502, errors.EHRUnavailable, errors.EHRAmbiguous),
        (503, errors.EHRUnavailable, errors.EHRUnavailable),
        (504, errors.EHRUnavailable, errors.EHRAmbiguous),
    ],
)
def test_each_status_has_its_class(status: int, read: type[Exception], write: type[Exception]) -> None:
    for is_write, kind in ((False, read), (True, write)):
        error = refused(status, {}, None, who="General", is_write=is_write)
        assert type(error) is kind
        assert error.status == status


def test_issue_codes_are_told_and_their_texts_are_not() -> None:
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"code": "business-rule", "diagnostics": "Alice is dead"}, {"code": 7}, "odd"],
    }
    error = refused(422, {}, outcome, who="General", is_write=True)
    assert error.issues == ("business-rule",)
    assert "Alice" not in str(error)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("99999", 3600), ("-1", None), ("soon", None), ("", None), ("9" * 500, 3600)],
)
def test_retry_after_is_read_and_capped(text: str, seconds: int | None) -> None:
    assert retry_after_seconds({"Retry-After": text}) == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 <= (retry_after_seconds({"Retry-After": later}) or 0) <= 90


def test_a_read_is_tried_once_more_after_a_short_wish(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    url = "https://ehr.example.org/fhir/Patient/alice"
    hospital.get(url, status=503, headers={"Retry-After": "0"})
    hospital.get(url, json={"resourceType": "Patient", "id": "alice"}, content_type="application/fhir+json")
    assert gateway.read(connection, "Patient/alice")["id"] == "alice"


def test_a_long_wish_is_told_at_once(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.get("https://ehr.example.org/fhir/Patient/alice", status=429, headers={"Retry-After": "600"})
    with pytest.raises(errors.EHRUnavailable) as raised:
        gateway.read(connection, "Patient/alice")
    assert raised.value.retry_after_seconds == 600
    assert len(hospital.calls) == 1


def test_a_write_is_never_repeated(
    gateway: Gateway, connection: Connection, hospital: responses.RequestsMock
) -> None:
    hospital.post("https://ehr.example.org/fhir/Task", status=503, headers={"Retry-After": "0"})
    with pytest.raises(errors.EHRUnavailable):
        gateway.create(connection, {"resourceType": "Task"})
    assert len(hospital.calls) == 1
