"""Writes the trail: who answered, which rules concluded, and what was written from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from triage_app.fhir.codes import (
    DATA_OPERATION,
    IDENTIFIER,
    PARTICIPANT,
    RULES_IDENTIFIER,
    US_CORE,
    US_PARTICIPANT,
    hl7,
)
from triage_app.fhir.filing import Filing, Party, app_reference, instant
from triage_app.fhir.response import RESPONSE
from triage_app.fhir.result import Result

Json = dict[str, Any]

PROVENANCE = "provenance"


def to_provenance(result: Result, targets: Sequence[Json]) -> Json:
    """Return the Provenance of a submission; its key is a tag, since R4 gives it no identifier."""
    filing, assessment = result.filing, result.assessment
    rules = f"{assessment.pathway}|{assessment.version}|sha256:{assessment.checksum}"
    meta = filing.profiles(f"{US_CORE}/us-core-provenance").get("meta", {})
    return {
        "resourceType": "Provenance",
        "meta": {**meta, "tag": [{"system": IDENTIFIER, "code": str(filing.key(PROVENANCE))}]},
        "language": "en",
        "target": list(targets),
        "occurredDateTime": instant(filing.authored),
        "recorded": instant(filing.recorded),
        "activity": {"coding": [hl7(DATA_OPERATION, "CREATE", "create")]},
        "agent": [
            *people(filing),
            *app_agents(version=filing.app_version, organisation=filing.organisation, us=filing.us),
        ],
        "entity": [
            {"role": "source", "what": filing.urn(RESPONSE)},
            {
                "role": "source",
                "what": {
                    "identifier": {"system": RULES_IDENTIFIER, "value": rules},
                    "display": f"Rules of {result.wording.title}, version {assessment.version}",
                },
            },
        ],
    }


def people(filing: Filing) -> list[Json]:
    """Return the person who answered, and the one who keyed it where that is another."""
    found = [agent("informant", filing.source)]
    return found if filing.author == filing.source else [*found, agent("enterer", filing.author)]


def agent(kind: str, who: Party) -> Json:
    """Return a person as an agent."""
    return {"type": {"coding": [hl7(PARTICIPANT, kind, kind.capitalize())]}, "who": who.outside()}


def app_agents(*, version: str, organisation: Party | None, us: bool) -> list[Json]:
    """Return the app as assembler and, in the US, as transmitter: a type that only US Core has in R4."""
    behalf = {"onBehalfOf": organisation.to_reference()} if organisation else {}
    codings = [hl7(PARTICIPANT, "assembler", "Assembler")]
    if us:
        codings.append(hl7(US_PARTICIPANT, "transmitter", "Transmitter"))
    who = app_reference(version)
    return [{"type": {"coding": [coding]}, "who": who, **behalf} for coding in codings]
