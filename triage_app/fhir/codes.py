"""The addresses and codes that we write: our own, and the few of others that are allow-listed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

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
UNIT = f"{HL7}/questionnaire-unit"


def system(name: str) -> str:
    """Return the canonical address of our own CodeSystem of that name."""
    return f"{BASE}/CodeSystem/{name}"


SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM = "http://unitsofmeasure.org"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
US_PARTICIPANT = "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type"

ALLOWED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        SNOMED: {
            "3457005": "Patient referral",
            "386053000": "Evaluation procedure",
            "183545006": "Referral to orthopedic service",
            "394591006": "Neurology",
            "394610002": "Surgery-Neurosurgery",
            "394801008": "Surgery-Trauma and orthopedics",
            "394809005": "Clinical neuro-physiology",
            "394810000": "Rheumatology",
            "394814009": "General practice",
            "394882004": "Pain management",
            "408463005": "Surgery-Vascular",
            "408475000": "Diabetic medicine",
        },
        LOINC: {"72514-3": "Pain severity - 0-10 verbal numeric rating [Score] - Reported"},
        ICD10CM: {
            "R20.0": "Anesthesia of skin",
            "R20.2": "Paresthesia of skin",
            "R29.898": "Other symptoms and signs involving the musculoskeletal system",
        },
    }
)
"""The codes of others that may be written, with their display; any other is refused before sending."""


def allowed(code_system: str, code: str) -> dict[str, Any]:
    """Return the Coding of an allow-listed code; raise KeyError for any other."""
    return {"system": code_system, "code": code, "display": ALLOWED[code_system][code]}


def hl7(code_system: str, code: str, display: str) -> dict[str, Any]:
    """Return the Coding of an HL7 terminology code."""
    return {"system": code_system, "code": code, "display": display}
