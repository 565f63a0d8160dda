"""Storage: one object with every row behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from triage_app.settings import SealingKey
from triage_app.storage.rows import (
    AuditEntry,
    Delivery,
    DeliveryState,
    Draft,
    Lane,
    Launch,
    Pending,
    Submission,
)


class Storage:
    """Rows of the app's own database. Every method is one transaction and raises StorageError."""

    def __init__(self, url: str, sealing_keys: Sequence[SealingKey]) -> None:
        raise NotImplementedError

    def migrate(self) -> None:
        """Bring the schema to this release; refuse one that is newer."""
        raise NotImplementedError

    def check(self) -> None:
        """Write and read a row; raise StorageError when that fails (readiness)."""
        raise NotImplementedError

    def save_pending(self, pending: Pending) -> None:
        """Keep a launch that waits for its callback."""
        raise NotImplementedError

    def take_pending(self, state: str, *, now: datetime) -> Pending | None:
        """Return and remove the launch that waits for ``state``; None when unknown, used or expired."""
        raise NotImplementedError

    def save_launch(self, launch: Launch, audit: AuditEntry | None = None) -> None:
        """Insert the launch, or replace every value of the one with its id."""
        raise NotImplementedError

    def fetch_launch(self, launch_id: str) -> Launch | None:
        """Return the launch, ended ones included."""
        raise NotImplementedError

    def touch_launch(self, launch: Launch, *, now: datetime) -> None:
        """Note that the launch was used."""
        raise NotImplementedError

    def end_launch(self, launch: Launch, *, now: datetime, audit: AuditEntry | None = None) -> None:
        """End the launch and erase its tokens."""
        raise NotImplementedError

    def update_tokens(
        self,
        launch: Launch,
        *,
        access_token: str,
        refresh_token: str | None,
        expires_at: datetime | None,
        replaces: str,
    ) -> bool:
        """Store refreshed tokens if the stored refresh token is still ``replaces``; say whether."""
        raise NotImplementedError

    def fetch_draft(self, *, ehr: str, patient: str, author: str, pathway: str) -> Draft | None:
        """Return the draft of this patient, author and pathway."""
        raise NotImplementedError

    def save_draft(self, draft: Draft) -> bool:
        """Store the draft unless one with the same or a higher sequence is there; say whether."""
        raise NotImplementedError

    def delete_draft(self, *, ehr: str, patient: str, author: str, pathway: str) -> None:
        """Remove the draft, if any."""
        raise NotImplementedError

    def save_submission(
        self,
        submission: Submission,
        deliveries: Sequence[Delivery],
        *,
        author: str,
        audit: AuditEntry | None = None,
    ) -> Submission:
        """Store submission, deliveries and audit, and remove the draft of ``author``, in one transaction.

        A second call for the same ``submission.draft`` changes nothing and returns the first submission.
        """
        raise NotImplementedError

    def fetch_submission(self, *, ehr: str, submission_id: str) -> Submission | None:
        """Return one submission."""
        raise NotImplementedError

    def fetch_submissions(self, *, ehr: str, patient: str) -> list[Submission]:
        """Return the patient's submissions that are still kept, newest first."""
        raise NotImplementedError

    def save_delivery(self, delivery: Delivery, audit: AuditEntry | None = None) -> None:
        """Queue a delivery that belongs to no submission (a decision)."""
        raise NotImplementedError

    def fetch_delivery(self, *, ehr: str, delivery_id: str) -> Delivery | None:
        """Return one delivery."""
        raise NotImplementedError

    def claim_delivery(
        self,
        *,
        now: datetime,
        lease: timedelta = timedelta(seconds=60),
        ehr: str | None = None,
        patient: str | None = None,
        delivery_id: str | None = None,
        states: Sequence[DeliveryState] = (DeliveryState.QUEUED,),
    ) -> Delivery | None:
        """Claim the oldest due delivery that fits, or None; its fence proves the claim.

        A delivery in SENDING whose lease ran out fits too and comes back ``resumed``. Deliveries of one patient go
        one at a time, and those of a paused lane not at all.
        """
        raise NotImplementedError

    def mark_delivery(
        self,
        *,
        ehr: str,
        delivery_id: str,
        fence: int,
        state: DeliveryState,
        due_at: datetime | None = None,
        bundle: Mapping[str, Any] | None = None,
        ids: Mapping[str, Any] | None = None,
        last_error: str | None = None,
        rung: str | None = None,
        audit: AuditEntry | None = None,
    ) -> bool:
        """Write what became of a claimed delivery and free its lease; False when the fence is no longer ours."""
        raise NotImplementedError

    def pending_deliveries(self, *, ehr: str | None = None, patient: str | None = None) -> list[Delivery]:
        """Return the deliveries that are not yet verified, oldest first."""
        raise NotImplementedError

    def deliveries_of(self, *, ehr: str, submission_id: str) -> list[Delivery]:
        """Return the deliveries of one submission."""
        raise NotImplementedError

    def fetch_lane(self, ehr: str) -> Lane:
        """Return the road to one EHR."""
        raise NotImplementedError

    def save_lane(self, lane: Lane) -> None:
        """Pause or open the road to one EHR."""
        raise NotImplementedError

    def save_audit(self, entry: AuditEntry) -> None:
        """Append one entry."""
        raise NotImplementedError

    def fetch_audit(self, *, ehr: str, launch: str | None = None) -> list[AuditEntry]:
        """Return the entries, oldest first."""
        raise NotImplementedError

    def save_seen(self, *, ehr: str, token_id: str, now: datetime, expires_at: datetime) -> bool:
        """Remember a token id until it expires; False when it was seen before."""
        raise NotImplementedError

    def purge(self, *, now: datetime, keep: timedelta = timedelta(days=7)) -> dict[str, int]:
        """Remove what has outlived its purpose; return how many rows of each table."""
        raise NotImplementedError
