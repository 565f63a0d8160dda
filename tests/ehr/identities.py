"""A hospital's signing keys, and id_tokens good and forged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from factories import NOW
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

ISSUER = "https://ehr.example.org/fhir"
NONCE = "nonce-of-this-launch"

Key = RSAKey | ECKey


@cache
def rsa_key(kid: str = "rsa-1") -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid})


@cache
def ec_key(kid: str = "ec-1") -> ECKey:
    return ECKey.generate_key("P-384", parameters={"kid": kid})


def public(*keys: Key) -> dict[str, Any]:
    """What the hospital publishes."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that hold; None removes one."""
    now = int(NOW.timestamp())
    good = {
        "iss": ISSUER,
        "aud": "nerve-triage",
        "sub": "alice-login",
        "exp": now + 300,
        "iat": now,
        "nonce": NONCE,
        "fhirUser": "Patient/alice",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(
    plain: dict[str, Any] | None = None, *, key: Key | None = None, algorithm: str = "RS256", **header: Any
) -> str:
    """An id_token with these claims, by this key; a header of None is left out."""
    key = key or rsa_key()
    told = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **header}
    told = {name: value for name, value in told.items() if value is not None}
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jwt.encode(told, claims() if plain is None else plain, key, [algorithm], registry=registry)


def by_hand(header: dict[str, Any], plain: dict[str, Any], secret: bytes | None) -> str:
    """A token that no library would make: unsigned, or signed with a public key as if it were a secret."""
    front = f"{_base64(header)}.{_base64(plain)}"
    if secret is None:
        return f"{front}."
    seal = hmac.new(secret, front.encode(), hashlib.sha256).digest()
    return f"{front}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def _base64(plain: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).rstrip(b"=").decode()
