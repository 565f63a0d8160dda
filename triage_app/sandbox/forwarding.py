"""Requests passed on to a real FHIR server, held within the caller's rights on the way there and back."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Response, request

from triage_app.sandbox.auth.access import Access
from triage_app.sandbox.hospital import hospital
from triage_app.sandbox.store.bundle import Entry, read_entry
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import TYPES
from triage_app.sandbox.store.structure import parse_json
from triage_app.sandbox.upstream import Answer, Upstream

_LETTERS = {"POST": "c", "PUT": "u", "DELETE": "d", "GET": "r"}
_SEGMENT = re.compile(r"(?!\.+$)[A-Za-z0-9\-._]{1,64}")


class Elsewhere(Exception):
    """The record is not kept here; ``permit`` says what the caller may do with it."""

    def __init__(self, permit: Access) -> None:
        super().__init__()
        self.permit = permit


def _upstream() -> Upstream:
    store = hospital().store
    if not isinstance(store, Upstream):
        raise TypeError("the record is kept here")
    return store


def metadata() -> Response:
    """The real server's CapabilityStatement."""
    return _flask(_pass_on("metadata"))


def forward(permit: Access) -> Response:
    """Check the request, pass it on, check the answer."""
    path = request.path.removeprefix("/fhir").strip("/")
    if path and not all(_SEGMENT.fullmatch(part) for part in path.split("/")):
        raise Refusal(404, "not-supported", "the path holds what no FHIR path holds")
    if not path:
        return _forward_bundle(permit) if request.method == "POST" else _shown(permit, _pass_on(path))
    resource_type, _, rest = path.partition("/")
    if resource_type not in TYPES:
        raise Refusal(404, "not-supported", f"{resource_type} is not a resource type of this server")
    if request.method == "GET" or rest == "_search":
        return _forward_reading(permit, path, resource_type, rest)
    _check_write(permit, resource_type, rest)
    return _stored(permit, _pass_on(path))


def _forward_reading(permit: Access, path: str, resource_type: str, rest: str) -> Response:
    searching = rest in {"", "_search"}
    permit.require_type("s" if searching else "r", resource_type)
    permit.require_query([*request.args.items(multi=True), *request.form.items(multi=True)])
    return _shown(permit, _pass_on(path))


def _shown(permit: Access, answer: Answer) -> Response:
    """The answer, with only what the caller may see."""
    if answer.status != 200:
        return _flask(answer)
    resource = json.loads(answer.body)
    if resource.get("resourceType") != "Bundle":
        permit.require("r", resource)
        return _flask(answer)
    found = resource.pop("entry", [])
    seen = [entry for entry in found if _may_see(permit, entry)]
    if len(seen) < len(found):
        resource.pop("total", None)
    shown = resource | ({"entry": seen} if seen else {})
    return _flask(Answer(answer.status, answer.headers, json.dumps(shown, ensure_ascii=False).encode()))


def _may_see(permit: Access, entry: dict[str, Any]) -> bool:
    resource = entry.get("resource", {})
    return resource.get("resourceType") == "OperationOutcome" or permit.sees(resource)


def _check_write(permit: Access, resource_type: str, rest: str) -> None:
    permit.require_type(_LETTERS[request.method], resource_type)
    if request.method != "DELETE":
        _check_sent(permit, request.method, resource_type, parse_json(request.get_data()))
    if rest:
        _check_held(permit, request.method, f"{resource_type}/{rest}")


def _check_sent(permit: Access, method: str, resource_type: str, resource: Resource) -> None:
    if resource.get("resourceType") != resource_type:
        raise Refusal(400, "structure", f"resourceType: expected {resource_type!r}", at=resource_type)
    permit.require(_LETTERS[method], resource)


def _check_held(permit: Access, method: str, place: str) -> None:
    held = hospital().resolve(place)
    if held:
        permit.require(_LETTERS[method], held)


def _stored(permit: Access, answer: Answer) -> Response:
    """The answer to a write; a condition may have met what is another patient's."""
    if answer.status in {200, 201} and answer.body:
        resource = json.loads(answer.body)
        if resource.get("resourceType") in TYPES and not permit.reaches("c", resource):
            raise Refusal(403, "forbidden", "what meets the condition is outside the record of this launch")
    return _flask(answer)


def _forward_bundle(permit: Access) -> Response:
    bundle = parse_json(request.get_data())
    raw = bundle.get("entry", [])
    if not isinstance(raw, list):
        raise Refusal(400, "structure", "Bundle.entry is not a list", at="Bundle.entry")
    entries = [read_entry(index, one) for index, one in enumerate(raw)]
    urns = [one for one in entries if one.full_url and one.full_url.startswith("urn:")]
    inside = {one.full_url: one.resource for one in urns}

    def resolve(reference: str) -> Resource | None:
        return inside.get(reference) or hospital().resolve(reference)

    within = Access(permit.scopes, permit.patient, resolve, permit.base_url)
    for entry in entries:
        _check_entry(within, entry)
    return _flask(_pass_on(""))


def _check_entry(permit: Access, entry: Entry) -> None:
    if entry.method == "GET" and entry.id and not entry.version:
        permit.require_type("r", entry.type)
        _check_held(permit, "GET", f"{entry.type}/{entry.id}")
        return
    if entry.resource is None:
        text = f"{entry.place}: only POST, PUT and a GET by id are passed on in a Bundle"
        raise Refusal(403, "forbidden", text)
    _check_sent(permit, entry.method, entry.type, entry.resource)
    if entry.id:
        _check_held(permit, entry.method, f"{entry.type}/{entry.id}")


def _pass_on(path: str) -> Answer:
    query = request.query_string.decode()
    return _upstream().forward(
        request.method, path, query=query, headers=dict(request.headers), body=request.get_data()
    )


def _flask(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)
