"""One search: its parameters read, its matches found, sorted and cut into pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from triage_app.sandbox.store.database import Store
from triage_app.sandbox.store.dates import span_of
from triage_app.sandbox.store.matching import Criterion
from triage_app.sandbox.store.outcome import Refusal, Resource, warnings
from triage_app.sandbox.store.parameters import PARAMETERS, Kind

Pairs = Sequence[tuple[str, str]]
_CONTROL = {"_count", "_sort", "_page", "_format", "_pretty", "_summary", "_total"}
_DEFAULT_COUNT = 50
_LARGEST_COUNT = 200


@dataclass(frozen=True)
class Query:
    """A search that has been understood; ``ignored`` are the parameters that were not."""

    type: str
    criteria: tuple[Criterion, ...]
    sort: tuple[str, ...]
    count: int
    offset: int
    kept: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]


def parse_query(resource_type: str, pairs: Pairs, *, strict: bool, base_url: str) -> Query:
    """Read search parameters; an unknown one is refused (400) when strict, else set aside."""
    known = PARAMETERS[resource_type]
    criteria, kept, ignored = [], [], []
    for key, value in pairs:
        name, _, modifier = key.partition(":")
        if name in _CONTROL:
            kept += [(key, value)] if name != "_page" else []
        elif name in known and value:
            criteria.append(Criterion(name, modifier, _alternatives(value), known[name], base_url))
            kept.append((key, value))
        else:
            ignored.append(key)
    sort, unsorted = _sort_keys(dict(pairs).get("_sort", ""), resource_type)
    ignored += [f"_sort={name}" for name in unsorted]
    if strict and ignored:
        names = ", ".join(ignored)
        raise Refusal(
            400, "not-supported", f"{resource_type} has no search parameter {names}, or it has no value"
        )
    count = _whole_number(pairs, "_count", _DEFAULT_COUNT)
    offset = _whole_number(pairs, "_page", 0)
    return Query(resource_type, tuple(criteria), sort, count, offset, tuple(kept), tuple(ignored))


def _alternatives(value: str) -> tuple[str, ...]:
    parts = re.split(r"(?<!\\),", value)
    return tuple(re.sub(r"\\([,|$\\])", r"\1", part) for part in parts)


def _sort_keys(text: str, resource_type: str) -> tuple[tuple[str, ...], list[str]]:
    names = [name for name in text.split(",") if name]
    known = PARAMETERS[resource_type]
    unknown = [name for name in names if name.lstrip("-") not in known]
    return tuple(name for name in names if name not in unknown), unknown


def _whole_number(pairs: Pairs, name: str, default: int) -> int:
    text = dict(pairs).get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Refusal(400, "value", f"{name}: found {text!r}, expected a whole number")
    return min(int(text), _LARGEST_COUNT) if name == "_count" else int(text)


def find(store: Store, query: Query) -> list[Resource]:
    """All matches, in order."""
    hints = [json.dumps(text, ensure_ascii=False)[1:-1] for text in _hints(query)]
    candidates = [stored.body for stored in store.current(query.type, containing=hints) if stored.body]
    matches = [body for body in candidates if all(one.meets(body) for one in query.criteria)]
    for name in reversed(query.sort):
        matches.sort(key=_sort_key(query.type, name.lstrip("-")), reverse=name.startswith("-"))
    return matches


def _hints(query: Query) -> list[str]:
    """Texts that every match must contain somewhere: they spare the reading of all the others."""
    sure = [one for one in query.criteria if len(one.wanted) == 1 and not one.modifier]
    tokens = [one.wanted[0].rpartition("|")[2] for one in sure if one.parameter.kind is Kind.TOKEN]
    references = [one.wanted[0].rpartition("/")[2] for one in sure if one.parameter.kind is Kind.REFERENCE]
    return [text for text in tokens + references if text not in {"true", "false"}]


def _sort_key(resource_type: str, name: str) -> Callable[[Resource], str]:
    parameter = PARAMETERS[resource_type][name]

    def key(resource: Resource) -> str:
        for value in parameter.values(resource):
            span = span_of(value) if parameter.kind is Kind.DATE else None
            return span.start.isoformat() if span else json.dumps(value, sort_keys=True)
        return ""

    return key


def searchset(query: Query, matches: Sequence[Resource], *, base_url: str) -> Resource:
    """One page of matches as a searchset Bundle; what was ignored is told in an outcome entry."""
    page = matches[query.offset : query.offset + query.count]
    entries: list[Resource] = [
        {
            "fullUrl": f"{base_url}/{body['resourceType']}/{body['id']}",
            "resource": body,
            "search": {"mode": "match"},
        }
        for body in page
    ]
    if query.ignored:
        told = warnings(
            f"The parameter {name} is not supported here and was ignored" for name in query.ignored
        )
        entries.append({"resource": told, "search": {"mode": "outcome"}})
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(matches)}
    bundle["link"] = _links(query, len(matches), base_url)
    return bundle | ({"entry": entries} if entries else {})


def _links(query: Query, total: int, base_url: str) -> list[Resource]:
    links = [{"relation": "self", "url": _page_url(query, query.offset, base_url)}]
    following = query.offset + query.count
    if query.count and following < total:
        links.append({"relation": "next", "url": _page_url(query, following, base_url)})
    return links


def _page_url(query: Query, offset: int, base_url: str) -> str:
    pairs = [*query.kept, *([("_page", str(offset))] if offset else [])]
    return f"{base_url}/{query.type}" + (f"?{urlencode(pairs)}" if pairs else "")
