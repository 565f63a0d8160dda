"""Requests passed on to a real FHIR server, held within the caller's rights on the way there and back."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from triage_app.sandbox.auth.access import Access
from triage_app.sandbox.hospital import hospital
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import TYPES
from triage_app.sandbox.store.references import rewrite
from triage_app.sandbox.store.structure import parse_json
from triage_app.sandbox.upstream import Answer, Upstream

_LETTERS = {"POST": "c", "PUT": "u", "PATCH": "u", "DELETE": "d"}


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
    if not path:
        return _forward_bundle(permit) if request.method == "POST" else _shown(permit, _pass_on(path))
    resource_type, _, rest = path.partition("/")
    if resource_type not in TYPES:
        raise Refusal(404, "not-supported", f"{resource_type} is not a resource type of this server")
    if request.method == "GET" or rest == "_search":
        return _forward_reading(permit, path, resource_type, rest)
    _check_write(permit, resource_type, rest)
    return _flask(_pass_on(path))


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
    seen = [entry for entry in resource.get("entry", []) if _may_see(permit, entry)]
    shown = json.dumps(resource | ({"entry": seen} if seen else {}), ensure_ascii=False).encode()
    return _flask(Answer(answer.status, answer.headers, shown))


def _may_see(permit: Access, entry: dict[str, Any]) -> bool:
    resource = entry.get("resource", {})
    return resource.get("resourceType") == "OperationOutcome" or permit.sees(resource)


def _check_write(permit: Access, resource_type: str, rest: str) -> None:
    letter = _LETTERS[request.method]
    permit.require_type(letter, resource_type)
    if request.method in {"POST", "PUT"}:
        permit.require(letter, parse_json(request.get_data()))
    if rest:
        held = hospital().resolve(f"{resource_type}/{rest}")
        if held:
            permit.require(letter, held)


def _forward_bundle(permit: Access) -> Response:
    bundle = parse_json(request.get_data())
    entries = [entry for entry in bundle.get("entry", []) if isinstance(entry, dict)]
    inside = {entry.get("fullUrl", ""): entry.get("resource", {}) for entry in entries}

    def resolve(reference: str) -> Resource | None:
        return inside.get(reference) or hospital().resolve(reference)

    within = Access(permit.scopes, permit.patient, resolve, permit.base_url)
    for entry in entries:
        method = entry.get("request", {}).get("method")
        if method not in {"POST", "PUT"} or not isinstance(entry.get("resource"), dict):
            raise Refusal(403, "forbidden", f"only POST and PUT are passed on in a Bundle, found {method!r}")
        within.require(_LETTERS[method], rewrite(entry["resource"], {}))
    return _flask(_pass_on(""))


def _pass_on(path: str) -> Answer:
    query = request.query_string.decode()
    return _upstream().forward(
        request.method, path, query=query, headers=dict(request.headers), body=request.get_data()
    )


def _flask(answer: Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers)
