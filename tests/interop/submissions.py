"""Whole submissions, from the published form through the rules to the transaction that is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.engine import assess
from triage_app.clinical.form import enabled_paths, path_of
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side
from triage_app.fhir.bundle import to_transaction
from triage_app.fhir.filing import Filing, Party
from triage_app.fhir.result import Result, Wording
from triage_app.fhir.terminology import Terminology

RIGHT_ARM = Limb(LimbKind.ARM, Side.RIGHT, {"region": "hand"})
SENT = datetime(2026, 11, 20, 10, 42, tzinfo=UTC)

PEOPLE: Mapping[str, Mapping[str, Value]] = {
    "numb all the time": {"age": Decimal(57), "const": "constant", "feel": "less"},
    "now and then": {"age": Decimal(44), "const": "intermittent"},
    "stroke sign": {"age": Decimal(70), "g.sudden": "yes", "rf.stroke": "yes"},
    "not sure of anything": {},
}
"""What each invented person says; every other question gets its first answer, the least concern."""


def submission(
    pathway: Pathway, catalogue: Catalogue, *, said: str, submission_id: UUID, **filing: Any
) -> Result:
    """The submission of one of PEOPLE, filed for Alice unless ``filing`` says otherwise."""
    unsure = said == "not sure of anything"
    answers = fill(pathway.form, Answers({}, (RIGHT_ARM,)), PEOPLE[said], unsure=unsure)
    alice = Party("Patient/alice", "Alice Adams")
    about = Filing(submission_id, alice, alice, alice, SENT, SENT, country="US", app_version="1.0.0")
    terms = Terminology.of(catalogue.code_systems.values())
    rules = pathway.words_in("en").find("clinician", "rule") or {}
    wording = Wording(pathway.form.title, rules, terms)
    return Result(
        replace(about, **filing), pathway.form, pathway.form, answers, assess(answers, pathway.rules), wording
    )


def transaction(result: Result) -> dict[str, Any]:
    """The Bundle that is sent."""
    return to_transaction(result)


def fill(
    form: Questionnaire, answers: Answers, said: Mapping[str, Value], *, unsure: bool = False
) -> Answers:
    """Answer every question that is asked: as said, else "not sure" if wished, else the first option."""
    while True:
        asked = enabled_paths(form, answers)
        person = _answered(form, None, dict(answers.person), asked, said, unsure)
        limbs = tuple(
            Limb(limb.kind, limb.side, _answered(form, limb, dict(limb.answers), asked, said, unsure))
            for limb in answers.limbs
        )
        if Answers(person, limbs) == answers:
            return answers
        answers = Answers(person, limbs)


def _answered(
    form: Questionnaire,
    limb: Limb | None,
    known: dict[str, Value],
    asked: frozenset[str],
    said: Mapping[str, Value],
    unsure: bool,
) -> dict[str, Value]:
    for question in form.walk():
        if path_of(question.link_id, limb) in asked and question.link_id not in known:
            value = said.get(question.link_id, _least(question, unsure))
            if value is not None and question.link_id not in {"limb.kind", "side"}:
                known[question.link_id] = value
    return known


def _least(question: Question, unsure: bool) -> Value | None:
    codes = [option.code for option in question.options]
    if codes:
        one = "unsure" if unsure and "unsure" in codes else codes[0]
        return (one,) if question.repeats else one
    return question.minimum or Decimal(1) if question.kind in {"integer", "decimal"} else None
