"""A hospital of canned answers, and the clients that talk to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses
from factories import an_ehr, some_settings

from triage_app.ehr import Connection, Gateway, SmartClient, Transport
from triage_app.settings import EHR

ISSUER = "https://ehr.example.org/fhir"


@pytest.fixture
def hospital() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def ehr() -> EHR:
    return an_ehr(fhir_base_url=ISSUER)


@pytest.fixture
def transport(ehr: EHR) -> Iterator[Transport]:
    settings = some_settings(ehr, base_url="https://triage.example.org", response_limit_kib=64)
    transport = Transport(settings)
    yield transport
    transport.close()


@pytest.fixture
def smart(ehr: EHR, transport: Transport) -> SmartClient:
    return SmartClient(some_settings(ehr, base_url="https://triage.example.org"), transport)


@pytest.fixture
def gateway(transport: Transport) -> Gateway:
    return Gateway(transport)


@pytest.fixture
def connection(ehr: EHR) -> Connection:
    return Connection(ehr, "alice-access-token")


@pytest.fixture
def discovery_document() -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "jwks_uri": f"{ISSUER}/jwks",
        "authorization_endpoint": "https://ehr.example.org/auth/authorize",
        "token_endpoint": "https://ehr.example.org/auth/token",
        "code_challenge_methods_supported": ["S256"],
    }
