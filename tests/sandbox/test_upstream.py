"""The hospital in front of a real FHIR server: here, a small one without any door of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from triage_app.sandbox import Hospital, SandboxOptions, create_sandbox, hospital_of
from triage_app.sandbox.fhir_api import fhir_answer
from triage_app.sandbox.store.bundle import process
from triage_app.sandbox.store.database import Store
from triage_app.sandbox.store.interactions import Interactions
from triage_app.sandbox.store.permit import HospitalItself

from .conftest import FHIR, Caller, Clock, body_of, observation

LetIn = Callable[..., Caller]


def open_server(store: Store) -> tuple[Flask, list[dict[str, str]]]:
    """A FHIR server that lets everybody in, names itself in its answers, and notes the headers that come."""
    app, seen = Flask(__name__), []

    def record() -> Interactions:
        seen.append(dict(request.headers))
        return Interactions(store, HospitalItself(), request.url_root + "fhir")

    @app.get("/fhir/<kind>")
    def search(kind: str) -> Any:
        return fhir_answer(record().search(kind, list(request.args.items(multi=True)), strict=False))

    @app.get("/fhir/<kind>/<key>")
    def read(kind: str, key: str) -> Any:
        held = store.newest(kind, key)
        record()
        return fhir_answer(held.body if held else None, 200 if held else 404)

    @app.put("/fhir/<kind>/<key>")
    def update(kind: str, key: str) -> Any:
        done = record().update(
            kind, key, request.get_json(force=True), if_match=request.headers.get("If-Match")
        )
        return fhir_answer(done.stored.body if done.stored else None, done.status)

    @app.post("/fhir/<kind>")
    def create(kind: str) -> Any:
        condition = request.headers.get("If-None-Exist")
        done = record().create(kind, request.get_json(force=True), if_none_exist=condition)
        assert done.stored
        place = f"{request.url_root}fhir/{kind}/{done.stored.id}"
        return fhir_answer(done.stored.body, done.status, {"Location": place, "ETag": done.stored.etag})

    @app.post("/fhir")
    def bundle() -> Any:
        return fhir_answer(process(record(), request.get_json(force=True)))

    @app.get("/fhir/metadata")
    def metadata() -> Any:
        return fhir_answer(
            {"resourceType": "CapabilityStatement", "implementation": {"url": request.url_root + "fhir"}}
        )

    return app, seen


@pytest.fixture
def behind(clock: Clock) -> Iterator[tuple[str, Store, list[dict[str, str]]]]:
    ids = iter(range(1000))
    store = Store(":memory:", clock=clock, new_id=lambda: f"up-{next(ids)}")
    app, seen = open_server(store)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/fhir", store, seen
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


@pytest.fixture
def app(clock: Clock, behind: tuple[str, Store, list[dict[str, str]]]) -> Iterator[Flask]:
    options = SandboxOptions(clock=clock, ask_consent=False, id_token_algorithm="ES384", upstream=behind[0])
    made = create_sandbox(options)
    yield made
    hospital_of(made).store.close()


def test_the_people_are_put_there_at_the_start(app: Flask, behind: Any) -> None:
    assert len(behind[1].all("Patient")) == 5
    assert hospital_of(app).store.all("Patient")[0]["id"] == "alice"


def test_a_start_in_front_of_a_server_that_refuses_them_is_stopped() -> None:
    refusing = Flask(__name__)
    server = make_server("127.0.0.1", 0, refusing)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        with pytest.raises(ValueError, match="answered 404 to PUT Organization/riverside"):
            create_sandbox(SandboxOptions(upstream=f"http://127.0.0.1:{server.port}/fhir"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_launch_reads_through_and_the_real_address_stays_hidden(alice: Caller, behind: Any) -> None:
    assert body_of(alice.get("/Patient/alice"))["name"][0]["family"] == "Moreno"
    bundle = alice.get("/Condition?patient=alice&_count=1")
    assert behind[0] not in bundle.text
    assert body_of(bundle)["entry"][0]["fullUrl"].startswith(f"{FHIR}/Condition/")
    following = [link["url"] for link in body_of(bundle)["link"] if link["relation"] == "next"]
    assert following[0].startswith(f"{FHIR}/Condition?")
    assert alice.get(following[0].removeprefix(FHIR)).status_code == 200
    assert behind[0] not in alice.get("/metadata").text


def test_the_token_never_goes_to_the_server_behind(alice: Caller, behind: Any) -> None:
    alice.get("/Patient/alice")
    alice.post("/Observation", observation())
    assert all("Authorization" not in headers for headers in behind[2])


def test_a_write_goes_through_with_its_condition(alice: Caller, behind: Any) -> None:
    condition = "identifier=https://example.org/id|one"
    first = alice.post("/Observation", observation(), If_None_Exist=condition)
    second = alice.post("/Observation", observation(), If_None_Exist=condition)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.location.startswith(f"{FHIR}/Observation/up-")
    assert len(behind[1].all("Observation")) == 1


def test_a_transaction_goes_through_within_the_compartment(alice: Caller, behind: Any) -> None:
    one = "urn:uuid:00000001-0000-4000-8000-000000000000"
    origin = {
        "resourceType": "Provenance",
        "recorded": "2026-11-20T10:42:03Z",
        "target": [{"reference": one}],
        "agent": [{"who": {"reference": "Patient/alice"}}],
    }
    entries: list[dict[str, Any]] = [
        {"fullUrl": one, "resource": observation(), "request": {"method": "POST", "url": "Observation"}},
        {"resource": origin, "request": {"method": "POST", "url": "Provenance"}},
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert alice.post("", bundle).status_code == 200
    entries[0]["resource"] = observation(subject={"reference": "Patient/charlie"})
    assert alice.post("", bundle).status_code == 403
    assert len(behind[1].all("Observation")) == len(behind[1].all("Provenance")) == 1


def test_a_batch_reads_what_is_hers(alice: Caller) -> None:
    entry = [{"request": {"method": "GET", "url": "Patient/alice"}}]
    answer = alice.post("", {"resourceType": "Bundle", "type": "batch", "entry": entry})
    assert [one["resource"]["id"] for one in body_of(answer)["entry"]] == ["alice"]


def test_a_batch_does_not_search(alice: Caller) -> None:
    entry = [{"request": {"method": "GET", "url": "Condition?patient=alice"}}]
    answer = alice.post("", {"resourceType": "Bundle", "type": "batch", "entry": entry})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/Patient/charlie", None),
        ("GET", "/Condition?patient=charlie", None),
        ("POST", "/Observation", observation(subject={"reference": "Patient/charlie"})),
        (
            "PUT",
            "/Condition/charlie-condition-1",
            {
                "resourceType": "Condition",
                "id": "charlie-condition-1",
                "subject": {"reference": "Patient/alice"},
            },
        ),
        (
            "POST",
            "",
            {
                "resourceType": "Bundle",
                "type": "batch",
                "entry": [{"request": {"method": "GET", "url": "Patient/charlie"}}],
            },
        ),
    ],
)
def test_another_patient_is_as_closed_as_ever(
    alice: Caller, behind: Any, method: str, path: str, body: dict[str, Any] | None
) -> None:
    assert alice.call(method, path, body).status_code == 403
    assert behind[1].read("Condition", "charlie-condition-1").version == 1


def test_a_search_that_names_nobody_shows_this_patient_only(alice: Caller) -> None:
    assert alice.found("/Patient") == ["alice"]
    assert alice.get("/Account").status_code == 404


def test_a_search_in_which_nothing_may_be_seen_shows_nothing(let_in: LetIn, alice: Caller) -> None:
    assert alice.found("/Condition?_id=charlie-condition-1") == []
    assert "total" not in body_of(alice.get("/Condition?_id=charlie-condition-1"))
    assert let_in(patient=None, scope="launch patient/*.rs").found("/Patient") == []


def test_a_condition_that_another_patients_resource_meets_shows_nothing_of_it(
    alice: Caller, behind: Any
) -> None:
    theirs = observation(subject={"reference": "Patient/charlie"}, note=[{"text": "a secret"}])
    behind[1].write(theirs, "theirs", method="PUT")
    condition = "identifier=https://example.org/id|one"
    answer = alice.post("/Observation", observation(), If_None_Exist=condition)
    assert answer.status_code == 403
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/Condition/alice-condition-1"),
        ("PUT", "/Condition?identifier=x"),
        ("DELETE", "/Condition?patient=alice"),
        ("DELETE", "/Condition/alice-condition-1/_history"),
        ("POST", "/Condition/$validate"),
        ("PUT", "/Condition/%3Fidentifier=x"),
        ("GET", "/Condition/%3Fpatient=charlie"),
        ("GET", "/Condition/.."),
        ("DELETE", "/Condition/..%2FPatient%2Fcharlie"),
        ("GET", "/Condition/%23"),
        ("GET", f"/Condition/{'a' * 5000}!"),
    ],
)
def test_what_cannot_be_held_within_the_rights_is_not_passed_on(
    alice: Caller, behind: Any, method: str, path: str
) -> None:
    before = len(behind[2])
    assert alice.call(method, path, {"resourceType": "Condition"}).status_code in {404, 405}
    assert len(behind[2]) == before


def test_a_false_name_inside_a_bundle_opens_nothing(alice: Caller, behind: Any) -> None:
    false = {
        "fullUrl": "Condition/charlie-condition-1",
        "resource": observation(),
        "request": {"method": "POST", "url": "Observation"},
    }
    origin = {
        "resourceType": "Provenance",
        "recorded": "2026-11-20T10:42:03Z",
        "target": [{"reference": "Condition/charlie-condition-1"}],
        "agent": [{"who": {"reference": "Patient/alice"}}],
    }
    taken = {
        "resource": {
            "resourceType": "Condition",
            "id": "charlie-condition-1",
            "subject": {"reference": "Patient/alice"},
        },
        "request": {"method": "PUT", "url": "Condition/charlie-condition-1"},
    }
    about = {"resource": origin, "request": {"method": "POST", "url": "Provenance"}}
    for entries in ([false, about], [taken]):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        assert alice.post("", bundle).status_code == 403
    assert behind[1].all("Provenance") == []


@pytest.mark.parametrize("entry", [[None], [{}], [{"request": "x"}], {}, [{"request": {"method": "POST"}}]])
def test_an_ill_formed_bundle_is_refused_at_the_door(alice: Caller, behind: Any, entry: Any) -> None:
    before = len(behind[2])
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    assert alice.post("", bundle).status_code == 400
    assert len(behind[2]) == before


def test_the_chart_and_the_wire_work_as_without_it(
    http: FlaskClient, alice: Caller, hospital: Hospital
) -> None:
    alice.post("/Observation", observation())
    assert "Pain: 6" in http.get("/chart/alice").text
    assert "Pain: 6" not in http.get("/chart/charlie").text
    assert hospital.wire.entries()[-1].summary == "The app sent a new result: it was stored."


def test_a_fault_after_the_commit_works_here_too(alice: Caller, hospital: Hospital, behind: Any) -> None:
    hospital.faults.set("500-after-commit", times=1)
    assert alice.post("/Observation", observation()).status_code == 500
    assert len(behind[1].all("Observation")) == 1


def test_a_server_that_has_gone_away_is_a_bad_gateway(alice: Caller, hospital: Hospital) -> None:
    hospital.store.url = "http://127.0.0.1:9/fhir"  # type: ignore[union-attr]
    answer = alice.get("/Patient/alice")
    assert answer.status_code == 502
    assert json.loads(answer.text)["issue"][0]["code"] == "transient"
    page = alice.http.get("/")
    assert page.status_code == 502
    assert "The record cannot be read" in page.text
