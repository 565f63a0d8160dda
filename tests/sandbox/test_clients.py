"""Public and asymmetric apps at the token endpoint: let in by what they registered, and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from triage_app.sandbox import Hospital, SandboxOptions, create_sandbox, hospital_of

from .conftest import Clock, authorize_parameters, came_back, token_form

EC = ECKey.generate_key("P-384", {"kid": "ec-1"}, private=True)
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
STRANGER = ECKey.generate_key("P-384", {"kid": "ec-1"}, private=True)
TOKEN = "http://localhost:8090/auth/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def a_hospital(clock: Clock, **options: Any) -> tuple[FlaskClient, Hospital]:
    keys = KeySet([EC, RSA]).as_dict(private=False)
    app = create_sandbox(
        SandboxOptions(
            clock=clock, ask_consent=False, id_token_algorithm="ES384", **{"client_keys": keys, **options}
        )
    )
    return app.test_client(), hospital_of(app)


def a_code(http: FlaskClient, hospital: Hospital) -> str:
    return came_back(http.get("/auth/authorize", query_string=authorize_parameters(hospital)))["code"]


def assertion(clock: Clock, key: Any = EC, algorithm: str = "ES384", **changes: Any) -> str:
    now = int(clock().timestamp())
    good = {"iss": "nerve-triage", "sub": "nerve-triage", "aud": TOKEN, "iat": now, "exp": now + 240}
    claims = {**good, "jti": "one-use", **{n: v for n, v in changes.items() if n not in ("kid", "typ")}}
    header = {"alg": algorithm, "kid": changes.get("kid", key.kid), "typ": changes.get("typ", "JWT")}
    plain = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({n: v for n, v in header.items() if v}, plain, key, algorithms=[algorithm])


def redeem(http: FlaskClient, hospital: Hospital, **proof: str) -> Any:
    return http.post("/auth/token", data={**token_form(a_code(http, hospital)), **proof})


@pytest.mark.parametrize(("key", "algorithm"), [(EC, "ES384"), (RSA, "RS384")])
def test_an_app_with_keys_is_let_in_by_its_assertion(clock: Clock, key: Any, algorithm: str) -> None:
    http, hospital = a_hospital(clock, client_kind="asymmetric")
    proof = {
        "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion(clock, key, algorithm),
    }
    assert redeem(http, hospital, **proof).status_code == 200
    again = redeem(http, hospital, **proof)
    assert (again.status_code, again.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"sub": "another"},
        {"sub": None},
        {"aud": "http://localhost:8090/fhir"},
        {"aud": TOKEN + "/"},
        {"exp": None},
        {"exp": 1},
        {"exp": 10**11},
        {"jti": None},
        {"jti": ""},
        {"kid": "unknown"},
        {"kid": None},
        {"typ": "at+jwt"},
        {"key": STRANGER},
        {"algorithm": "ES256", "key": ECKey.generate_key("P-256", {"kid": "ec-1"}, private=True)},
        {"algorithm": "RS256", "key": RSA},
    ],
)
def test_a_wrong_assertion_is_refused(clock: Clock, changes: dict[str, Any]) -> None:
    http, hospital = a_hospital(clock, client_kind="asymmetric")
    answer = redeem(
        http, hospital, client_assertion_type=JWT_BEARER, client_assertion=assertion(clock, **changes)
    )
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "proof",
    [
        {"client_id": "nerve-triage", "client_secret": "sandbox-secret"},
        {"client_id": "nerve-triage"},
        {"client_assertion": "a.b.c", "client_assertion_type": "urn:another"},
        {"client_assertion": "no token", "client_assertion_type": JWT_BEARER},
    ],
)
def test_an_app_with_keys_is_not_let_in_by_less(clock: Clock, proof: dict[str, str]) -> None:
    http, hospital = a_hospital(clock, client_kind="asymmetric")
    assert redeem(http, hospital, **proof).status_code in (400, 401)


def test_a_public_app_names_itself_and_proves_nothing(clock: Clock) -> None:
    http, hospital = a_hospital(clock, client_kind="public")
    assert redeem(http, hospital, client_id="nerve-triage").status_code == 200
    for proof in (
        {"client_id": "another"},
        {"client_id": "nerve-triage", "client_secret": "sandbox-secret"},
        {},
    ):
        assert redeem(http, hospital, **proof).status_code in (400, 401)


@pytest.mark.parametrize(
    ("kind", "method", "capability"),
    [
        ("public", "none", "client-public"),
        ("symmetric", "client_secret_basic", "client-confidential-symmetric"),
        ("asymmetric", "private_key_jwt", "client-confidential-asymmetric"),
    ],
)
def test_discovery_says_how_apps_prove_themselves(
    clock: Clock, kind: str, method: str, capability: str
) -> None:
    http, _ = a_hospital(clock, client_kind=kind)
    told = http.get("/fhir/.well-known/smart-configuration").json
    assert method in told["token_endpoint_auth_methods_supported"]
    assert capability in told["capabilities"]


def test_an_unknown_kind_of_app_is_refused() -> None:
    with pytest.raises(ValueError, match="client_kind"):
        SandboxOptions(client_kind="secretive")
