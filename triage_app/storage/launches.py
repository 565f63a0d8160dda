"""Rows of a launch: the wait for its callback, the session, the token ids that were seen."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from triage_app.storage import tables
from triage_app.storage.rows import AuditEntry, Launch, Pending
from triage_app.storage.trail import TrailRows


class LaunchRows(TrailRows):
    """Pending launches, launches and seen tokens."""

    def save_pending(self, pending: Pending) -> None:
        """Keep a launch that waits for its callback; the state is kept as its hash."""
        row = self.to_row(tables.pending, replace(pending, state=_hash(pending.state)))
        with self.writing() as connection:
            connection.execute(insert(tables.pending).values(row))

    def take_pending(self, state: str, *, now: datetime) -> Pending | None:
        """Return and remove the launch that waits for ``state``; None when unknown, used or expired."""
        statement = (
            delete(tables.pending)
            .where(tables.pending.c.state == _hash(state), tables.pending.c.expires_at > now)
            .returning(*tables.pending.columns)
        )
        with self.writing() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else replace(self.from_row(Pending, tables.pending, row), state=state)

    def save_launch(self, launch: Launch, audit: AuditEntry | None = None) -> None:
        """Insert the launch, or replace every value of the one with its id."""
        row = self.to_row(tables.launch, launch)
        with self.writing("launch", launch.id) as connection:
            connection.execute(delete(tables.launch).where(_is(launch)))
            connection.execute(insert(tables.launch).values(row))
            self.add_audit(connection, audit)

    def fetch_launch(self, launch_id: str) -> Launch | None:
        """Return the launch, ended ones included."""
        with self.reading() as connection:
            statement = select(tables.launch).where(tables.launch.c.id == launch_id)
            row = connection.execute(statement).one_or_none()
        return None if row is None else self.from_row(Launch, tables.launch, row)

    def touch_launch(self, launch: Launch, *, now: datetime) -> None:
        """Note that the launch was used; time never runs backwards."""
        where = and_(_is(launch), tables.launch.c.last_seen_at < now)
        with self.writing() as connection:
            connection.execute(update(tables.launch).where(where).values(last_seen_at=now))

    def end_launch(self, launch: Launch, *, now: datetime, audit: AuditEntry | None = None) -> None:
        """End the launch and erase its tokens."""
        with self.writing("launch", launch.id) as connection:
            connection.execute(
                update(tables.launch)
                .where(_is(launch))
                .values(ended_at=now, access_token=None, refresh_token=None)
            )
            self.add_audit(connection, audit)

    def claim_refresh(self, launch: Launch, *, now: datetime, until: datetime) -> bool:
        """Claim the right to trade the refresh token that ``launch`` holds; False when another has it."""
        with self.writing("launch", launch.id) as connection:
            row = connection.execute(select(tables.launch).where(_is(launch))).one_or_none()
            stored = None if row is None else self.from_row(Launch, tables.launch, row)
            if stored is None or stored.refresh_token != launch.refresh_token:
                return False
            if stored.refreshing_until is not None and stored.refreshing_until > now:
                return False
            connection.execute(update(tables.launch).where(_is(launch)).values(refreshing_until=until))
        return True

    def update_tokens(
        self,
        launch: Launch,
        *,
        access_token: str,
        refresh_token: str | None,
        expires_at: datetime | None,
        replaces: str,
    ) -> bool:
        """Store refreshed tokens, and end the claim, if the stored refresh token is still ``replaces``."""
        with self.writing("launch", launch.id) as connection:
            row = connection.execute(select(tables.launch).where(_is(launch))).one_or_none()
            stored = None if row is None else self.from_row(Launch, tables.launch, row)
            if stored is None or stored.refresh_token != replaces:
                return False
            fresh = replace(
                stored,
                access_token=access_token,
                refresh_token=refresh_token,
                expires_at=expires_at,
                refreshing_until=None,
            )
            values = self.to_row(tables.launch, fresh)
            connection.execute(update(tables.launch).where(_is(launch)).values(values))
        return True

    def save_seen(self, *, ehr: str, token_id: str, now: datetime, expires_at: datetime) -> bool:
        """Remember a token id until it expires; False when it was seen before."""
        key = {"ehr": ehr, "token_id": _hash(token_id)}
        where = and_(tables.seen.c.ehr == ehr, tables.seen.c.token_id == key["token_id"])
        with self.writing("seen", ehr, key["token_id"]) as connection:
            connection.execute(delete(tables.seen).where(where, tables.seen.c.expires_at <= now))
            if connection.execute(select(tables.seen).where(where)).one_or_none() is not None:
                return False
            connection.execute(insert(tables.seen).values(**key, expires_at=expires_at))
        return True


def _is(launch: Launch) -> ColumnElement[bool]:
    return and_(tables.launch.c.ehr == launch.ehr, tables.launch.c.id == launch.id)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
