"""Marks an answer that was given beside a fact of the chart, and reads such marks back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE
from triage_app.fhir.codes import BASE

ANSWER_ORIGIN = f"{BASE}/StructureDefinition/answer-origin"
LONGEST = 300
"""Characters of what was shown that are read back; we write fewer."""


class OriginState(StrEnum):
    """What the person made of the chart's fact (CodeSystem ``answer-origin``)."""

    CONFIRMED = "chart-confirmed"
    CHANGED = "chart-changed"


@dataclass(frozen=True)
class Origin:
    """What the chart said beside a question, in the words shown, and the entry that says it."""

    state: OriginState
    shown: str
    source: str = ""  # a relative reference, such as Condition/7

    def to_extension(self) -> dict[str, Any]:
        """Return the extension of the answer."""
        parts: list[dict[str, Any]] = [
            {"url": "state", "valueCode": str(self.state)},
            {"url": "shown", "valueString": self.shown},
        ]
        if self.source:
            parts.append({"url": "source", "valueReference": {"reference": self.source}})
        return {"url": ANSWER_ORIGIN, "extension": parts}


def without_sources(node: Any) -> Any:
    """Return the JSON with the marks as they are, but without the entries that they point to.

    A server that checks references refuses everything once such an entry is gone; what was shown stays.
    """
    if isinstance(node, list):
        return [without_sources(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    kept = {key: without_sources(value) for key, value in node.items()}
    if node.get("url") == ANSWER_ORIGIN:
        kept["extension"] = [one for one in kept["extension"] if one.get("url") != "source"]
    return kept


def origins_in(response: Mapping[str, Any]) -> dict[str, Origin]:
    """Return the marks of a response by the path of the answer; one that is not sound is left out.

    ``response`` must have been read with its form, which bounds how deep it is.
    """
    return {
        f"{limb}/{link_id}" if limb else link_id: origin
        for top in _objects(response.get("item"))
        for limb in [_limb(top) if top.get("linkId") == LIMB else ""]
        for link_id, answer in _answers(top)
        if (origin := _origin(answer)) is not None
    }


def _answers(item: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for answer in _objects(item.get("answer")):
        yield str(item.get("linkId")), answer
        for below in _objects(answer.get("item")):
            yield from _answers(below)
    for below in _objects(item.get("item")):
        yield from _answers(below)


def _limb(item: Mapping[str, Any]) -> str:
    """Return the limb that an occurrence is about: ``arm-right``."""
    said = {link_id: answer.get("valueCoding") for link_id, answer in _answers(item)}
    kind, side = (_part(said.get(name), "code") for name in (LIMB_KIND, SIDE))
    return f"{kind}-{side}"


def _origin(answer: Mapping[str, Any]) -> Origin | None:
    for extension in _objects(answer.get("extension")):
        if extension.get("url") != ANSWER_ORIGIN:
            continue
        parts = {str(one.get("url")): one for one in _objects(extension.get("extension"))}
        state, shown = (_part(parts.get(url), key) for url, key in _TEXTS)
        source = _part(parts.get("source", {}).get("valueReference"), "reference")
        if state in list(OriginState) and shown:
            return Origin(OriginState(state), shown[:LONGEST], source[:LONGEST])
    return None


_TEXTS = (("state", "valueCode"), ("shown", "valueString"))


def _part(found: object, key: str) -> str:
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""


def _objects(found: object) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
