"""The signing key of this run, and the id_tokens that it signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

ID_TOKEN_SECONDS = 300


@dataclass
class SigningKeys:
    """One key pair, made at the start; ``rotate`` makes a new one and forgets the old."""

    algorithm: str

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """Make a new key: tokens signed before no longer verify against the published set."""
        options: KeyParameters = {"use": "sig", "alg": self.algorithm}
        self._key: RSAKey | ECKey
        if self.algorithm == "ES384":
            self._key = ECKey.generate_key("P-384", options, private=True, auto_kid=True)
        else:
            self._key = RSAKey.generate_key(2048, options, private=True, auto_kid=True)

    def published(self) -> dict[str, Any]:
        """The JSON Web Key Set, public members only."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def id_token(
        self,
        *,
        issuer: str,
        client_id: str,
        subject: str,
        fhir_user: str | None,
        nonce: str | None,
        now: datetime,
    ) -> str:
        """Sign who is there: ``fhir_user`` is the absolute URL of a Patient or Practitioner."""
        issued = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": issuer,
            "aud": client_id,
            "sub": subject,
            "iat": issued,
            "exp": issued + ID_TOKEN_SECONDS,
        }
        wished = {"nonce": nonce, "fhirUser": fhir_user}
        claims |= {name: value for name, value in wished.items() if value}
        header = {"alg": self.algorithm, "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=[self.algorithm])
