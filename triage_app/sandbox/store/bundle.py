"""Transactions, all or nothing, and batches, each entry for itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from triage_app.sandbox.store.interactions import Done, Interactions
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.references import literal_references, rewrite

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3}
_URL = re.compile(
    r"(?P<type>[A-Za-z]+)(/(?P<id>[A-Za-z0-9\-.]{1,64}))?(/_history/(?P<version>\w+))?(\?(?P<query>.*))?"
)


@dataclass(frozen=True)
class Entry:
    """One entry of a request Bundle, read and checked."""

    place: str
    method: str
    type: str
    id: str | None
    version: str | None
    query: str | None
    full_url: str | None
    resource: Resource | None
    if_none_exist: str | None
    if_match: str | None
    if_none_match: str | None


def process(interactions: Interactions, bundle: Resource) -> Resource:
    """Carry out a transaction or batch Bundle and return the response Bundle."""
    kind = bundle.get("type")
    if bundle.get("resourceType") != "Bundle" or kind not in {"transaction", "batch"}:
        found = f"{bundle.get('resourceType')} of type {kind!r}"
        raise Refusal(400, "structure", f"found {found}, expected a Bundle of type transaction or batch")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise Refusal(400, "structure", "Bundle.entry is not a list", at="Bundle.entry")
    interactions.abilities.require_envelope(kind)
    if kind == "batch":
        answers = [_alone(interactions, index, raw) for index, raw in enumerate(entries)]
    else:
        answers = _transaction(interactions, [read_entry(index, raw) for index, raw in enumerate(entries)])
    return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": answers}


def read_entry(index: int, raw: object) -> Entry:
    """One raw entry, checked as far as it can be without looking into the record."""
    place = f"Bundle.entry[{index}]"
    request = raw.get("request") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(request, dict):
        raise Refusal(400, "required", f"{place}.request is missing", at=f"{place}.request")
    texts = {**request, "fullUrl": raw.get("fullUrl", "")}
    wrong = [name for name, value in texts.items() if not isinstance(value, str)]
    if wrong:
        raise Refusal(400, "structure", f"{place}: {', '.join(wrong)}: expected text", at=place)
    resource = raw.get("resource")
    found = _read_target(place, texts, has_resource=isinstance(resource, dict))
    return _entry(place, texts, found, resource)


def _entry(place: str, texts: dict[str, str], found: re.Match[str], resource: Resource | None) -> Entry:
    return Entry(
        place=place,
        method=texts["method"],
        type=found["type"],
        id=found["id"],
        version=found["version"],
        query=found["query"],
        full_url=texts["fullUrl"] or None,
        resource=resource,
        if_none_exist=texts.get("ifNoneExist"),
        if_match=texts.get("ifMatch"),
        if_none_match=texts.get("ifNoneMatch"),
    )


def _read_target(place: str, texts: dict[str, str], *, has_resource: bool) -> re.Match[str]:
    method, url = texts.get("method", ""), texts.get("url", "")
    found = _URL.fullmatch(url)
    if method not in _ORDER or not found:
        text = f"{place}.request: {method!r} {url!r} is not supported"
        raise Refusal(400, "value", text, at=f"{place}.request")
    if (method in {"POST", "PUT"}) != has_resource:
        text = f"{place}.resource: POST and PUT need one, GET and DELETE have none"
        raise Refusal(400, "structure", text, at=place)
    if (method in {"PUT", "DELETE"}) != bool(found["id"]) and method != "GET":
        text = f"{place}.request.url: {url!r} does not go with {method}"
        raise Refusal(400, "not-supported", text, at=place)
    return found


def _alone(interactions: Interactions, index: int, raw: object) -> Resource:
    try:
        entry = read_entry(index, raw)
        for at, text in literal_references(entry.resource or {}, entry.place):
            if text.startswith("urn:"):
                raise Refusal(400, "value", f"{at}: entries of a batch cannot refer to each other", at=at)
        return _carry_out(interactions, entry)
    except Refusal as refusal:
        return {"response": {"status": str(refusal.status), "outcome": refusal.resource()}}


def _carry_out(interactions: Interactions, entry: Entry) -> Resource:
    resource = entry.resource or {}
    match entry.method:
        case "POST":
            return _answer(interactions.create(entry.type, resource, if_none_exist=entry.if_none_exist))
        case "PUT":
            guards = {"if_match": entry.if_match, "if_none_match": entry.if_none_match}
            return _answer(interactions.update(entry.type, entry.id or "", resource, **guards))
        case "DELETE":
            return _answer(interactions.delete(entry.type, entry.id or "", if_match=entry.if_match))
    return _get(interactions, entry)


def _get(interactions: Interactions, entry: Entry) -> Resource:
    if entry.id:
        return _answer(Done(200, interactions.read(entry.type, entry.id, entry.version)))
    pairs = parse_qsl(entry.query or "", keep_blank_values=True)
    return {
        "resource": interactions.search(entry.type, pairs, strict=False),
        "response": {"status": "200 OK"},
    }


def _answer(done: Done) -> Resource:
    words = {200: "200 OK", 201: "201 Created", 204: "204 No Content"}
    response: Resource = {"status": words[done.status]}
    if done.stored:
        stored = done.stored
        response |= {"location": f"{stored.type}/{stored.id}/_history/{stored.version}", "etag": stored.etag}
        response["lastModified"] = stored.at
    body = done.stored.body if done.stored else None
    return {"resource": body, "response": response} if body else {"response": response}


def _transaction(interactions: Interactions, entries: list[Entry]) -> list[Resource]:
    """Ids are given out first, references rewritten, all written, and only then all of it checked."""
    _check_distinct(entries)
    with interactions.store.transaction():
        planned = {
            entry.place: _plan(interactions, entry) for entry in entries if entry.method in {"POST", "PUT"}
        }
        places = {
            entry.full_url: _target(planned[entry.place], entry)
            for entry in entries
            if entry.full_url and entry.place in planned
        }
        answers = {}
        for entry in sorted(entries, key=lambda one: _ORDER[one.method]):
            answers[entry.place] = _within(interactions, entry, planned.get(entry.place), places)
        for entry in entries:
            if entry.place in planned and not planned[entry.place].match:
                _settle(interactions, entry, answers[entry.place])
    return [_finished(answers[entry.place]) for entry in entries]


def _check_distinct(entries: list[Entry]) -> None:
    for what in ("full_url", "if_none_exist"):
        seen: set[str] = set()
        for entry in entries:
            value = getattr(entry, what)
            if value is None:
                continue
            if value in seen:
                raise Refusal(
                    400, "duplicate", f"{entry.place}: {value!r} stands in two entries", at=entry.place
                )
            seen.add(f"{value}")


@dataclass(frozen=True)
class _Plan:
    """Where a POST or PUT will go: a match already stored, or an id to write under."""

    id: str
    match: Done | None = None


def _plan(interactions: Interactions, entry: Entry) -> _Plan:
    try:
        if entry.method == "PUT":
            return _Plan(entry.id or "")
        interactions.check_create(entry.type, entry.resource or {})
        found = interactions.matching(entry.type, entry.if_none_exist)
        return _Plan(found.id, Done(200, found)) if found else _Plan(interactions.store.new_id())
    except Refusal as refusal:
        raise refusal.within(entry.place) from refusal


def _target(plan: _Plan, entry: Entry) -> str:
    return f"{entry.type}/{plan.id}"


def _within(
    interactions: Interactions, entry: Entry, plan: _Plan | None, places: dict[str, str]
) -> Done | Resource:
    try:
        resource = rewrite(entry.resource or {}, places)
        if entry.method == "POST" and plan:
            return plan.match or Done(201, interactions.write(resource, plan.id, method="POST"))
        if entry.method == "PUT":
            return interactions.put(
                entry.type,
                entry.id or "",
                resource,
                if_match=entry.if_match,
                if_none_match=entry.if_none_match,
            )
        return _carry_out(interactions, entry)
    except Refusal as refusal:
        raise refusal.within(entry.place) from refusal


def _settle(interactions: Interactions, entry: Entry, answer: Done | Resource) -> None:
    if not isinstance(answer, Done):
        return
    try:
        interactions.settle(answer)
    except Refusal as refusal:
        raise refusal.within(entry.place) from refusal


def _finished(answer: Done | Resource) -> Resource:
    return _answer(answer) if isinstance(answer, Done) else answer
