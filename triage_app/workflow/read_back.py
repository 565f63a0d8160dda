"""Finds in the EHR what a bundle may have left there, and compares what is stored with what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage_app.delivery.reconcile import child, differences, keys_of, objects
from triage_app.ehr.gateway import Connection, Gateway
from triage_app.errors import EHRUnreadable

NOT_READ = frozenset({"Provenance"})
"""Written and found by its tag; the app asks for no right to read the trail of others."""


def find_stored(gateway: Gateway, connection: Connection, bundle: Mapping[str, Any]) -> dict[str, str] | None:
    """Return where each entry is stored, or None unless all of them are; raise EHRError when unsure.

    Searched by our own keys, a search for each type.
    """
    found: dict[str, str] = {}
    for name, entries in _by_type(bundle).items():
        guards = [entry["request"]["ifNoneExist"].partition("=") for entry in entries]
        values = ",".join(value for _, _, value in guards)
        for resource in gateway.search(connection, name, {guards[0][0]: values}):
            for entry in entries:
                if resource.get("id") and keys_of(entry["resource"]) & keys_of(resource):
                    found[entry["fullUrl"]] = f"{name}/{resource['id']}"
        if not found:
            return None
    return found if len(found) == len(bundle["entry"]) else None


def altered(
    gateway: Gateway, connection: Connection, bundle: Mapping[str, Any], ids: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what the EHR stores otherwise than sent (``Observation.component``); raise EHRError.

    All entries are read back in one batch.
    """
    wanted = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] not in NOT_READ]
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": ids[entry["fullUrl"]]}} for entry in wanted],
    }
    answers = objects(gateway.transaction(connection, batch).get("entry"))
    if len(answers) != len(wanted):
        raise EHRUnreadable("the batch that reads back was not answered entry by entry")
    found: list[str] = []
    for entry, answer in zip(wanted, answers, strict=True):
        stored = child(answer, "resource")
        if stored.get("resourceType") != entry["resource"]["resourceType"]:
            raise EHRUnreadable("an entry that was stored could not be read back")
        names = differences(entry["resource"], stored, ids)
        found += [f"{stored['resourceType']}.{name}" for name in names]
    return tuple(found)


def _by_type(bundle: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in bundle["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry)
    return found
