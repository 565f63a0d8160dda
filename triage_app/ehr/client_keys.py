"""The app's own key pairs at an EHR: read at the start, published, and used to sign assertions."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, RSAKey, import_key

from triage_app.errors import ConfigurationError
from triage_app.fhir import exact_json
from triage_app.settings import EHR, Secret

LIFE_SECONDS = 240
"""An assertion lives so long; SMART allows 300."""

_LEAST_RSA_BITS = 2048
_PUBLIC_MEMBERS = ("kty", "n", "e", "crv", "x", "y")


@dataclass(frozen=True)
class ClientKey:
    """One private key, the id under which its public half is published, and how it signs."""

    kid: str
    algorithm: str
    key: RSAKey | ECKey = field(repr=False)

    def public(self) -> dict[str, Any]:
        """Return the public half as a JSON Web Key."""
        plain = self.key.as_dict(private=False)
        members = {name: plain[name] for name in _PUBLIC_MEMBERS if name in plain}
        return {"kid": self.kid, "use": "sig", "alg": self.algorithm, **members}


def read_keys(ehr: EHR) -> tuple[ClientKey, ...]:
    """Return the EHR's keys in the registry's order; raise ConfigurationError naming the one that fails."""
    keys = tuple(
        _read(f"ehr.{ehr.key}: private key {number}", secret)
        for number, secret in enumerate(ehr.client_keys, start=1)
    )
    if len({key.kid for key in keys}) < len(keys):
        raise ConfigurationError(f"ehr.{ehr.key}: private keys: found one twice, expected each once")
    return keys


def _read(where: str, secret: Secret) -> ClientKey:
    expected = f"expected a private key, RSA of {_LEAST_RSA_BITS} bits or more or EC P-384, as PEM or JWK"
    try:
        with warnings.catch_warnings():  # joserfc only warns of a weak key; below it is refused
            warnings.simplefilter("ignore", SecurityWarning)
            key = _imported(secret.reveal())
    except (JoseError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{where}: found a text that is none, {expected}") from error
    algorithm = _algorithm(key)
    if algorithm is None or not isinstance(key, (RSAKey, ECKey)) or not key.is_private:
        raise ConfigurationError(f"{where}: found a key of another kind, {expected}")
    return ClientKey(key.kid or key.thumbprint(), algorithm, key)


def _imported(text: str) -> object:
    if text.startswith("{"):
        return import_key(exact_json.loads(text.encode()))
    try:
        return RSAKey.import_key(text)
    except (JoseError, ValueError, TypeError):
        return ECKey.import_key(text)


def _algorithm(key: object) -> str | None:
    if isinstance(key, RSAKey):
        return "RS384" if key.raw_value.key_size >= _LEAST_RSA_BITS else None
    return "ES384" if isinstance(key, ECKey) and key.curve_name == "P-384" else None


def refuse_shared_keys(keys: Iterable[ClientKey]) -> None:
    """Raise ConfigurationError when two EHRs have the same key: one could pass our proof on to the other."""
    prints = [key.key.thumbprint() for key in keys]
    kids = [key.kid for key in keys]
    if len(set(prints)) < len(prints) or len(set(kids)) < len(kids):
        raise ConfigurationError("registry: private keys: found one at two EHRs, expected one pair for each")


def sign_assertion(
    keys: Sequence[ClientKey], *, client_id: str, audience: str, algorithms: Sequence[str], now: datetime
) -> str | None:
    """Return a client assertion (RFC 7523) by the first key whose algorithm is taken; None when none is.

    ``algorithms`` are those that the server names; when it names none, the first key signs.
    """
    fitting = [key for key in keys if not algorithms or key.algorithm in algorithms]
    if not fitting:
        return None
    key, issued = fitting[0], int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "exp": issued + LIFE_SECONDS,
        "jti": str(uuid.uuid4()),
    }
    header = {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims, key.key, algorithms=[key.algorithm])
