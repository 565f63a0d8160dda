"""Inputs that nobody honest sends: texts, JSON, replies of a hospital with something changed."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

LONG = "A" * 5000
TEXTS = (
    "",
    " ",
    "../../etc/passwd",
    "%00%0a",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "{{7*7}}",
    "Patient/alice",
    "\x00",
    "\u202e\u2028\ufeff",
    "٣",
    "-0",
    "1e400",
    "9" * 400,
    LONG,
)
BODIES = (
    b"",
    b"null",
    b"[]",
    b"\xff\xfe\x00",
    b'{"resourceType":"Bundle","resourceType":"Bundle"}',
    b'{"a":NaN}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":1e999999999}',
    b'{"a":"\\ud800"}',
    b"[" * 100_000,
    b'{"a":' * 2000,
    b"<html><title>Log in</title>",
    b"\x1f\x8b\x08\x00",
)
KINDS = ("application/fhir+json", "application/json", "text/html", "", "application/fhir+xml", "x" * 300)


def texts() -> st.SearchStrategy[str]:
    """Return any text that can be sent."""
    return st.one_of(st.sampled_from(TEXTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


def header_texts() -> st.SearchStrategy[str]:
    """Return any text that a header takes."""
    return st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)


def json_values() -> st.SearchStrategy[Any]:
    """Return JSON of any kind, with what FHIR readers stumble over."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        texts(),
        st.sampled_from(
            ("9999-99-99", "2026-02-30T25:61:00Z", "0000", "urn:uuid:x", "https://evil.example/x")
        ),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3)
        ),
        max_leaves=6,
    )


_NAMES = (
    "resourceType", "id", "status", "code", "coding", "value", "reference", "subject", "entry", "resource",
    "link", "url", "relation", "item", "answer", "linkId", "identifier", "extension", "meta", "__proto__", "",
)  # fmt: skip

Change = tuple[str, int, Any]


def changes() -> st.SearchStrategy[list[Change]]:
    """Return one to four changes of a JSON document, each at a node that a number picks."""
    one = st.tuples(
        st.sampled_from(("replace", "drop", "twice", "wrap")), st.integers(0, 10_000), json_values()
    )
    return st.lists(one, min_size=1, max_size=4)


def changed(body: bytes, wanted: list[Change]) -> bytes:
    """Return a JSON document with the changes made; anything else as it was."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    holder = {"": value}
    for kind, place, new in wanted:
        spots = list(_spots(holder))
        where, key = spots[place % len(spots)]
        _change(where, key, kind, new)
    return json.dumps(holder.get("")).encode()


def _spots(value: Any) -> Any:
    """Yield every (container, key) inside, breadth first enough for a test."""
    waiting = [value]
    while waiting:
        here = waiting.pop(0)
        pairs = list(here.items()) if isinstance(here, dict) else list(enumerate(here))
        for key, inner in pairs:
            yield here, key
            if isinstance(inner, (dict, list)) and inner:
                waiting.append(inner)


def _change(where: Any, key: Any, kind: str, new: Any) -> None:
    if kind == "drop" and not (isinstance(where, dict) and key == ""):
        del where[key]
    elif kind == "twice" and isinstance(where, list):
        where.append(copy.deepcopy(where[key]))
    elif kind == "wrap":
        where[key] = [where[key]]
    else:
        where[key] = new
