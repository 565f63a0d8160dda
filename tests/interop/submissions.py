"""Makes whole submissions: the published form answered, the rules applied, everything ready to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import uuid4

from triage_app.catalogue.load import Catalogue
from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.engine import assess
from triage_app.clinical.form import LIMB_KIND, SIDE, enabled_paths, in_play, path_of
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side
from triage_app.fhir.filing import Filing, Party
from triage_app.fhir.result import Result, Wording
from triage_app.fhir.terminology import Terminology

GIVEN = (LIMB_KIND, SIDE)
SENT = datetime(2026, 11, 20, 10, 42, tzinfo=UTC)
ALICE = Party("Patient/alice", "Alice Adams")

Choose = Callable[[Question], Value | None]
"""Gives the answer to a question; None leaves it blank."""

SAID: Mapping[str, Mapping[str, Value]] = {
    "numb all the time": {"age": Decimal(57), "const": "constant", "feel": "less"},
    "now and then": {"age": Decimal(44), "const": "intermittent"},
    "stroke sign": {"age": Decimal(70), "g.sudden": "yes", "rf.stroke": "yes", "rf.stroke.when": "h24"},
}
"""What some invented people say; to every other question they answer no, none or the first option."""


class Pathways:
    """The published pathways, ready to make submissions from."""

    def __init__(self, folder: Path) -> None:
        catalogue = Catalogue.load(folder)
        self.pathway = catalogue.newest("nerve-symptoms")
        self.terms = Terminology.of(catalogue.code_systems.values())

    def submission(self, answers: Answers, *, patient: Party = ALICE, country: str = "GB") -> Result:
        """The patient's own submission of these answers, with what the rules conclude."""
        form, rules = self.pathway.form, self.pathway.rules
        filing = Filing(uuid4(), patient, patient, patient, SENT, SENT, country=country, app_version="1.0.0")
        sentences = self.pathway.words_in("en").find("clinician", "rule") or {}
        wording = Wording(form.title, sentences, self.terms)
        return Result(filing, form, form, answers, assess(answers, rules), wording)

    def answers(self, choose: Choose) -> Answers:
        """A whole interview about the right arm: every question that comes up, answered as chosen."""
        arm = Limb(LimbKind.ARM, Side.RIGHT, {"region": "hand"})
        return in_play(self.pathway.form, fill(self.pathway.form, Answers({}, (arm,)), choose))


def says(said: Mapping[str, Value]) -> Choose:
    """One who answers as given, and otherwise no, none or the first option."""
    return lambda question: said.get(question.link_id, _least(question))


def unsure(question: Question) -> Value | None:
    """One who is sure of nothing but the age."""
    codes = [option.code for option in question.options]
    return _shaped(question, "unsure") if "unsure" in codes else says({"age": Decimal(61)})(question)


def at_random(seed: int) -> Choose:
    """One who answers by dice, and leaves some questions blank that may be blank."""
    dice = Random(seed)

    def choose(question: Question) -> Value | None:
        if question.link_id == "age":
            return Decimal(dice.randint(18, 90))
        if not question.required and dice.random() < 0.2:
            return None
        codes = [option.code for option in question.options]
        return _shaped(question, dice.choice(codes)) if codes else _least(question)

    return choose


def fill(form: Questionnaire, answers: Answers, choose: Choose) -> Answers:
    """Answer each question once, when it comes up, until no further one does."""
    asked: set[str] = {path_of(name, limb) for limb in answers.limbs for name in (*GIVEN, *limb.answers)}
    while new := enabled_paths(form, answers) - asked:
        for limb in (None, *answers.limbs):
            for question in form.walk():
                if path_of(question.link_id, limb) in new:
                    answers = _with(answers, limb, question.link_id, _answer(question, choose))
        asked |= new
    return answers


def _answer(question: Question, choose: Choose) -> Value | None:
    return None if question.kind in {"group", "string", "text"} else choose(question)


def _with(answers: Answers, limb: Limb | None, link_id: str, value: Value | None) -> Answers:
    if value is None:
        return answers
    if limb is None:
        return Answers({**answers.person, link_id: value}, answers.limbs)
    limbs = tuple(
        Limb(one.kind, one.side, {**one.answers, link_id: value}) if one.code == limb.code else one
        for one in answers.limbs
    )
    return Answers(answers.person, limbs)


def _least(question: Question) -> Value | None:
    codes = [option.code for option in question.options]
    if codes:
        nothing = "none" if question.repeats else "no"
        return _shaped(question, nothing if nothing in codes else codes[0])
    return question.minimum or Decimal(1) if question.kind in {"integer", "decimal"} else None


def _shaped(question: Question, code: str) -> Value:
    return (code,) if question.repeats else code
