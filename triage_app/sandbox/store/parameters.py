"""The R4 search parameters that the record knows: their kind, and where their values stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from triage_app.sandbox.store.outcome import Resource


class Kind(StrEnum):
    """The R4 search parameter types in use."""

    TOKEN = "token"  # noqa: S105 - a search parameter type, not a secret
    REFERENCE = "reference"
    DATE = "date"
    STRING = "string"
    URI = "uri"


@dataclass(frozen=True)
class Parameter:
    """One search parameter; ``target`` is the type of bare ids, where there is only one."""

    kind: Kind
    paths: tuple[str, ...]
    target: str = ""

    def values(self, resource: Resource) -> list[Any]:
        """What the resource holds at the parameter's paths."""
        return [value for path in self.paths for value in values_at(resource, path)]


def values_at(node: Any, path: str) -> Iterator[Any]:
    """All values at a dotted path, lists taken apart."""
    if isinstance(node, list):
        for item in node:
            yield from values_at(item, path)
    elif not path:
        yield node
    elif isinstance(node, dict):
        head, _, rest = path.partition(".")
        if head in node:
            yield from values_at(node[head], rest)


def _of(kind: Kind, table: str, target: str = "") -> dict[str, Parameter]:
    """``name=path|path`` words of one kind; a bare name is its own path."""
    pairs = (word.partition("=") for word in table.split())
    return {name: Parameter(kind, tuple((paths or name).split("|")), target) for name, _, paths in pairs}


def _tokens(table: str) -> dict[str, Parameter]:
    return _of(Kind.TOKEN, table)


def _references(table: str, target: str = "") -> dict[str, Parameter]:
    return _of(Kind.REFERENCE, table, target)


def _dates(table: str) -> dict[str, Parameter]:
    return _of(Kind.DATE, table)


def _strings(table: str) -> dict[str, Parameter]:
    return _of(Kind.STRING, table)


def _uris(table: str) -> dict[str, Parameter]:
    return _of(Kind.URI, table)


_COMMON = (
    _tokens("_id=id _tag=meta.tag") | _dates("_lastUpdated=meta.lastUpdated") | _uris("_profile=meta.profile")
)
_SUBJECT = _references("subject") | _references("patient=subject", "Patient")
_ENCOUNTER = _references("encounter", "Encounter")
_CANONICAL = _uris("url") | _tokens("version status identifier") | _strings("name title") | _dates("date")
_PERSON = _strings("name=name.family|name.given|name.text family=name.family given=name.given") | _tokens(
    "gender"
)

_OWN: dict[str, dict[str, Parameter]] = {
    "Patient": _PERSON | _tokens("identifier active") | _dates("birthdate=birthDate"),
    "Practitioner": _PERSON | _tokens("identifier active"),
    "RelatedPerson": _PERSON | _tokens("identifier active relationship") | _references("patient", "Patient"),
    "Organization": _strings("name=name|alias") | _tokens("identifier active type"),
    "Encounter": _SUBJECT | _tokens("identifier status class type") | _dates("date=period"),
    "Condition": _SUBJECT
    | _ENCOUNTER
    | _tokens(
        "identifier code category clinical-status=clinicalStatus verification-status=verificationStatus"
    )
    | _dates("onset-date=onsetDateTime|onsetPeriod recorded-date=recordedDate"),
    "Procedure": _SUBJECT
    | _ENCOUNTER
    | _tokens("identifier code category status")
    | _dates("date=performedDateTime|performedPeriod")
    | _references("based-on=basedOn"),
    "MedicationRequest": _SUBJECT
    | _ENCOUNTER
    | _tokens("identifier status intent code=medicationCodeableConcept")
    | _dates("authoredon=authoredOn")
    | _references("requester"),
    "Questionnaire": _CANONICAL | _tokens("code=item.code"),
    "QuestionnaireResponse": _SUBJECT
    | _ENCOUNTER
    | _tokens("identifier status")
    | _dates("authored")
    | _uris("questionnaire")
    | _references("author source based-on=basedOn part-of=partOf"),
    "Observation": _SUBJECT
    | _ENCOUNTER
    | _tokens("identifier status code category value-concept=valueCodeableConcept")
    | _dates("date=effectiveDateTime|effectivePeriod|effectiveInstant")
    | _references("based-on=basedOn derived-from=derivedFrom performer focus device has-member=hasMember"),
    "ServiceRequest": _SUBJECT
    | _ENCOUNTER
    | _tokens("identifier status intent code category priority requisition performer-type=performerType")
    | _dates("authored=authoredOn occurrence=occurrenceDateTime|occurrencePeriod")
    | _references("based-on=basedOn requester performer replaces"),
    "Task": _references("subject=for")
    | _references("patient=for", "Patient")
    | _ENCOUNTER
    | _tokens("identifier group-identifier=groupIdentifier status intent code priority")
    | _tokens("business-status=businessStatus performer=performerType")
    | _references("focus based-on=basedOn part-of=partOf owner requester")
    | _dates("authored-on=authoredOn modified=lastModified period=executionPeriod"),
    "Provenance": _references("target agent=agent.who entity=entity.what")
    | _references("patient=target", "Patient")
    | _dates("recorded when=occurredDateTime|occurredPeriod")
    | _tokens("agent-type=agent.type activity"),
    "Communication": _SUBJECT
    | _ENCOUNTER
    | _tokens("identifier status category")
    | _references("based-on=basedOn part-of=partOf recipient sender")
    | _dates("sent received"),
    "DocumentReference": _SUBJECT
    | _references("encounter=context.encounter related=context.related author")
    | _tokens("identifier status type category")
    | _dates("date period=context.period"),
    "CodeSystem": _CANONICAL | _tokens("code=concept.code"),
    "ValueSet": _CANONICAL,
}

PARAMETERS: dict[str, dict[str, Parameter]] = {kind: _COMMON | own for kind, own in _OWN.items()}
TYPES = tuple(PARAMETERS)
