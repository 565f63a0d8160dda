"""Deliveries are claimed by one sender at a time, with a lease and a fence, in order, and never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from factories import NOW, SEALING_KEY, a_delivery, a_submission

from triage_app.storage import Storage
from triage_app.storage.rows import AuditEntry, Delivery, DeliveryKind, DeliveryState, Lane

LEASE = timedelta(seconds=60)
GENERAL = {"ehr": "general", "delivery_id": "delivery-1"}


def test_a_claim_marks_the_delivery_as_being_sent(storage: Storage) -> None:
    storage.save_delivery(a_delivery())
    claimed = storage.claim_delivery(now=NOW)
    assert claimed is not None
    assert (claimed.state, claimed.fence, claimed.attempts, claimed.resumed) == (
        DeliveryState.SENDING,
        1,
        1,
        False,
    )
    assert claimed.lease_until == NOW + LEASE
    assert claimed.bundle == a_delivery().bundle


def test_nothing_is_claimed_twice(storage: Storage) -> None:
    for number in range(20):
        storage.save_delivery(a_delivery(id=f"delivery-{number}", patient=f"patient-{number}"))
    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(lambda _: storage.claim_delivery(now=NOW), range(25)))
    ids = [claimed.id for claimed in claims if claimed]
    assert len(ids) == len(set(ids)) == 20


def test_two_processes_on_one_file_never_claim_the_same(database_url: str, storage: Storage) -> None:
    other = Storage(database_url, (SEALING_KEY,))
    storage.save_delivery(a_delivery())
    with ThreadPoolExecutor(2) as threads:
        claims = list(threads.map(lambda one: one.claim_delivery(now=NOW), (storage, other)))
    other.close()
    assert sum(claimed is not None for claimed in claims) == 1


def test_a_delivery_is_not_claimed_before_it_is_due(storage: Storage) -> None:
    storage.save_delivery(a_delivery(due_at=NOW + timedelta(seconds=1)))
    assert storage.claim_delivery(now=NOW) is None
    assert storage.claim_delivery(now=NOW + timedelta(seconds=1)) is not None


def test_a_silent_sender_is_taken_over_and_its_late_mark_refused(storage: Storage) -> None:
    storage.save_delivery(a_delivery())
    first = storage.claim_delivery(now=NOW)
    assert storage.claim_delivery(now=NOW + LEASE - timedelta(seconds=1)) is None
    second = storage.claim_delivery(now=NOW + LEASE)
    assert first is not None
    assert second is not None
    assert (second.fence, second.resumed, second.attempts) == (first.fence + 1, True, 2)
    late = storage.mark_delivery(**GENERAL, fence=first.fence, state=DeliveryState.DELIVERED, now=NOW + LEASE)
    assert not late
    mine = storage.mark_delivery(**GENERAL, fence=second.fence, state=DeliveryState.VERIFIED, now=NOW + LEASE)
    assert mine
    stored = storage.fetch_delivery(**GENERAL)
    assert stored is not None
    assert stored.state is DeliveryState.VERIFIED


def test_a_refused_mark_leaves_no_audit(storage: Storage) -> None:
    storage.save_delivery(a_delivery())
    entry = AuditEntry(ehr="general", at=NOW, action="delivered")
    assert not storage.mark_delivery(**GENERAL, fence=7, state=DeliveryState.DELIVERED, now=NOW, audit=entry)
    assert storage.fetch_audit(ehr="general") == []


def test_a_mark_changes_what_it_names_and_frees_the_lease(storage: Storage) -> None:
    storage.save_delivery(a_delivery(rung="conditional create", ids={"a": "1"}))
    claimed = storage.claim_delivery(now=NOW)
    assert claimed is not None
    storage.mark_delivery(
        **GENERAL,
        fence=claimed.fence,
        state=DeliveryState.QUEUED,
        now=NOW,
        due_at=NOW + LEASE,
        bundle={"resourceType": "Bundle", "type": "batch"},
        last_error="EHRUnavailable",
    )
    stored = storage.fetch_delivery(**GENERAL)
    assert stored == replace(
        claimed,
        state=DeliveryState.QUEUED,
        due_at=NOW + LEASE,
        bundle={"resourceType": "Bundle", "type": "batch"},
        last_error="EHRUnavailable",
        lease_until=None,
        marked_at=NOW,
    )


def test_deliveries_of_one_patient_go_one_at_a_time_and_in_order(storage: Storage) -> None:
    storage.save_delivery(a_delivery(id="later", created_at=NOW + timedelta(seconds=1)))
    storage.save_delivery(a_delivery(id="sooner"))
    storage.save_delivery(
        a_delivery(id="of charlie", patient="charlie", created_at=NOW + timedelta(seconds=2))
    )
    first = storage.claim_delivery(now=NOW)
    assert first is not None
    assert first.id == "sooner"
    second = storage.claim_delivery(now=NOW)
    assert second is not None
    assert second.id == "of charlie"
    assert storage.claim_delivery(now=NOW) is None
    storage.mark_delivery(
        ehr="general", delivery_id="sooner", fence=first.fence, state=DeliveryState.VERIFIED, now=NOW
    )
    third = storage.claim_delivery(now=NOW)
    assert third is not None
    assert third.id == "later"


def test_the_same_patient_id_at_two_hospitals_is_two_people(storage: Storage) -> None:
    storage.save_delivery(a_delivery())
    storage.save_delivery(a_delivery(ehr="other"))
    claims = [storage.claim_delivery(now=NOW) for _ in range(2)]
    assert {claimed.ehr for claimed in claims if claimed} == {"general", "other"}
    assert [one.ehr for one in storage.pending_deliveries(ehr="other", patient="alice")] == ["other"]


def test_a_claim_may_name_hospital_patient_and_delivery(storage: Storage) -> None:
    storage.save_delivery(a_delivery())
    assert storage.claim_delivery(now=NOW, ehr="other") is None
    assert storage.claim_delivery(now=NOW, ehr="general", patient="charlie") is None
    assert storage.claim_delivery(now=NOW, ehr="general", delivery_id="delivery-2") is None
    assert (
        storage.claim_delivery(now=NOW, ehr="general", patient="alice", delivery_id="delivery-1") is not None
    )


def test_what_is_held_is_claimed_only_when_asked_for(storage: Storage) -> None:
    storage.save_delivery(a_delivery(state=DeliveryState.HELD))
    assert storage.claim_delivery(now=NOW) is None
    claimed = storage.claim_delivery(now=NOW, states=(DeliveryState.QUEUED, DeliveryState.HELD))
    assert claimed is not None
    assert not claimed.resumed


def test_a_paused_lane_sends_nothing_until_its_time(storage: Storage) -> None:
    storage.save_delivery(a_delivery())
    storage.save_delivery(a_delivery(ehr="other"))
    storage.save_lane(Lane("general", paused_until=NOW + LEASE, failures=1))
    claimed = storage.claim_delivery(now=NOW)
    assert claimed is not None
    assert claimed.ehr == "other"
    assert storage.claim_delivery(now=NOW) is None
    assert storage.claim_delivery(now=NOW + LEASE, ehr="general") is not None


def test_a_dead_letter_does_not_stop_the_others(storage: Storage) -> None:
    storage.save_delivery(a_delivery(id="poison", state=DeliveryState.DEAD_LETTER))
    storage.save_delivery(a_delivery(id="good", created_at=NOW + timedelta(seconds=1)))
    claimed = storage.claim_delivery(now=NOW + LEASE)
    assert claimed is not None
    assert claimed.id == "good"


def test_deliveries_of_a_submission_are_found(storage: Storage) -> None:
    decision = a_delivery(id="decision", submission=None, kind=DeliveryKind.DECISION)
    storage.save_submission(a_submission(), [a_delivery()])
    storage.save_delivery(decision)
    assert storage.deliveries_of(ehr="general", submission_id="submission-1") == [a_delivery()]
    assert storage.fetch_delivery(ehr="general", delivery_id="decision") == decision
    assert storage.fetch_delivery(ehr="other", delivery_id="decision") is None


def test_submissions_of_a_patient_are_found_newest_first(storage: Storage) -> None:
    newer = a_submission(id="submission-2", draft="draft-2", created_at=NOW + LEASE)
    for submission in (
        a_submission(),
        newer,
        a_submission(id="of charlie", patient="charlie", draft="draft-3"),
    ):
        storage.save_submission(submission, [])
    assert storage.fetch_submissions(ehr="general", patient="alice") == [newer, a_submission()]
    assert storage.fetch_submissions(ehr="other", patient="alice") == []


def test_every_field_of_a_delivery_survives(storage: Storage) -> None:
    delivery: Delivery = a_delivery(
        ids={"response": "QuestionnaireResponse/7/_history/1"},
        last_error="x",
        rung="r",
        marked_at=NOW,
        attempts=3,
    )
    storage.save_delivery(delivery)
    assert storage.fetch_delivery(**GENERAL) == delivery


def test_a_patient_being_sent_at_one_hospital_does_not_hold_up_another(storage: Storage) -> None:
    storage.save_delivery(a_delivery())
    storage.save_delivery(a_delivery(ehr="other", id="delivery-2"))
    assert storage.claim_delivery(now=NOW) is not None
    assert storage.claim_delivery(now=NOW) is not None
