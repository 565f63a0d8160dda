"""Writes the suggestions: one ServiceRequest per route, a draft proposal that a clinician decides on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from triage_app.clinical.assessment import LimbAssessment, Route
from triage_app.clinical.terms import Severity
from triage_app.fhir.codes import BASE, ICD10CM, SNOMED, US_CORE, allowed
from triage_app.fhir.filing import instant
from triage_app.fhir.narrative import generated, paragraph
from triage_app.fhir.observation import OVERALL, severity_kind
from triage_app.fhir.response import RESPONSE
from triage_app.fhir.result import Result
from triage_app.fhir.timing import priority, window_days

Json = dict[str, Any]

REQUISITION = "requisition"

_REFERRAL, _EVALUATION, _ORTHOPEDICS = "3457005", "386053000", "183545006"
_STUDIES = "EDX"
_SURGERY = "PNSURG"
PERFORMER_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "PC": "394814009",
        "EDX": "394809005",
        "PNSURG": "394801008",
        "NEURO": "394591006",
        "SPINE": "394610002",
        "PAIN": "394882004",
        "PAIN-ABLATION": "394882004",
        "VASC": "408463005",
        "RHEUM": "394810000",
        "DIAB": "408475000",
    }
)
"""The HL7 practice code of a route; the others are named in words only."""


def route_kind(code: str) -> str:
    """Return the kind of a route's suggestion in the keys of a submission."""
    return f"route.{code}"


def to_proposal(result: Result, route: Route) -> Json:
    """Return the suggestion for one route: ``draft``, ``proposal``, and without a requester.

    Its code is the route, its reasons are symptoms and never a diagnosis; ICD-10-CM only in the US.
    """
    filing, assessment = result.filing, result.assessment
    name = result.wording.terms.display("route", route.code)
    days = window_days(assessment)
    why = why_text(result, route)
    start = filing.authored.date()
    return {
        "resourceType": "ServiceRequest",
        **filing.profiles(f"{US_CORE}/us-core-servicerequest"),
        "language": "en",
        "text": generated(
            paragraph(f"Suggestion, not an order: {name}, within {days} days."), paragraph(why)
        ),
        "identifier": [filing.identifier(route_kind(route.code))],
        "instantiatesUri": [f"{BASE}/pathway/{assessment.pathway}/{assessment.version}"],
        "requisition": filing.identifier(REQUISITION),
        "status": "draft",
        "intent": "proposal",
        **_what(result, route.code, name),
        "priority": priority(assessment),
        **filing.about(),
        "occurrencePeriod": {"start": str(start), "end": str(start + timedelta(days=days))},
        "authoredOn": instant(filing.authored),
        **_grounds(result),
        "note": [{"authorString": result.app, "time": instant(filing.authored), "text": why}],
    }


def why_text(result: Result, route: Route) -> str:
    """Return why a route is suggested: its rules, the leading pattern, the pathway and its state."""
    assessment = result.assessment
    similar = [
        f"{result.limb_name(limb.code)}: {result.wording.terms.display('pattern', limb.patterns[0].code)}"
        for limb in assessment.limbs
        if limb.patterns
    ]
    parts = [
        f"{result.wording.reasons(route.rules)}." if route.rules else "",
        f"{'; '.join(similar)}." if similar else "",
        f"Pathway {assessment.pathway} {assessment.version}.",
        result.sign_off,
        "A clinician decides.",
    ]
    return " ".join(part for part in parts if part)


def _what(result: Result, route: str, name: str) -> Json:
    """Return what is suggested: category, code and who would do it."""
    performer = PERFORMER_TYPE.get(route)
    coded = {"coding": [allowed(SNOMED, performer)]} if performer else {}
    referrals = [allowed(SNOMED, _ORTHOPEDICS)] if route == _SURGERY else []
    return {
        "category": [{"coding": [allowed(SNOMED, _EVALUATION if route == _STUDIES else _REFERRAL)]}],
        "code": {"coding": [*referrals, result.wording.terms.coding("route", route)], "text": name},
        "performerType": {**coded, "text": name},
    }


def _grounds(result: Result) -> Json:
    """Return what it rests on: symptoms, results, answers, and the limbs concerned."""
    filing, terms = result.filing, result.wording.terms
    limbs = [limb for limb in result.assessment.limbs if limb.severity is not Severity.NONE]
    sites = [terms.concept("limb", limb.code, result.where(limb.code)) for limb in limbs]
    return {
        **_listed("reasonCode", [reason for limb in limbs for reason in _reasons(result, limb)]),
        "reasonReference": [*(filing.urn(severity_kind(limb.code)) for limb in limbs), filing.urn(OVERALL)],
        "supportingInfo": [filing.urn(RESPONSE)],
        **_listed("bodySite", sites),
    }


def _reasons(result: Result, limb: LimbAssessment) -> list[Json]:
    """Return the symptoms of a limb, as it told them."""
    name = result.limb_name(limb.code).lower()
    constancy = result.limb(limb.code).answers.get("const")
    found = []
    if constancy == "constant":
        found.append(_reason(result, "R20.0", f"Constant numbness or tingling, {name}"))
    elif constancy not in (None, "none"):
        found.append(_reason(result, "R20.2", f"Numbness or tingling, {name}"))
    if limb.motor:
        found.append(_reason(result, "R29.898", f"Weakness, {name}"))
    return found


def _reason(result: Result, code: str, text: str) -> Json:
    if result.filing.us:
        return {"coding": [allowed(ICD10CM, code)], "text": text}
    return {"text": text}


def _listed(key: str, found: list[Json]) -> Json:
    return {key: found} if found else {}
