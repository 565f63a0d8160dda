"""Rows of a draft: answers on their way, picked up by the same person's next launch."""

from __future__ import annotations

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.sql.elements import ColumnElement

from triage_app.storage import tables
from triage_app.storage.rows import Draft
from triage_app.storage.trail import TrailRows


class DraftRows(TrailRows):
    """Drafts, one for each EHR, patient, author and pathway."""

    def fetch_draft(self, *, ehr: str, patient: str, author: str, pathway: str) -> Draft | None:
        """Return the draft of this patient, author and pathway."""
        with self.reading() as connection:
            where = _key(ehr=ehr, patient=patient, author=author, pathway=pathway)
            row = connection.execute(select(tables.draft).where(where)).one_or_none()
        return None if row is None else self.from_row(Draft, tables.draft, row)

    def save_draft(self, draft: Draft) -> bool:
        """Store the draft unless another draft, or the same one as far or further on, is there; say whether.

        So an older tab never overwrites a newer one: read, change, add one to ``sequence``, save, and read
        again when the answer is False.
        """
        where = _key(ehr=draft.ehr, patient=draft.patient, author=draft.author, pathway=draft.pathway)
        row = self.to_row(tables.draft, draft)
        with self.writing("patient", draft.ehr, draft.patient) as connection:
            stored = connection.execute(select(tables.draft).where(where)).one_or_none()
            if stored is not None and (stored.id != draft.id or stored.sequence >= draft.sequence):
                return False
            connection.execute(delete(tables.draft).where(where))
            connection.execute(insert(tables.draft).values(row))
        return True

    def delete_draft(self, *, ehr: str, patient: str, author: str, pathway: str) -> None:
        """Remove the draft, if any."""
        with self.writing() as connection:
            where = _key(ehr=ehr, patient=patient, author=author, pathway=pathway)
            connection.execute(delete(tables.draft).where(where))


def _key(*, ehr: str, patient: str, author: str, pathway: str) -> ColumnElement[bool]:
    columns = tables.draft.c
    return and_(
        columns.ehr == ehr,
        columns.patient == patient,
        columns.author == author,
        columns.pathway == pathway,
    )
