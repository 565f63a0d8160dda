"""Sealing: AES-GCM with a key id, bound to the table, column and row where the value lies."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from triage_app.errors import StorageError
from triage_app.fhir import exact_json
from triage_app.settings import SealingKey

_NONCE_BYTES = 12


class Sealer:
    """Seals with the first key and opens with the one whose id stands in front of the sealed bytes.

    Layout: the length of the key id (one byte), the key id, a 12-byte random nonce, ciphertext and tag.
    """

    def __init__(self, keys: Sequence[SealingKey]) -> None:
        self._newest = keys[0].key_id
        self._ciphers = {key.key_id: AESGCM(key.key) for key in keys}

    def seal(self, value: Any, *place: str) -> bytes:
        """Return ``value`` (anything that is JSON) sealed for ``place``: table, column, and the row's key."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, exact_json.dumps(value), _bound(place))
        key_id = self._newest.encode()
        return bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, sealed: bytes, *place: str) -> Any:
        """Return the value; raise StorageError when key or place is another, or a bit has changed."""
        key_id, rest = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise StorageError(f"{place[0]}.{place[1]}: sealed with key {key_id!r}, expected a known key id")
        try:
            return exact_json.loads(cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(place)))
        except (InvalidTag, ValueError) as error:
            raise StorageError(f"{place[0]}.{place[1]}: the sealed value does not belong here") from error

    @property
    def newest(self) -> str:
        """Return the id of the key that seals."""
        return self._newest

    def key_id_of(self, sealed: bytes) -> str:
        """Return the id of the key that sealed these bytes."""
        return _split(sealed)[0]

    def knows(self, sealed: bytes) -> bool:
        """Return whether the key that sealed these bytes is at hand."""
        return _split(sealed)[0] in self._ciphers


def _split(sealed: bytes) -> tuple[str, bytes]:
    length = sealed[0] if sealed else 0
    return sealed[1 : 1 + length].decode("ascii", "replace"), sealed[1 + length :]


def _bound(place: tuple[str, ...]) -> bytes:
    """Return the associated data; JSON keeps ``a, bc`` apart from ``ab, c``."""
    return exact_json.dumps(list(place))
