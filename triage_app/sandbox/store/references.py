"""References between resources: found, rewritten, held against what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from triage_app.sandbox.store.matching import local_reference
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import TYPES

_LOCAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")


def literal_references(node: Any, at: str) -> Iterator[tuple[str, str]]:
    """(place, text) of every ``reference`` element inside."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str):
                yield f"{at}.reference", value
            else:
                yield from literal_references(value, f"{at}.{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from literal_references(value, f"{at}[{index}]")


def check_references(resource: Resource, *, exists: Callable[[str, str], bool], base_url: str) -> None:
    """Refuse (422) a reference into this server that leads nowhere; other servers' are not judged."""
    for at, text in literal_references(resource, resource["resourceType"]):
        if text.startswith(("urn:uuid:", "urn:oid:")):
            raise Refusal(422, "not-found", f"{at}: {text} is no fullUrl of this transaction", at=at)
        found = _LOCAL.fullmatch(local_reference(text, base_url))
        if found and found[1] in TYPES and not exists(found[1], found[2]):
            raise Refusal(422, "not-found", f"{at}: {text} is not on this server", at=at)
        if not found and not text.startswith(("#", "http://", "https://", "urn:")):
            raise Refusal(422, "value", f"{at}: found {text!r}, expected Type/id, a URL or #contained", at=at)


def rewrite(node: Any, places: Mapping[str, str]) -> Any:
    """A copy in which each fullUrl, as a value or inside narrative, has become ``Type/id``."""
    if isinstance(node, dict):
        return {name: rewrite(value, places) for name, value in node.items()}
    if isinstance(node, list):
        return [rewrite(value, places) for value in node]
    if isinstance(node, str):
        return _rewrite_text(node, places)
    return node


def _rewrite_text(text: str, places: Mapping[str, str]) -> str:
    if text in places:
        return places[text]
    if text.startswith("<div"):
        for full_url, place in places.items():
            text = re.sub(rf'(href|src)="{re.escape(full_url)}"', rf'\1="{place}"', text)
    return text
