"""What the chart said beside the questions comes back to it with what the person made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from journeys.people import HAND, Said
from triage_app.cli.demo.running import RunningDemo, running_demo
from triage_app.fhir.origin import origins_in
from triage_app.sandbox.visitor import Visitor


@dataclass(frozen=True)
class Sent:
    """What a visit left in the chart: the states by path, the result's note; and what it asked for."""

    states: dict[str, str]
    note: str
    asked: tuple[str, ...]


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """A hospital whose people have their histories."""
    with running_demo(tmp_path_factory.mktemp("charts")) as running:
        yield running


def visit(demo: RunningDemo, patient: str, said: Said) -> Sent:
    """Let one person answer and send."""
    hospital = demo.hospital.hospital
    before = len(hospital.wire.entries())
    visitor = Visitor({**HAND, **said})
    page = visitor.answer_all(visitor.launch(demo.hospital.new_launch(patient=patient).url))
    assert page.url.endswith("/result"), page.url
    held = hospital.chart(patient)
    response = max(held["QuestionnaireResponse"], key=lambda one: str(one["meta"]["lastUpdated"]))
    results = [one for one in held["Observation"] if "triage-overall" in str(one["code"])]
    overall = max(results, key=lambda one: str(one["meta"]["lastUpdated"]))
    return Sent(
        states={path: str(origin.state) for path, origin in origins_in(response).items()},
        note=overall["note"][0]["text"],
        asked=tuple(entry.path for entry in hospital.wire.entries()[before:]),
    )


def test_alice_confirms_her_diabetes_and_gives_another_age(charts: RunningDemo) -> None:
    sent = visit(charts, "alice", {"age": "44", "hx.diabetes": "yes"})
    assert sent.states == {"age": "chart-changed", "hx.diabetes": "chart-confirmed"}
    assert "born 3 April 1966; answered: “How old are you?” 44." in sent.note
    assert "Type 2 diabetes" not in sent.note
    for kind in ("Condition", "Procedure", "MedicationRequest"):
        assert len([path for path in sent.asked if path.startswith(f"/fhir/{kind}?")]) == 1, kind


def test_alice_says_no_against_the_chart_and_the_clinician_is_told(charts: RunningDemo) -> None:
    sent = visit(charts, "alice", {})
    assert sent.states["hx.diabetes"] == "chart-changed"
    assert "The chart says: Type 2 diabetes mellitus without complications" in sent.note
    assert "answered: “Diabetes (high blood sugar)” No." in sent.note


def test_dora_confirms_her_operation(charts: RunningDemo) -> None:
    surgery = {"right-arm/hx.surgery_site": "release", "right-arm/hx.surgery_course": "better"}
    sent = visit(charts, "dora", surgery)
    assert sent.states["arm-right/hx.surgery_site"] == "chart-confirmed"


def test_charlie_whose_chart_is_silent_has_no_mark_but_that_of_his_age(charts: RunningDemo) -> None:
    sent = visit(charts, "charlie", {"hx.diabetes": "yes"})
    assert set(sent.states) == {"age"}
    assert "diabetes" not in sent.note.partition("The chart says:")[2].lower()
