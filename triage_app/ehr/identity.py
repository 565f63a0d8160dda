"""Who is there: an id_token, verified with the EHR's keys and algorithms that we fix, and its fhirUser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from triage_app.ehr.addresses import is_fhir_id
from triage_app.ehr.discovery import Discovery, Endpoints
from triage_app.errors import EHRUnreadable, IdentityRefused
from triage_app.settings import EHR

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
LEEWAY_SECONDS = 60
_FORBIDDEN_HEADERS = ("jwk", "jku", "x5u", "x5c", "crit", "zip", "b64")
_ROLES = {
    "Patient": "patient",
    "RelatedPerson": "patient",
    "Practitioner": "clinician",
    "PractitionerRole": "clinician",
}
_USER = re.compile(r"([A-Za-z]+)/([^/]+)")

PublicKey = RSAKey | ECKey


@dataclass(frozen=True)
class Identity:
    """Who an id_token proves to be there; ``user`` is a relative reference such as ``Practitioner/7``."""

    subject: str
    user: str
    role: str


class KeyRing:
    """The public keys of each EHR, kept for ``keep_seconds``, and asked for once more for an unknown kid."""

    def __init__(
        self, discovery: Discovery, *, keep_seconds: float, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._discovery = discovery
        self._keep_seconds = keep_seconds
        self._seconds = seconds
        self._kept: dict[tuple[str, str], tuple[float, list[PublicKey]]] = {}

    def key(self, ehr: EHR, jwks_uri: str, *, kid: object, algorithm: str) -> PublicKey:
        """Return the one key that fits; raise IdentityRefused when none or several do."""
        place, now = (ehr.key, jwks_uri), self._seconds()
        kept = self._kept.get(place)
        fresh = kept is not None and now < kept[0] + self._keep_seconds
        if kept is not None and fresh and (found := _fitting(kept[1], kid, algorithm)):
            return found[0]
        self._kept[place] = (now, _public_keys(self._discovery.fetch(ehr, jwks_uri), ehr))
        found = _fitting(self._kept[place][1], kid, algorithm)
        if not found:
            raise IdentityRefused(
                f"id_token: kid: found none of the keys of {ehr.name}, expected exactly one"
            )
        return found[0]


def _public_keys(document: dict[str, Any], ehr: EHR) -> list[PublicKey]:
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise EHRUnreadable(f"{ehr.name}: jwks_uri: keys: found nothing, expected a list")
    keys = [_public_key(entry) for entry in entries if isinstance(entry, dict)]
    return [key for key in keys if key is not None]


def _public_key(entry: dict[str, Any]) -> PublicKey | None:
    """Return a key for signatures; shared secrets, encryption keys and unreadable ones are left."""
    if entry.get("kty") not in ("RSA", "EC") or entry.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(entry)
    except (JoseError, ValueError, TypeError):
        return None
    return key if isinstance(key, (RSAKey, ECKey)) else None


def _fitting(keys: list[PublicKey], kid: object, algorithm: str) -> list[PublicKey]:
    """Return the one key with this kid, or the only one where the token names none; else nothing."""
    kind = "RSA" if algorithm.startswith("RS") else "EC"
    fitting = [key for key in keys if key.key_type == kind and key.get("alg") in (None, algorithm)]
    if kid is not None:
        fitting = [key for key in fitting if key.kid == kid]
    return fitting if len(fitting) == 1 else []


def verify(
    ehr: EHR, endpoints: Endpoints, keys: KeyRing, *, id_token: str, nonce: str | None, now: datetime
) -> Identity:
    """Return who is there; raise IdentityRefused naming the header or claim that does not fit."""
    algorithm, kid = _header(id_token)
    key = keys.key(ehr, endpoints.jwks_uri, kid=kid, algorithm=algorithm)
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        claims = dict(jwt.decode(id_token, key, algorithms=[algorithm], registry=registry).claims)
    except (JoseError, ValueError, TypeError) as error:
        raise IdentityRefused(f"id_token: the signature does not hold ({type(error).__name__})") from error
    _check_claims(claims, ehr, endpoints, nonce=nonce, now=now.timestamp())
    return _identity(claims, ehr)


def _header(id_token: str) -> tuple[str, object]:
    try:
        header = jws.extract_compact(id_token.encode()).headers()
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise IdentityRefused("id_token: found something else, expected a signed token") from error
    for name in _FORBIDDEN_HEADERS:
        if name in header:
            raise IdentityRefused(f"id_token: header {name}: found, expected none")
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise IdentityRefused(f"id_token: alg: found another one, expected one of {', '.join(ALGORITHMS)}")
    return str(algorithm), header.get("kid")


def _check_claims(
    claims: dict[str, Any], ehr: EHR, endpoints: Endpoints, *, nonce: str | None, now: float
) -> None:
    expected = {"iss": endpoints.issuer, "nonce": nonce}
    for name, value in expected.items():
        if name == "nonce" and nonce is None:
            continue
        if claims.get(name) != value:
            raise IdentityRefused(f"id_token: {name}: found another one, expected the one of this launch")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise IdentityRefused("id_token: sub: found nothing, expected a text")
    _check_audience(claims, ehr, endpoints)
    if _number(claims, "exp") + LEEWAY_SECONDS <= now:
        raise IdentityRefused("id_token: exp: found a time in the past, expected one to come")
    if _number(claims, "iat") - LEEWAY_SECONDS > now:
        raise IdentityRefused("id_token: iat: found a time to come, expected one in the past")
    if "nbf" in claims and _number(claims, "nbf") - LEEWAY_SECONDS > now:
        raise IdentityRefused("id_token: nbf: found a time to come, expected one in the past")


def _number(claims: dict[str, Any], name: str) -> float:
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise IdentityRefused(f"id_token: {name}: found nothing, expected a number of seconds")
    return float(found)


def _check_audience(claims: dict[str, Any], ehr: EHR, endpoints: Endpoints) -> None:
    """Accept us alone, or us beside the EHR itself where the token is made out to us (azp)."""
    found = claims.get("aud")
    audiences = [found] if isinstance(found, str) else found
    trusted = {ehr.client_id, ehr.fhir_base_url, endpoints.issuer}
    if not isinstance(audiences, list) or ehr.client_id not in audiences:
        raise IdentityRefused("id_token: aud: found others, expected our client_id")
    if not all(isinstance(audience, str) and audience in trusted for audience in audiences):
        raise IdentityRefused("id_token: aud: found an audience beside us, expected none that we do not know")
    party = claims.get("azp")
    if (party is None and len(set(audiences)) > 1) or (party is not None and party != ehr.client_id):
        raise IdentityRefused("id_token: azp: found another one, expected our client_id")


def _identity(claims: dict[str, Any], ehr: EHR) -> Identity:
    """Return the user by role; an absolute fhirUser must lie under the EHR's own FHIR base."""
    found = claims.get("fhirUser", claims.get("profile"))
    user = found.removeprefix(f"{ehr.fhir_base_url}/") if isinstance(found, str) else ""
    match = _USER.fullmatch(user)
    if match is None or match[1] not in _ROLES or not is_fhir_id(match[2]):
        expected = f"{', '.join(sorted(_ROLES))} of this EHR"
        raise IdentityRefused(f"id_token: fhirUser: found nobody whom we know, expected one of {expected}")
    return Identity(subject=claims["sub"], user=user, role=_ROLES[match[1]])
