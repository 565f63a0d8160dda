"""Reads what an EHR says beside patient and user: which form, to start, go on or review, from which Task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from triage_app.fhir import exact_json

LONGEST_TEXT = 2048
MOST_ENTRIES = 50
QUESTIONNAIRE_ROLE = "http://ns.electronichealth.net.au/smart/role/new"
"""The role of a Questionnaire to be begun, as the role-based launch contract names it."""

_REFERENCE = re.compile(r"([A-Z][A-Za-z]{2,63})/([A-Za-z0-9\-.]{1,64})")


class Action(StrEnum):
    """What the EHR wants to happen with the form."""

    START = "start"
    CONTINUE = "continue"
    REVIEW = "review"


@dataclass(frozen=True)
class LaunchContext:
    """What was said, as far as it is understood; everything unknown is left out, as SMART asks.

    ``questionnaires`` are canonical addresses; ``response`` and ``task`` are relative references;
    ``tenant`` is opaque; ``style_url`` is where the EHR's colours are described.
    """

    action: Action | None = None
    questionnaires: tuple[str, ...] = ()
    response: str | None = None
    task: str | None = None
    tenant: str | None = None
    style_url: str | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON, empty values left out."""
        plain = {**self.__dict__, "questionnaires": list(self.questionnaires)}
        return {name: value for name, value in plain.items() if value}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> LaunchContext:
        """Return what ``to_plain`` wrote."""
        action = plain.get("action")
        known = {**plain, "questionnaires": tuple(plain.get("questionnaires", ()))}
        return cls(**{**known, "action": Action(action) if action else None})


def read_launch_context(answer: Mapping[str, Any]) -> LaunchContext:
    """Return the launch context of a token answer; nothing in it can make a launch fail."""
    entries = list(_entries(answer.get("fhirContext")))
    references = [found for entry in entries if (found := _relative(entry.get("reference")))]
    canonicals = tuple(found for entry in entries if (found := _canonical(entry)))
    wishes = _app_context(answer.get("appContext"))
    asked = _action(wishes.get("action")) or _action(answer.get("intent"))
    begun = any(entry.get("role") == QUESTIONNAIRE_ROLE for entry in entries)
    return LaunchContext(
        action=asked or (Action.START if begun else None),
        questionnaires=canonicals,
        response=_first(references, "QuestionnaireResponse"),
        task=_first(references, "Task"),
        tenant=_text(answer.get("tenant")),
        style_url=_text(answer.get("smart_style_url")),
    )


def _entries(found: object) -> Iterator[Mapping[str, Any]]:
    """Yield objects; servers older than SMART 2.1 list bare references."""
    for entry in found[:MOST_ENTRIES] if isinstance(found, list) else ():
        if isinstance(entry, str):
            yield {"reference": entry}
        elif isinstance(entry, dict):
            yield entry


def _relative(found: object) -> str | None:
    return found if isinstance(found, str) and _REFERENCE.fullmatch(found) else None


def _canonical(entry: Mapping[str, Any]) -> str | None:
    found = _text(entry.get("canonical"))
    is_form = entry.get("type", "Questionnaire") == "Questionnaire"
    return found if found and is_form and "/Questionnaire/" in found else None


def _first(references: list[str], resource_type: str) -> str | None:
    return next((one for one in references if one.startswith(f"{resource_type}/")), None)


def _app_context(found: object) -> Mapping[str, Any]:
    """Return an application context, which is an object or its JSON text."""
    if isinstance(found, str) and len(found) <= LONGEST_TEXT:
        try:
            found = exact_json.loads(found.encode())
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}


def _action(found: object) -> Action | None:
    """Return the action of ``start`` as of ``questionnaire.start``; other intents mean the usual page."""
    word = found.rpartition(".")[2] if isinstance(found, str) else ""
    return Action(word) if word in tuple(Action) else None


def _text(found: object) -> str | None:
    readable = isinstance(found, str) and 0 < len(found) <= LONGEST_TEXT and found.isprintable()
    return str(found) if readable else None
