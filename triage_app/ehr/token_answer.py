"""Reads what a token endpoint answers: nothing in it is believed before it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from triage_app.ehr.addresses import is_fhir_id
from triage_app.ehr.transport import Answer
from triage_app.errors import TokenRefused
from triage_app.fhir.launch_context import LaunchContext, read_launch_context
from triage_app.settings import EHR

LONGEST_TOKEN = 16_384
LONGEST_LIFE_SECONDS = 86_400
_ERRORS = (
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
)


@dataclass(frozen=True)
class TokenAnswer:
    """The token endpoint's answer; ``expires_in_seconds`` is None where the EHR does not say."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    id_token: str | None = field(repr=False)
    scopes: tuple[str, ...]
    expires_in_seconds: int | None
    patient: str | None
    encounter: str | None
    need_patient_banner: bool
    context: LaunchContext = field(default_factory=LaunchContext)


def refusal(ehr: EHR, answer: Answer) -> TokenRefused:
    """Return the error for an answer that is not 200; the EHR's own words are not repeated."""
    plain = answer.json()
    found = plain.get("error") if isinstance(plain, dict) else None
    code = found if found in _ERRORS else "no known error code"
    return TokenRefused(f"{ehr.name}: the token endpoint answered {answer.status} ({code})")


def read_token_answer(plain: Mapping[str, Any], asked: tuple[str, ...]) -> TokenAnswer:
    """Return the answer; raise TokenRefused naming the first field that cannot be used.

    Where no ``scope`` is named, what was asked is granted (RFC 6749 section 5.1).
    """
    if str(plain.get("token_type")).lower() != "bearer":
        raise TokenRefused("token_type: found another kind, expected Bearer")
    access_token = _token(plain, "access_token")
    if access_token is None:
        raise TokenRefused("access_token: found nothing, expected a token")
    return TokenAnswer(
        access_token=access_token,
        refresh_token=_token(plain, "refresh_token"),
        id_token=_token(plain, "id_token"),
        scopes=_scopes(plain.get("scope"), asked),
        expires_in_seconds=_life(plain.get("expires_in")),
        patient=_fhir_id(plain, "patient"),
        encounter=_fhir_id(plain, "encounter"),
        need_patient_banner=plain.get("need_patient_banner") is not False,
        context=read_launch_context(plain),
    )


def _token(plain: Mapping[str, Any], name: str) -> str | None:
    found = plain.get(name)
    if found is None:
        return None
    readable = isinstance(found, str) and found.isascii() and found.isprintable() and " " not in found
    if not readable or not 0 < len(found) <= LONGEST_TOKEN:
        raise TokenRefused(f"{name}: found something else, expected visible ASCII of at most {LONGEST_TOKEN}")
    return str(found)


def _scopes(found: object, asked: tuple[str, ...]) -> tuple[str, ...]:
    if found is None:
        return asked
    if not isinstance(found, str) or len(found) > LONGEST_TOKEN:
        raise TokenRefused("scope: found something else, expected a text")
    return tuple(found.split())


def _life(found: object) -> int | None:
    """Return seconds; some servers write the number as a text."""
    if found is None:
        return None
    text = str(found)
    whole = not isinstance(found, bool) and isinstance(found, (int, str, Decimal)) and len(text) <= 20
    if not whole or not (text.isascii() and text.isdigit()) or int(text) <= 0:
        raise TokenRefused("expires_in: found something else, expected seconds above 0")
    return min(int(text), LONGEST_LIFE_SECONDS)


def _fhir_id(plain: Mapping[str, Any], name: str) -> str | None:
    found = plain.get(name)
    if found is not None and not is_fhir_id(found):
        raise TokenRefused(f"{name}: found something else, expected a FHIR id (A-Z a-z 0-9 - . up to 64)")
    return found
