"""Decides from a server's CapabilityStatement how, and whether, a submission can be written there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Rung(StrEnum):
    """How a repeat is kept from doubling, safest first."""

    TRANSACTION = "R1"  # one transaction, every entry guarded
    CONDITIONAL_CREATE = "R2"  # single guarded creates, in order
    CLIENT_ID = "R3"  # PUT to an id of ours
    SEARCH_FIRST = "R4"  # search our key, then create
    PLAIN = "R5"  # create, and never repeat by itself


class Envelope(StrEnum):
    """What carries the resources."""

    TRANSACTION = "transaction"
    BATCH = "batch"
    SINGLE = "single"


ORDER = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance")
"""Answers first, then results, then the work that follows, then the trail."""


@dataclass(frozen=True)
class Plan:
    """How a submission goes to one server; without a rung it cannot be written there yet (see ``why``)."""

    rung: Rung | None
    envelope: Envelope | None
    order: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def possible(self) -> bool:
        """Return whether the server can be written to."""
        return self.rung is not None


def plan(capabilities: Mapping[str, Any], types: Sequence[str] = ORDER) -> Plan:
    """Return the plan for resources of these types; at present only the transaction rung is carried out."""
    order = tuple(sorted(dict.fromkeys(types), key=ORDER.index))
    missing = list(_missing(capabilities, order))
    if missing:
        return Plan(None, None, order, tuple(missing))
    why = (
        "the server takes transactions and conditional creates: everything is written at once or not at all",
    )
    return Plan(Rung.TRANSACTION, Envelope.TRANSACTION, order, why)


def _missing(capabilities: Mapping[str, Any], order: Sequence[str]) -> list[str]:
    server = _server(capabilities)
    found = [] if "transaction" in _codes(server) else ["the server does not declare transactions"]
    declared = {one.get("type"): one for one in _objects(server, "resource")}
    for name in order:
        resource = declared.get(name, {})
        if "create" not in _codes(resource):
            found.append(f"the server does not declare that {name} can be created")
        elif resource.get("conditionalCreate") is not True:
            found.append(f"the server does not declare conditional create for {name}")
    return found


def _server(capabilities: Mapping[str, Any]) -> Mapping[str, Any]:
    rest = _objects(capabilities, "rest")
    return next((one for one in rest if one.get("mode") == "server"), {})


def _codes(node: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(one.get("code")) for one in _objects(node, "interaction"))


def _objects(node: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = node.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
