"""The SMART client: discovery, the authorisation address, the code exchange and refreshes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from triage_app.settings import EHR


@dataclass(frozen=True)
class Endpoints:
    """What discovery says about one EHR, checked against its registry entry."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str | None = None
    names_issuer_in_callback: bool = False


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


@dataclass(frozen=True)
class Identity:
    """Who an id_token proves to be there; ``user`` is a relative reference such as ``Practitioner/7``."""

    subject: str
    user: str
    role: str


class SmartClient:
    """Speaks OAuth 2 and OpenID Connect to registered EHRs only."""

    def discover(self, ehr: EHR) -> Endpoints:
        """Return the EHR's endpoints, asked for at most once per hour."""
        raise NotImplementedError

    def authorize_url(
        self, ehr: EHR, endpoints: Endpoints, *, launch: str, state: str, nonce: str, code_verifier: str
    ) -> str:
        """Return where the browser goes to log in."""
        raise NotImplementedError

    def exchange_code(self, ehr: EHR, endpoints: Endpoints, *, code: str, code_verifier: str) -> TokenAnswer:
        """Trade the code for tokens; raise TokenRefused."""
        raise NotImplementedError

    def refresh(self, ehr: EHR, endpoints: Endpoints, *, refresh_token: str) -> TokenAnswer:
        """Trade a refresh token for new tokens; raise TokenRefused."""
        raise NotImplementedError

    def verify_id_token(
        self, ehr: EHR, endpoints: Endpoints, *, id_token: str, nonce: str, now: datetime
    ) -> Identity:
        """Return who is there; raise IdentityRefused."""
        raise NotImplementedError
