"""The FHIR R4 endpoint over HTTP: who calls, what is asked, and how it is answered."""

from __future__ import annotations

import json
from email.utils import format_datetime

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from triage_app.sandbox import forwarding
from triage_app.sandbox.auth.access import Access
from triage_app.sandbox.faults import Fault
from triage_app.sandbox.hospital import hospital
from triage_app.sandbox.store.bundle import process
from triage_app.sandbox.store.capability import capability_statement
from triage_app.sandbox.store.database import Store, Stored
from triage_app.sandbox.store.interactions import Done, Interactions, etag_version
from triage_app.sandbox.store.outcome import Refusal, Resource, operation_outcome
from triage_app.sandbox.store.structure import parse_json

blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
_FHIR_JSON = "application/fhir+json"


def fhir_answer(
    resource: Resource | None, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A FHIR JSON answer; an empty one where there is no resource."""
    body = "" if resource is None else json.dumps(resource, ensure_ascii=False)
    answer = Response(body, status, headers or {}, content_type=f"{_FHIR_JSON}; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """Every refusal tells why, as an OperationOutcome."""
    answer = fhir_answer(refusal.resource(), refusal.status)
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="pretend hospital", error="invalid_token"'
    return answer


@blueprint.errorhandler(HTTPException)
def failed(error: HTTPException) -> Response:
    """Flask's own refusals too: too large, wrong method."""
    return fhir_answer(operation_outcome("error", "processing", str(error)), error.code or 500)


@blueprint.before_request
def check_formats() -> None:
    """Only JSON goes in, and only JSON comes out."""
    sends = request.method in {"POST", "PUT"} and not request.path.endswith("/_search")
    if sends and request.mimetype not in {_FHIR_JSON, "application/json"}:
        found = f"found {request.mimetype!r}"
        raise Refusal(415, "not-supported", f"Content-Type: {found}, expected {_FHIR_JSON}")
    wanted = request.args.get("_format") or request.headers.get("Accept", "*/*")
    if not any(word in wanted for word in ("json", "*/*")):
        raise Refusal(406, "not-supported", f"found the format {wanted!r}, expected {_FHIR_JSON}")


def caller() -> Access:
    """The rights of the bearer token; 401 where it is absent or no longer good."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    grant = hospital().grants.access(token.strip()) if scheme.lower() == "bearer" else None
    if grant is None or hospital().faults.strikes(Fault.ACCESS_REFUSED):
        raise Refusal(401, "login", "the access token is missing, unknown, taken back or too old")
    return hospital().permit(grant)


def _interactions() -> Interactions:
    store = hospital().store
    permit = caller()
    if not isinstance(store, Store):
        raise forwarding.Elsewhere(permit)
    return Interactions(store, permit, hospital().options.fhir_url, hospital().options.abilities)


@blueprint.errorhandler(forwarding.Elsewhere)
def elsewhere(found: forwarding.Elsewhere) -> Response:
    """The record is kept by a real server: pass the request on, within the caller's rights."""
    try:
        return forwarding.forward(found.permit)
    except Refusal as refusal:
        return refused(refusal)


def _prefers(word: str) -> bool:
    wishes = ",".join(request.headers.getlist("Prefer")).replace(";", ",").split(",")
    return word in {wish.strip().lower() for wish in wishes}


def _body() -> Resource:
    return parse_json(request.get_data())


@blueprint.get("/metadata")
def metadata() -> Response:
    """What the record can do; open to everybody."""
    options = hospital().options
    if not isinstance(hospital().store, Store):
        return forwarding.metadata()
    date = options.clock().isoformat(timespec="seconds")
    statement = capability_statement(
        base_url=options.fhir_url, auth_url=options.auth_url, date=date, abilities=options.abilities
    )
    return fhir_answer(statement)


@blueprint.post("")
@blueprint.post("/")
def bundle() -> Response:
    """A transaction or a batch."""
    interactions = _interactions()
    done = process(interactions, _body())
    if _prefers("return=minimal"):
        done["entry"] = [{"response": entry["response"]} for entry in done["entry"]]
    return fhir_answer(done)


@blueprint.get("")
@blueprint.get("/")
def next_page() -> Response:
    """A further page of a search, where the server behind names its pages this way."""
    _interactions()
    raise Refusal(404, "not-supported", "searches name a resource type here")


@blueprint.get("/<resource_type>")
def search(resource_type: str) -> Response:
    """Search by URL."""
    return _searched(resource_type, list(request.args.items(multi=True)))


@blueprint.post("/<resource_type>/_search")
def search_by_form(resource_type: str) -> Response:
    """Search with the parameters in a form, so that they are in no log of URLs."""
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return _searched(resource_type, pairs)


def _searched(resource_type: str, pairs: list[tuple[str, str]]) -> Response:
    interactions = _interactions()
    if isinstance(interactions.permit, Access):
        interactions.permit.require_query(pairs)
    return fhir_answer(interactions.search(resource_type, pairs, strict=_prefers("handling=strict")))


@blueprint.post("/<resource_type>")
def create(resource_type: str) -> Response:
    """Create, on a condition where If-None-Exist states one."""
    condition = request.headers.get("If-None-Exist")
    return _written(_interactions().create(resource_type, _body(), if_none_exist=condition))


@blueprint.get("/<resource_type>/<resource_id>")
def read(resource_type: str, resource_id: str) -> Response:
    """The current version; 304 where the caller has it."""
    stored = _interactions().read(resource_type, resource_id)
    known = request.headers.get("If-None-Match")
    if known and etag_version(known) == stored.version:
        return fhir_answer(None, 304, _version_headers(stored))
    return fhir_answer(stored.body, 200, _version_headers(stored))


@blueprint.put("/<resource_type>/<resource_id>")
def update(resource_type: str, resource_id: str) -> Response:
    """The next version, guarded by If-Match or If-None-Match."""
    guards = {
        "if_match": request.headers.get("If-Match"),
        "if_none_match": request.headers.get("If-None-Match"),
    }
    return _written(_interactions().update(resource_type, resource_id, _body(), **guards))


@blueprint.delete("/<resource_type>/<resource_id>")
def delete(resource_type: str, resource_id: str) -> Response:
    """Delete; the versions stay in the history."""
    done = _interactions().delete(resource_type, resource_id, if_match=request.headers.get("If-Match"))
    return fhir_answer(None, 204, {"ETag": done.stored.etag} if done.stored else {})


@blueprint.get("/<resource_type>/<resource_id>/_history")
def history(resource_type: str, resource_id: str) -> Response:
    """All versions."""
    return fhir_answer(_interactions().history(resource_type, resource_id))


@blueprint.get("/<resource_type>/<resource_id>/_history/<version>")
def read_version(resource_type: str, resource_id: str, version: str) -> Response:
    """One version."""
    stored = _interactions().read(resource_type, resource_id, version)
    return fhir_answer(stored.body, 200, _version_headers(stored))


@blueprint.route("/<path:unknown>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(unknown: str) -> Response:
    """Everything else: a FHIR answer too."""
    caller()
    raise Refusal(404, "not-supported", f"{request.method} {unknown} is not an interaction of this server")


def _version_headers(stored: Stored) -> dict[str, str]:
    return {"ETag": stored.etag, "Last-Modified": format_datetime(stored.modified, usegmt=True)}


def _written(done: Done) -> Response:
    stored = done.stored
    if stored is None:
        return fhir_answer(None, done.status)
    place = f"{hospital().options.fhir_url}/{stored.type}/{stored.id}/_history/{stored.version}"
    headers = _version_headers(stored) | {"Location": place}
    if _prefers("return=minimal"):
        return fhir_answer(None, done.status, headers)
    if _prefers("return=operationoutcome"):
        text = f"{stored.type}/{stored.id} is stored as version {stored.version}"
        return fhir_answer(operation_outcome("information", "informational", text), done.status, headers)
    return fhir_answer(stored.body, done.status, headers)
