"""Rows of the outbox: submissions and what is owed to the EHR, claimed with lease and fence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from triage_app.storage import tables
from triage_app.storage.rows import AuditEntry, Delivery, DeliveryState, Submission
from triage_app.storage.trail import TrailRows

LEASE = timedelta(seconds=60)
"""Longer than the slowest write to an EHR may take; a sender that is silent so long is taken for dead."""


class OutboxRows(TrailRows):
    """Submissions and deliveries."""

    def save_submission(
        self, submission: Submission, deliveries: Sequence[Delivery], *, audit: AuditEntry | None = None
    ) -> Submission:
        """Store submission, deliveries and audit, and remove its draft, in one transaction.

        A second call for the same ``draft`` (or id) changes nothing and returns the submission of the first.
        """
        with self.writing("patient", submission.ehr, submission.patient) as connection:
            stored = _stored(connection, submission)
            if stored is None:
                self._add_submission(connection, submission, deliveries)
                self.add_audit(connection, audit)
        return submission if stored is None else self.from_row(Submission, tables.submission, stored)

    def _add_submission(
        self, connection: Connection, submission: Submission, deliveries: Sequence[Delivery]
    ) -> None:
        connection.execute(insert(tables.submission).values(self.to_row(tables.submission, submission)))
        for delivery in deliveries:
            connection.execute(insert(tables.delivery).values(self.to_row(tables.delivery, delivery)))
        if submission.draft is not None:
            same = and_(tables.draft.c.ehr == submission.ehr, tables.draft.c.id == submission.draft)
            connection.execute(delete(tables.draft).where(same))

    def fetch_submission(self, *, ehr: str, submission_id: str) -> Submission | None:
        """Return one submission; its snapshot is empty once it was erased."""
        where = and_(tables.submission.c.ehr == ehr, tables.submission.c.id == submission_id)
        with self.reading() as connection:
            row = connection.execute(select(tables.submission).where(where)).one_or_none()
        return None if row is None else self.from_row(Submission, tables.submission, row)

    def fetch_submissions(self, *, ehr: str, patient: str) -> list[Submission]:
        """Return the patient's submissions, newest first."""
        columns = tables.submission.c
        statement = (
            select(tables.submission)
            .where(columns.ehr == ehr, columns.patient == patient)
            .order_by(columns.created_at.desc(), columns.id)
        )
        with self.reading() as connection:
            rows = connection.execute(statement).all()
        return [self.from_row(Submission, tables.submission, row) for row in rows]

    def save_delivery(self, delivery: Delivery, audit: AuditEntry | None = None) -> None:
        """Queue a delivery that belongs to no submission (a decision)."""
        with self.writing() as connection:
            connection.execute(insert(tables.delivery).values(self.to_row(tables.delivery, delivery)))
            self.add_audit(connection, audit)

    def fetch_delivery(self, *, ehr: str, delivery_id: str) -> Delivery | None:
        """Return one delivery."""
        with self.reading() as connection:
            row = connection.execute(select(tables.delivery).where(_is(ehr, delivery_id))).one_or_none()
        return None if row is None else self.from_row(Delivery, tables.delivery, row)

    def deliveries_of(self, *, ehr: str, submission_id: str) -> list[Delivery]:
        """Return the deliveries of one submission, oldest first."""
        return self._deliveries(tables.delivery.c.ehr == ehr, tables.delivery.c.submission == submission_id)

    def pending_deliveries(self, *, ehr: str | None = None, patient: str | None = None) -> list[Delivery]:
        """Return the deliveries that are not yet verified, oldest first."""
        columns = tables.delivery.c
        filters = [columns.state != DeliveryState.VERIFIED]
        filters += [columns.ehr == ehr] if ehr is not None else []
        filters += [columns.patient == patient] if patient is not None else []
        return self._deliveries(*filters)

    def _deliveries(self, *filters: ColumnElement[bool]) -> list[Delivery]:
        columns = tables.delivery.c
        statement = select(tables.delivery).where(*filters).order_by(columns.created_at, columns.id)
        with self.reading() as connection:
            rows = connection.execute(statement).all()
        return [self.from_row(Delivery, tables.delivery, row) for row in rows]

    def claim_delivery(
        self,
        *,
        now: datetime,
        lease: timedelta = LEASE,
        ehr: str | None = None,
        patient: str | None = None,
        delivery_id: str | None = None,
        states: Sequence[DeliveryState] = (DeliveryState.QUEUED,),
    ) -> Delivery | None:
        """Claim the oldest due delivery that fits, or None; its fence proves the claim.

        A delivery in SENDING whose lease ran out fits too and comes back ``resumed``. Deliveries of one
        patient go one at a time, and those of a paused lane not at all.
        """
        chosen = _claimable(now, states)
        for column, value in (("ehr", ehr), ("patient", patient), ("id", delivery_id)):
            if value is not None:
                chosen = chosen.where(tables.delivery.c[column] == value)
        statement = _claim(chosen, now=now, lease_until=now + lease)
        with self.writing("claims") as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else self.from_row(Delivery, tables.delivery, row)

    def mark_delivery(
        self,
        *,
        ehr: str,
        delivery_id: str,
        fence: int,
        state: DeliveryState,
        now: datetime,
        due_at: datetime | None = None,
        bundle: Mapping[str, Any] | None = None,
        ids: Mapping[str, Any] | None = None,
        last_error: str | None = None,
        rung: str | None = None,
        audit: AuditEntry | None = None,
    ) -> bool:
        """Write what became of a claimed delivery and free its lease; False when the fence is no longer ours.

        What is None stays as it is, but for ``last_error``, which speaks of this attempt alone.
        """
        changes: dict[str, Any] = {"due_at": due_at, "ids": ids, "rung": rung}
        values = {name: value for name, value in changes.items() if value is not None}
        key = {"ehr": ehr, "id": delivery_id}
        values |= self.seal(tables.delivery, key, {"bundle": bundle})
        values |= {"state": state, "last_error": last_error, "lease_until": None, "marked_at": now}
        where = and_(_is(ehr, delivery_id), tables.delivery.c.fence == fence)
        with self.writing() as connection:
            marked = connection.execute(update(tables.delivery).where(where).values(values)).rowcount == 1
            self.add_audit(connection, audit if marked else None)
        return marked


def _is(ehr: str, delivery_id: str) -> ColumnElement[bool]:
    return and_(tables.delivery.c.ehr == ehr, tables.delivery.c.id == delivery_id)


def _stored(connection: Connection, submission: Submission) -> Any:
    columns = tables.submission.c
    same = columns.id == submission.id
    if submission.draft is not None:
        same = or_(same, columns.draft == submission.draft)
    return connection.execute(select(tables.submission).where(columns.ehr == submission.ehr, same)).first()


def _claim(chosen: Any, *, now: datetime, lease_until: datetime) -> Any:
    columns = tables.delivery.c
    return (
        update(tables.delivery)
        .where(tuple_(columns.ehr, columns.id).in_(chosen.limit(1)))
        .values(
            resumed=columns.state == DeliveryState.SENDING,
            state=DeliveryState.SENDING,
            fence=columns.fence + 1,
            attempts=columns.attempts + 1,
            lease_until=lease_until,
            marked_at=now,
        )
        .returning(*columns)
    )


def _claimable(now: datetime, states: Sequence[DeliveryState]) -> Any:
    """Select the keys of deliveries that are due, free, on an open lane, and alone for their patient."""
    columns, others, lanes = tables.delivery.c, tables.delivery.alias(), tables.lane.c
    lost = and_(columns.state == DeliveryState.SENDING, columns.lease_until <= now)
    busy = select(others.c.id).where(
        others.c.ehr == columns.ehr,
        others.c.patient == columns.patient,
        others.c.id != columns.id,
        others.c.state == DeliveryState.SENDING,
        others.c.lease_until > now,
    )
    paused = select(lanes.ehr).where(lanes.ehr == columns.ehr, lanes.paused_until > now)
    return (
        select(columns.ehr, columns.id)
        .where(or_(and_(columns.state.in_(list(states)), columns.due_at <= now), lost))
        .where(~busy.exists(), ~paused.exists())
        .order_by(columns.created_at, columns.id)
    )
