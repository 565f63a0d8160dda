"""The token endpoint, the id_token, refreshing, asking about tokens and taking them back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError
from joserfc.jwk import KeySet

from triage_app.sandbox import Hospital, SandboxOptions, create_sandbox, hospital_of

from .conftest import (
    CHALLENGE,
    FHIR,
    NOON,
    SECRET,
    Clock,
    authorize_parameters,
    came_back,
    challenge_of,
    token_form,
)


def redeem(http: FlaskClient, code: str, /, **changes: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = http.post(
        "/auth/token", data=token_form(code, **changes), auth=SECRET
    ).get_json()
    return answer


def refresh(http: FlaskClient, token: str, **more: str) -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "refresh_token": token} | more
    answer: dict[str, Any] = http.post("/auth/token", data=form, auth=SECRET).get_json()
    return answer


def claims_of(http: FlaskClient, id_token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(http.get("/auth/jwks").get_json())
    return dict(jwt.decode(id_token, keys, algorithms=["RS256", "ES384"]).claims)


def test_a_code_is_exchanged_for_tokens_and_the_launch_context(http: FlaskClient, hospital: Hospital) -> None:
    handle = hospital.new_launch(patient="alice", user="bob", encounter="alice-visit").handle
    query = authorize_parameters(hospital, launch=handle)
    code = came_back(http.get("/auth/authorize", query_string=query))["code"]
    response = http.post("/auth/token", data=token_form(code), auth=SECRET)
    assert response.headers["Cache-Control"] == "no-store"
    answer = response.get_json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    assert answer["scope"] == "launch openid fhirUser offline_access patient/*.cruds"
    assert (answer["patient"], answer["encounter"]) == ("alice", "alice-visit")
    assert answer["need_patient_banner"] is True
    assert {"access_token", "refresh_token", "id_token"} <= set(answer)


def test_the_secret_may_come_in_the_form(http: FlaskClient, code: str) -> None:
    form = token_form(code, client_id="nerve-triage", client_secret="sandbox-secret")
    assert http.post("/auth/token", data=form).status_code == 200


@pytest.mark.parametrize("auth", [("nerve-triage", "wrong"), ("somebody", "sandbox-secret"), ("", "")])
def test_a_wrong_secret_is_refused_and_the_code_stays_good(
    http: FlaskClient, code: str, auth: tuple[str, str]
) -> None:
    answer = http.post("/auth/token", data=token_form(code), auth=auth)
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_client"
    assert "access_token" in redeem(http, code)


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /w==", "Bearer x"])
def test_an_unreadable_authentication_is_refused(http: FlaskClient, code: str, header: str) -> None:
    answer = http.post("/auth/token", data=token_form(code), headers={"Authorization": header})
    assert answer.status_code == 401


def test_the_default_secret_is_refused_from_another_machine(http: FlaskClient, code: str) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    answer = http.post("/auth/token", data=token_form(code), auth=SECRET, environ_overrides=elsewhere)
    assert answer.status_code == 401


def test_the_default_secret_is_refused_on_a_public_host() -> None:
    with pytest.raises(ValueError, match="client_secret"):
        SandboxOptions(host="0.0.0.0")
    assert SandboxOptions(host="0.0.0.0", client_secret="another").base_url == "http://0.0.0.0:8090"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": "made-up"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:5000/callback/"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
    ],
)
def test_a_faulty_exchange_is_refused(
    http: FlaskClient, code: str, changes: dict[str, str | None], error: str
) -> None:
    assert redeem(http, code, **changes)["error"] == error


def test_a_code_used_twice_takes_back_the_first_tokens(http: FlaskClient, code: str) -> None:
    first = redeem(http, code)
    assert redeem(http, code)["error"] == "invalid_grant"
    patient = http.get("/fhir/Patient/alice", headers={"Authorization": f"Bearer {first['access_token']}"})
    assert patient.status_code == 401
    assert refresh(http, first["refresh_token"])["error"] == "invalid_grant"


def test_a_code_with_a_wrong_verifier_is_used_up(http: FlaskClient, code: str) -> None:
    redeem(http, code, code_verifier="w" * 43)
    assert redeem(http, code)["error"] == "invalid_grant"


def test_a_code_is_good_for_a_minute(http: FlaskClient, code: str, clock: Clock) -> None:
    clock.go_on(seconds=60)
    assert redeem(http, code)["error"] == "invalid_grant"


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "é", "v" * 42 + "\n"])
def test_an_ill_formed_verifier_is_refused_though_it_fits(
    http: FlaskClient, hospital: Hospital, verifier: str
) -> None:
    query = authorize_parameters(hospital, code_challenge=challenge_of(verifier))
    code = came_back(http.get("/auth/authorize", query_string=query))["code"]
    assert redeem(http, code, code_verifier=verifier)["error"] == "invalid_grant"


class TestTheIdToken:
    """Who is there, signed."""

    def test_it_says_who_for_whom_and_until_when(self, http: FlaskClient, code: str) -> None:
        claims = claims_of(http, redeem(http, code)["id_token"])
        assert claims == {
            "iss": FHIR,
            "aud": "nerve-triage",
            "sub": "patient-alice",
            "nonce": "the-nonce",
            "fhirUser": f"{FHIR}/Patient/alice",
            "iat": int(NOON.timestamp()),
            "exp": int(NOON.timestamp()) + 300,
        }

    @pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
    def test_it_is_signed_with_the_algorithm_of_the_options(self, algorithm: str) -> None:
        app = create_sandbox(SandboxOptions(id_token_algorithm=algorithm, ask_consent=False))
        http, hospital = app.test_client(), hospital_of(app)
        query = authorize_parameters(hospital)
        code = came_back(http.get("/auth/authorize", query_string=query))["code"]
        assert claims_of(http, redeem(http, code)["id_token"])["sub"] == "patient-alice"

    def test_there_is_none_without_openid(self, http: FlaskClient, hospital: Hospital) -> None:
        query = authorize_parameters(hospital, scope="launch patient/Patient.r")
        answer = redeem(http, came_back(http.get("/auth/authorize", query_string=query))["code"])
        assert "id_token" not in answer
        assert "refresh_token" not in answer

    def test_it_names_no_user_without_that_scope(self, http: FlaskClient, hospital: Hospital) -> None:
        query = authorize_parameters(hospital, scope="launch openid", nonce=None)
        answer = redeem(http, came_back(http.get("/auth/authorize", query_string=query))["code"])
        assert set(claims_of(http, answer["id_token"])) == {"iss", "aud", "sub", "iat", "exp"}

    @pytest.mark.parametrize(
        ("fault", "claim", "lie"),
        [
            ("wrong-nonce", "nonce", "another-nonce"),
            ("wrong-audience", "aud", "another-app"),
            ("wrong-issuer", "iss", "https://elsewhere.example/fhir"),
            ("expired-id-token", "exp", int(NOON.timestamp()) - 3300),
        ],
    )
    def test_it_lies_when_told_to(
        self, http: FlaskClient, hospital: Hospital, code: str, fault: str, claim: str, lie: str | int
    ) -> None:
        hospital.faults.set(fault)
        assert claims_of(http, redeem(http, code)["id_token"])[claim] == lie

    def test_a_foreign_key_is_not_among_the_published(
        self, http: FlaskClient, hospital: Hospital, code: str
    ) -> None:
        hospital.faults.set("foreign-key")
        token = redeem(http, code)["id_token"]
        with pytest.raises((BadSignatureError, InvalidKeyIdError)):
            claims_of(http, token)

    def test_rotated_keys_no_longer_verify_old_tokens(
        self, http: FlaskClient, hospital: Hospital, code: str
    ) -> None:
        token = redeem(http, code)["id_token"]
        hospital.keys.rotate()
        with pytest.raises((BadSignatureError, InvalidKeyIdError)):
            claims_of(http, token)


class TestRefreshing:
    """A refresh token is good for one use."""

    def test_it_gives_a_new_pair_with_the_same_context(self, http: FlaskClient, code: str) -> None:
        first = redeem(http, code)
        second = refresh(http, first["refresh_token"])
        assert second["patient"] == "alice"
        assert second["scope"] == first["scope"]
        assert second["access_token"] != first["access_token"]
        assert second["refresh_token"] != first["refresh_token"]

    def test_using_it_twice_takes_back_everything(self, http: FlaskClient, code: str) -> None:
        first = redeem(http, code)
        second = refresh(http, first["refresh_token"])
        assert refresh(http, first["refresh_token"])["error"] == "invalid_grant"
        assert refresh(http, second["refresh_token"])["error"] == "invalid_grant"

    def test_it_may_ask_for_less_but_not_for_more(self, http: FlaskClient, code: str) -> None:
        first = redeem(http, code)
        refused = refresh(http, first["refresh_token"], scope="launch user/*.cruds")
        assert refused["error"] == "invalid_scope"
        narrower = refresh(http, first["refresh_token"], scope="openid")
        assert narrower["scope"] == "openid"
        header = {"Authorization": f"Bearer {narrower['access_token']}"}
        assert http.get("/fhir/Patient/alice", headers=header).status_code == 403


def test_introspection_tells_about_a_live_token_only(http: FlaskClient, code: str, clock: Clock) -> None:
    token = redeem(http, code)["access_token"]
    alive = http.post("/auth/introspect", data={"token": token}, auth=SECRET).get_json()
    assert (alive["active"], alive["patient"], alive["client_id"]) == (True, "alice", "nerve-triage")
    assert http.post("/auth/introspect", data={"token": token}).get_json()["error"] == "invalid_request"
    clock.go_on(hours=1)
    assert http.post("/auth/introspect", data={"token": token}, auth=SECRET).get_json() == {"active": False}


def test_a_revoked_token_opens_nothing(http: FlaskClient, code: str) -> None:
    answer = redeem(http, code)
    for token in (answer["refresh_token"], "unknown"):
        assert http.post("/auth/revoke", data={"token": token}, auth=SECRET).status_code == 200
    header = {"Authorization": f"Bearer {answer['access_token']}"}
    assert http.get("/fhir/Patient/alice", headers=header).status_code == 401


def test_access_tokens_can_be_made_to_run_out_and_the_refresh_token_helps(
    http: FlaskClient, hospital: Hospital, code: str
) -> None:
    first = redeem(http, code)
    hospital.grants.expire_access_tokens()
    header = {"Authorization": f"Bearer {first['access_token']}"}
    assert http.get("/fhir/Patient/alice", headers=header).status_code == 401
    header = {"Authorization": f"Bearer {refresh(http, first['refresh_token'])['access_token']}"}
    assert http.get("/fhir/Patient/alice", headers=header).status_code == 200


def test_a_token_is_refused_when_that_fault_is_on(app: Flask, http: FlaskClient, code: str) -> None:
    hospital_of(app).faults.set("token-refused", times=1)
    assert redeem(http, code)["error"] == "invalid_grant"
    assert "access_token" in redeem(http, code)
