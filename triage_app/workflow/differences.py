"""Says what has changed since the answers before: urgency, signs, limbs and single answers."""

from __future__ import annotations

from collections.abc import Iterator

from triage_app.clinical.answers import Answers, Value
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.clinical.terms import Severity
from triage_app.fhir.response_text import answer_text
from triage_app.fhir.result import Wording
from triage_app.workflow.review import Difference

Told = tuple[Answers, Assessment]
NOT_ANSWERED = "not answered"


def differences(
    form: Questionnaire, wording: Wording, now: Told, before: Told | None
) -> tuple[Difference, ...]:
    """Return the differences, results first; nothing when there is no earlier response."""
    if before is None:
        return ()
    results = [*_urgency(wording, now[1], before[1]), *_signs(wording, now[1], before[1])]
    return (*results, *_limbs(wording, now[1], before[1]), *_answers(form, wording, now[0], before[0]))


def _urgency(wording: Wording, now: Assessment, before: Assessment) -> Iterator[Difference]:
    if now.urgency != before.urgency:
        old, new = (wording.terms.display("urgency", one.urgency.name) for one in (before, now))
        yield Difference("Urgency", old, new, worse=now.urgency > before.urgency)


def _signs(wording: Wording, now: Assessment, before: Assessment) -> Iterator[Difference]:
    was, is_now = ({f.flag: f.state for f in one.flags} for one in (before, now))
    for flag in dict.fromkeys([*is_now, *was]):
        old, new = was.get(flag, "no"), is_now.get(flag, "no")
        if old != new:
            yield Difference(wording.terms.display("flag", flag), old, new, worse=new == "raised" or None)


def _limbs(wording: Wording, now: Assessment, before: Assessment) -> Iterator[Difference]:
    was, is_now = ({limb.code: limb.severity for limb in one.limbs} for one in (before, now))
    for code in dict.fromkeys([*is_now, *was]):
        old, new = was.get(code), is_now.get(code)
        if old != new:
            name = wording.terms.display("limb", code)
            yield Difference(name, old or NOT_ANSWERED, new or NOT_ANSWERED, worse=_is_worse(old, new))


def _is_worse(old: Severity | None, new: Severity | None) -> bool | None:
    """Return None where one of the two is not known."""
    if old is None or new is None or Severity.UNKNOWN in (old, new):
        return None
    return new.rank > old.rank


def _answers(form: Questionnaire, wording: Wording, now: Answers, before: Answers) -> Iterator[Difference]:
    questions = {question.link_id: question for question in form.walk()}
    was, is_now = dict(before.paths()), dict(now.paths())
    for path in dict.fromkeys([*is_now, *was]):
        limb, _, link_id = path.rpartition("/")
        question = questions.get(link_id)
        if question is not None and was.get(path) != is_now.get(path):
            name = f"{question.text} ({wording.terms.display('limb', limb)})" if limb else question.text
            yield Difference(name, _said(question, was.get(path)), _said(question, is_now.get(path)))


def _said(question: Question, value: Value | None) -> str:
    return NOT_ANSWERED if value is None else answer_text(question, value)
