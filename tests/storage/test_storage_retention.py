"""What has outlived its purpose goes; what is not yet safe in the EHR stays, however old."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from factories import NOW, a_delivery, a_draft, a_launch, a_pending, a_submission

from triage_app.storage import Storage
from triage_app.storage.rows import DeliveryState

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
ALICE_DRAFT = {"ehr": "general", "patient": "alice", "author": "Patient/alice", "pathway": "nerve-symptoms"}


def sent(
    storage: Storage, state: DeliveryState, *, delivery_id: str = "delivery-1", now: datetime = NOW
) -> None:
    claimed = storage.claim_delivery(now=now, delivery_id=delivery_id)
    assert claimed is not None
    storage.mark_delivery(ehr="general", delivery_id=delivery_id, fence=claimed.fence, state=state, now=now)


def test_a_draft_goes_a_week_after_the_last_touch(storage: Storage) -> None:
    storage.save_draft(a_draft())
    storage.purge(now=NOW + WEEK - SECOND)
    assert storage.fetch_draft(**ALICE_DRAFT) is not None
    assert storage.purge(now=NOW + WEEK)["draft"] == 1
    assert storage.fetch_draft(**ALICE_DRAFT) is None


def test_a_verified_submission_is_erased_after_a_week_but_for_ids_and_hash(storage: Storage) -> None:
    storage.save_submission(a_submission(), [a_delivery(ids={"task": "Task/7"})])
    sent(storage, DeliveryState.VERIFIED)
    storage.purge(now=NOW + WEEK - SECOND)
    kept = storage.fetch_submission(ehr="general", submission_id="submission-1")
    assert kept is not None
    assert kept.snapshot
    assert storage.purge(now=NOW + WEEK) == {
        "pending": 0,
        "launch": 0,
        "draft": 0,
        "seen": 0,
        "submission": 1,
        "delivery": 1,
    }
    erased = storage.fetch_submission(ehr="general", submission_id="submission-1")
    delivery = storage.fetch_delivery(ehr="general", delivery_id="delivery-1")
    assert erased is not None
    assert delivery is not None
    assert (erased.snapshot, erased.sha256) == ({}, "5" * 64)
    assert (delivery.bundle, delivery.ids) == ({}, {"task": "Task/7"})
    assert storage.purge(now=NOW + WEEK)["submission"] == 0


@pytest.mark.parametrize(
    "state",
    [
        DeliveryState.DELIVERED,
        DeliveryState.HELD,
        DeliveryState.NEEDS_VERIFICATION,
        DeliveryState.DEAD_LETTER,
        DeliveryState.QUEUED,
    ],
)
def test_what_is_not_verified_is_never_erased(state: DeliveryState, storage: Storage) -> None:
    storage.save_submission(a_submission(), [a_delivery()])
    sent(storage, state)
    storage.purge(now=NOW + 100 * WEEK)
    submission = storage.fetch_submission(ehr="general", submission_id="submission-1")
    assert submission is not None
    assert submission.snapshot
    assert storage.pending_deliveries()[0].bundle


def test_one_delivery_that_waits_keeps_the_whole_submission(storage: Storage) -> None:
    storage.save_submission(a_submission(), [a_delivery(), a_delivery(id="delivery-2")])
    sent(storage, DeliveryState.VERIFIED)
    purged = storage.purge(now=NOW + 100 * WEEK)
    assert (purged["submission"], purged["delivery"]) == (0, 0)


def test_a_decision_is_erased_on_its_own(storage: Storage) -> None:
    storage.save_delivery(a_delivery(submission=None))
    sent(storage, DeliveryState.VERIFIED)
    assert storage.purge(now=NOW + WEEK)["delivery"] == 1


def test_the_same_id_at_another_hospital_is_not_erased(storage: Storage) -> None:
    storage.save_submission(a_submission(), [a_delivery()])
    storage.save_submission(a_submission(ehr="other"), [a_delivery(ehr="other")])
    claimed = storage.claim_delivery(now=NOW, ehr="general")
    assert claimed is not None
    storage.mark_delivery(
        ehr="general", delivery_id="delivery-1", fence=claimed.fence, state=DeliveryState.VERIFIED, now=NOW
    )
    storage.purge(now=NOW + WEEK)
    other = storage.fetch_submission(ehr="other", submission_id="submission-1")
    assert other is not None
    assert other.snapshot


def test_launches_waits_and_seen_tokens_go_when_their_time_is_over(storage: Storage) -> None:
    storage.save_launch(a_launch())
    storage.save_pending(a_pending())
    storage.save_seen(ehr="general", token_id="jti", now=NOW, expires_at=NOW + SECOND)
    purged = storage.purge(now=NOW + timedelta(days=1))
    assert (purged["launch"], purged["pending"], purged["seen"]) == (1, 1, 1)
    assert storage.fetch_launch("launch-1") is None


def test_a_longer_retention_keeps_longer(storage: Storage) -> None:
    storage.save_draft(a_draft())
    assert storage.purge(now=NOW + WEEK, keep=timedelta(days=30))["draft"] == 0
