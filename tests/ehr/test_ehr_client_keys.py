"""The app proves itself with its own keys: which key signs, what the assertion says, what is published."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from factories import NOW, an_ehr, some_settings
from identities import ISSUER
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from triage_app.ehr import Endpoints, SmartClient, Transport
from triage_app.errors import ConfigurationError, TokenRefused
from triage_app.settings import EHR, ClientAuthentication, Secret

TOKEN = "https://ehr.example.org/auth/token"
ENDPOINTS = Endpoints(ISSUER, "https://ehr.example.org/auth/authorize", TOKEN, f"{ISSUER}/jwks")
RSA = RSAKey.generate_key(2048, private=True)
EC = ECKey.generate_key("P-384", private=True)


def pem(key: RSAKey | ECKey) -> Secret:
    return Secret(key.as_pem(private=True).decode())


def short_rsa() -> str:
    key = rsa.generate_private_key(65537, 1024)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def with_keys(*keys: Secret, **changes: Any) -> EHR:
    return an_ehr(fhir_base_url=ISSUER, client_secret=None, client_keys=keys, **changes)


def client_of(*ehrs: EHR) -> SmartClient:
    settings = some_settings(*ehrs, base_url="https://triage.example.org")
    return SmartClient(settings, Transport(settings))


def asked(client: SmartClient, ehr: EHR, hospital: responses.RequestsMock, **how: Any) -> dict[str, str]:
    """What a refresh sent."""
    hospital.post(TOKEN, json={"access_token": "new", "token_type": "Bearer"})
    client.refresh(ehr, replace(ENDPOINTS, **how), refresh_token="old", scopes=(), now=NOW)
    sent = hospital.calls[-1].request
    assert "Authorization" not in sent.headers
    return {name: values[0] for name, values in parse_qs(sent.body).items()}


def read(client: SmartClient, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, checked with what the app publishes."""
    keys = KeySet.import_key_set(client.published_keys())
    token = jwt.decode(assertion, keys, algorithms=["RS384", "ES384"])
    return dict(token.header), dict(token.claims)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS384"), (EC, "ES384")])
def test_an_assertion_says_what_smart_asks(
    key: RSAKey | ECKey, algorithm: str, hospital: responses.RequestsMock
) -> None:
    ehr = with_keys(pem(key))
    client = client_of(ehr)
    form = asked(client, ehr, hospital)
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_id" not in form
    header, claims = read(client, form["client_assertion"])
    assert header == {"alg": algorithm, "typ": "JWT", "kid": key.thumbprint()}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("nerve-triage", "nerve-triage", TOKEN)
    assert claims["iat"] == int(NOW.timestamp())
    assert claims["iat"] < claims["exp"] <= claims["iat"] + 300


def test_no_two_assertions_share_their_id(hospital: responses.RequestsMock) -> None:
    ehr = with_keys(pem(EC))
    client = client_of(ehr)
    sent = [read(client, asked(client, ehr, hospital)["client_assertion"])[1]["jti"] for _ in range(20)]
    assert len(set(sent)) == 20


@pytest.mark.parametrize(
    ("taken", "algorithm"), [(("ES384",), "ES384"), (("RS384", "ES384"), "RS384"), ((), "RS384")]
)
def test_the_first_key_that_the_server_takes_signs(
    taken: tuple[str, ...], algorithm: str, hospital: responses.RequestsMock
) -> None:
    ehr = with_keys(pem(RSA), pem(EC))
    form = asked(client_of(ehr), ehr, hospital, signing_algorithms=taken)
    assert jws.extract_compact(form["client_assertion"].encode()).headers()["alg"] == algorithm


def test_a_server_that_takes_none_of_our_algorithms_is_asked_nothing(
    hospital: responses.RequestsMock,
) -> None:
    ehr = with_keys(pem(RSA))
    with pytest.raises(TokenRefused, match="algorithm"):
        asked(client_of(ehr), ehr, hospital, signing_algorithms=("ES384",))
    assert len(hospital.calls) == 0


def test_an_assertion_is_made_for_the_pinned_token_endpoint_alone(hospital: responses.RequestsMock) -> None:
    ehr = with_keys(pem(EC))
    client = client_of(ehr)
    revocation = "https://ehr.example.org/auth/revoke"
    hospital.post(revocation)
    assert client.revoke(ehr, replace(ENDPOINTS, revocation_endpoint=revocation), token="old", now=NOW)
    [sent] = parse_qs(hospital.calls[-1].request.body)["client_assertion"]
    assert read(client, sent)[1]["aud"] == TOKEN


def test_what_is_published_has_both_keys_and_public_members_only() -> None:
    named = ECKey.import_key({**EC.as_dict(private=True), "kid": "next"})
    client = client_of(with_keys(pem(RSA), Secret(_json(named))))
    first, second = client.published_keys()["keys"]
    assert set(first) == {"kty", "kid", "alg", "use", "n", "e"}
    assert set(second) == {"kty", "kid", "alg", "use", "crv", "x", "y"}
    assert (first["kid"], second["kid"]) == (RSA.thumbprint(), "next")


def _json(key: ECKey) -> str:
    return json.dumps(key.as_dict(private=True))


def test_a_rotation_needs_no_moment_at_which_two_sides_must_agree(hospital: responses.RequestsMock) -> None:
    before, after = with_keys(pem(RSA), pem(EC)), with_keys(pem(EC), pem(RSA))
    published_before = KeySet.import_key_set(client_of(before).published_keys())
    form = asked(client_of(after), after, hospital)
    assert jwt.decode(form["client_assertion"], published_before, algorithms=["ES384"]).claims


@pytest.mark.parametrize(
    "text",
    [
        "no key",
        "{}",
        '{"kty": "oct", "k": "c2VjcmV0"}',
        short_rsa(),
        ECKey.generate_key("P-256", private=True).as_pem(private=True).decode(),
        RSA.as_pem(private=False).decode(),
    ],
    ids=["text", "empty", "shared secret", "short RSA", "P-256", "public half"],
)
def test_a_key_that_cannot_be_used_stops_the_start_by_name(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ehr\.general: private key 2.*P-384") as raised:
        client_of(with_keys(pem(RSA), Secret(text)))
    assert text not in str(raised.value)


def test_two_hospitals_never_share_a_key() -> None:
    other = with_keys(pem(RSA), key="other")
    with pytest.raises(ConfigurationError, match="two EHRs"):
        client_of(with_keys(pem(RSA)), replace(other, fhir_base_url="https://other.example.org/fhir"))
    with pytest.raises(ConfigurationError, match="twice"):
        client_of(with_keys(pem(RSA), pem(RSA)))


def test_a_secret_may_travel_in_the_form(hospital: responses.RequestsMock) -> None:
    ehr = an_ehr(fhir_base_url=ISSUER, client_authentication=ClientAuthentication.SECRET_POST)
    form = asked(client_of(ehr), ehr, hospital)
    assert (form["client_id"], form["client_secret"]) == ("nerve-triage", "a client's secret")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_authentication": ClientAuthentication.PRIVATE_KEY},
        {"client_authentication": ClientAuthentication.PUBLIC},
        {"client_secret": None, "client_authentication": ClientAuthentication.SECRET_BASIC},
        {"client_keys": (Secret("x"),)},
    ],
)
def test_credentials_of_another_kind_stop_the_start(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"ehr\.general\.client_authentication"):
        an_ehr(**changes)


def test_an_assertion_is_over_before_five_minutes(hospital: responses.RequestsMock) -> None:
    ehr = with_keys(pem(EC))
    client = client_of(ehr)
    claims = read(client, asked(client, ehr, hospital)["client_assertion"])[1]
    assert claims["exp"] <= (NOW + timedelta(minutes=5)).timestamp()
