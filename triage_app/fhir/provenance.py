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
        "agent": [*people(filing), app_agent(filing, "assembler"), app_agent(filing, "transmitter")],
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


def app_agent(filing: Filing, kind: str) -> Json:
    """Return the app as an agent, on behalf of the organisation that runs it."""
    codings = [hl7(PARTICIPANT, kind, kind.capitalize())]
    if filing.us and kind == "transmitter":
        codings.append(hl7(US_PARTICIPANT, "transmitter", "Transmitter"))
    found: Json = {"type": {"coding": codings}, "who": app_reference(filing.app_version)}
    return {**found, "onBehalfOf": filing.organisation.to_reference()} if filing.organisation else found
