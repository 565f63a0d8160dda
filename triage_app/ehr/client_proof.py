"""How the app proves itself to a token endpoint: not at all, by a secret, or by a signed assertion."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from triage_app.ehr.client_keys import read_keys, refuse_shared_keys, sign_assertion
from triage_app.ehr.discovery import Endpoints
from triage_app.errors import TokenRefused
from triage_app.settings import EHR, ClientAuthentication

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Proof = tuple[dict[str, str], dict[str, str]]
"""Headers, and fields of the form."""


class ClientProof:
    """The credentials of every EHR, read once; raises ConfigurationError when a key cannot be used."""

    def __init__(self, ehrs: Iterable[EHR]) -> None:
        self._keys = {ehr.key: read_keys(ehr) for ehr in ehrs}
        refuse_shared_keys([key for keys in self._keys.values() for key in keys])

    def published(self, ehr: EHR | None = None) -> dict[str, Any]:
        """Return the public keys of one EHR, or of all, as a JSON Web Key Set."""
        places = self._keys.values() if ehr is None else [self._keys[ehr.key]]
        return {"keys": [key.public() for keys in places for key in keys]}

    def give(self, ehr: EHR, endpoints: Endpoints, *, now: datetime) -> Proof:
        """Return what goes with one request; an assertion is made anew for each."""
        headers, client = {"Accept": "application/json"}, {"client_id": ehr.client_id}
        in_form = client if ehr.client_id_in_body else {}
        match ehr.authentication:
            case ClientAuthentication.PUBLIC:
                return headers, client
            case ClientAuthentication.PRIVATE_KEY:
                return headers, {**in_form, **self._assertion(ehr, endpoints, now)}
            case ClientAuthentication.SECRET_POST:
                return headers, {**client, "client_secret": _secret(ehr)}
        basic = base64.b64encode(f"{ehr.client_id}:{_secret(ehr)}".encode()).decode()
        return {**headers, "Authorization": f"Basic {basic}"}, in_form

    def _assertion(self, ehr: EHR, endpoints: Endpoints, now: datetime) -> dict[str, str]:
        """Sign for the token endpoint to which the launch is pinned, and for no other audience."""
        assertion = sign_assertion(
            self._keys[ehr.key],
            client_id=ehr.client_id,
            audience=endpoints.token_endpoint,
            algorithms=endpoints.signing_algorithms,
            now=now,
        )
        if assertion is None:
            raise TokenRefused(f"{ehr.name}: takes no signature algorithm for which the registry has a key")
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def _secret(ehr: EHR) -> str:
    return ehr.client_secret.reveal() if ehr.client_secret else ""
