"""Checks that a pathway's form asks what its rules read, with the answers that they know."""

from __future__ import annotations

from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.clinical.rules import RuleSet
from triage_app.errors import ContentError

_UNREAD = ("group", "display", "text", "string", "date")
"""Kinds of item that no rule reads; the vocabulary need not know them."""


def check_agreement(form: Questionnaire, rules: RuleSet) -> None:
    """Raise ContentError naming the linkId that only one side knows, or the option that no rule knows."""
    questions = {question.link_id: question for question in form.walk() if question.kind not in _UNREAD}
    for question in questions.values():
        _check_question(question, rules)
    for item in rules.asked_items:
        if item.link_id not in questions:
            raise ContentError(f"questionnaire.json: {item.link_id} is missing, which the rules read")


def _check_question(question: Question, rules: RuleSet) -> None:
    item = rules.vocabulary.items.get(question.link_id)
    if item is None:
        raise ContentError(
            f"questionnaire.json: found {question.link_id}, which vocabulary.toml does not know"
        )
    for option in question.options:
        if option.code not in item.options:
            expected = ", ".join(item.options) or "a number"
            raise ContentError(
                f"questionnaire.json, {question.link_id}: found the option {option.code}, expected {expected}"
            )
