"""Seals again with the newest key what lies under older ones, row by row, beside a running app."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, and_, select, update

from triage_app.errors import StorageError
from triage_app.storage import tables
from triage_app.storage.connection import Database, place_of


class ResealRows(Database):
    """The rotation of sealing keys."""

    def reseal(self) -> tuple[Counter[str], Counter[str]]:
        """Return how many values of each table were sealed anew, and how many no key at hand opens.

        Each value is a transaction of its own that changes nothing when the app wrote it meanwhile.
        """
        done: Counter[str] = Counter()
        lost: Counter[str] = Counter()
        for table, column, row in self._sealed_values():
            if self.sealer.key_id_of(row[-1]) == self.sealer.newest:
                continue
            try:
                done[table.name] += self._reseal_one(table, column, row)
            except StorageError:
                lost[table.name] += 1
        return +done, lost

    def sealed_with(self) -> Counter[str]:
        """Return how many values lie under each key id."""
        return Counter(self.sealer.key_id_of(row[-1]) for _, _, row in self._sealed_values())

    def _sealed_values(self) -> Iterator[tuple[Table, Column[Any], Any]]:
        for table in tables.metadata.sorted_tables:
            for column in table.columns:
                if column.info.get("sealed"):
                    statement = select(*table.primary_key.columns, column).where(column.is_not(None))
                    with self.reading() as connection:
                        rows = connection.execute(statement).all()
                    yield from ((table, column, row) for row in rows)

    def _reseal_one(self, table: Table, column: Column[Any], row: Any) -> int:
        place = place_of(table, column.name, dict(row._mapping))
        fresh = self.sealer.seal(self.sealer.open(row[-1], *place), *place)
        same = [key == row._mapping[key.name] for key in table.primary_key.columns]
        with self.writing() as connection:
            statement = update(table).where(and_(*same, column == row[-1])).values({column.name: fresh})
            return connection.execute(statement).rowcount
