"""Rows come back as they went in, each to its own EHR, sealed on disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from factories import NOW, SEALING_KEY, a_delivery, a_draft, a_launch, a_pending, a_submission

from triage_app.errors import StorageError
from triage_app.storage import Storage
from triage_app.storage.rows import AuditEntry, DeliveryState, Lane

ALICE_DRAFT = {"ehr": "general", "patient": "alice", "author": "Patient/alice", "pathway": "nerve-symptoms"}


def test_a_launch_comes_back_as_it_was(storage: Storage) -> None:
    launch = a_launch()
    storage.save_launch(launch)
    assert storage.fetch_launch("launch-1") == launch


def test_an_unknown_launch_is_none(storage: Storage) -> None:
    assert storage.fetch_launch("launch-1") is None


def test_a_state_is_taken_once(storage: Storage) -> None:
    pending = a_pending()
    storage.save_pending(pending)
    assert storage.take_pending("state-1", now=NOW) == pending
    assert storage.take_pending("state-1", now=NOW) is None


def test_a_state_is_not_taken_after_its_time(storage: Storage) -> None:
    storage.save_pending(a_pending())
    assert storage.take_pending("state-1", now=NOW + timedelta(minutes=10)) is None


def test_only_one_of_many_threads_takes_a_state(storage: Storage) -> None:
    storage.save_pending(a_pending())
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: storage.take_pending("state-1", now=NOW), range(8)))
    assert len([pending for pending in taken if pending]) == 1


def test_an_ended_launch_has_no_tokens(storage: Storage) -> None:
    storage.save_launch(a_launch())
    storage.end_launch(a_launch(), now=NOW)
    ended = storage.fetch_launch("launch-1")
    assert ended is not None
    assert (ended.access_token, ended.refresh_token, ended.ended_at) == (None, None, NOW)


def test_refreshed_tokens_replace_only_the_ones_they_came_from(storage: Storage) -> None:
    storage.save_launch(a_launch())
    fresh = {"access_token": "new", "refresh_token": "newer", "expires_at": NOW}
    assert storage.update_tokens(a_launch(), **fresh, replaces="alice-refresh-token")
    assert not storage.update_tokens(a_launch(), **fresh, replaces="alice-refresh-token")
    stored = storage.fetch_launch("launch-1")
    assert stored is not None
    assert (stored.access_token, stored.refresh_token) == ("new", "newer")


def test_a_draft_keeps_every_digit(storage: Storage) -> None:
    draft = a_draft(answers={"score": Decimal("0.70")})
    assert storage.save_draft(draft)
    stored = storage.fetch_draft(**ALICE_DRAFT)
    assert stored == draft
    assert str(stored.answers["score"]) == "0.70"


def test_an_older_tab_does_not_overwrite_a_newer_one(storage: Storage) -> None:
    assert storage.save_draft(a_draft(sequence=2))
    assert not storage.save_draft(a_draft(sequence=2, answers={"old": "tab"}))
    assert storage.save_draft(a_draft(sequence=3))


def test_a_draft_belongs_to_its_author_and_its_ehr(storage: Storage) -> None:
    storage.save_draft(a_draft())
    assert storage.fetch_draft(**{**ALICE_DRAFT, "author": "RelatedPerson/dora"}) is None
    assert storage.fetch_draft(**{**ALICE_DRAFT, "ehr": "other"}) is None
    storage.save_draft(a_draft(ehr="other", answers={"whose": "another Alice"}))
    assert storage.fetch_draft(**ALICE_DRAFT) == a_draft()


def test_a_submission_removes_its_draft_and_queues_its_delivery(storage: Storage) -> None:
    storage.save_draft(a_draft())
    entry = AuditEntry(ehr="general", at=NOW, action="submit", launch="launch-1")
    assert storage.save_submission(a_submission(), [a_delivery()], audit=entry) == a_submission()
    assert storage.fetch_draft(**ALICE_DRAFT) is None
    assert storage.fetch_submission(ehr="general", submission_id="submission-1") == a_submission()
    assert storage.pending_deliveries(ehr="general", patient="alice") == [a_delivery()]
    assert storage.fetch_audit(ehr="general", launch="launch-1") == [entry]


def test_a_double_click_gives_one_submission_and_the_first_receipt(storage: Storage) -> None:
    def submit(number: int) -> str:
        mine = a_submission(id=f"submission-{number}")
        owed = a_delivery(id=f"delivery-{number}", submission=mine.id)
        return storage.save_submission(mine, [owed]).id

    with ThreadPoolExecutor(8) as threads:
        receipts = set(threads.map(submit, range(8)))
    assert len(receipts) == 1
    assert len(storage.pending_deliveries()) == 1


def test_a_submission_that_fails_half_way_leaves_nothing(storage: Storage) -> None:
    storage.save_draft(a_draft())
    twice = [a_delivery(), a_delivery()]
    with pytest.raises(StorageError):
        storage.save_submission(a_submission(), twice)
    assert storage.fetch_submission(ehr="general", submission_id="submission-1") is None
    assert storage.pending_deliveries() == []
    assert storage.fetch_draft(**ALICE_DRAFT) == a_draft()


def test_a_new_draft_outlives_the_submission_of_an_older_one(storage: Storage) -> None:
    storage.save_draft(a_draft(id="draft-2"))
    storage.save_submission(a_submission(draft="draft-1"), [a_delivery()])
    assert storage.fetch_draft(**ALICE_DRAFT) is not None


def test_a_seen_token_is_known_until_it_expires(storage: Storage) -> None:
    later = NOW + timedelta(minutes=5)
    assert storage.save_seen(ehr="general", token_id="jti-1", now=NOW, expires_at=later)
    assert not storage.save_seen(ehr="general", token_id="jti-1", now=NOW, expires_at=later)
    assert storage.save_seen(ehr="other", token_id="jti-1", now=NOW, expires_at=later)
    assert storage.save_seen(ehr="general", token_id="jti-1", now=later, expires_at=later)


def test_a_lane_is_open_until_it_is_paused(storage: Storage) -> None:
    assert storage.fetch_lane("general") == Lane("general")
    storage.save_lane(Lane("general", paused_until=NOW, failures=3))
    assert storage.fetch_lane("general") == Lane("general", NOW, 3)


def test_nothing_a_person_said_and_no_token_is_readable_on_disk(
    sqlite_storage: Storage, tmp_path: Path
) -> None:
    sqlite_storage.save_launch(a_launch())
    sqlite_storage.save_pending(a_pending(code_verifier="verifier-1-secret"))
    sqlite_storage.save_draft(a_draft(id="draft-2", answers={"words": "Alice's right thumb is numb"}))
    sqlite_storage.save_submission(
        a_submission(), [a_delivery(bundle={"text": "Alice's right thumb is numb"})]
    )
    sqlite_storage.close()
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (b"thumb is numb", b"alice-access-token", b"alice-refresh-token", b"verifier-1-secret"):
        assert secret not in on_disk
    assert b"state-1" not in on_disk


def test_readiness_writes_a_row(storage: Storage) -> None:
    storage.check()
    storage.check()


def test_a_database_that_is_not_there_is_our_own_error() -> None:
    with pytest.raises(StorageError, match="the database failed"):
        Storage("sqlite:////no/such/folder/triage.db", (SEALING_KEY,)).migrate()


def test_an_error_of_the_database_quotes_no_row(storage: Storage) -> None:
    storage.save_submission(a_submission(), [a_delivery()])
    with pytest.raises(StorageError) as raised:
        storage.save_delivery(replace(a_delivery(), bundle={"text": "numb"}))
    assert "alice" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_time_without_offset_is_refused(storage: Storage) -> None:
    with pytest.raises(StorageError):
        storage.touch_launch(a_launch(), now=NOW.replace(tzinfo=None))


def test_states_are_those_of_the_delivery_rows() -> None:
    assert {str(state) for state in DeliveryState} == {
        "queued",
        "sending",
        "delivered",
        "verified",
        "held",
        "needs-verification",
        "dead-letter",
    }


def test_of_many_tabs_that_save_the_same_step_one_is_stored(storage: Storage) -> None:
    storage.save_draft(a_draft())
    tabs = [a_draft(sequence=2, answers={"tab": str(number)}) for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        saved = list(threads.map(storage.save_draft, tabs))
    assert saved.count(True) == 1
    assert storage.fetch_draft(**ALICE_DRAFT) == tabs[saved.index(True)]


def test_of_many_callers_one_may_trade_the_refresh_token(storage: Storage) -> None:
    storage.save_launch(a_launch())
    until = NOW + timedelta(seconds=45)
    with ThreadPoolExecutor(8) as threads:
        claims = list(
            threads.map(lambda _: storage.claim_refresh(a_launch(), now=NOW, until=until), range(8))
        )
    assert claims.count(True) == 1


def test_of_many_callers_one_sees_a_token_first(storage: Storage) -> None:
    later = NOW + timedelta(minutes=5)
    with ThreadPoolExecutor(8) as threads:
        first = list(
            threads.map(
                lambda _: storage.save_seen(ehr="general", token_id="jti", now=NOW, expires_at=later),
                range(8),
            )
        )
    assert first.count(True) == 1


def test_a_draft_can_be_thrown_away(storage: Storage) -> None:
    storage.save_draft(a_draft())
    storage.delete_draft(**ALICE_DRAFT)
    assert storage.fetch_draft(**ALICE_DRAFT) is None


def test_the_audit_trail_is_of_one_hospital_and_in_order(storage: Storage) -> None:
    entries = [
        AuditEntry(
            ehr="general", at=NOW, action="launch", launch="launch-1", patient="alice", user="Patient/alice"
        ),
        AuditEntry(ehr="general", at=NOW, action="sign-out", launch="launch-1", subject="Task/7"),
    ]
    for entry in entries:
        storage.save_audit(entry)
    storage.save_audit(AuditEntry(ehr="other", at=NOW, action="launch"))
    assert storage.fetch_audit(ehr="general") == entries
    assert storage.fetch_audit(ehr="general", launch="launch-2") == []
