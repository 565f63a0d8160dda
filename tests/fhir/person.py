"""Alice's answers and a result worked out by hand, for the tests of the written resources."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.assessment import Assessment, Finding, LimbAssessment, PatternScore, Route
from triage_app.clinical.terms import LimbKind, Mode, Severity, Side, Urgency
from triage_app.fhir.filing import Filing, Party
from triage_app.fhir.questionnaire import to_form
from triage_app.fhir.result import Result, Wording
from triage_app.fhir.terminology import Terminology

ROOT = Path(__file__).parent.parent.parent
GOLDEN = Path(__file__).parent.parent / "golden"
SMALL = json.loads((GOLDEN / "small-questionnaire.json").read_text("utf-8"))
FORM = to_form(SMALL)
SPANISH = to_form(SMALL, language="es")
SUBMISSION = UUID("5d0c1f5e-6a0b-4c58-9f0e-3f1c2a7b9d10")
ALICE = Party("Patient/alice", "Alice Adams")
FILING = Filing(
    submission=SUBMISSION,
    patient=ALICE,
    author=ALICE,
    source=ALICE,
    authored=datetime(2026, 11, 20, 10, 42, tzinfo=UTC),
    recorded=datetime(2026, 11, 20, 10, 42, 3, 120000, tzinfo=UTC),
    encounter="Encounter/visit-1",
    organisation=Party("Organization/hand-clinic", "Riverside Hand Clinic"),
    country="US",
    app_version="1.0.0",
)
TOLD = Answers(
    {"gate.sudden": "no", "age": Decimal(57), "pain": Decimal(6), "dur": Decimal("7.10")},
    (
        Limb(
            LimbKind.ARM,
            Side.RIGHT,
            {"digits": ("thumb",), "t.thumb_up": "weak", "const": "constant"},
        ),
        Limb(LimbKind.ARM, Side.LEFT, {"digits": ("none",), "const": "never"}),
    ),
)
RIGHT = LimbAssessment(
    LimbKind.ARM,
    Side.RIGHT,
    Severity.SEVERE,
    True,
    (10, 12),
    ("SV01", "SV03"),
    (PatternScore("median-wrist", 7, ("P01",)),),
)
LEFT = LimbAssessment(LimbKind.ARM, Side.LEFT, Severity.NONE, False, (0, 0), (), ())
SOON = Assessment(
    pathway="nerve-symptoms",
    version="1.0.0",
    checksum="ab" * 32,
    urgency=Urgency.SOON,
    mode=None,
    due_days=None,
    determined=True,
    severity=Severity.SEVERE,
    limbs=(RIGHT, LEFT),
    patterns=RIGHT.patterns,
    routes=(Route("PNSURG", ("RT02",)), Route("EDX", ("SV01",))),
    flags=(),
    notes=(),
    contradictions=(),
    decided_by=("SV01", "SV03"),
)
EMERGENCY = replace(
    SOON,
    urgency=Urgency.EMERGENCY,
    mode=Mode.CALL,
    routes=(Route("ED", ("E01",)), Route("NEURO", ("E01",))),
    flags=(
        Finding("rf.stroke", "raised", {"rf.stroke": "yes"}, Urgency.EMERGENCY),
        Finding("rf.saddle", "unsure", {"rf.saddle": "unsure"}, Urgency.SAME_DAY),
        Finding("rf.wound", "past", {"rf.wound": "yes"}, None),
    ),
    decided_by=("E01",),
)
SELF_CARE = replace(
    SOON, urgency=Urgency.SELF_CARE, severity=Severity.NONE, limbs=(LEFT,), routes=(), decided_by=()
)


def terminology() -> Terminology:
    folder = ROOT / "questionnaires" / "terminology"
    return Terminology.of(json.loads(path.read_text("utf-8")) for path in folder.glob("codesystem-*.json"))


WORDING = Wording(
    title="Nerve symptoms",
    rules={
        "SV01": "Numb all the time.",
        "SV03": "Weak in a muscle of the nerve",
        "RT02": "Suits a surgeon's view",
    },
    terms=terminology(),
)
RESULT = Result(FILING, FORM, FORM, TOLD, SOON, WORDING)


def with_assessment(assessment: Assessment, **filing: Any) -> Result:
    limbs = [limb.code for limb in assessment.limbs]
    told = replace(TOLD, limbs=tuple(limb for limb in TOLD.limbs if limb.code in limbs))
    return replace(RESULT, assessment=assessment, answers=told, filing=replace(FILING, **filing))
