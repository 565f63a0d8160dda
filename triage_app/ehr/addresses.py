"""Which addresses an EHR may send us to, and what its references look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from triage_app.errors import EHRRefused, EHRUnreadable
from triage_app.settings import EHR
from triage_app.settings.checks import is_loopback

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
REFERENCE = re.compile(r"[A-Z][A-Za-z]{2,63}/[A-Za-z0-9\-.]{1,64}")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_fhir_id(text: object) -> bool:
    """Return whether ``text`` can be the id of a FHIR resource, and not merely of dots."""
    return isinstance(text, str) and bool(FHIR_ID.fullmatch(text)) and bool(text.strip("."))


def checked_reference(reference: str, *, who: str) -> str:
    """Return a relative ``Type/id``; raise EHRRefused on anything else, absolute addresses above all."""
    if REFERENCE.fullmatch(reference) and is_fhir_id(reference.partition("/")[2]):
        return reference
    raise EHRRefused(f"{who}: found a reference that is not a relative Type/id, which is never read")


def endpoint(ehr: EHR, name: str, document: Mapping[str, Any]) -> str:
    """Return an address of the EHR's discovery document, made absolute; raise EHRUnreadable when unsafe."""
    found = document.get(name)
    if not isinstance(found, str) or not found or found != found.strip():
        raise EHRUnreadable(f"{ehr.name}: discovery: {name}: found nothing, expected an address")
    try:
        url = urljoin(f"{ehr.fhir_base_url}/", found)
        parts = urlsplit(url)
        safe = _is_safe(parts, url) and parts.hostname in ehr.allowed_hosts
    except ValueError:
        safe = False
    if not safe:
        expected = "https at the FHIR base's host or one of authorization_hosts"
        raise EHRUnreadable(f"{ehr.name}: discovery: {name}: found an address elsewhere, expected {expected}")
    return url


def _is_safe(parts: SplitResult, url: str) -> bool:
    if "@" in parts.netloc or parts.fragment or "\\" in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))


def next_page(base: str, found: str) -> str | None:
    """Return a next link rebuilt on the base's own origin, or None where it leads anywhere else.

    Default ports may be spelled out, even doubled as some proxies do: ``https://ehr:443/fhir?page=2`` ->
    ``https://ehr/fhir?page=2``.
    """
    here = urlsplit(base)
    try:
        there = urlsplit(urljoin(f"{base}/", found.replace(":443:443", ":443").replace(":80:80", ":80")))
        same = _origin(here) == _origin(there) and "@" not in there.netloc
    except ValueError:
        return None
    path = here.path.rstrip("/")
    under = there.path == path or there.path.startswith(f"{path}/")
    if not same or not under or ".." in there.path or "\\" in found or "%2e" in there.path.lower():
        return None
    return there._replace(scheme=here.scheme, netloc=here.netloc, fragment="").geturl()


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
