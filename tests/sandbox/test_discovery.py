"""The documents with which an app finds its way in."""

from __future__ import annotations

from flask.testing import FlaskClient
from joserfc.jwk import KeySet

from triage_app.sandbox import SandboxOptions, create_sandbox

from .conftest import FHIR


def test_the_smart_configuration_names_every_endpoint_at_this_hospital(http: FlaskClient) -> None:
    found = http.get("/fhir/.well-known/smart-configuration")
    assert found.content_type == "application/json"
    document = found.get_json()
    assert document["issuer"] == FHIR
    names = {name for name in document if name.endswith("_endpoint")} | {"jwks_uri"}
    assert names == {
        "authorization_endpoint",
        "token_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    }
    assert all(document[name].startswith("http://localhost:8090/auth/") for name in names)


def test_the_smart_configuration_offers_what_smart_2_requires_of_an_ehr_launch(http: FlaskClient) -> None:
    document = http.get("/fhir/.well-known/smart-configuration").get_json()
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert {
        "launch-ehr",
        "client-confidential-symmetric",
        "sso-openid-connect",
        "context-ehr-patient",
        "permission-patient",
        "permission-user",
        "permission-v2",
    } <= set(document["capabilities"])


def test_the_openid_configuration_stands_below_the_issuer(http: FlaskClient) -> None:
    document = http.get("/fhir/.well-known/openid-configuration").get_json()
    assert document["issuer"] == FHIR
    assert document["id_token_signing_alg_values_supported"] == ["ES384"]


def test_the_published_keys_hold_no_private_member() -> None:
    http = create_sandbox(SandboxOptions()).test_client()
    keys = http.get("/auth/jwks").get_json()["keys"]
    assert [sorted(key) for key in keys] == [["alg", "e", "kid", "kty", "n", "use"]]
    assert len(KeySet.import_key_set({"keys": keys}).keys) == 1


def test_each_start_makes_a_key_of_its_own(http: FlaskClient) -> None:
    other = create_sandbox(SandboxOptions()).test_client()
    assert other.get("/auth/jwks").get_json() != http.get("/auth/jwks").get_json()


def test_an_elliptic_key_is_published_where_it_is_wished_for() -> None:
    http = create_sandbox(SandboxOptions(id_token_algorithm="ES384")).test_client()
    key = http.get("/auth/jwks").get_json()["keys"][0]
    assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-384", "ES384")
    assert "d" not in key
