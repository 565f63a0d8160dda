"""The engine and its transactions: how safely rows reach the disk, and how failures leave the folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Table, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from triage_app.errors import StorageError
from triage_app.settings import SealingKey
from triage_app.storage.sealing import Sealer

WAL_IS_SOUND_FROM = (3, 51, 3)
"""Older SQLite can corrupt a write-ahead log that several connections reset at once, so it has a journal."""

BUSY_TIMEOUT_MILLISECONDS = 10_000

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")

RowType = TypeVar("RowType")


class Database:
    """One engine and the sealer; the row modules build on its transactions."""

    def __init__(self, url: str, sealing_keys: Sequence[SealingKey]) -> None:
        try:
            self.engine = _engine(url)
        except (SQLAlchemyError, ImportError) as error:
            raise StorageError(f"the database address cannot be used: {type(error).__name__}") from error
        self.sealer = Sealer(sealing_keys)

    @property
    def is_sqlite(self) -> bool:
        """Return whether the rows lie in a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for reads."""
        with _own_errors(), self.engine.connect().execution_options(only_reads=True) as connection:
            yield connection

    @contextmanager
    def writing(self, *alone: str) -> Iterator[Connection]:
        """Yield a connection whose transaction is on disk when the block ends, or undone.

        ``alone`` names what no other transaction may change meanwhile: SQLite has one writer anyhow,
        PostgreSQL takes an advisory lock, so that a row that was read is still so when it is written.
        """
        with _own_errors(), self.engine.begin() as connection:
            if alone and not self.is_sqlite:
                connection.execute(_LOCK, {"name": "|".join(alone)})
            yield connection

    def to_row(self, table: Table, value: Any) -> dict[str, Any]:
        """Return the columns of a row dataclass, sealed where the table says so."""
        plain = {column.name: getattr(value, column.name) for column in table.columns}
        return {**plain, **self.seal(table, plain, plain)}

    def seal(self, table: Table, key: dict[str, Any], values: dict[str, Any]) -> dict[str, bytes]:
        """Return the sealed ones of ``values``, bound to the row that ``key`` names."""
        return {
            column.name: self.sealer.seal(values[column.name], *place_of(table, column.name, key))
            for column in table.columns
            if column.info.get("sealed") and values.get(column.name) is not None
        }

    def from_row(self, row_type: type[RowType], table: Table, row: Row[Any]) -> RowType:
        """Return the row as its dataclass, opened; what was erased comes back as an empty mapping or None."""
        plain = dict(row._mapping)
        for column in table.columns:
            if column.info.get("sealed") and plain[column.name] is not None:
                place = place_of(table, column.name, plain)
                plain[column.name] = self.sealer.open(plain[column.name], *place)
        for item in fields(row_type):  # type: ignore[arg-type]
            if plain[item.name] is None and str(item.type).startswith("Mapping"):
                plain[item.name] = {}
        return row_type(**{item.name: plain[item.name] for item in fields(row_type)})  # type: ignore[arg-type]


def place_of(table: Table, column: str, key: dict[str, Any]) -> tuple[str, ...]:
    """Return where a sealed value lies, to which it is bound: table, column and the row's key."""
    return (table.name, column, *(str(key[part.name]) for part in table.primary_key.columns))


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # The cause may quote parameters, hence patient data: only its kind goes into the message.
        raise StorageError(f"the database failed: {type(error).__name__}") from None


def _engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    sound = sqlite3.sqlite_version_info >= WAL_IS_SOUND_FROM
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MILLISECONDS}",
        f"journal_mode={'WAL' if sound else 'DELETE'}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "mmap_size=0",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a read that turns into a write would ignore the busy timeout."""
    reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
