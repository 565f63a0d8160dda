"""Tabs, patients and hospitals in any order keep apart; and the test would see it if they did not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import request

from security.interleavings import run_world
from security.ledger import Broken
from triage_app.ehr import Gateway
from triage_app.storage import drafts
from triage_app.storage.rows import Launch
from triage_app.web import security
from triage_app.workflow import deliver, sessions

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("seed", [1, 3])
def test_nothing_is_shown_or_stored_for_another_patient_and_nothing_is_lost_or_doubled(seed: int) -> None:
    people = run_world(seed, 150)
    assert people.ledger.checks > 100
    assert people.ledger.sent


def patient_from_the_form(patch: pytest.MonkeyPatch) -> None:
    honest = security._launch

    def trusting(launch_id: str, late: Any) -> Launch:
        return replace(honest(launch_id, late), patient=request.form.get("patient", "") or "alice")

    patch.setattr(security, "_launch", trusting)


def form_of_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(security, "_check_form", lambda _launch: None)


def drafts_of_any_hospital(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        drafts,
        "_key",
        lambda **key: drafts.and_(
            drafts.tables.draft.c.patient == key["patient"], drafts.tables.draft.c.author == key["author"]
        ),
    )


def sessions_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sessions, "ends_at", lambda launch, _settings: launch.created_at.replace(year=9000))


def sent_again_unlooked(patch: pytest.MonkeyPatch) -> None:
    honest = Gateway.transaction

    def unguarded(self: Gateway, connection: Any, bundle: Mapping[str, Any]) -> Any:
        for entry in bundle["entry"]:
            entry["request"].pop("ifNoneExist", None)
        return honest(self, connection, bundle)

    patch.setattr(Gateway, "transaction", unguarded)
    patch.setattr(deliver, "find_stored", lambda *_: None)


@pytest.mark.parametrize(
    ("plant", "seed"),
    [
        (patient_from_the_form, 0),
        (form_of_anybody, 1),
        (drafts_of_any_hospital, 4),
        (sessions_without_end, 1),
        (sent_again_unlooked, 0),
    ],
)
def test_a_planted_fault_is_found(plant: Plant, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(Broken):
        run_world(seed, 150)
