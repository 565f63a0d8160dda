"""The schema comes from migrations alone, on a disk that is waited for."""

from __future__ import annotations

import sqlite3

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from factories import NOW, SEALING_KEY, a_launch
from sqlalchemy import text

from triage_app.errors import StorageError
from triage_app.storage import Storage, tables
from triage_app.storage.connection import WAL_IS_SOUND_FROM


def test_migrations_make_the_tables_that_the_code_reads(storage: Storage) -> None:
    with storage.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_a_second_start_changes_nothing(storage: Storage) -> None:
    storage.save_launch(a_launch())
    storage.migrate()
    assert storage.fetch_launch("launch-1") == a_launch()


def test_a_schema_of_a_newer_release_is_refused(storage: Storage) -> None:
    with storage.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="schema"):
        storage.migrate()


def test_a_migration_that_dies_leaves_nothing(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_storage = Storage(sqlite_url, (SEALING_KEY,))

    def die(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", die)
        with pytest.raises(KeyboardInterrupt):
            sqlite_storage.migrate()
    with sqlite_storage.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar() == 0
    sqlite_storage.migrate()
    sqlite_storage.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 10_000),
        ("secure_delete", 1),
        ("mmap_size", 0),
    ],
)
def test_sqlite_waits_for_the_disk(pragma: str, value: int, sqlite_storage: Storage) -> None:
    with sqlite_storage.reading() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() in (value, None)


def test_a_write_ahead_log_is_kept_only_where_it_is_sound(
    sqlite_url: str, sqlite_storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def journal(one: Storage) -> object:
        with one.reading() as connection:
            return connection.exec_driver_sql("PRAGMA journal_mode").scalar()

    sound = sqlite3.sqlite_version_info >= WAL_IS_SOUND_FROM
    assert journal(sqlite_storage) == ("wal" if sound else "delete")
    monkeypatch.setattr(sqlite3, "sqlite_version_info", WAL_IS_SOUND_FROM)
    newer = Storage(sqlite_url, (SEALING_KEY,))
    assert journal(newer) == "wal"
    newer.close()


def test_a_write_takes_its_lock_at_once(sqlite_storage: Storage, sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with sqlite_storage.writing():
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_every_key_begins_with_the_hospital() -> None:
    for table in tables.metadata.sorted_tables:
        if table.name != "audit":
            assert next(iter(table.primary_key.columns)).name == "ehr", table.name


def test_a_launch_is_never_seen_before_it_was(storage: Storage) -> None:
    storage.save_launch(a_launch())
    storage.touch_launch(a_launch(), now=NOW.replace(year=2025))
    stored = storage.fetch_launch("launch-1")
    assert stored is not None
    assert stored.last_seen_at == NOW


def test_the_schema_can_be_taken_back_and_made_again(storage: Storage) -> None:
    with storage.writing() as connection:
        config = Config()
        config.set_main_option("script_location", "triage_app:storage/migrations")
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    storage.migrate()
    storage.save_launch(a_launch())
