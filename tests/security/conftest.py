"""A hostile world for each case, with every connection of this process noted."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from triage_app import questionnaires_folder
from triage_app.catalogue.load import Catalogue

from .hostile import World, a_world


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load(questionnaires_folder())


@pytest.fixture
def world(tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    connections: list[tuple[Any, ...]] = []
    connect = socket.socket.connect

    def note(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple):
            connections.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    with a_world(tmp_path, catalogue, connections) as made:
        yield made
