"""Writes answers as a QuestionnaireResponse, and reads one back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE, limb_value, missing_required, path_of
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side
from triage_app.errors import InvalidDocument
from triage_app.fhir.codes import DISPLAY, SDC, TRANSLATION, US_CORE
from triage_app.fhir.filing import Filing, instant
from triage_app.fhir.origin import Origin
from triage_app.fhir.response_text import narrative

Json = dict[str, Any]
RESPONSE = "response"
"""The kind of this resource in the keys of a submission."""


def to_response(
    form: Questionnaire,
    answers: Answers,
    filing: Filing,
    *,
    shown: Questionnaire,
    limbs: Mapping[str, str] | None = None,
    origins: Mapping[str, Origin] = MappingProxyType({}),
) -> Json:
    """Return the QuestionnaireResponse of answers that are all in play.

    ``form`` is worded in the base language, ``shown`` as the person saw it; ``limbs`` names limbs for the
    narrative; ``origins`` marks answers that were given beside a fact of the chart. The status is
    ``completed``, or ``in-progress`` while a required question is blank. A blank question has no item.
    """
    author = filing.author
    helper = {
        "resourceType": "RelatedPerson",
        "id": "helper",
        "patient": filing.patient.to_reference(),
        "relationship": [{"text": author.relationship or "Helper"}],
    }
    return {
        "resourceType": "QuestionnaireResponse",
        **filing.profiles(f"{SDC}/sdc-questionnaireresponse", f"{US_CORE}/us-core-questionnaireresponse"),
        "language": filing.language,
        "text": narrative(shown, answers, filing, limbs),
        **({"contained": [helper]} if author.is_helper else {}),
        "identifier": filing.identifier(RESPONSE),
        "questionnaire": f"{form.url}|{form.version}",
        "_questionnaire": {"extension": [{"url": DISPLAY, "valueString": form.title}]},
        "status": "in-progress" if missing_required(form, answers) else "completed",
        **filing.about(),
        "authored": instant(filing.authored),
        "author": author.to_reference(),
        "source": filing.source.to_reference(),
        "item": _Writer(answers, shown, origins).items(form.items, shown.items, None),
    }


def from_response(resource: Mapping[str, Any], form: Questionnaire) -> Answers:
    """Return the answers of a response to exactly this form.

    Raise InvalidDocument, which names the linkId, what was found and what was expected. Whether the values
    fit the form as a whole is for ``clinical.form.check``.
    """
    if resource.get("resourceType") != "QuestionnaireResponse":
        raise _wrong("resourceType", resource.get("resourceType"), "QuestionnaireResponse")
    canonical = f"{form.url}|{form.version}"
    if resource.get("questionnaire") != canonical:
        raise _wrong("questionnaire", resource.get("questionnaire"), canonical)
    person: dict[str, Value] = {}
    limbs: list[Limb] = []
    for question, item in _matched(form.items, resource, "item"):
        if question.link_id == LIMB:
            limbs.append(_read_limb(question, item))
        else:
            _read(question, item, person)
    return Answers(person, tuple(limbs))


class _Writer:
    """Walks the form twice at once: as it is and as it was shown."""

    def __init__(self, answers: Answers, shown: Questionnaire, origins: Mapping[str, Origin]) -> None:
        self._answers = answers
        self._origins = origins
        self._language = shown.language

    def items(
        self, questions: Sequence[Question], shown: Sequence[Question], limb: Limb | None
    ) -> list[Json]:
        """Return the items that hold an answer, in form order."""
        pairs = list(zip(questions, shown, strict=True))
        return [item for question, seen in pairs for item in self._item(question, seen, limb)]

    def _item(self, question: Question, shown: Question, limb: Limb | None) -> Iterator[Json]:
        occurrences = self._answers.limbs if question.link_id == LIMB else (limb,)
        for occurrence in occurrences:
            content = self._content(question, shown, occurrence)
            if content:
                yield {"linkId": question.link_id, "text": shown.text, **content}

    def _content(self, question: Question, shown: Question, limb: Limb | None) -> Json:
        below = self.items(question.items, shown.items, limb)
        if question.kind in ("group", "display"):
            return {"item": below} if below else {}
        link_id = question.link_id
        value = limb_value(limb, link_id) if limb else self._answers.person.get(link_id)
        if value is None:
            return {}
        single = value if isinstance(value, tuple) else (value,)
        written = [self._answer(question, shown, one) for one in single]
        origin = self._origins.get(path_of(link_id, limb))
        if origin:
            written[0] = {"extension": [origin.to_extension()], **written[0]}
        if below:
            written[0]["item"] = below
        return {"answer": written}

    def _answer(self, question: Question, shown: Question, value: str | Decimal) -> Json:
        if isinstance(value, Decimal):
            whole = question.kind == "integer"
            return {"valueInteger": int(value)} if whole else {"valueDecimal": value}
        if question.kind != "choice":
            return {"valueDate" if question.kind == "date" else "valueString": value}
        place = [option.code for option in question.options].index(value)
        option, seen = question.options[place], shown.options[place]
        coding: Json = {"system": option.system, "code": option.code, "display": option.display}
        if seen.display != option.display:
            coding["_display"] = {"extension": [_translation(self._language, seen.display)]}
        return {"valueCoding": coding}


def _translation(language: str, content: str) -> Json:
    parts = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": content}]
    return {"url": TRANSLATION, "extension": parts}


def _matched(
    questions: Sequence[Question], parent: Mapping[str, Any], where: str
) -> Iterator[tuple[Question, Mapping[str, Any]]]:
    """Yield each item with its question; refuse an unknown one, and one found twice that does not repeat."""
    known = {question.link_id: question for question in questions if question.kind != "display"}
    seen: set[str] = set()
    for item in _list(parent, "item", where):
        link_id = str(item.get("linkId"))
        question = known.get(link_id)
        if question is None:
            raise _wrong(f"{where}.linkId", link_id, "a question that stands here in the form")
        if item.get("modifierExtension"):
            raise _wrong(f"{link_id}.modifierExtension", "one", "none")
        if link_id in seen and link_id != LIMB:
            raise _wrong(link_id, "the item twice", "it once")
        seen.add(link_id)
        yield question, item


def _read_limb(group: Question, item: Mapping[str, Any]) -> Limb:
    found: dict[str, Value] = {}
    _read(group, item, found)
    kind, side = str(found.pop(LIMB_KIND, None)), str(found.pop(SIDE, None))
    if kind not in list(LimbKind) or side not in list(Side):
        raise _wrong(LIMB, f"{LIMB_KIND} {kind}, {SIDE} {side}", "both, each one of the form's codes")
    return Limb(LimbKind(kind), Side(side), found)


def _read(question: Question, item: Mapping[str, Any], into: dict[str, Value]) -> None:
    link_id = question.link_id
    if question.kind == "group":
        if "answer" in item:
            raise _wrong(f"{link_id}.answer", "an answer", "none in a group")
        below = [item]
    else:
        if "item" in item:
            raise _wrong(f"{link_id}.item", "items", "them below the answer")
        below = _list(item, "answer", link_id)
        values = [_value(question, answer) for answer in below]
        if values:
            into[link_id] = _combined(question, values)
    for parent in below:
        for child, found in _matched(question.items, parent, link_id):
            _read(child, found, into)


def _combined(question: Question, values: list[str | Decimal]) -> Value:
    if question.repeats:
        return tuple(str(value) for value in values)
    if len(values) > 1:
        raise _wrong(f"{question.link_id}.answer", f"{len(values)} answers", "one")
    return values[0]


def _value(question: Question, answer: Mapping[str, Any]) -> str | Decimal:
    link_id = question.link_id
    keys = [key for key in answer if key.startswith("value")]
    expected = _VALUE_KEYS[question.kind]
    if keys != [expected]:
        raise _wrong(link_id, ", ".join(keys) or "no value", expected)
    value = answer[expected]
    if question.kind == "choice":
        return _code(question, value)
    if question.kind in ("integer", "decimal"):
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _wrong(f"{link_id}.{expected}", type(value).__name__, "a number")
        return Decimal(value)
    if not isinstance(value, str):
        raise _wrong(f"{link_id}.{expected}", type(value).__name__, "text")
    return value


_VALUE_KEYS = {
    "choice": "valueCoding",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "date": "valueDate",
    "string": "valueString",
    "text": "valueString",
}


def _code(question: Question, coding: object) -> str:
    if isinstance(coding, Mapping):
        for option in question.options:
            if (option.system, option.code) == (coding.get("system"), coding.get("code")):
                return option.code
    codes = ", ".join(option.code for option in question.options)
    raise _wrong(f"{question.link_id}.valueCoding", "another code or system", f"one of {codes}")


def _list(parent: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    found = parent.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise _wrong(f"{where}.{key}", type(found).__name__, "a list of objects")
    return found


def _wrong(where: str, found: object, expected: str) -> InvalidDocument:
    return InvalidDocument(f"{where}: found {str(found)[:80]!r}, expected {expected}")
