"""Writes the questions and answers of a response as text, as they were shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE, enabled_paths, limb_value, path_of
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.fhir.filing import Filing
from triage_app.fhir.narrative import generated, paragraph, table

Row = tuple[str, str | None]
Names = Mapping[str, str]

_WHO = {
    "Patient": "the patient",
    "RelatedPerson": "a person who acts for the patient",
    "Practitioner": "a clinician",
}


def narrative(
    shown: Questionnaire, answers: Answers, filing: Filing, limbs: Names | None = None
) -> dict[str, Any]:
    """Return ``text`` of the response: who answered when, every answer, and what was left blank.

    ``limbs`` names limbs by their code in the language shown; without it the form's own words stand.
    """
    who = filing.source.display or _WHO.get(filing.source.reference.split("/")[0], "another person")
    head = f"{shown.title}, version {shown.version}. Answered by {who} on {filing.authored:%Y-%m-%d %H:%M}."
    blank = not_answered(shown, answers, limbs)
    parts = [paragraph(head), table(list(answer_rows(shown, answers, limbs)))]
    if blank:
        parts.append(paragraph(f"Not answered: {'; '.join(blank)}"))
    return generated(*parts, language=filing.language)


def answer_rows(shown: Questionnaire, answers: Answers, limbs: Names | None = None) -> Iterator[Row]:
    """Yield (question, answer) in form order; a group's or a limb's heading has no answer."""
    for question in shown.items:
        if question.link_id == LIMB:
            for limb in answers.limbs:
                yield _limb_title(question, limb, limbs), None
                yield from _rows(question.items, answers, limb)
        else:
            rows = list(_rows((question,), answers, None))
            if question.kind == "group" and rows:
                yield question.text, None
            yield from rows


def not_answered(shown: Questionnaire, answers: Answers, limbs: Names | None = None) -> list[str]:
    """Return the texts of questions that were asked and left blank, a limb's with its name."""
    enabled = enabled_paths(shown, answers)
    return [
        f"{question.text} ({_limb_title(top, limb, limbs)})" if limb else question.text
        for top in shown.items
        for limb in (answers.limbs if top.link_id == LIMB else (None,))
        for question in top.walk()
        if question.kind not in ("group", "display")
        and path_of(question.link_id, limb) in enabled
        and _value(question, answers, limb) is None
    ]


def answer_text(question: Question, value: Value) -> str:
    """Return an answer in the words of its options; a number or text as given."""
    words = {option.code: option.display for option in question.options}
    if isinstance(value, tuple):
        return "; ".join(words.get(code, code) for code in value)
    return str(value) if isinstance(value, Decimal) else words.get(value, value)


def _limb_title(group: Question, limb: Limb, names: Names | None) -> str:
    """Return the limb by its name, or in the form's own words: ``An arm: right``."""
    if names and limb.code in names:
        return names[limb.code]
    questions = {question.link_id: question for question in group.walk()}
    kind, side = (answer_text(questions[key], str(limb_value(limb, key))) for key in (LIMB_KIND, SIDE))
    return f"{kind}: {side.lower()}"


def _rows(questions: Sequence[Question], answers: Answers, limb: Limb | None) -> Iterator[Row]:
    for question in questions:
        value = _value(question, answers, limb)
        if value is not None and question.link_id not in (LIMB_KIND, SIDE):
            yield question.text, answer_text(question, value)
        yield from _rows(question.items, answers, limb)


def _value(question: Question, answers: Answers, limb: Limb | None) -> Value | None:
    return limb_value(limb, question.link_id) if limb else answers.person.get(question.link_id)
