"""What a registered EHR says about its authorisation server, checked and kept for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from triage_app.ehr import failures
from triage_app.ehr.addresses import endpoint
from triage_app.ehr.transport import Transport
from triage_app.errors import EHRUnreadable
from triage_app.settings import EHR

log = structlog.get_logger()


@dataclass(frozen=True)
class Endpoints:
    """What discovery says about one EHR, checked against its registry entry."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str | None = None
    names_issuer_in_callback: bool = False
    authentication_methods: tuple[str, ...] = ()
    signing_algorithms: tuple[str, ...] = ()
    identity_algorithms: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (
            "authentication_methods",
            "signing_algorithms",
            "identity_algorithms",
            "capabilities",
        ):
            object.__setattr__(self, name, tuple(getattr(self, name)))


class Discovery:
    """Asks each EHR at most once in ``keep_seconds``."""

    def __init__(
        self, transport: Transport, *, keep_seconds: float, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._transport = transport
        self._keep_seconds = keep_seconds
        self._seconds = seconds
        self._kept: dict[str, tuple[float, Endpoints]] = {}

    def endpoints(self, ehr: EHR) -> Endpoints:
        """Return the EHR's endpoints; raise EHRUnavailable, EHRRefused or EHRUnreadable."""
        now, kept = self._seconds(), self._kept.get(ehr.fhir_base_url)
        if kept is None or now >= kept[0] + self._keep_seconds:
            kept = self._kept[ehr.fhir_base_url] = (now, self._ask(ehr))
        return kept[1]

    def _ask(self, ehr: EHR) -> Endpoints:
        document = self.fetch(ehr, f"{ehr.fhir_base_url}/.well-known/smart-configuration")
        _check_pkce(ehr, document)
        login = self._openid(ehr, document)
        revocation = "revocation_endpoint" in document
        return Endpoints(
            issuer=_issuer(ehr, login),
            authorization_endpoint=endpoint(ehr, "authorization_endpoint", document),
            token_endpoint=endpoint(ehr, "token_endpoint", document),
            jwks_uri=endpoint(ehr, "jwks_uri", login),
            revocation_endpoint=endpoint(ehr, "revocation_endpoint", document) if revocation else None,
            names_issuer_in_callback=document.get("authorization_response_iss_parameter_supported") is True,
            authentication_methods=_texts(document, "token_endpoint_auth_methods_supported"),
            signing_algorithms=_texts(document, "token_endpoint_auth_signing_alg_values_supported"),
            identity_algorithms=_texts(login, "id_token_signing_alg_values_supported"),
            capabilities=_texts(document, "capabilities"),
        )

    def _openid(self, ehr: EHR, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document that names issuer and keys: this one, or the issuer's own."""
        if document.get("issuer") and document.get("jwks_uri"):
            return document
        named = document.get("issuer") or ehr.openid_issuer or ehr.fhir_base_url
        issuer = _issuer(ehr, {"issuer": named})
        return self.fetch(ehr, f"{issuer.rstrip('/')}/.well-known/openid-configuration")

    def fetch(self, ehr: EHR, url: str) -> dict[str, Any]:
        """Return a JSON object of the EHR, asked for without a token; raise EHRError."""
        answer = self._transport.send("GET", url, who=ehr.name, headers={"Accept": "application/json"})
        if answer.status != 200:
            raise failures.refused(answer.status, answer.headers, None, who=ehr.name, is_write=False)
        return answer.object(who=ehr.name)


def _texts(document: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a list that only helps to choose; what is no text in it is left."""
    found = document.get(name)
    return tuple(text for text in found if isinstance(text, str)) if isinstance(found, list) else ()


def _issuer(ehr: EHR, document: dict[str, Any]) -> str:
    """Return the issuer of id_tokens: what the registry says, else what discovery says of an allowed host."""
    if ehr.openid_issuer is None:
        return endpoint(ehr, "issuer", document)
    if document.get("issuer") != ehr.openid_issuer:
        raise EHRUnreadable(f"{ehr.name}: discovery: issuer: found another one, expected the registry's")
    return ehr.openid_issuer


def _check_pkce(ehr: EHR, document: dict[str, Any]) -> None:
    methods = document.get("code_challenge_methods_supported")
    if methods is None:
        # Servers older than SMART 2 say nothing and ignore the challenge; we send it all the same.
        log.info("pkce_not_announced", ehr=ehr.key)
        return
    if not isinstance(methods, list) or "S256" not in methods or "plain" in methods:
        raise EHRUnreadable(f"{ehr.name}: discovery: code challenge methods: expected S256, not plain")
