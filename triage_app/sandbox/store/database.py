"""Every version of every resource, in one SQLite table."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from triage_app.sandbox.store.outcome import Refusal, Resource

_SCHEMA = """
create table if not exists version (
    sequence integer primary key autoincrement,
    type text not null, id text not null, version integer not null,
    at text not null, method text not null, current integer not null, body text,
    unique (type, id, version));
create index if not exists current_of_type on version (type, current);
"""


@dataclass(frozen=True)
class Stored:
    """One version of one resource; ``body`` is None where this version is its deletion."""

    type: str
    id: str
    version: int
    at: str
    method: str
    body: Resource | None

    @property
    def etag(self) -> str:
        """The weak entity tag that If-Match wants."""
        return f'W/"{self.version}"'

    @property
    def modified(self) -> datetime:
        """When this version was written, in UTC."""
        return datetime.fromisoformat(self.at)


class Store:
    """Reads and writes versions; every write is one SQLite transaction, or part of a larger one."""

    def __init__(self, path: str, *, clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SCHEMA)
        self._lock = threading.RLock()
        self._depth = 0
        self._clock = clock
        self.new_id = new_id

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is stored together, or not at all; transactions nest into the outermost."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._connection.execute("begin immediate")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if outermost:
                    self._connection.execute("rollback")
                raise
            self._depth -= 1
            if outermost:
                self._connection.execute("commit")

    def close(self) -> None:
        """Close the database; a store in memory is gone with it."""
        with self._lock:
            self._connection.close()

    def write(self, resource: Resource, resource_id: str, *, method: str) -> Stored:
        """Store the next version under this id; ``meta.versionId`` and ``lastUpdated`` are ours."""
        with self.transaction():
            version = self._last_version(resource["resourceType"], resource_id) + 1
            at = self._clock().isoformat(timespec="milliseconds")
            meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": at}
            body = {**resource, "id": resource_id, "meta": meta}
            return self._append(Stored(resource["resourceType"], resource_id, version, at, method, body))

    def delete(self, resource_type: str, resource_id: str) -> Stored | None:
        """Mark as deleted; None where there is nothing to delete."""
        with self.transaction():
            newest = self.newest(resource_type, resource_id)
            if newest is None or newest.body is None:
                return newest
            at = self._clock().isoformat(timespec="milliseconds")
            return self._append(Stored(resource_type, resource_id, newest.version + 1, at, "DELETE", None))

    def newest(self, resource_type: str, resource_id: str) -> Stored | None:
        """The newest version, a deletion included; None where the id was never used."""
        rows = self._rows("type = ? and id = ? and current = 1", resource_type, resource_id)
        return rows[0] if rows else None

    def read(self, resource_type: str, resource_id: str) -> Stored:
        """The current version, or a 404 or 410 refusal."""
        found = self.newest(resource_type, resource_id)
        if found is None:
            raise Refusal(404, "not-found", f"{resource_type}/{resource_id} is not here")
        if found.body is None:
            raise Refusal(410, "deleted", f"{resource_type}/{resource_id} was deleted")
        return found

    def read_version(self, resource_type: str, resource_id: str, version: str) -> Stored:
        """One version, or a 404 or 410 refusal."""
        rows = self._rows(
            "type = ? and id = ? and cast(version as text) = ?", resource_type, resource_id, version
        )
        if not rows:
            raise Refusal(404, "not-found", f"{resource_type}/{resource_id} has no version {version}")
        if rows[0].body is None:
            raise Refusal(
                410, "deleted", f"version {version} of {resource_type}/{resource_id} is its deletion"
            )
        return rows[0]

    def history(self, resource_type: str, resource_id: str) -> list[Stored]:
        """All versions, newest first."""
        return self._rows("type = ? and id = ? order by version desc", resource_type, resource_id)

    def current(self, resource_type: str, *, containing: Sequence[str] = ()) -> list[Stored]:
        """Live resources of a type in the order written; each text in ``containing`` stands in their JSON."""
        where = "type = ? and current = 1 and body is not null" + " and instr(body, ?) > 0" * len(containing)
        return self._rows(where + " order by sequence", resource_type, *containing)

    def all(self, resource_type: str) -> list[Resource]:
        """Live resources of a type, in the order last written."""
        return [stored.body for stored in self.current(resource_type) if stored.body is not None]

    def _append(self, stored: Stored) -> Stored:
        body = None if stored.body is None else json.dumps(stored.body, ensure_ascii=False)
        key = (stored.type, stored.id)
        self._connection.execute("update version set current = 0 where type = ? and id = ?", key)
        self._connection.execute(
            "insert into version (type, id, version, at, method, current, body) values (?, ?, ?, ?, ?, 1, ?)",
            (*key, stored.version, stored.at, stored.method, body),
        )
        return stored

    def _last_version(self, resource_type: str, resource_id: str) -> int:
        newest = self.newest(resource_type, resource_id)
        return newest.version if newest else 0

    def _rows(self, where: str, *values: str) -> list[Stored]:
        columns = "type, id, version, at, method, body"
        with self._lock:
            query = f"select {columns} from version where {where}"  # noqa: S608 - the conditions are written here
            rows = self._connection.execute(query, values).fetchall()
        return [Stored(**{**row, "body": json.loads(row["body"]) if row["body"] else None}) for row in rows]
