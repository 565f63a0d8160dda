"""The SMART client: discovery, the authorisation address, the code exchange and refreshes."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from triage_app.ehr import failures, identity
from triage_app.ehr.addresses import endpoint
from triage_app.ehr.client_proof import ClientProof, Proof
from triage_app.ehr.discovery import Discovery, Endpoints
from triage_app.ehr.identity import Identity, KeyRing
from triage_app.ehr.token_answer import TokenAnswer, read_token_answer, refusal
from triage_app.ehr.transport import Answer, Transport
from triage_app.errors import EHRError, TokenRefused
from triage_app.settings import EHR, Settings

__all__ = ["Endpoints", "Identity", "SmartClient", "TokenAnswer"]


class SmartClient:
    """Speaks OAuth 2 and OpenID Connect to registered EHRs only."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        keep_seconds = settings.discovery_minutes * 60
        self._redirect_uri = settings.redirect_uri
        self._proof = ClientProof(settings.registry.values())
        self._transport = transport
        self._discovery = Discovery(transport, keep_seconds=keep_seconds)
        self._keys = KeyRing(self._discovery, keep_seconds=keep_seconds)

    def discover(self, ehr: EHR) -> Endpoints:
        """Return the EHR's endpoints, asked for at most once an hour; raise EHRError."""
        return self._discovery.endpoints(ehr)

    def read_style(self, ehr: EHR, address: str) -> dict[str, Any]:
        """Return the EHR's style document, from its own hosts, without a token; raise EHRError."""
        return self._discovery.fetch(ehr, endpoint(ehr, "smart_style_url", {"smart_style_url": address}))

    def authorize_url(self, ehr: EHR, endpoints: Endpoints, *, launch: str | None, **secrets: str) -> str:
        """Return where the browser goes to log in; ``secrets`` are those of ``authorize_fields``."""
        joint = "&" if "?" in endpoints.authorization_endpoint else "?"
        query = urlencode(self.authorize_fields(ehr, launch=launch, **secrets))
        return f"{endpoints.authorization_endpoint}{joint}{query}"

    def authorize_fields(
        self, ehr: EHR, *, launch: str | None, state: str, nonce: str, code_verifier: str
    ) -> dict[str, str]:
        """Return an authorisation request (SMART 2.2; PKCE with S256), standalone without ``launch``."""
        handed_on = {} if launch is None else {"launch": launch}
        return {
            "response_type": "code",
            "client_id": ehr.client_id,
            "redirect_uri": self._redirect_uri(ehr),
            **handed_on,
            "scope": " ".join(_asked_scopes(ehr, standalone=launch is None)),
            "state": state,
            "aud": ehr.fhir_base_url,
            "nonce": nonce,
            "code_challenge": _challenge(code_verifier),
            "code_challenge_method": "S256",
        }

    def published_keys(self, ehr: EHR | None = None) -> dict[str, Any]:
        """Return the JSON Web Key Set of our public keys, of one EHR or all, the next ones included."""
        return self._proof.published(ehr)

    def exchange_code(
        self, ehr: EHR, endpoints: Endpoints, *, code: str, code_verifier: str, now: datetime
    ) -> TokenAnswer:
        """Trade the code for tokens; raise TokenRefused, or EHRUnavailable when there is no answer."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri(ehr),
            "code_verifier": code_verifier,
        }
        return read_token_answer(self._ask(ehr, endpoints, form, now), _asked_scopes(ehr))

    def refresh(
        self, ehr: EHR, endpoints: Endpoints, *, refresh_token: str, scopes: tuple[str, ...], now: datetime
    ) -> TokenAnswer:
        """Trade a refresh token for new tokens; raise TokenRefused or, without an answer, EHRUnavailable."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return read_token_answer(self._ask(ehr, endpoints, form, now), scopes)

    def revoke(self, ehr: EHR, endpoints: Endpoints, *, token: str, now: datetime) -> bool:
        """Ask the EHR to forget a token; say whether it did. Nothing depends on it."""
        if endpoints.revocation_endpoint is None:
            return False
        try:
            proof = self._proof.give(ehr, endpoints, now=now)
            self._post(ehr, endpoints.revocation_endpoint, {"token": token}, proof)
        except (EHRError, TokenRefused):
            return False
        return True

    def verify_id_token(
        self, ehr: EHR, endpoints: Endpoints, *, id_token: str, nonce: str | None, now: datetime
    ) -> Identity:
        """Return who is there; raise IdentityRefused.

        ``nonce`` is that of the launch; None only for a token that came with a refresh.
        """
        return identity.verify(ehr, endpoints, self._keys, id_token=id_token, nonce=nonce, now=now)

    def _ask(self, ehr: EHR, endpoints: Endpoints, form: dict[str, str], now: datetime) -> dict[str, object]:
        proof = self._proof.give(ehr, endpoints, now=now)
        return self._post(ehr, endpoints.token_endpoint, form, proof).object(who=ehr.name)

    def _post(self, ehr: EHR, url: str, form: dict[str, str], proof: Proof) -> Answer:
        """Post a form as this client. A code or token works once, so nothing is tried again."""
        headers, extra = proof
        answer = self._transport.send("POST", url, who=ehr.name, headers=headers, data={**form, **extra})
        if answer.status >= 500 or answer.status == 429:
            raise failures.refused(answer.status, answer.headers, None, who=ehr.name, is_write=False)
        if answer.status != 200:
            raise refusal(ehr, answer)
        return answer


def _asked_scopes(ehr: EHR, *, standalone: bool = False) -> tuple[str, ...]:
    """Return what is asked for; outside the EHR it is asked to let the person choose the patient."""
    others = tuple(scope for scope in ehr.scopes if scope not in ("launch", "launch/patient"))
    return ("launch/patient" if standalone else "launch", *others)


def _challenge(code_verifier: str) -> str:
    digest = hashlib.sha256(code_verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
