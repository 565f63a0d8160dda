"""Sealing keys are changed without losing a draft: all comes under the new key, beside a running app."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from factories import a_delivery, a_draft, a_launch, a_pending, a_submission, an_environment
from sqlalchemy import text

from triage_app.cli import main
from triage_app.errors import StorageError
from triage_app.settings import SealingKey
from triage_app.storage import Storage

OLD, NEW = SealingKey("k1", bytes(range(32))), SealingKey("k2", b"\x07" * 31 + b"\x01")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database in which everything lies under the old key."""
    address = f"sqlite:///{tmp_path}/triage.db"
    storage = Storage(address, (OLD,))
    storage.migrate()
    storage.save_pending(a_pending())
    storage.save_launch(a_launch(context={"task": "Task/1"}))
    storage.save_submission(a_submission(), [a_delivery()])
    storage.save_draft(a_draft(id="draft-2"))
    storage.close()
    return address


def drafts_of(storage: Storage) -> object:
    return storage.fetch_draft(
        ehr="general", patient="alice", author="Patient/alice", pathway="nerve-symptoms"
    )


def test_everything_comes_under_the_new_key_and_is_read_without_the_old(url: str) -> None:
    both = Storage(url, (NEW, OLD))
    done, lost = both.reseal()
    assert (dict(done), dict(lost)) == (
        {"pending": 2, "launch": 3, "draft": 1, "submission": 1, "delivery": 1},
        {},
    )
    assert dict(both.sealed_with()) == {"k2": 8}
    both.close()
    alone = Storage(url, (NEW,))
    alone.migrate()
    assert drafts_of(alone) == a_draft(id="draft-2")
    assert alone.fetch_launch("launch-1") == a_launch(context={"task": "Task/1"})
    assert alone.fetch_submission(ehr="general", submission_id="submission-1") == a_submission()
    alone.close()


def test_a_second_rotation_changes_nothing(url: str) -> None:
    storage = Storage(url, (NEW, OLD))
    storage.reseal()
    assert not storage.reseal()[0]
    storage.close()


def test_what_the_app_writes_meanwhile_stands(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, beside = Storage(url, (NEW, OLD)), Storage(url, (NEW, OLD))
    seal = storage.sealer.seal

    def seal_late(value: object, *place: str) -> bytes:
        if place[0] == "draft":
            beside.save_draft(a_draft(id="draft-2", sequence=2, answers={"person": {}, "limbs": []}))
        return seal(value, *place)

    monkeypatch.setattr(storage.sealer, "seal", seal_late)
    storage.reseal()
    assert drafts_of(storage) == a_draft(id="draft-2", sequence=2, answers={"person": {}, "limbs": []})
    storage.close()
    beside.close()


def test_what_no_key_opens_is_counted_and_the_rest_goes_on(url: str) -> None:
    storage = Storage(url, (NEW, OLD))
    with storage.engine.begin() as connection:
        connection.execute(text("UPDATE draft SET answers = x'026b3900'"))
    done, lost = storage.reseal()
    assert (dict(lost), done["launch"]) == ({"draft": 1}, 3)
    storage.close()


@pytest.mark.parametrize("lost", [False, True])
def test_the_command_says_which_key_may_go(
    lost: bool, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = tmp_path / "registry.toml"
    registry.write_text(ENTRY, encoding="utf-8")
    keys = ",".join(f"{key.key_id}:{base64.b64encode(key.key).decode()}" for key in (NEW, OLD))
    for name, value in an_environment(registry, DATABASE_URL=url, SEALING_KEYS=keys).items():
        monkeypatch.setenv(name, value)
    if lost:
        storage = Storage(url, (OLD,))
        with storage.engine.begin() as connection:
            connection.execute(text("UPDATE draft SET answers = x'026b3900'"))
        storage.close()
    monkeypatch.setattr(sys, "argv", ["nerve-triage", "rotate-keys"])
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    assert code == (1 if lost else 0)
    assert "key k1: not needed any more; remove it" in said.out
    assert ("no key opens: 1 of draft" in said.err) is lost
    assert "alice" not in said.out.lower() + said.err.lower()


def test_an_app_with_the_new_key_alone_cannot_start_before_the_rotation(url: str) -> None:
    with pytest.raises(StorageError):
        Storage(url, (NEW,)).migrate()


ENTRY = """
[ehr.general]
name = "General Hospital"
fhir_base_url = "http://localhost:9999/fhir"
client_id = "nerve-triage"
time_zone = "Europe/London"
country = "GB"
emergency_number = "999"
same_day_phone = "020 7946 0000"
same_day_hours = "8 am to 6 pm"
out_of_hours_phone = "111"
crisis_helpline = "116 123"
clinic_name = "Hand clinic"
reply_within = "two working days"
"""
