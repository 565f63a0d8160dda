"""Discovery and tokens: what an EHR says of itself is checked before anything is sent there."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from factories import NOW, some_settings
from identities import ISSUER

from triage_app import errors
from triage_app.ehr import SmartClient, TokenAnswer, Transport
from triage_app.ehr.discovery import Discovery
from triage_app.settings import EHR

SMART = f"{ISSUER}/.well-known/smart-configuration"
OPENID = f"{ISSUER}/.well-known/openid-configuration"
TOKEN = "https://ehr.example.org/auth/token"
GRANTED: dict[str, Any] = {
    "access_token": "alice-access-token",
    "token_type": "Bearer",
    "expires_in": 3600,
    "scope": "launch openid fhirUser patient/Patient.r",
    "patient": "alice",
    "id_token": "a.b.c",
    "refresh_token": "alice-refresh-token",
}


def test_discovery_is_asked_for_once(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    hospital.get(SMART, json=discovery_document)
    assert smart.discover(ehr) == smart.discover(ehr)
    assert len(hospital.calls) == 1
    assert "Authorization" not in hospital.calls[0].request.headers


def test_relative_endpoints_belong_to_the_fhir_base(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    hospital.get(SMART, json={**discovery_document, "token_endpoint": "../auth/token"})
    assert smart.discover(ehr).token_endpoint == TOKEN


def test_issuer_and_keys_may_stand_in_the_openid_document(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    login = {"issuer": discovery_document.pop("issuer"), "jwks_uri": discovery_document.pop("jwks_uri")}
    hospital.get(SMART, json=discovery_document)
    hospital.get(OPENID, json=login)
    assert smart.discover(ehr).jwks_uri == f"{ISSUER}/jwks"


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint": None},
        {"token_endpoint": ""},
        {"token_endpoint": 7},
        {"token_endpoint": "http://ehr.example.org/auth/token"},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": "https://ehr.example.org@evil.example/token"},
        {"token_endpoint": "https://user@ehr.example.org/token"},
        {"token_endpoint": "https://ehr.example.org/token#x"},
        {"token_endpoint": "//evil.example/token"},
        {"token_endpoint": "https://[broken/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://evil.example/authorize"},
        {"jwks_uri": "https://evil.example/jwks"},
        {"jwks_uri": "http://169.254.169.254/jwks"},
        {"issuer": "https://evil.example/fhir"},
        {"revocation_endpoint": "https://evil.example/revoke"},
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": []},
        {"code_challenge_methods_supported": ["S256", "plain"]},
        {"code_challenge_methods_supported": "S256"},
    ],
)
def test_a_discovery_document_that_leads_astray_is_refused(
    changes: dict[str, Any],
    smart: SmartClient,
    ehr: EHR,
    hospital: responses.RequestsMock,
    discovery_document: dict[str, Any],
) -> None:
    hospital.get(SMART, json={**discovery_document, **changes})
    with pytest.raises(errors.EHRUnreadable):
        smart.discover(ehr)
    assert len(hospital.calls) == 1


def test_an_authorisation_server_elsewhere_must_be_in_the_registry(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    hospital.get(SMART, json={**discovery_document, "token_endpoint": "https://login.example.org/token"})
    known = replace(ehr, authorization_hosts=("login.example.org",))
    assert smart.discover(known).token_endpoint == "https://login.example.org/token"


def test_an_issuer_in_the_registry_must_be_the_one_discovered(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    hospital.get(SMART, json=discovery_document)
    with pytest.raises(errors.EHRUnreadable, match="issuer"):
        smart.discover(replace(ehr, openid_issuer="https://ehr.example.org/oauth2"))


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
def test_discovery_that_fails_is_our_own_error(
    status: int, smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    hospital.get(SMART, status=status, headers={"Location": "https://evil.example/"})
    with pytest.raises(errors.EHRError):
        smart.discover(ehr)
    assert len(hospital.calls) == 1


@pytest.fixture
def exchange(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> Any:
    hospital.get(SMART, json=discovery_document)
    endpoints = smart.discover(ehr)

    def run(answer: Any = None, *, of: EHR = ehr, **how: Any) -> TokenAnswer:
        hospital.post(TOKEN, **{"json": GRANTED if answer is None else answer, **how})
        return smart.exchange_code(of, endpoints, code="code-1", code_verifier="verifier-1", now=NOW)

    return run


def test_the_code_is_exchanged_as_smart_asks(
    exchange: Any, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    tokens = exchange()
    assert (tokens.patient, tokens.expires_in_seconds, tokens.need_patient_banner) == ("alice", 3600, True)
    assert tokens.scopes == ("launch", "openid", "fhirUser", "patient/Patient.r")
    sent = hospital.calls[-1].request
    assert {name: value[0] for name, value in parse_qs(sent.body).items()} == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://triage.example.org/callback/general",
        "code_verifier": "verifier-1",
    }
    assert ehr.client_secret is not None
    basic = base64.b64encode(f"nerve-triage:{ehr.client_secret.reveal()}".encode()).decode()
    assert sent.headers["Authorization"] == f"Basic {basic}"


def test_a_public_client_names_itself_in_the_form(
    exchange: Any, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    exchange(of=replace(ehr, client_secret=None))
    sent = hospital.calls[-1].request
    assert parse_qs(sent.body)["client_id"] == ["nerve-triage"]
    assert "Authorization" not in sent.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"token_type": "mac"},
        {"token_type": None},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "two words"},
        {"access_token": "line\r\nX-Evil: 1"},
        {"access_token": ["token"]},
        {"access_token": "x" * 20_000},
        {"expires_in": 0},
        {"expires_in": -5},
        {"expires_in": True},
        {"expires_in": "soon"},
        {"expires_in": 1.5},
        {"patient": "../Practitioner/1"},
        {"patient": "Patient/alice"},
        {"patient": "alice\n"},
        {"patient": ".."},
        {"patient": ""},
        {"patient": "a" * 65},
        {"patient": 7},
        {"patient": ["alice"]},
        {"encounter": "a/b"},
        {"scope": ["launch"]},
        {"id_token": 7},
        {"refresh_token": "line\nbreak"},
    ],
)
def test_a_token_answer_that_cannot_be_used_is_refused_by_name(
    changes: dict[str, Any], exchange: Any
) -> None:
    with pytest.raises(errors.TokenRefused, match=next(iter(changes))):
        exchange({**GRANTED, **changes})


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [({"expires_in": None}, None), ({"expires_in": "3600"}, 3600), ({"expires_in": 10**12}, 86_400)],
)
def test_the_life_of_a_token_may_be_unsaid_a_text_or_huge(
    changes: dict[str, Any], seconds: int | None, exchange: Any
) -> None:
    assert exchange({**GRANTED, **changes}).expires_in_seconds == seconds


def test_scopes_unsaid_are_those_asked_for(exchange: Any, ehr: EHR) -> None:
    assert exchange({**GRANTED, "scope": None}).scopes == ehr.scopes


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (
            {"status": 400, "json": {"error": "invalid_grant", "error_description": "<b>Alice</b>"}},
            errors.TokenRefused,
        ),
        ({"status": 401, "json": {"error": "invalid_client"}}, errors.TokenRefused),
        ({"status": 403, "json": None, "body": "no"}, errors.TokenRefused),
        ({"status": 307, "headers": {"Location": "https://evil.example/"}}, errors.TokenRefused),
        ({"status": 308, "headers": {"Location": "https://evil.example/"}}, errors.TokenRefused),
        ({"status": 429}, errors.EHRUnavailable),
        ({"status": 500}, errors.EHRUnavailable),
        ({"status": 503}, errors.EHRUnavailable),
        ({"json": None, "body": "<html>Log in</html>", "content_type": "text/html"}, errors.EHRUnreadable),
        ({"json": []}, errors.EHRUnreadable),
        ({"json": None, "body": ConnectionError("cut")}, errors.EHRUnavailable),
    ],
)
def test_a_token_endpoint_that_fails_is_our_own_error(
    how: dict[str, Any], kind: type[Exception], exchange: Any, hospital: responses.RequestsMock
) -> None:
    with pytest.raises(kind) as raised:
        exchange(**how)
    assert "Alice" not in str(raised.value)
    assert sum(call.request.url == TOKEN for call in hospital.calls) == 1


def test_a_token_answer_does_not_show_its_tokens(exchange: Any) -> None:
    shown = repr(exchange())
    assert "alice-access-token" not in shown
    assert "alice-refresh-token" not in shown
    assert "a.b.c" not in shown


def test_discovery_is_asked_again_after_its_time(
    ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    hospital.get(SMART, json=discovery_document)
    seconds = iter([0.0, 59.0, 61.0])
    settings = some_settings(ehr, base_url="https://triage.example.org")
    discovery = Discovery(Transport(settings), keep_seconds=60, seconds=lambda: next(seconds))
    for calls in (1, 1, 2):
        discovery.endpoints(ehr)
        assert len(hospital.calls) == calls


def test_a_server_that_says_nothing_of_pkce_gets_the_challenge_all_the_same(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    discovery_document.pop("code_challenge_methods_supported")
    hospital.get(SMART, json=discovery_document)
    secrets = {"launch": "x", "state": "s", "nonce": "n", "code_verifier": "v" * 43}
    assert "code_challenge_method=S256" in smart.authorize_url(ehr, smart.discover(ehr), **secrets)


def test_an_authorisation_address_may_have_a_query_already(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    address = "https://ehr.example.org/auth?tenant=7"
    hospital.get(SMART, json={**discovery_document, "authorization_endpoint": address})
    secrets = {"launch": "x", "state": "s", "nonce": "n", "code_verifier": "v" * 43}
    url = smart.authorize_url(replace(ehr, scopes=("openid", "fhirUser")), smart.discover(ehr), **secrets)
    assert url.startswith(f"{address}&response_type=code&")
    assert "scope=launch+openid+fhirUser" in url


def test_the_issuer_of_the_registry_is_taken_where_discovery_agrees(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    issuer = "https://login.example.org/oauth2"
    hospital.get(SMART, json={**discovery_document, "issuer": issuer})
    assert smart.discover(replace(ehr, openid_issuer=issuer)).issuer == issuer


def test_a_refresh_sends_the_token_once_and_keeps_the_scopes(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    hospital.get(SMART, json=discovery_document)
    hospital.post(TOKEN, json={"access_token": "new", "token_type": "bearer"})
    tokens = smart.refresh(ehr, smart.discover(ehr), refresh_token="old", scopes=("launch",), now=NOW)
    assert (tokens.access_token, tokens.refresh_token, tokens.scopes) == ("new", None, ("launch",))
    assert parse_qs(hospital.calls[-1].request.body) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["old"],
    }


def test_a_hospital_without_revocation_is_not_asked(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock, discovery_document: dict[str, Any]
) -> None:
    hospital.get(SMART, json=discovery_document)
    assert not smart.revoke(ehr, smart.discover(ehr), token="old", now=NOW)
    assert len(hospital.calls) == 1
