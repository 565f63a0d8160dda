"""The chart is asked once and never waited for; what it does not tell leaves the plain question."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from factories import an_ehr, some_settings
from people import ALICE, CATALOGUE, KEY, PATHWAY, Clock, launch_of
from structlog.testing import capture_logs

from triage_app.clinical.pages import Page, whole_page
from triage_app.ehr.gateway import Connection, Gateway
from triage_app.errors import EHRError, EHRRefused, EHRUnauthorized, EHRUnavailable, StorageError
from triage_app.settings import SealingKey
from triage_app.settings.scopes import default_scopes
from triage_app.storage import Storage
from triage_app.storage.rows import Launch
from triage_app.web.logs import ALLOWED_KEYS
from triage_app.workflow.answer import answer, keep_chart, open_interview
from triage_app.workflow.read_chart import with_chart
from triage_app.workflow.services import Services

TYPES = ("Condition", "MedicationRequest", "Patient", "Procedure")
ALL = default_scopes(read_chart=True)
GRANTED = replace(ALICE, scopes=ALL)


def confirmed(resource_type: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": resource_type, "id": "1", "subject": {"reference": "Patient/alice"}, **more}


ENTRIES = {
    "Condition": [
        confirmed("Condition", code={"text": "Type 2 diabetes"}, recordedDate="2019-03-04"),
        confirmed("Condition", id="2", code={"text": "Pregnancy"}, recordedDate="2026-10-01"),
    ],
    "Procedure": [
        confirmed("Procedure", status="completed", code={"text": "Carpal tunnel release, right"}),
    ],
    "MedicationRequest": [
        confirmed(
            "MedicationRequest",
            status="active",
            intent="order",
            medicationCodeableConcept={"text": "warfarin"},
        )
    ],
    "Patient": [{"resourceType": "Patient", "id": "alice", "birthDate": "1966-04-03"}],
}


@dataclass
class Chart:
    """An EHR that holds a chart: it notes what it is asked, fails by type, and keeps one type waiting."""

    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    failing: dict[str, EHRError] = field(default_factory=dict)
    slow: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def first_page(
        self, connection: Connection, resource_type: str, params: Mapping[str, Any], *, seconds: float
    ) -> list[dict[str, Any]]:
        self.asked.append((resource_type, params))
        if resource_type in self.failing:
            raise self.failing[resource_type]
        if resource_type == self.slow:
            self.released.wait(30)
        return ENTRIES[resource_type]

    def read(self, connection: Connection, reference: str, *, seconds: float) -> dict[str, Any]:
        return self.first_page(connection, reference.split("/")[0], {}, seconds=seconds)[0]

    @property
    def types(self) -> list[str]:
        return sorted(name for name, _ in self.asked)


@pytest.fixture
def chart() -> Iterator[Chart]:
    found = Chart()
    yield found
    found.released.set()


def services_of(tmp_path: Path, chart: Chart, **ehr: Any) -> Services:
    storage = Storage(f"sqlite:///{tmp_path}/triage.db", (SealingKey("k1", b"s" * 32),))
    storage.migrate()
    settings = some_settings(an_ehr(key=KEY, **ehr), chart_seconds=5.0)
    nothing = cast("Any", None)
    return Services(settings, CATALOGUE, storage, nothing, cast(Gateway, chart), clock=Clock())


@pytest.fixture
def services(tmp_path: Path, chart: Chart) -> Iterator[Services]:
    made = services_of(tmp_path, chart)
    yield made
    made.storage.close()


def a_page(path: str) -> Page:
    found = whole_page(PATHWAY.form, path)
    assert found is not None, path
    return found


AGE, SIGNS, HISTORY = a_page("age"), a_page("screen.1"), a_page("history.health")


def said(services: Services, launch: Launch = GRANTED, page: Page = AGE) -> list[str] | None:
    """The linkIds that the chart speaks of once this page is opened; None where it was not asked."""
    found = with_chart(services, launch, open_interview(services, launch), page).chart
    return None if found is None else [fact.link_id for fact in found]


EVERYTHING = ["age", "hx.diabetes", "hx.pregnant", "hx.anticoagulant", "hx.surgery_site"]


def test_three_searches_and_the_patient_are_asked_for_when_a_page_first_shows_it(
    services: Services, chart: Chart
) -> None:
    assert said(services) == EVERYTHING
    assert chart.types == sorted(TYPES)
    patients = {params.get("patient", "alice") for _, params in chart.asked}
    assert patients == {"alice"}


@pytest.mark.parametrize("path", ["age", "screen.6", "history.health", "right-arm/limb.before"])
def test_each_page_with_such_a_question_asks_first(services: Services, path: str) -> None:
    assert said(services, page=a_page(path)) == EVERYTHING


@pytest.mark.parametrize("path", ["screen.1", "screen.3", "limb", "right-arm/const", "course.time"])
def test_other_pages_ask_nothing(services: Services, chart: Chart, path: str) -> None:
    assert said(services, page=a_page(path)) is None
    assert chart.asked == []


def test_it_is_kept_in_the_draft_and_not_asked_again(services: Services, chart: Chart) -> None:
    said(services)
    answer(services, GRANTED, SIGNS, {"g.sudden": "no"})
    assert said(services, page=HISTORY) == EVERYTHING
    assert said(services, replace(GRANTED, id="launch-later")) == EVERYTHING
    assert len(chart.asked) == len(TYPES)


def test_reading_answers_nothing(services: Services) -> None:
    said(services)
    found = open_interview(services, GRANTED)
    assert (dict(found.answers.person), found.visited, found.is_new) == ({}, frozenset(), True)


def test_another_person_who_answers_has_a_draft_and_a_reading_of_their_own(
    services: Services, chart: Chart
) -> None:
    said(services)
    daughter = replace(launch_of("RelatedPerson/erin"), scopes=ALL)
    assert said(services, daughter) == [name for name in EVERYTHING if name != "hx.pregnant"]
    assert len(chart.asked) == 2 * len(TYPES)


@pytest.mark.parametrize(
    ("missing", "left"),
    [
        ("patient/Condition.s", ["age", "hx.anticoagulant", "hx.surgery_site"]),
        ("patient/Procedure.s", ["age", "hx.diabetes", "hx.pregnant", "hx.anticoagulant"]),
        ("patient/MedicationRequest.s", ["age", "hx.diabetes", "hx.pregnant", "hx.surgery_site"]),
        ("patient/Patient.r", EVERYTHING[1:]),
    ],
)
def test_what_the_grant_does_not_hold_is_not_asked_for(
    services: Services, chart: Chart, missing: str, left: list[str]
) -> None:
    launch = replace(GRANTED, scopes=tuple(scope for scope in ALL if scope != missing))
    assert said(services, launch) == left
    assert missing.split("/")[1].split(".")[0] not in chart.types


def test_a_grant_without_any_of_it_asks_nothing(services: Services, chart: Chart) -> None:
    assert said(services, replace(GRANTED, scopes=("launch", "openid", "fhirUser"))) == []
    assert chart.asked == []


def test_a_site_that_does_not_want_it_is_not_asked_whatever_the_grant(tmp_path: Path, chart: Chart) -> None:
    services = services_of(tmp_path, chart, read_chart=False)
    assert said(services) is None
    assert chart.asked == []
    services.storage.close()


@pytest.mark.parametrize(
    "error", [EHRUnavailable("down"), EHRRefused("no", status=403), EHRUnauthorized("no")]
)
def test_a_search_that_fails_leaves_its_questions_plain_and_the_others_reminded(
    services: Services, chart: Chart, error: EHRError
) -> None:
    chart.failing = {"Condition": error}
    with capture_logs() as lines:
        assert said(services) == ["age", "hx.anticoagulant", "hx.surgery_site"]
    assert [(line["event"], line["kind"], line["error"]) for line in lines] == [
        ("chart_not_read", "Condition", type(error).__name__)
    ]


def test_nobody_waits_for_a_slow_answer(tmp_path: Path, chart: Chart) -> None:
    services = services_of(tmp_path, chart)
    services = replace(services, settings=replace(services.settings, chart_seconds=1.0))
    chart.slow = "Procedure"
    with capture_logs() as lines:
        assert said(services) == ["age", "hx.diabetes", "hx.pregnant", "hx.anticoagulant"]
    assert [(line["kind"], line["error"]) for line in lines] == [("Procedure", "TimeoutError")]
    chart.released.set()
    assert said(services) == ["age", "hx.diabetes", "hx.pregnant", "hx.anticoagulant"]
    services.storage.close()


def test_a_failure_is_not_tried_again(services: Services, chart: Chart) -> None:
    chart.failing = dict.fromkeys(TYPES, EHRUnavailable("down"))
    assert said(services) == []
    chart.failing = {}
    assert said(services, page=HISTORY) == []
    assert len(chart.asked) == len(TYPES)


def test_a_launch_whose_token_is_gone_shows_plain_questions(services: Services, chart: Chart) -> None:
    with capture_logs() as lines:
        assert said(services, replace(GRANTED, access_token=None)) == []
    assert [line["error"] for line in lines] == ["EHRUnauthorized"]
    assert chart.asked == []


def test_no_line_of_the_log_holds_anything_of_the_patient(services: Services, chart: Chart) -> None:
    chart.failing = dict.fromkeys(TYPES, EHRRefused("Type 2 diabetes of alice", status=403))
    with capture_logs() as lines:
        said(services)
    assert {key for line in lines for key in line} <= ALLOWED_KEYS | {"log_level"}
    assert "alice" not in str(lines)
    assert "diabetes" not in str(lines)


def test_what_another_tab_has_read_stands(services: Services) -> None:
    said(services)
    assert keep_chart(services, GRANTED, ()).chart == open_interview(services, GRANTED).chart != ()


def test_a_database_that_takes_nothing_leaves_the_plain_question(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> bool:
        raise StorageError("disk full")

    monkeypatch.setattr(services.storage, "save_draft", full)
    assert said(services) is None


def test_what_the_chart_says_is_sealed_on_disk(services: Services, tmp_path: Path) -> None:
    said(services)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("triage.db*"))
    assert files
    assert b"diabetes" not in files
    assert b"1966-04-03" not in files
