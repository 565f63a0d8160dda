"""Rows of a lane: the road to one EHR, paused for all processes at once."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, insert, select

from triage_app.storage import tables
from triage_app.storage.connection import Database
from triage_app.storage.rows import Lane


class LaneRows(Database):
    """One lane for each EHR; absent means open."""

    def fetch_lane(self, ehr: str) -> Lane:
        """Return the road to one EHR."""
        with self.reading() as connection:
            row = connection.execute(select(tables.lane).where(tables.lane.c.ehr == ehr)).one_or_none()
        return Lane(ehr) if row is None else self.from_row(Lane, tables.lane, row)

    def save_lane(self, lane: Lane) -> None:
        """Pause or open the road to one EHR."""
        with self.writing("lane", lane.ehr) as connection:
            connection.execute(delete(tables.lane).where(tables.lane.c.ehr == lane.ehr))
            connection.execute(insert(tables.lane).values(asdict(lane)))
