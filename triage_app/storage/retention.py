"""Retention: what has outlived its purpose is removed, what is not yet safe in the EHR never is."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, or_, select, tuple_, update
from sqlalchemy.sql.elements import ColumnElement

from triage_app.storage import tables
from triage_app.storage.connection import Database
from triage_app.storage.rows import DeliveryState

KEEP = timedelta(days=7)
LAUNCHES = timedelta(days=1)
"""Ended launches stay so long, to tell a late tab what happened; no session lives longer."""


class RetentionRows(Database):
    """The sweep."""

    def purge(self, *, now: datetime, keep: timedelta = KEEP) -> dict[str, int]:
        """Remove what has outlived its purpose; return how many rows of each table.

        Snapshots and bundles are erased ``keep`` after everything of theirs was verified, or
        where nothing was ever owed to the EHR; ids and hash stay.
        """
        launches, drafts = tables.launch.c, tables.draft.c
        old = or_(launches.created_at <= now - LAUNCHES, launches.ended_at <= now - LAUNCHES)
        submissions, deliveries = _safe_submissions(now - keep), _safe_deliveries(now - keep)
        statements = {
            "pending": delete(tables.pending).where(tables.pending.c.expires_at <= now),
            "launch": delete(tables.launch).where(old),
            "draft": delete(tables.draft).where(drafts.touched_at <= now - keep),
            "seen": delete(tables.seen).where(tables.seen.c.expires_at <= now),
            "submission": update(tables.submission).where(submissions).values(snapshot=None),
            "delivery": update(tables.delivery).where(deliveries).values(bundle=None),
        }
        with self.writing() as connection:
            return {name: connection.execute(statement).rowcount for name, statement in statements.items()}


def _unsafe(before: datetime) -> Select[tuple[str, str]]:
    """Select (EHR, submission) of those with a delivery that is not verified, or only lately."""
    columns = tables.delivery.c
    verified = and_(columns.state == DeliveryState.VERIFIED, columns.marked_at <= before)
    return select(columns.ehr, columns.submission).where(columns.submission.is_not(None), ~verified)


def _safe_submissions(before: datetime) -> ColumnElement[bool]:
    columns = tables.submission.c
    promised = select(tables.delivery.c.ehr, tables.delivery.c.submission).where(
        tables.delivery.c.submission.is_not(None)
    )
    key = tuple_(columns.ehr, columns.id)
    kept_long = and_(columns.created_at <= before, key.not_in(promised))
    sent_long = and_(key.in_(promised), key.not_in(_unsafe(before)))
    return and_(columns.snapshot.is_not(None), or_(kept_long, sent_long))


def _safe_deliveries(before: datetime) -> ColumnElement[bool]:
    columns = tables.delivery.c
    verified = and_(columns.state == DeliveryState.VERIFIED, columns.marked_at <= before)
    of_safe = tuple_(columns.ehr, columns.submission).not_in(_unsafe(before))
    return and_(columns.bundle.is_not(None), verified, or_(columns.submission.is_(None), of_safe))
