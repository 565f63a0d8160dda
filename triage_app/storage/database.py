"""Storage: one object with every row behind it, its schema, and its health."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import delete, insert, select

from triage_app.errors import StorageError
from triage_app.storage import tables
from triage_app.storage.drafts import DraftRows
from triage_app.storage.lanes import LaneRows
from triage_app.storage.launches import LaunchRows
from triage_app.storage.outbox import OutboxRows
from triage_app.storage.reseal import ResealRows
from triage_app.storage.retention import RetentionRows
from triage_app.storage.rows import DeliveryState

LEAST_FREE_BYTES = 1_000_000_000
LEAST_FREE_SHARE = 0.05
"""A disk with less than both is nearly full: no new work is taken, what is under way still fits."""


class Storage(LaunchRows, DraftRows, OutboxRows, LaneRows, RetentionRows, ResealRows):
    """Rows of the app's own database. Every method is one transaction and raises StorageError."""

    def migrate(self) -> None:
        """Bring the schema to this release; refuse one that is newer, and rows whose key is lost."""
        try:
            with self.writing("schema") as connection:
                config = Config()
                config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:
            raise StorageError("the database has a schema that this release does not know") from error
        self._refuse_lost_keys()

    def _refuse_lost_keys(self) -> None:
        columns = tables.delivery.c
        owed = columns.bundle.is_not(None) & (columns.state != DeliveryState.VERIFIED)
        with self.reading() as connection:
            lost = [
                key
                for key, sealed in connection.execute(select(columns.id, columns.bundle).where(owed))
                if not self.sealer.knows(sealed)
            ]
        if lost:
            raise StorageError(f"{len(lost)} deliveries are sealed with a key that is not in sealing_keys")

    def check(self) -> None:
        """Write a row; raise StorageError when that fails, or soon will for want of disk (readiness)."""
        self._refuse_full_disk()
        probe = {"ehr": "", "token_id": "readiness"}
        with self.writing("readiness") as connection:
            connection.execute(delete(tables.seen).where(tables.seen.c.ehr == ""))
            connection.execute(insert(tables.seen).values(**probe, expires_at=datetime.now(UTC)))

    def _refuse_full_disk(self) -> None:
        path = self.engine.url.database
        if not self.is_sqlite or not path or path == ":memory:":
            return
        try:
            disk = shutil.disk_usage(Path(path).parent)
        except OSError as error:
            raise StorageError(f"the disk of the database cannot be looked at: {error.strerror}") from error
        if disk.free < LEAST_FREE_BYTES and disk.free < disk.total * LEAST_FREE_SHARE:
            raise StorageError("the disk of the database is nearly full")

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
