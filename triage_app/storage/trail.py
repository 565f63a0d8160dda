"""The audit trail: who did what when, appended in the same transaction as the act."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from triage_app.storage import tables
from triage_app.storage.connection import Database
from triage_app.storage.rows import AuditEntry


class TrailRows(Database):
    """Audit entries; never changed, never removed here."""

    def save_audit(self, entry: AuditEntry) -> None:
        """Append one entry."""
        with self.writing() as connection:
            self.add_audit(connection, entry)

    def add_audit(self, connection: Connection, entry: AuditEntry | None) -> None:
        """Append the entry, if any, within a transaction that does the act itself."""
        if entry is not None:
            connection.execute(insert(tables.audit).values(asdict(entry)))

    def fetch_audit(self, *, ehr: str, launch: str | None = None) -> list[AuditEntry]:
        """Return the entries, oldest first."""
        statement = select(tables.audit).where(tables.audit.c.ehr == ehr).order_by(tables.audit.c.number)
        if launch is not None:
            statement = statement.where(tables.audit.c.launch == launch)
        with self.reading() as connection:
            rows = connection.execute(statement).all()
        return [self.from_row(AuditEntry, tables.audit, row) for row in rows]
