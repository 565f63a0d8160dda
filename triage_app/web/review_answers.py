"""Lists the answers as they were asked and given, each with the met rules that it led to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage_app.clinical.answers import Limb, Value
from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE, limb_value, path_of
from triage_app.clinical.questionnaire import Question
from triage_app.clinical.terms import Truth
from triage_app.fhir.origin import Origin, OriginState
from triage_app.fhir.response_text import answer_text
from triage_app.web.review_words import ReviewWords
from triage_app.workflow.review import ReviewedResponse


@dataclass(frozen=True)
class AnswerRow:
    """One question with its answer; ``rules`` were met with it, ``quiet`` says that nothing is there.

    ``chart`` is what the chart said beside the question, and whether the person confirmed it.
    """

    asked: str
    answered: str
    rules: tuple[str, ...]
    quiet: bool
    chart: str = ""


@dataclass(frozen=True)
class AnswerPart:
    """The answers of one part of the form, or of one limb."""

    heading: str
    rows: tuple[AnswerRow, ...]


def answer_parts(response: ReviewedResponse, words: ReviewWords) -> tuple[AnswerPart, ...]:
    """Return all answers in the order of the form."""
    lists = _Lists(response)
    found = []
    for top in response.pathway.form.items:
        if top.link_id == LIMB:
            for limb in response.answers.limbs:
                found.append(AnswerPart(words.limb(limb.code), tuple(lists.rows(top.items, limb))))
        else:
            found.append(AnswerPart(top.text, tuple(lists.rows((top,), None))))
    return tuple(part for part in found if part.rows)


def is_quiet(response: ReviewedResponse, path: str, value: Value | None) -> bool:
    """Return whether an answer says that nothing is there: it is its question's normal one."""
    item = response.pathway.rules.vocabulary.items.get(path.rpartition("/")[2])
    return item is not None and value is not None and value == item.normal


class _Lists:
    """Walks the form beside the answers."""

    def __init__(self, response: ReviewedResponse) -> None:
        self._response = response
        self._rules = _met_with(response)

    def rows(self, questions: Sequence[Question], limb: Limb | None) -> Iterator[AnswerRow]:
        """Yield what was answered here and below."""
        for question in questions:
            value = self._value(question, limb)
            if value is not None and question.link_id not in (LIMB_KIND, SIDE):
                path = path_of(question.link_id, limb)
                quiet = is_quiet(self._response, path, value)
                rules = () if quiet else tuple(self._rules.get(path, ()))
                chart = _beside(self._response.origins.get(path))
                yield AnswerRow(question.text, answer_text(question, value), rules, quiet, chart)
            yield from self.rows(question.items, limb)

    def _value(self, question: Question, limb: Limb | None) -> Value | None:
        return (
            limb_value(limb, question.link_id)
            if limb
            else self._response.answers.person.get(question.link_id)
        )


def _beside(origin: Origin | None) -> str:
    if origin is None:
        return ""
    confirmed = origin.state is OriginState.CONFIRMED
    return f"{'As the chart says' if confirmed else 'The chart says otherwise'}: {origin.shown}"


def _met_with(response: ReviewedResponse) -> dict[str, list[str]]:
    """Return, for each path, the met rules that read it."""
    found: dict[str, list[str]] = {}
    for outcome in response.assessment.trace:
        if outcome.truth is Truth.MET:
            for path in outcome.inputs:
                found.setdefault(path, []).append(outcome.rule_id)
    return {path: list(dict.fromkeys(rules)) for path, rules in found.items()}
