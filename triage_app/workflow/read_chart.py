"""Read the chart: what it says about questions of the form, asked once, briefly, and never waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import structlog

from triage_app.clinical.pages import Page
from triage_app.ehr import Connection
from triage_app.errors import StorageError, TriageError
from triage_app.fhir.chart import AGE, Fact, facts_in
from triage_app.fhir.chart_clue import Clues
from triage_app.settings.scopes import covers
from triage_app.storage.rows import Launch
from triage_app.workflow.answer import keep_chart
from triage_app.workflow.connections import connect
from triage_app.workflow.interview import Interview
from triage_app.workflow.services import Services

Entries = list[dict[str, Any]]

PATIENT = "Patient"
SEARCHES: Mapping[str, Mapping[str, str]] = {
    "Condition": {},
    "Procedure": {},
    "MedicationRequest": {"intent": "order", "status": "active"},
}
"""What is looked for, with what narrows it; a server need know no other parameters (US Core)."""
MOST_ON_A_PAGE = "200"

log = structlog.get_logger()


def with_chart(services: Services, launch: Launch, interview: Interview, page: Page) -> Interview:
    """Return the interview with what the chart says, asked the first time that a page could show it.

    Whatever goes wrong leaves the plain questions. It is not asked again for this draft.
    """
    if interview.chart is not None or not services.settings.registry[launch.ehr].read_chart:
        return interview
    charted = {AGE, *(clue.link_id for clue in services.catalogue.clues.clues)}
    if not any(question.link_id in charted for question in page.questions):
        return interview
    try:
        return keep_chart(services, launch, read_facts(services, launch))
    except StorageError as error:
        log.warning("chart_not_kept", ehr=launch.ehr, error=type(error).__name__)
        return interview


def read_facts(services: Services, launch: Launch) -> tuple[Fact, ...]:
    """Return what the chart says, as far as the grant allows and the EHR tells in time."""
    ehr = services.settings.registry[launch.ehr]
    entries = list(_entries(services, launch))
    today = services.clock().astimezone(ehr.zone).date()
    return facts_in(entries, _shown_to(launch, services.catalogue.clues), patient=launch.patient, today=today)


def _shown_to(launch: Launch, clues: Clues) -> Clues:
    """Return the clues without those that are the patient's own affair where somebody else answers."""
    if not launch.is_proxy:
        return clues
    return replace(clues, clues=tuple(clue for clue in clues.clues if not clue.private))


def _entries(services: Services, launch: Launch) -> Iterator[dict[str, Any]]:
    """Yield the entries of all types, asked for at the same time."""
    seconds = services.settings.chart_seconds
    allowed = [kind for kind in SEARCHES if covers(launch.scopes, kind, "s")]
    allowed += [PATIENT] if covers(launch.scopes, PATIENT, "r") else []
    if not allowed:
        return
    pool = ThreadPoolExecutor(len(allowed), thread_name_prefix="chart")
    try:
        connection = pool.submit(connect, services, launch).result(seconds)
        asked = {kind: pool.submit(_ask, services, connection, launch, kind) for kind in allowed}
        wait(asked.values(), timeout=seconds)
    except (TriageError, TimeoutError) as error:
        log.info("chart_not_read", ehr=launch.ehr, error=type(error).__name__)
        return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for kind, answer in asked.items():
        yield from _answered(launch, kind, answer)


def _ask(services: Services, connection: Connection, launch: Launch, kind: str) -> Entries:
    seconds = services.settings.chart_seconds
    if kind == PATIENT:
        return [services.gateway.read(connection, f"{PATIENT}/{launch.patient}", seconds=seconds)]
    asked = {"patient": launch.patient, **SEARCHES[kind], "_count": MOST_ON_A_PAGE}
    return services.gateway.first_page(connection, kind, asked, seconds=seconds)


def _answered(launch: Launch, kind: str, answer: Future[Entries]) -> Entries:
    """Return what came back in time; nothing where it is late or failed."""
    try:
        return answer.result(timeout=0)
    except (TriageError, TimeoutError) as error:
        log.info("chart_not_read", ehr=launch.ehr, kind=kind, error=type(error).__name__)
        return []
