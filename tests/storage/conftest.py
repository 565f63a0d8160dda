"""A migrated database of its own for each test: a SQLite file, and PostgreSQL where the machine has it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import SEALING_KEY
from machine import require
from postgres import binaries, running_postgres
from sqlalchemy import create_engine, text

from triage_app.storage import Storage


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    programs = binaries()
    if programs is None:
        require("postgres", "PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="triage-postgres-") as folder:  # noqa: SIM117
        with running_postgres(programs, Path(folder)) as url:
            yield url


def _empty_postgres(url: str) -> str:
    """Throw away what an earlier test left."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/triage.db"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    if request.param == "sqlite":
        return sqlite_url
    return _empty_postgres(request.getfixturevalue("postgres_server"))


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    storage = Storage(database_url, (SEALING_KEY,))
    storage.migrate()
    yield storage
    storage.close()


@pytest.fixture
def sqlite_storage(sqlite_url: str) -> Iterator[Storage]:
    storage = Storage(sqlite_url, (SEALING_KEY,))
    storage.migrate()
    yield storage
    storage.close()
