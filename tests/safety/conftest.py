"""The rules of this repository, read by both evaluators."""

from __future__ import annotations

import pytest

from safety.compare import Both, load_both
from safety.crowd import Crowd
from safety.properties import World


@pytest.fixture(scope="session")
def both() -> Both:
    return load_both()


@pytest.fixture(scope="session")
def world(both: Both) -> World:
    return World(both, Crowd(both.words, both.book))
