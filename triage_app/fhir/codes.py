"""The addresses and codes that we write: our own, and the few of others that are allow-listed."""

from __future__ import annotations

BASE = "https://w3id.org/nerve-triage"
IDENTIFIER = f"{BASE}/id"
APP_IDENTIFIER = f"{BASE}/id/app"
RULES_IDENTIFIER = f"{BASE}/id/rules"

HL7 = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"
TRANSLATION = f"{HL7}/translation"
DISPLAY = f"{HL7}/display"
ITEM_CONTROL = f"{HL7}/questionnaire-itemControl"
OPTION_EXCLUSIVE = f"{HL7}/questionnaire-optionExclusive"
MIN_VALUE = f"{HL7}/minValue"
MAX_VALUE = f"{HL7}/maxValue"


def system(name: str) -> str:
    """Return the canonical address of our own CodeSystem of that name."""
    return f"{BASE}/CodeSystem/{name}"
