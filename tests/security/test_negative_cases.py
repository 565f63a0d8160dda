"""Every negative case of launch, callback, token, id_token and refresh, with a spy on the sockets."""

from __future__ import annotations

import pytest

from . import negative_identity  # noqa: F401 - notes its cases
from .hostile import World
from .negative_launch import CASES

COUNTS = {"launch": 14, "callback": 11, "token": 11, "id_token": 20, "refresh": 5}


@pytest.mark.parametrize("name", CASES)
def test_a_negative_case(name: str, world: World) -> None:
    CASES[name](world)
    assert world.foreign == [], "a request left for a host that was not launched from"


def test_all_61_are_there() -> None:
    found = [name.partition(": ")[0] for name in CASES if "control" not in name.split(": ")[1].split(",")]
    assert {group: found.count(group) for group in COUNTS} == COUNTS
