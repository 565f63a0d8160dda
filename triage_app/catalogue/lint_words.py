"""Looks for sentences that are missing, that speak of nothing, or that are too hard to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from triage_app.catalogue.fault import Fault, Lines
from triage_app.catalogue.model import Pathway
from triage_app.catalogue.reading_grade import can_grade, grade, too_hard
from triage_app.clinical.checks import compile_check
from triage_app.clinical.expression import parse
from triage_app.clinical.terms import Severity, Urgency
from triage_app.clinical.vocabulary import Scope
from triage_app.errors import ContentError

_OUTCOMES = (
    *(level.name for level in reversed(Urgency) if level is not Urgency.EMERGENCY),
    "EMERGENCY_call",
    "EMERGENCY_go",
    "UNDETERMINED",
)
_CODES = ("show_for", "when", "withhold", "at")
"""Keys of an advice card that hold codes and conditions, and no sentence."""


def word_faults(pathway: Pathway, lines: Lines) -> Iterator[Fault]:
    """Yield what is wrong with the words of a pathway, in every language."""
    english = pathway.words["en"].tables
    for language, words in pathway.words.items():
        yield from _missing(pathway, language, words.tables, lines)
        yield from _untranslated(language, words.tables, english, lines)
        yield from _cards(pathway, language, words.tables, lines)
    if can_grade():
        yield from _hard(pathway, lines)


def _missing(pathway: Pathway, language: str, tables: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    for entry, needed, known in _needed(pathway):
        here = _table(tables, entry)
        for key in sorted(needed - here.keys()):
            yield lines.word(language, entry, key, "is missing, expected a sentence")
        for key in sorted(here.keys() - known):
            yield lines.word(language, entry, key, "found a sentence about nothing that the pathway knows")


def _needed(pathway: Pathway) -> Iterator[tuple[str, set[str], set[str]]]:
    """Yield (table, the keys that it must have, the keys that it may have)."""
    vocabulary = pathway.rules.vocabulary
    flags = {flag.link_id for flag in vocabulary.flags} | set(vocabulary.findings)
    routes, patterns = set(vocabulary.routes), set(vocabulary.patterns)
    closed = {route for rule in pathway.rules.rules for route in rule.blocks}
    grades = {str(grade) for grade in Severity}
    yield "clinician.rule", set(pathway.rules.by_id), set(pathway.rules.by_id)
    yield "clinician.flag", flags, flags
    yield "clinician.route", routes, routes
    yield "clinician.pattern", patterns, patterns | {"none"}
    yield "clinician.severity", grades, grades | {"motor"}
    yield "patient.urgency", set(_OUTCOMES), set(_OUTCOMES)
    yield "patient.flag", flags, flags
    yield "patient.route", routes - closed, routes
    yield "patient.pattern", {"none"}, patterns | {"none"}


def _table(tables: Mapping[str, Any], entry: str) -> Mapping[str, Any]:
    here: Any = tables
    for key in entry.split("."):
        here = here.get(key, {})
    return here if isinstance(here, Mapping) else {}


def _untranslated(
    language: str, tables: Mapping[str, Any], english: Mapping[str, Any], lines: Lines
) -> Iterator[Fault]:
    here = {where for where, _text in strings("", tables)}
    for where, _text in strings("", english) if language != "en" else ():
        if where not in here:
            entry, _, key = where.strip("/").rpartition("/")
            yield lines.word(language, entry.replace("/", "."), key, "is missing, English has it")


def _cards(pathway: Pathway, language: str, tables: Mapping[str, Any], lines: Lines) -> Iterator[Fault]:
    vocabulary = pathway.rules.vocabulary
    for code, card in _table(tables, "patient.advice").items():
        entry = f"patient.advice.{code}"
        for pattern in card.get("show_for", ()):
            if pattern != "all" and pattern not in vocabulary.patterns:
                yield lines.word(language, entry, "show_for", f"found {pattern}, which is no pattern")
        for level in card.get("at", ()):
            if level not in Urgency.__members__:
                yield lines.word(language, entry, "at", f"found {level}, which is no urgency")
        for key in ("when", "withhold"):
            for condition in card.get(key, ()):
                yield from _condition(pathway, condition, lines.word(language, entry, key, ""))


def _condition(pathway: Pathway, condition: str, place: Fault) -> Iterator[Fault]:
    try:
        expression = parse(condition, where=condition)
        compile_check(expression, pathway.rules.vocabulary, Scope.PERSON, where=condition)
    except ContentError as error:
        yield Fault(place.file, place.entry, place.key, str(error), place.line)


def _hard(pathway: Pathway, lines: Lines) -> Iterator[Fault]:
    """English only: the formula knows no other language."""
    words = pathway.words["en"].tables
    excused = _table(words, "reading.harder")
    texts = dict(patient_texts(pathway.resource, words))
    for where, text in texts.items():
        if too_hard(text) and where not in excused:
            says = f"found reading grade {grade(text):.1f}, expected 8 or below: {text}"
            if where.startswith("/"):
                entry, _, key = where.strip("/").rpartition("/")
                yield lines.word("en", f"patient.{entry}".replace("/", "."), key, says)
            else:
                yield lines.question(where, "text", says)
    for where in excused.keys() - texts.keys():
        yield lines.word("en", "reading.harder", where, "found an excuse for a text that is not there")


def patient_texts(resource: Mapping[str, Any], words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of all that a patient reads; a site's own words stand in as one short word."""
    for item in _items(resource):
        yield item["linkId"], item.get("text", "")
        for option in item.get("answerOption", ()):
            coding = option["valueCoding"]
            yield f"{coding['system'].rpartition('/')[2]}#{coding['code']}", coding["display"]
    for where, text in strings("", words.get("patient", {})):
        if not set(where.split("/")) & set(_CODES):
            yield where, re.sub(r"\{\w+\}", "it", text)


def _items(parent: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for item in parent.get("item", ()):
        yield item
        yield from _items(item)


def strings(where: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every text in a table, for instance ``/urgency/SOON/lines/0``."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from strings(f"{where}/{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from strings(f"{where}/{number}", inner)
