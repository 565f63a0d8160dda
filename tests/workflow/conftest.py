"""A database in a file of its own, an EHR in memory and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from people import ALICE, BOB, CHARLIE, Clock, Hospital, services_of

from triage_app.settings import SealingKey
from triage_app.storage import Storage
from triage_app.workflow.services import Services


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, hospital: Hospital, clock: Clock) -> Iterator[Services]:
    storage = Storage(f"sqlite:///{tmp_path}/triage.db", (SealingKey("k1", b"s" * 32),))
    storage.migrate()
    for launch in (ALICE, BOB, CHARLIE):
        storage.save_launch(launch)
    yield services_of(storage, hospital, clock)
    storage.close()
