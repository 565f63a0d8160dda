"""Puts what the chart says beside the questions of a page, as a reminder and never as an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from triage_app.clinical.pages import Page
from triage_app.fhir.chart import Fact
from triage_app.storage.rows import Launch
from triage_app.web.fields import Choice, Field
from triage_app.workflow.chart_origins import fact_for
from triage_app.workflow.chart_words import ChartWords
from triage_app.workflow.interview import Interview


def with_reminders(
    fields: tuple[Field, ...], launch: Launch, interview: Interview, page: Page
) -> tuple[Field, ...]:
    """Return the fields of a page, each question with its reminder where the chart says something."""
    facts = _facts(interview, page)
    if not facts:
        return fields
    words = ChartWords(interview.pathway, launch.language)
    own = launch.user == f"Patient/{launch.patient}"
    beside = {name: words.reminder(fact, own=own, tick=False) for name, fact in facts.items()}
    ticked = {name: words.reminder(fact, own=own, tick=True) for name, fact in facts.items()}
    return tuple(
        replace(field, record=beside[field.name])
        if field.name in beside
        else replace(field, choices=tuple(_boxes(field.choices, ticked)))
        for field in fields
    )


def _facts(interview: Interview, page: Page) -> dict[str, Fact]:
    found = ((q.link_id, fact_for(interview.chart or (), q.link_id, page.limb)) for q in page.questions)
    return {link_id: fact for link_id, fact in found if fact is not None}


def _boxes(choices: Iterable[Choice], reminders: Mapping[str, str]) -> Iterable[Choice]:
    """Return the boxes of a tick list, where each stands for a question of its own."""
    return (replace(choice, record=reminders.get(choice.name, "")) for choice in choices)
