"""Looks for questions that wait for themselves, or for answers that cannot be given together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any as Json

from triage_app.catalogue.fault import Fault, Lines
from triage_app.catalogue.solve import ALWAYS, All, Any, Demand, Goal, can_hold
from triage_app.clinical.logic import COMPARE
from triage_app.clinical.questionnaire import EnableWhen, Question, Questionnaire


def unreachable_questions(form: Questionnaire, lines: Lines) -> Iterator[Fault]:
    """Yield the questions that no answers open."""
    for link_id in never_asked(form):
        says = "found conditions that no answers meet, expected a question that can be reached"
        yield lines.question(link_id, "enableWhen", says)


def circles(resource: Mapping[str, Json], lines: Lines) -> Iterator[Fault]:
    """Yield the questions of a Questionnaire resource that wait for themselves."""
    waits: dict[str, list[str]] = {}
    _collect(resource, waits)
    for link_id in waits:
        circle = _circle(link_id, waits)
        if circle:
            path = " -> ".join(circle)
            yield lines.question(link_id, "enableWhen", f"found the circle {path}, expected an end")


def _collect(item: Mapping[str, Json], waits: dict[str, list[str]]) -> None:
    for child in item.get("item", ()):
        link_id = str(child.get("linkId"))
        waits[link_id] = [str(when.get("question")) for when in child.get("enableWhen", ())]
        _collect(child, waits)


def _circle(start: str, waits: Mapping[str, list[str]]) -> list[str]:
    """Return the shortest way from a question back to itself; [] when there is none."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for following in waits.get(way[-1], ()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def never_asked(form: Questionnaire) -> Iterator[str]:
    """Yield the linkIds of the questions that no answers open."""
    by_id = {question.link_id: question for question in form.walk()}
    above = {child.link_id: question for question in form.walk() for child in question.items}

    def reached(question: Question) -> Goal:
        parent = above.get(question.link_id)
        higher = reached(parent) if parent else ALWAYS
        if not question.enable_when:
            return higher
        conditions = tuple(opened(when) for when in question.enable_when)
        return All((higher, Any(conditions) if question.enable_any else All(conditions)))

    def opened(when: EnableWhen) -> Goal:
        asked = by_id[when.question]
        if when.operator == "!=" or when.answer is False:
            return ALWAYS
        return All((_demand(when, asked), reached(asked)))

    for question in form.walk():
        if not can_hold(reached(question)):
            yield question.link_id


def _demand(when: EnableWhen, asked: Question) -> Goal:
    if when.operator == "exists" or asked.repeats:
        return Demand(f"{asked.link_id}#{when.answer}", frozenset({True}))
    if asked.kind == "choice":
        return Demand(asked.link_id, frozenset({when.answer}))
    low, high = asked.minimum or Decimal(0), asked.maximum or Decimal(100_000)
    whole = range(int(low), min(int(high), int(low) + 1000) + 1)
    compare = COMPARE[when.operator]
    return Demand(asked.link_id, frozenset(n for n in whole if compare(Decimal(n), when.answer)))
