"""Answers go to disk page by page, and come back as they were given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from factories import NOW, a_launch, some_settings

from triage_app.catalogue.load import Catalogue
from triage_app.clinical.pages import Page, page_for, whole_page
from triage_app.errors import StorageError
from triage_app.storage import Storage
from triage_app.workflow.answer import answer, choose_limbs, open_interview, with_posted
from triage_app.workflow.interview import Interview
from triage_app.workflow.services import Services

QUESTIONNAIRES = Path(__file__).parent.parent.parent / "questionnaires"
ALICE = a_launch()
ALICES_DAUGHTER = a_launch(id="launch-2", user="RelatedPerson/erin")
CHARLIE = a_launch(id="launch-3", patient="charlie", user="Patient/charlie")


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(QUESTIONNAIRES)


@pytest.fixture
def services(catalogue: Catalogue, tmp_path: Path) -> Services:
    settings = some_settings(database_url=f"sqlite:///{tmp_path}/answers.db")
    storage = Storage(settings.database_url, settings.sealing_keys)
    storage.migrate()
    nothing = cast("Any", None)
    return Services(settings, catalogue, storage, smart=nothing, gateway=nothing, clock=Clock())


@pytest.fixture
def page(catalogue: Catalogue) -> Any:
    form = catalogue.newest("nerve-symptoms").form

    def page(path: str) -> Page:
        found = whole_page(form, path)
        assert found is not None, path
        return found

    return page


def test_an_answer_is_on_disk_before_the_next_page(services: Services, page: Any) -> None:
    answer(services, ALICE, page("age"), {"age": Decimal(52)})
    found = open_interview(services, ALICE)
    assert found.answers.person == {"age": Decimal(52)}
    assert found.visited == {"age"}


def test_a_blank_on_a_page_that_was_passed_takes_the_old_answer_away(services: Services, page: Any) -> None:
    answer(services, ALICE, page("age"), {"age": Decimal(52)})
    answer(services, ALICE, page("age"), {})
    assert "age" not in open_interview(services, ALICE).answers.person


def test_an_unfinished_page_keeps_what_was_said_but_is_not_passed(services: Services, page: Any) -> None:
    answer(services, ALICE, page("screen.1"), {"g.sudden": "no", "g.speech": "no"})
    answer(services, ALICE, page("screen.1"), {"g.sudden": "yes"}, unfinished=True)
    found = open_interview(services, ALICE)
    assert found.answers.person == {"g.sudden": "yes", "g.speech": "no"}
    assert "screen.1" not in found.visited


def test_another_answering_person_and_another_patient_have_drafts_of_their_own(
    services: Services, page: Any
) -> None:
    answer(services, ALICE, page("age"), {"age": Decimal(52)})
    assert open_interview(services, ALICES_DAUGHTER).is_new
    assert open_interview(services, CHARLIE).is_new


def test_the_next_launch_of_the_same_person_finds_the_draft(services: Services, page: Any) -> None:
    answer(services, ALICE, page("age"), {"age": Decimal(52)})
    later = replace(ALICE, id="launch-7")
    assert open_interview(services, later).answers.person == {"age": Decimal(52)}


def test_a_quicker_tab_is_waited_for_and_nothing_is_lost(
    services: Services, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, calls = services.storage.save_draft, []

    def late_once(draft: Any) -> bool:
        calls.append(draft.sequence)
        if len(calls) == 1:
            monkeypatch.setattr(services.storage, "save_draft", save)
            answer(services, ALICE, page("screen.1"), {"g.sudden": "no"})
        return save(draft)

    monkeypatch.setattr(services.storage, "save_draft", late_once)
    answer(services, ALICE, page("age"), {"age": Decimal(52)})
    assert open_interview(services, ALICE).answers.person == {"g.sudden": "no", "age": Decimal(52)}


def test_when_no_moment_is_free_the_answer_is_refused_aloud(
    services: Services, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.storage, "save_draft", lambda draft: False)
    with pytest.raises(StorageError, match="another writer"):
        answer(services, ALICE, page("age"), {"age": Decimal(52)})


def test_limbs_that_are_taken_back_are_kept_aside_and_come_back(services: Services, page: Any) -> None:
    choose_limbs(services, ALICE, page("limb"), ["right-arm"])
    answer(services, ALICE, page("right-arm/region"), {"region": "hand"})
    found = choose_limbs(services, ALICE, page("limb"), ["left-leg"])
    assert [limb.code for limb in found.answers.limbs] == ["leg-left"]
    found = choose_limbs(services, ALICE, page("limb"), ["left-leg", "right-arm"])
    assert [limb.code for limb in found.answers.limbs] == ["arm-right", "leg-left"]
    assert found.answers.limbs[0].answers == {"region": "hand"}


def test_a_yes_that_changes_is_remembered_with_both_values(services: Services, page: Any) -> None:
    answer(services, ALICE, page("rf.stroke"), {"rf.stroke": "yes"})
    answer(services, ALICE, page("rf.stroke"), {"rf.stroke": "no"})
    (change,) = open_interview(services, ALICE).changes
    assert (change.path, change.before, change.after, change.at) == ("rf.stroke", "yes", "no", NOW)


def test_a_no_that_becomes_a_yes_is_no_such_change(services: Services, page: Any) -> None:
    answer(services, ALICE, page("rf.stroke"), {"rf.stroke": "no"})
    answer(services, ALICE, page("rf.stroke"), {"rf.stroke": "yes"})
    assert open_interview(services, ALICE).changes == ()


@pytest.mark.parametrize(("hours", "stale"), [(24, False), (24.01, True)])
def test_the_screen_is_forgotten_after_a_day_and_the_rest_is_not(
    services: Services, page: Any, hours: float, stale: bool
) -> None:
    answer(services, ALICE, page("screen.1"), {"g.sudden": "yes"})
    answer(services, ALICE, page("right-arm/region"), {})
    choose_limbs(services, ALICE, page("limb"), ["right-arm"])
    cast("Clock", services.clock).now = NOW + timedelta(hours=hours)
    found = open_interview(services, ALICE)
    assert found.stale is stale
    assert ("g.sudden" in found.answers.person) is not stale
    assert ("screen.1" in found.visited) is not stale
    assert [limb.code for limb in found.answers.limbs] == ["arm-right"]
    assert bool(found.changes) is stale


def test_a_contradiction_that_was_asked_again_is_settled(services: Services, page: Any) -> None:
    answer(services, ALICE, page("screen.4"), {"g.movement": "no"}, again=True)
    assert "g.movement" in open_interview(services, ALICE).asked_again


def test_what_is_posted_can_be_looked_at_before_it_is_stored(services: Services, page: Any) -> None:
    found = choose_limbs(services, ALICE, page("limb"), ["right-arm"])
    form = found.pathway.form
    limb_page = page_for(form, found.answers, "right-arm/region")
    assert limb_page is not None
    seen = with_posted(found, limb_page, {"region": "hand"})
    assert seen.limbs[0].answers == {"region": "hand"}
    assert open_interview(services, ALICE).answers.limbs[0].answers == {}


def test_everything_in_an_interview_survives_the_disk(services: Services, page: Any) -> None:
    answer(services, ALICE, page("age"), {"age": Decimal("52.0")})
    stored = answer(services, ALICE, page("screen.1"), {"g.sudden": "unsure"})
    found = open_interview(services, ALICE)
    assert isinstance(found, Interview)
    assert found == stored
