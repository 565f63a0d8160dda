"""A migrated database in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import SEALING_KEY

from triage_app.storage import Storage


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/triage.db"


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    storage = Storage(database_url, (SEALING_KEY,))
    storage.migrate()
    yield storage
    storage.close()
