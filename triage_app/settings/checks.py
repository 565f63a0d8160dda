"""What makes a start unsafe: each check names the setting, what was found and what was expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from triage_app.errors import ConfigurationError

if TYPE_CHECKING:
    from triage_app.settings.model import EHR, Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_FRAME = re.compile(r"https?://[A-Za-z0-9.*:\[\]-]+")
_EXAMPLE_SECRETS = ("demo", "change", "example", "secret", "default", "test")


def refuse(name: str, *, found: object, expected: str) -> ConfigurationError:
    """Return the error for one setting; ``found`` must not be a secret."""
    return ConfigurationError(f"{name}: found {found!r}, expected {expected}")


def is_loopback(url: str) -> bool:
    """Return whether the address stays on this machine."""
    return (urlsplit(url).hostname or "") in LOOPBACK


def check_address(name: str, url: str) -> None:
    """Raise ConfigurationError unless ``url`` is a tidy https address, or http on loopback."""
    expected = "an https address without user, query, fragment or slash at the end (http only on loopback)"
    try:
        parts = urlsplit(url)
        tidy = _is_tidy(parts) and not url.endswith("/") and url == url.strip()
    except ValueError as error:
        raise refuse(name, found=url, expected=expected) from error
    if not tidy or parts.scheme not in ("http", "https"):
        raise refuse(name, found=url, expected=expected)
    if parts.scheme == "http" and not is_loopback(url):
        raise refuse(name, found=url, expected=expected)


def _is_tidy(parts: SplitResult) -> bool:
    return bool(parts.hostname) and "@" not in parts.netloc and not parts.query and not parts.fragment


def check_ehr(ehr: EHR) -> None:
    """Raise ConfigurationError when a registry entry cannot be used as it stands."""
    where = f"ehr.{ehr.key}"
    if not _KEY.fullmatch(ehr.key):
        raise refuse(where, found=ehr.key, expected="a key of small letters, digits and hyphens")
    for name in ("name", "client_id", "emergency_number", "same_day_phone", "crisis_helpline", "clinic_name"):
        if not getattr(ehr, name).strip():
            raise refuse(f"{where}.{name}", found="", expected="a text that is not empty")
    check_address(f"{where}.fhir_base_url", ehr.fhir_base_url)
    _check_zone(where, ehr.time_zone)
    _check_scopes(where, ehr.scopes)
    _check_authentication(where, ehr)
    for source in ehr.frame_ancestors:
        if not _FRAME.fullmatch(source):
            raise refuse(
                f"{where}.frame_ancestors", found=source, expected="origins such as https://ehr.example.org"
            )


def _check_zone(where: str, time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refuse(
            f"{where}.time_zone", found=time_zone, expected="an IANA zone such as Europe/London"
        ) from error


def _check_scopes(where: str, scopes: tuple[str, ...]) -> None:
    missing = [scope for scope in ("openid", "fhirUser") if scope not in scopes]
    if missing:
        raise refuse(
            f"{where}.scopes", found=" ".join(scopes), expected=f"scopes that include {' and '.join(missing)}"
        )


def _check_authentication(where: str, ehr: EHR) -> None:
    """Raise where secret and keys are not those of the way in which the app proves itself."""
    has = {"client_secret": ehr.client_secret is not None, "private keys": bool(ehr.client_keys)}
    needs = {"client_secret_basic": "client_secret", "client_secret_post": "client_secret"}
    needed = {**needs, "private_key_jwt": "private keys"}.get(ehr.authentication)
    found = [name for name, given in has.items() if given]
    if found != ([needed] if needed else []):
        expected = f"{needed or 'neither secret nor keys'} for {ehr.authentication}"
        raise refuse(
            f"{where}.client_authentication", found=" and ".join(found) or "nothing", expected=expected
        )


def check_settings(settings: Settings) -> None:
    """Raise ConfigurationError when these settings together would be unsafe."""
    check_address("base_url", settings.base_url)
    _check_registry(settings)
    _check_numbers(settings)
    _check_secrets(settings)
    _check_real_hospitals(settings)


def _check_registry(settings: Settings) -> None:
    if not settings.registry:
        raise refuse("registry", found="no EHR", expected="at least one [ehr.<key>] table")
    issuers = [ehr.fhir_base_url for ehr in settings.registry.values()]
    doubled = {issuer for issuer in issuers if issuers.count(issuer) > 1}
    if doubled:
        raise refuse("registry", found=f"{min(doubled)} twice", expected="each fhir_base_url once")


def _check_numbers(settings: Settings) -> None:
    positive = (
        "patient_idle_minutes",
        "clinician_idle_minutes",
        "session_hours",
        "retention_days",
        "discovery_minutes",
        "connect_timeout_seconds",
        "read_timeout_seconds",
        "chart_seconds",
        "response_limit_kib",
        "form_limit_kib",
    )
    for name in positive:
        if not 0 < getattr(settings, name) < 1e9:
            raise refuse(name, found=getattr(settings, name), expected="a number above 0")
    if settings.proxies < 0:
        raise refuse("proxies", found=settings.proxies, expected="0 or the number of proxies in front")


def _check_secrets(settings: Settings) -> None:
    if not settings.secret_keys:
        raise refuse("secret_key", found="none", expected="at least one secret of 32 characters or more")
    for secret in settings.secret_keys:
        if len(secret.reveal()) < 32:
            raise refuse(
                "secret_key", found=f"{len(secret.reveal())} characters", expected="32 characters or more"
            )
    if not settings.sealing_keys:
        raise refuse("sealing_keys", found="none", expected="at least one <id>:<base64 of 32 bytes>")
    ids = [key.key_id for key in settings.sealing_keys]
    if len(set(ids)) != len(ids):
        raise refuse("sealing_keys", found=", ".join(ids), expected="each key id once")
    for key in settings.sealing_keys:
        if len(key.key) != 32:
            raise refuse(f"sealing_keys {key.key_id}", found=f"{len(key.key)} bytes", expected="32 bytes")


def _check_real_hospitals(settings: Settings) -> None:
    """Refuse what is fine on a laptop and dangerous at a hospital."""
    real = [ehr for ehr in settings.registry.values() if not is_loopback(ehr.fhir_base_url)]
    if not real:
        return
    where = f"a registry that has only loopback issuers (ehr.{real[0].key} is not one)"
    if settings.debug:
        raise refuse("debug", found=True, expected=f"false, or {where}")
    if is_loopback(settings.base_url) and not settings.over_tls:
        raise refuse("base_url", found=settings.base_url, expected=f"an https address, or {where}")
    if any(_is_example(secret.reveal()) for secret in settings.secret_keys):
        raise refuse("secret_key", found="an example value", expected=f"a random secret, or {where}")
    if any(len(set(key.key)) < 8 for key in settings.sealing_keys):
        raise refuse("sealing_keys", found="an example value", expected=f"random keys, or {where}")


def _is_example(secret: str) -> bool:
    return secret.lower().startswith(_EXAMPLE_SECRETS) or len(set(secret)) < 8
