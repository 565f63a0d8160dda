"""A sealed value opens in its own row alone, with a key that we have, unchanged."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from factories import SEALING_KEY, a_delivery, a_launch
from sqlalchemy import text

from triage_app.errors import StorageError
from triage_app.settings import SealingKey
from triage_app.storage import Storage
from triage_app.storage.sealing import Sealer

NEWER_KEY = SealingKey("k2", bytes(range(32, 64)))
PLACE = ("draft", "answers", "general", "alice")


def test_a_sealed_value_opens_where_it_was_sealed() -> None:
    sealer = Sealer((SEALING_KEY,))
    value = {"words": "numb – very", "score": Decimal("0.70"), "list": [1, None, True]}
    assert sealer.open(sealer.seal(value, *PLACE), *PLACE) == value


@pytest.mark.parametrize(
    "place",
    [
        ("submission", "answers", "general", "alice"),
        ("draft", "snapshot", "general", "alice"),
        ("draft", "answers", "other", "alice"),
        ("draft", "answers", "general", "charlie"),
        ("draft", "answers", "generala", "lice"),
        ("draft", "answers", "general"),
    ],
)
def test_it_does_not_open_anywhere_else(place: tuple[str, ...]) -> None:
    sealer = Sealer((SEALING_KEY,))
    with pytest.raises(StorageError):
        sealer.open(sealer.seal("x", *PLACE), *place)


def test_one_changed_bit_is_noticed_wherever_it_is() -> None:
    sealer = Sealer((SEALING_KEY,))
    sealed = sealer.seal("x", *PLACE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(StorageError):
            sealer.open(bytes(changed), *PLACE)


@pytest.mark.parametrize("sealed", [b"", b"\x02k1", b"\x02k1" + b"0" * 12, b"\xff" * 40])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(StorageError):
        Sealer((SEALING_KEY,)).open(sealed, *PLACE)


def test_the_same_value_is_sealed_differently_each_time() -> None:
    sealer = Sealer((SEALING_KEY,))
    assert sealer.seal("x", *PLACE) != sealer.seal("x", *PLACE)


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = Sealer((SEALING_KEY,)).seal("x", *PLACE)
    rotated = Sealer((NEWER_KEY, SEALING_KEY))
    assert rotated.open(sealed, *PLACE) == "x"
    assert not Sealer((SEALING_KEY,)).knows(rotated.seal("x", *PLACE))


def test_tokens_moved_to_another_launch_do_not_open(storage: Storage) -> None:
    storage.save_launch(a_launch())
    storage.save_launch(a_launch(id="launch-2", patient="charlie", access_token="charlie-token"))
    with storage.writing() as connection:
        connection.execute(
            text(
                "UPDATE launch SET access_token = (SELECT access_token FROM launch WHERE id = 'launch-1') "
                "WHERE id = 'launch-2'"
            )
        )
    with pytest.raises(StorageError):
        storage.fetch_launch("launch-2")


def test_a_start_that_would_lose_waiting_deliveries_is_refused(storage: Storage, database_url: str) -> None:
    storage.save_delivery(a_delivery())
    without, with_both = Storage(database_url, (NEWER_KEY,)), Storage(database_url, (NEWER_KEY, SEALING_KEY))
    with pytest.raises(StorageError, match="1 deliver"):
        without.migrate()
    with_both.migrate()
    without.close()
    with_both.close()


def test_the_key_is_not_in_the_database(sqlite_storage: Storage, tmp_path: Path) -> None:
    sqlite_storage.save_launch(a_launch())
    sqlite_storage.close()
    assert all(SEALING_KEY.key not in path.read_bytes() for path in tmp_path.iterdir())
