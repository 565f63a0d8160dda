"""Remembers in this process whose record each open session is about; nothing of it is written down."""

from __future__ import annotations

from collections import OrderedDict
from typing import cast

from flask import current_app

from triage_app.fhir.person import Person
from triage_app.storage.rows import Launch
from triage_app.web.security import current_services
from triage_app.workflow.identify import identify

KEPT = 2000
"""Sessions remembered at once; the oldest is forgotten first and asked for again when it shows a name."""


def look_up_person(launch: Launch, *, again: bool = False) -> str:
    """Return whose record this is, asking the EHR the first time; nothing when it does not tell.

    ``again`` asks once more where it did not tell before.
    """
    known = _known()
    if launch.id not in known or (again and not known[launch.id]):
        person = identify(current_services(), launch)
        known[launch.id] = _words(person) if person else ""
        while len(known) > KEPT:
            known.popitem(last=False)
    return known.get(launch.id, "")


def known_person(launch: Launch) -> str:
    """Return whose record this is if that is known already; the EHR is not asked."""
    return _known().get(launch.id, "")


def _known() -> OrderedDict[str, str]:
    return cast("OrderedDict[str, str]", current_app.extensions.setdefault("people", OrderedDict()))


def _words(person: Person) -> str:
    if person.born is None:
        return person.name
    return f"{person.name}, born {person.born.day} {person.born:%B %Y}"
