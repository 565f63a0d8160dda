"""Tells the clinician which signs were first answered yes or not sure, and then otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from triage_app.clinical.answers import Value
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.fhir.response_text import answer_text
from triage_app.workflow.interview import Change

CORRECTED = "First answered otherwise:"
"""How each sentence begins, wherever it is read again."""


def corrections(form: Questionnaire, changes: Sequence[Change]) -> tuple[str, ...]:
    """Return a sentence for each change, in the words of the form."""
    questions = {question.link_id: question for question in form.walk()}
    return tuple(
        f"{CORRECTED} “{question.text}” {_said(question, change.before)}, "
        f"then {_said(question, change.after)}."
        for change in changes
        if (question := questions.get(change.path.rsplit("/", 1)[-1])) is not None
    )


def _said(question: Question, value: Value | None) -> str:
    return "not answered" if value is None else answer_text(question, value)
