"""Reads a FHIR Questionnaire as a form, and refuses by name whatever we would not carry out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE
from triage_app.clinical.questionnaire import EnableWhen, Option, Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side
from triage_app.errors import InvalidDocument
from triage_app.fhir.codes import ITEM_CONTROL, MAX_VALUE, MIN_VALUE, OPTION_EXCLUSIVE, UNIT
from triage_app.fhir.taken import (
    CONDITION_KEYS,
    CONTROLS,
    ITEM_KEYS,
    KINDS,
    OPERATORS,
    OPTION_KEYS,
    REFUSED_EXTENSIONS,
)
from triage_app.fhir.translation import text_of

Json = Mapping[str, Any]


def to_form(resource: Json, *, language: str | None = None) -> Questionnaire:
    """Return the form of a Questionnaire resource, worded in ``language`` where it has that translation.

    Raise InvalidDocument, which names linkId, key, what was found and what was expected.
    """
    _expect("Questionnaire", "resourceType", resource.get("resourceType"), ("Questionnaire",))
    _refuse_modifiers("Questionnaire", resource)
    own = str(resource.get("language") or "en")
    items = resource.get("item")
    if not isinstance(items, list) or not items:
        raise _wrong("Questionnaire", "item", items, "a list of items")
    form = Questionnaire(
        url=_text("Questionnaire", "url", resource),
        version=_text("Questionnaire", "version", resource),
        title=text_of(resource, "title", language),
        language=language or own,
        items=tuple(_question(item, language) for item in items),
    )
    _check_whole(form)
    return form


def _question(item: Json, language: str | None) -> Question:
    link_id = _text("Questionnaire.item", "linkId", item)
    _refuse_unknown(link_id, item)
    kind = str(item.get("type"))
    _expect(link_id, "type", kind, KINDS)
    children = [child for child in item.get("item", ()) if not _is_help(child)]
    helps = [text_of(child, "text", language) for child in item.get("item", ()) if _is_help(child)]
    question = Question(
        link_id=link_id,
        kind=kind,
        text=text_of(item, "text", language),
        help="\n".join(helps),
        required=item.get("required") is True,
        repeats=item.get("repeats") is True,
        options=tuple(_option(link_id, option, language) for option in item.get("answerOption", ())),
        enable_when=tuple(_condition(link_id, condition) for condition in item.get("enableWhen", ())),
        enable_any=item.get("enableBehavior") == "any",
        minimum=_limit(item, MIN_VALUE),
        maximum=_limit(item, MAX_VALUE),
        max_length=item.get("maxLength"),
        unit=_unit(item),
        control=_control(item),
        items=tuple(_question(child, language) for child in children),
    )
    _check_shape(question, item)
    return question


def _refuse_unknown(link_id: str, item: Json) -> None:
    _refuse_modifiers(link_id, item)
    for key in item:
        if key not in ITEM_KEYS:
            raise _wrong(link_id, key, item[key], "no such key")
    for extension in item.get("extension", ()):
        if extension.get("url") in REFUSED_EXTENSIONS:
            raise _wrong(link_id, "extension", extension["url"], "an extension that does not steer the form")
    if item.get("readOnly") is True:
        raise _wrong(link_id, "readOnly", True, "a question that a person can answer")


def _refuse_modifiers(where: str, element: Json) -> None:
    if element.get("modifierExtension"):
        url = element["modifierExtension"][0].get("url")
        raise _wrong(where, "modifierExtension", url, "none: it could change what the form means")


def _is_help(item: Json) -> bool:
    return item.get("type") == "display" and _control(item) == "help"


def _control(item: Json) -> str:
    link_id = str(item.get("linkId"))
    for extension in _extensions(item, ITEM_CONTROL):
        coding = (extension.get("valueCodeableConcept", {}).get("coding") or [{}])[0]
        _expect(link_id, "itemControl", coding.get("code"), CONTROLS)
        return str(coding["code"])
    return ""


def _limit(item: Json, url: str) -> Decimal | None:
    for extension in _extensions(item, url):
        value = extension.get("valueInteger", extension.get("valueDecimal"))
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise _wrong(str(item.get("linkId")), url.rsplit("/", 1)[-1], value, "a number")
        return Decimal(str(value))
    return None


def _unit(item: Json) -> str:
    for extension in _extensions(item, UNIT):
        coding = extension.get("valueCoding", {})
        return str(coding.get("display") or coding.get("code") or "")
    return ""


def _option(link_id: str, option: Json, language: str | None) -> Option:
    for key in option:
        if key not in OPTION_KEYS:
            raise _wrong(link_id, f"answerOption.{key}", option[key], "a valueCoding")
    coding = option.get("valueCoding", {})
    exclusive = any(e.get("valueBoolean") is True for e in _extensions(option, OPTION_EXCLUSIVE))
    return Option(
        code=_text(link_id, "code", coding),
        system=_text(link_id, "system", coding),
        display=text_of(coding, "display", language),
        exclusive=exclusive,
    )


def _condition(link_id: str, condition: Json) -> EnableWhen:
    _refuse_modifiers(link_id, condition)
    for key in condition:
        if key not in CONDITION_KEYS:
            raise _wrong(link_id, f"enableWhen.{key}", condition[key], "a boolean, coding or number")
    operator = condition.get("operator")
    _expect(link_id, "enableWhen.operator", operator, OPERATORS)
    return EnableWhen(_text(link_id, "question", condition), str(operator), _wanted(link_id, condition))


def _wanted(link_id: str, condition: Json) -> str | bool | Decimal:
    if condition["operator"] == "exists":
        if not isinstance(condition.get("answerBoolean"), bool):
            raise _wrong(link_id, "enableWhen.answerBoolean", condition.get("answerBoolean"), "true or false")
        return bool(condition["answerBoolean"])
    if "answerCoding" in condition:
        return _text(link_id, "code", condition["answerCoding"])
    number = condition.get("answerInteger", condition.get("answerDecimal"))
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        raise _wrong(link_id, "enableWhen", sorted(condition), "answerCoding, answerInteger or answerDecimal")
    return Decimal(str(number))


def _check_shape(question: Question, item: Json) -> None:
    link_id = question.link_id
    if question.kind == "group" and not question.items:
        raise _wrong(link_id, "item", None, "at least one item in a group")
    if question.kind == "display" and question.items:
        raise _wrong(link_id, "item", len(question.items), "nothing below a display")
    if (question.kind == "choice") != bool(question.options):
        raise _wrong(link_id, "answerOption", len(question.options), "options on a choice, and only there")
    if len({option.code for option in question.options}) < len(question.options):
        raise _wrong(link_id, "answerOption", "a code twice", "each code once")
    if question.repeats and question.kind != "choice" and link_id != LIMB:
        raise _wrong(link_id, "repeats", True, f"it on a choice or on the group {LIMB}")
    if question.repeats and question.kind == "choice" and question.items:
        raise _wrong(link_id, "item", len(question.items), "nothing below a choice of several")
    if len(question.enable_when) > 1 and item.get("enableBehavior") not in ("any", "all"):
        raise _wrong(link_id, "enableBehavior", item.get("enableBehavior"), "any or all")


def _check_whole(form: Questionnaire) -> None:
    earlier: dict[str, Question] = {}
    for question in form.walk():
        if question.link_id in earlier:
            raise _wrong(question.link_id, "linkId", "it twice", "each linkId once")
        for condition in question.enable_when:
            _check_condition(question.link_id, condition, earlier.get(condition.question))
        earlier[question.link_id] = question
    limb = earlier.get(LIMB)
    if limb is not None:
        _check_limb(form, limb)


def _check_condition(link_id: str, condition: EnableWhen, asked: Question | None) -> None:
    if asked is None:
        raise _wrong(link_id, "enableWhen.question", condition.question, "a question that stands earlier")
    if condition.operator == "exists":
        return
    codes = tuple(option.code for option in asked.options)
    if asked.kind == "choice" and condition.operator in ("=", "!="):
        _expect(link_id, "enableWhen.answerCoding", condition.answer, codes)
    elif asked.kind not in ("integer", "decimal") or not isinstance(condition.answer, Decimal):
        raise _wrong(
            link_id, "enableWhen", f"{condition.operator} {condition.answer}", f"an answer of {asked.link_id}"
        )


def _check_limb(form: Questionnaire, limb: Question) -> None:
    if limb not in form.items or not limb.repeats or limb.kind != "group":
        raise _wrong(LIMB, "type", limb.kind, "a repeating group at the top level")
    for link_id, allowed in ((LIMB_KIND, tuple(LimbKind)), (SIDE, tuple(Side))):
        found = next((q for q in limb.walk() if q.link_id == link_id), None)
        if found is None:
            raise _wrong(LIMB, "item", "none", f"the question {link_id}")
        for option in found.options:
            _expect(link_id, "answerOption", option.code, allowed)


def _extensions(element: Json, url: str) -> Iterator[Json]:
    return (extension for extension in element.get("extension", ()) if extension.get("url") == url)


def _text(where: str, key: str, element: Json) -> str:
    value = element.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(where, key, value, "text")
    return value


def _expect(where: str, key: str, found: object, allowed: Sequence[str]) -> None:
    if found not in allowed:
        raise _wrong(where, key, found, " or ".join(allowed))


def _wrong(where: str, key: str, found: object, expected: str) -> InvalidDocument:
    return InvalidDocument(f"{where}: {key}: found {str(found)[:80]!r}, expected {expected}")
