"""Writes the result as Observations: one per limb and side, one for the whole, one for pain."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from triage_app.clinical.assessment import LimbAssessment
from triage_app.clinical.terms import Severity, Urgency
from triage_app.fhir.codes import (
    ABSENT_REASON,
    INTERPRETATION,
    LOINC,
    OBSERVATION_CATEGORY,
    UCUM,
    US_CORE,
    allowed,
    hl7,
    system,
)
from triage_app.fhir.filing import app_reference, instant
from triage_app.fhir.narrative import generated, paragraph
from triage_app.fhir.response import RESPONSE
from triage_app.fhir.result import Result

Json = dict[str, Any]

OVERALL = "overall"
PAIN = "pain"
PAIN_LOINC = "72514-3"
HIGHEST_SCORE = 24

_UNREVIEWED = "Preliminary: no clinician has reviewed it."
_SCREENING = f"{US_CORE}/us-core-observation-screening-assessment"


def severity_kind(limb_code: str) -> str:
    """Return the kind of a limb's severity in the keys of a submission."""
    return f"severity.{limb_code}"


def to_severity(result: Result, limb: LimbAssessment) -> Json:
    """Return the severity Observation of one limb; preliminary until a clinician has reviewed it."""
    name = result.limb_name(limb.code)
    terms = result.wording.terms
    band = "not known" if limb.severity is Severity.UNKNOWN else str(limb.severity)
    low, high = limb.score
    score = f"{low}" if low == high else f"{low} to {high}"
    reasons = result.wording.reasons(limb.anchors) or "no anchor is met"
    text = f"{name}: {band} from the answers, score {score} of {HIGHEST_SCORE}. {_UNREVIEWED}"
    return {
        **_frame(result, severity_kind(limb.code), status="preliminary"),
        "text": generated(paragraph(text), paragraph(f"Decided by: {reasons}.")),
        "code": terms.concept(
            "finding", "severity", f"{terms.display('finding', 'severity')}, {name.lower()}"
        ),
        **_severity(result, limb.severity),
        **_interpretation("A" if limb.severity in (Severity.SEVERE, Severity.MODERATE) else ""),
        "note": _note(result, f"Decided by: {reasons}. {result.sign_off}"),
        "bodySite": terms.concept("limb", limb.code, result.where(limb.code)),
        **_derived(result, [result.filing.urn(RESPONSE)]),
        "component": [
            _score(result, low, high),
            *([_component(result, "motor", {"valueBoolean": True})] if limb.motor else []),
            *(_coded(result, "pattern", "pattern", pattern.code) for pattern in limb.patterns),
        ],
    }


def to_overall(result: Result) -> Json:
    """Return the Observation of the whole: urgency, signs, routes and the reasons; it stands alone."""
    assessment, filing, mode = result.assessment, result.filing, result.assessment.mode
    terms = result.wording.terms
    urgency = terms.concept("urgency", assessment.urgency.name)
    limbs = [filing.urn(severity_kind(limb.code)) for limb in result.written_limbs]
    reasons = overall_text(result)
    return {
        **_frame(result, OVERALL, status="preliminary"),
        "text": generated(paragraph(f"Suggested: {urgency['text']}. {_UNREVIEWED}"), paragraph(reasons)),
        "code": terms.concept("finding", "triage-overall"),
        "valueCodeableConcept": urgency,
        **_interpretation(_weight(assessment.urgency)),
        "note": _note(result, reasons),
        **_derived(result, [filing.urn(RESPONSE), *limbs]),
        "component": [
            *([_component(result, "mode", {"valueString": str(mode)})] if mode else []),
            _component(result, "worst-severity", _severity(result, assessment.severity)),
            *_flags(result),
            *(_coded(result, "route", "route", route.code) for route in assessment.routes),
            _component(result, "complete", {"valueBoolean": assessment.determined}),
        ],
    }


def to_pain(result: Result) -> Json | None:
    """Return the pain Observation, final at once; None where pain was not told as a number."""
    value = result.answers.person.get(PAIN)
    if not isinstance(value, Decimal):
        return None
    return {
        **_frame(result, PAIN, status="final"),
        "text": generated(paragraph(f"Pain {value} of 10, as told.")),
        "code": {"coding": [allowed(LOINC, PAIN_LOINC)], "text": "Pain, 0 to 10"},
        "performer": [result.filing.source.outside()],
        "valueQuantity": _quantity(value),
        "derivedFrom": [result.filing.urn(RESPONSE)],
    }


def overall_text(result: Result) -> str:
    """Return the result in sentences: signs, urgency with its rules, limbs, routes."""
    assessment, wording, terms = result.assessment, result.wording, result.wording.terms
    raised = [terms.display("flag", f.flag) for f in assessment.flags if f.state == "raised"]
    unsure = [terms.display("flag", f.flag) for f in assessment.flags if f.state == "unsure"]
    limbs = [f"{result.limb_name(limb.code)} {limb.severity}" for limb in assessment.limbs]
    parts = [
        f"Warning signs: {', '.join(raised)}." if raised else "No warning sign reported.",
        f"Answered not sure: {', '.join(unsure)}." if unsure else "",
        "" if assessment.determined else "Not every emergency question was answered.",
        f"{assessment.urgency.name}: {wording.reasons(assessment.decided_by)}."
        if assessment.decided_by
        else "",
        f"Limbs: {', '.join(limbs)}." if limbs else "",
        *(f"{terms.display('route', r.code)}: {wording.reasons(r.rules)}." for r in assessment.routes),
        *result.chart_says,
        *result.corrections,
        result.sign_off,
    ]
    return " ".join(part for part in parts if part)


def _frame(result: Result, kind: str, *, status: str) -> Json:
    filing = result.filing
    return {
        "resourceType": "Observation",
        **filing.profiles(_SCREENING),
        "language": "en",
        "identifier": [filing.identifier(kind)],
        "status": status,
        "category": [{"coding": [hl7(OBSERVATION_CATEGORY, "survey", "Survey")]}],
        **filing.about(),
        "effectiveDateTime": instant(filing.authored),
        "issued": instant(filing.recorded),
    }


def _derived(result: Result, sources: list[Json]) -> Json:
    """Return method, device and sources: a conclusion of the rules has no performer."""
    assessment, title = result.assessment, result.wording.title
    coding = {
        "system": system("pathway"),
        "version": assessment.version,
        "code": assessment.pathway,
        "display": f"{title} pathway",
    }
    text = f"{title} pathway {assessment.version}, rules sha256:{assessment.checksum}. {result.sign_off}"
    return {
        "method": {"coding": [coding], "text": text.strip()},
        "device": app_reference(result.filing.app_version),
        "derivedFrom": sources,
    }


def _note(result: Result, text: str) -> list[Json]:
    return [{"authorString": result.app, "time": instant(result.filing.authored), "text": text.strip()}]


def _weight(urgency: Urgency) -> str:
    if urgency >= Urgency.SAME_DAY:
        return "AA"
    return "A" if urgency >= Urgency.SOON else ""


def _interpretation(code: str) -> Json:
    """Return ``interpretation``; never "normal", since answers alone cannot say so."""
    displays = {"AA": "Critical abnormal", "A": "Abnormal"}
    return {"interpretation": [{"coding": [hl7(INTERPRETATION, code, displays[code])]}]} if code else {}


def _severity(result: Result, severity: Severity) -> Json:
    if severity is Severity.UNKNOWN:
        return {"dataAbsentReason": {"coding": [hl7(ABSENT_REASON, "unknown", "Unknown")]}}
    return {"valueCodeableConcept": result.wording.terms.concept("severity", str(severity))}


def _component(result: Result, code: str, value: Json) -> Json:
    return {"code": result.wording.terms.concept("finding", code), **value}


def _coded(result: Result, finding: str, name: str, code: str, text: str = "") -> Json:
    value = {"valueCodeableConcept": result.wording.terms.concept(name, code, text)}
    return _component(result, finding, value)


def _flags(result: Result) -> list[Json]:
    """Return a component for each sign raised or not sure; ``none`` only when every one was answered."""
    terms, assessment = result.wording.terms, result.assessment
    found = [
        _coded(result, "red-flag", "flag", f.flag, unsure if f.state == "unsure" else "")
        for f in assessment.flags
        if f.state in ("raised", "unsure")
        for unsure in [f"{terms.display('flag', f.flag)}: answered not sure"]
    ]
    if found or not assessment.determined:
        return found
    return [_coded(result, "red-flag", "flag", "none")]


def _score(result: Result, low: int, high: int) -> Json:
    if low == high:
        return _component(result, "severity-score", {"valueQuantity": _quantity(low)})
    span = {"low": _quantity(low), "high": _quantity(high)}
    return _component(result, "severity-score", {"valueRange": span})


def _quantity(value: int | Decimal) -> Json:
    return {"value": value, "unit": "score", "system": UCUM, "code": "{score}"}
