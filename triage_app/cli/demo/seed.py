"""Plays the stories: each visit is a launch, the pages, and Send, by a pretend person's browser."""

from __future__ import annotations

from datetime import date

from triage_app.cli.demo.clock import DemoClock
from triage_app.cli.demo.running import RunningDemo
from triage_app.cli.demo.stories import VISITS, Visit
from triage_app.errors import TriageError
from triage_app.sandbox.visitor import Visitor


def seed(demo: RunningDemo, clock: DemoClock) -> None:
    """Put every visit of the stories into the charts; raise TriageError when one does not arrive."""
    for visit in VISITS:
        with clock.days_ago(visit.days_ago):
            play(demo, visit)


def play(demo: RunningDemo, visit: Visit) -> str:
    """Let one person fill in and send the form; return the address of the page that they end on."""
    visitor = Visitor({"age": _age(demo, visit.patient), **visit.said})
    launch = demo.hospital.new_launch(patient=visit.patient)
    page = visitor.answer_all(visitor.launch(launch.url))
    if not page.url.endswith("/result"):
        raise TriageError(f"the visit of {visit.patient} {visit.days_ago} days ago ended before its result")
    return page.url


def _age(demo: RunningDemo, patient: str) -> str:
    """Return the age in years on the day of the visit, as the chart has it."""
    person = demo.hospital.store.read("Patient", patient).body or {}
    born, today = date.fromisoformat(person["birthDate"]), demo.services.clock().date()
    return str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))
