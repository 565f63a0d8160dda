"""A process that is killed at any step leaves either nothing of the step or all of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOW, SEALING_KEY, a_delivery, a_draft, a_submission

from triage_app.errors import StorageError
from triage_app.storage import Storage
from triage_app.storage.rows import DeliveryState

ALICE_DRAFT = {"ehr": "general", "patient": "alice", "author": "Patient/alice", "pathway": "nerve-symptoms"}
PROGRAM = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from factories import NOW, SEALING_KEY, a_delivery, a_draft, a_submission
from triage_app.storage import Storage
from triage_app.storage.rows import AuditEntry, DeliveryState

def die(*_arguments, **_more):
    os.kill(os.getpid(), signal.SIGKILL)

storage = Storage({url!r}, (SEALING_KEY,))
{steps}
die()
"""
DIE_BEFORE_COMMIT = "Storage.add_audit = die\n"
SUBMIT = "storage.save_submission(a_submission(), [a_delivery()])"


def run_until_killed(url: str, steps: str) -> None:
    program = PROGRAM.format(tests=str(Path(__file__).parent.parent), url=url, steps=steps)
    finished = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert finished.returncode == -signal.SIGKILL


def test_killed_before_the_commit_the_draft_is_intact_and_nothing_else_is_there(
    storage: Storage, database_url: str
) -> None:
    storage.save_draft(a_draft())
    run_until_killed(database_url, DIE_BEFORE_COMMIT + SUBMIT)
    assert storage.fetch_draft(**ALICE_DRAFT) == a_draft()
    assert storage.fetch_submission(ehr="general", submission_id="submission-1") is None
    assert storage.pending_deliveries() == []
    assert storage.save_submission(a_submission(), [a_delivery()]) == a_submission()


def test_killed_after_the_commit_everything_is_there_once(storage: Storage, database_url: str) -> None:
    storage.save_draft(a_draft())
    run_until_killed(database_url, SUBMIT)
    assert storage.fetch_draft(**ALICE_DRAFT) is None
    assert storage.save_submission(a_submission(id="again"), [a_delivery(id="again")]) == a_submission()
    assert storage.pending_deliveries() == [a_delivery()]


def test_killed_with_a_claim_another_takes_over_when_the_lease_is_over(
    storage: Storage, database_url: str
) -> None:
    storage.save_delivery(a_delivery())
    run_until_killed(database_url, "assert storage.claim_delivery(now=NOW)")
    assert storage.claim_delivery(now=NOW) is None
    resumed = storage.claim_delivery(now=NOW + timedelta(seconds=60))
    assert resumed is not None
    assert (resumed.resumed, resumed.state) == (True, DeliveryState.SENDING)


def test_killed_while_marking_the_claim_stands(storage: Storage, database_url: str) -> None:
    storage.save_delivery(a_delivery())
    mark = (
        "claimed = storage.claim_delivery(now=NOW)\n"
        "storage.mark_delivery(ehr='general', delivery_id='delivery-1', fence=claimed.fence,"
        " state=DeliveryState.VERIFIED, now=NOW)"
    )
    run_until_killed(database_url, DIE_BEFORE_COMMIT + mark)
    stored = storage.fetch_delivery(ehr="general", delivery_id="delivery-1")
    assert stored is not None
    assert stored.state is DeliveryState.SENDING


def test_killed_while_migrating_the_next_start_begins_again(sqlite_url: str) -> None:
    kill = "import alembic.op\nalembic.op.create_index = die\nstorage.migrate()"
    run_until_killed(sqlite_url, kill)
    storage = Storage(sqlite_url, (SEALING_KEY,))
    storage.migrate()
    assert storage.save_draft(a_draft(touched_at=NOW))
    storage.close()


@pytest.mark.parametrize(("free", "works"), [(40_000_000, False), (5_000_000_000, True)])
def test_a_disk_that_is_nearly_full_is_not_ready(
    free: int, works: bool, sqlite_storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Disk:
        total = 100_000_000_000

    Disk.free = free  # type: ignore[attr-defined]
    monkeypatch.setattr("triage_app.storage.database.shutil.disk_usage", lambda _folder: Disk)
    if works:
        sqlite_storage.check()
    else:
        with pytest.raises(StorageError, match="nearly full"):
            sqlite_storage.check()
