"""Compares the answers with what the chart said beside the questions: confirmed, otherwise, or left blank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.form import enabled_paths, limb_value, path_of
from triage_app.clinical.questionnaire import Questionnaire
from triage_app.fhir.chart import Fact
from triage_app.fhir.origin import Origin, OriginState
from triage_app.fhir.response_text import answer_text
from triage_app.workflow.chart_words import ChartWords

CHARTED = "The chart says:"
"""How each sentence begins, wherever it is read again."""


def fact_for(facts: Sequence[Fact], link_id: str, limb: Limb | None) -> Fact | None:
    """Return what the chart says about a question, asked of the person or of a limb."""
    return next((fact for fact in facts if fact.is_about(link_id, limb)), None)


def origins_of(facts: Sequence[Fact], answers: Answers, words: ChartWords) -> dict[str, Origin]:
    """Return the mark of each answer that was given beside a fact, by its path.

    An answer that does not agree with a fact that may be about the other side has no mark.
    """
    found: dict[str, Origin] = {}
    for limb in (None, *answers.limbs):
        for link_id, value in (limb.answers if limb else answers.person).items():
            fact = fact_for(facts, link_id, limb)
            if fact is not None and (fact.agrees(value) or fact.is_sure):
                state = OriginState.CONFIRMED if fact.agrees(value) else OriginState.CHANGED
                found[path_of(link_id, limb)] = Origin(state, words.fact(fact), fact.reference)
    return found


def chart_says(
    form: Questionnaire, facts: Sequence[Fact], answers: Answers, words: ChartWords
) -> Iterator[str]:
    """Yield a sentence for each fact that was answered otherwise, or not at all though it was asked."""
    asked = enabled_paths(form, answers)
    for question in form.walk():
        for limb in (None, *answers.limbs):
            fact = fact_for(facts, question.link_id, limb)
            if fact is None or path_of(question.link_id, limb) not in asked:
                continue
            said = limb_value(limb, question.link_id) if limb else answers.person.get(question.link_id)
            if said is None:
                yield f"{CHARTED} {words.fact(fact)}; not answered: “{question.text}”."
            elif fact.is_sure and not fact.agrees(said):
                answer = answer_text(question, said)
                yield f"{CHARTED} {words.fact(fact)}; answered: “{question.text}” {answer}."
