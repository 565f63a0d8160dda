"""An id_token proves who is there only when every check holds; each forgery is named and refused."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from factories import NOW
from identities import ISSUER, NONCE, by_hand, claims, ec_key, public, rsa_key, signed

from triage_app.ehr import Endpoints, Identity, SmartClient
from triage_app.errors import EHRUnavailable, EHRUnreadable, IdentityRefused
from triage_app.settings import EHR

JWKS = f"{ISSUER}/jwks"
ENDPOINTS = Endpoints(
    issuer=ISSUER,
    authorization_endpoint="https://ehr.example.org/auth/authorize",
    token_endpoint="https://ehr.example.org/auth/token",
    jwks_uri=JWKS,
)
NOW_SECONDS = int(NOW.timestamp())
RSA_PUBLIC = rsa_key().as_pem(private=False)


@pytest.fixture(autouse=True)
def published(hospital: responses.RequestsMock) -> responses.BaseResponse:
    return hospital.get(JWKS, json=public(rsa_key(), ec_key()))


def verify(smart: SmartClient, ehr: EHR, id_token: str) -> Identity:
    return smart.verify_id_token(ehr, ENDPOINTS, id_token=id_token, nonce=NONCE, now=NOW)


@pytest.mark.parametrize(
    ("algorithm", "key"), [("RS256", rsa_key()), ("RS384", rsa_key()), ("ES384", ec_key())]
)
def test_a_good_id_token_tells_who_is_there(algorithm: str, key: Any, smart: SmartClient, ehr: EHR) -> None:
    found = verify(smart, ehr, signed(key=key, algorithm=algorithm))
    assert found == Identity(subject="alice-login", user="Patient/alice", role="patient")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"iss": "https://evil.example/fhir"}, "iss"),
        ({"iss": ISSUER + "/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another-app"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": ["nerve-triage", "another-app"]}, "aud"),
        ({"aud": ["nerve-triage", "another-app"], "azp": "nerve-triage"}, "aud"),
        ({"aud": ["nerve-triage", ISSUER]}, "azp"),
        ({"azp": "another-app"}, "azp"),
        ({"exp": NOW_SECONDS - 61}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"nbf": NOW_SECONDS + 61}, "nbf"),
        ({"nbf": "tomorrow"}, "nbf"),
        ({"iat": None}, "iat"),
        ({"iat": NOW_SECONDS + 3600}, "iat"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "nonce-of-another-launch"}, "nonce"),
        ({"fhirUser": None}, "fhirUser"),
        ({"fhirUser": "https://evil.example/fhir/Practitioner/bob"}, "fhirUser"),
        ({"fhirUser": "https://ehr.example.org/fhir.evil/Practitioner/bob"}, "fhirUser"),
        ({"fhirUser": "https://ehr.example.org/fhir/../x/Practitioner/bob"}, "fhirUser"),
        ({"fhirUser": "Practitioner/bob/_history/1"}, "fhirUser"),
        ({"fhirUser": "Practitioner/.."}, "fhirUser"),
        ({"fhirUser": "Practitioner/bo b"}, "fhirUser"),
        ({"fhirUser": "Person/1"}, "fhirUser"),
        ({"fhirUser": "Device/1"}, "fhirUser"),
        ({"fhirUser": ["Practitioner/bob"]}, "fhirUser"),
    ],
)
def test_a_claim_that_does_not_fit_is_named(
    changes: dict[str, Any], named: str, smart: SmartClient, ehr: EHR
) -> None:
    with pytest.raises(IdentityRefused, match=f"id_token: {named}:"):
        verify(smart, ehr, signed(claims(**changes)))


FORGERIES = {
    "no algorithm": lambda: by_hand({"alg": "none", "kid": "rsa-1"}, claims(), None),
    "no algorithm, spelled oddly": lambda: by_hand({"alg": "nOnE", "kid": "rsa-1"}, claims(), None),
    "public key as a secret": lambda: by_hand({"alg": "HS256", "kid": "rsa-1"}, claims(), RSA_PUBLIC),
    "algorithm that we do not take": lambda: signed(algorithm="PS256"),
    "key of somebody else": lambda: signed(key=rsa_key("stranger"), kid="rsa-1"),
    "EC key of somebody else": lambda: signed(key=ec_key("stranger"), kid="ec-1", algorithm="ES384"),
    "key id that nobody published": lambda: signed(key=rsa_key("stranger")),
    "key of another kind": lambda: signed(kid="ec-1"),
    "key brought along": lambda: signed(
        key=rsa_key("stranger"), jwk=rsa_key("stranger").as_dict(private=False)
    ),
    "key fetched from elsewhere": lambda: signed(jku="https://evil.example/jwks"),
    "certificate fetched from elsewhere": lambda: signed(x5u="https://evil.example/cert"),
    "critical extension": lambda: by_hand({"alg": "RS256", "kid": "rsa-1", "crit": ["exp2"]}, claims(), b"x"),
    "claims changed after signing": lambda: _with_other_claims(signed()),
    "signature cut off": lambda: signed().rsplit(".", 1)[0] + ".",
    "two parts": lambda: "a.b",
    "five parts": lambda: "a.b.c.d.e",
    "nothing": lambda: "",
    "not ASCII": lambda: "é.é.é",
    "not claims": lambda: by_hand({"alg": "RS256", "kid": "rsa-1"}, [], b"x"),  # type: ignore[arg-type]
}


def _with_other_claims(token: str) -> str:
    header, _, signature = token.split(".")
    return ".".join((header, by_hand({}, claims(fhirUser="Practitioner/bob"), None).split(".")[1], signature))


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_forgery_is_refused(
    forgery: str, smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    with pytest.raises(IdentityRefused):
        verify(smart, ehr, FORGERIES[forgery]())
    assert all(call.request.url == JWKS for call in hospital.calls)


def test_two_keys_and_no_kid_is_a_guess_that_we_do_not_make(
    smart: SmartClient, ehr: EHR, published: responses.BaseResponse, hospital: responses.RequestsMock
) -> None:
    hospital.replace("GET", JWKS, json=public(rsa_key(), rsa_key("rsa-2")))
    with pytest.raises(IdentityRefused):
        verify(smart, ehr, signed(kid=None))


def test_one_key_and_no_kid_is_plain(smart: SmartClient, ehr: EHR) -> None:
    assert verify(smart, ehr, signed(kid=None)).user == "Patient/alice"


@pytest.mark.parametrize(
    ("fhir_user", "user", "role"),
    [
        ("Patient/alice", "Patient/alice", "patient"),
        ("RelatedPerson/dora", "RelatedPerson/dora", "patient"),
        ("Practitioner/bob", "Practitioner/bob", "clinician"),
        (f"{ISSUER}/PractitionerRole/bob-at-work", "PractitionerRole/bob-at-work", "clinician"),
    ],
)
def test_the_role_is_the_type_of_the_user(
    fhir_user: str, user: str, role: str, smart: SmartClient, ehr: EHR
) -> None:
    found = verify(smart, ehr, signed(claims(fhirUser=fhir_user)))
    assert (found.user, found.role) == (user, role)


def test_clocks_may_differ_by_a_minute(smart: SmartClient, ehr: EHR) -> None:
    assert verify(smart, ehr, signed(claims(exp=NOW_SECONDS - 59, iat=NOW_SECONDS + 59)))


def test_keys_are_asked_for_once(smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock) -> None:
    verify(smart, ehr, signed())
    verify(smart, ehr, signed(key=ec_key(), algorithm="ES384"))
    assert len(hospital.calls) == 1


def test_a_new_key_is_found_by_asking_once_more(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    verify(smart, ehr, signed())
    hospital.replace("GET", JWKS, json=public(rsa_key(), rsa_key("rsa-2")))
    assert verify(smart, ehr, signed(key=rsa_key("rsa-2"))).user == "Patient/alice"
    with pytest.raises(IdentityRefused):
        verify(smart, ehr, signed(key=rsa_key("stranger")))
    assert len(hospital.calls) == 3


def test_an_id_token_of_another_hospital_does_not_open_this_one(smart: SmartClient, ehr: EHR) -> None:
    other = Endpoints(**{**ENDPOINTS.__dict__, "issuer": "https://other.example.org/fhir"})
    with pytest.raises(IdentityRefused, match="iss"):
        smart.verify_id_token(ehr, other, id_token=signed(), nonce=NONCE, now=NOW)


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": "none"},
        {},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1"}]},
        {"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]},
        {"keys": [7]},
    ],
)
def test_odd_keys_are_no_keys(
    keys: dict[str, Any], smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    hospital.replace("GET", JWKS, json=keys)
    with pytest.raises((IdentityRefused, EHRUnreadable)):
        verify(smart, ehr, signed())


def test_a_hospital_without_keys_just_now_is_unavailable(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    hospital.replace("GET", JWKS, status=500)
    with pytest.raises(EHRUnavailable):
        verify(smart, ehr, signed())


def test_a_key_that_is_for_another_algorithm_does_not_fit(
    smart: SmartClient, ehr: EHR, hospital: responses.RequestsMock
) -> None:
    keys = public(rsa_key())
    keys["keys"][0]["alg"] = "RS384"
    hospital.replace("GET", JWKS, json=keys)
    assert verify(smart, ehr, signed(algorithm="RS384")).user == "Patient/alice"
    with pytest.raises(IdentityRefused):
        verify(smart, ehr, signed(algorithm="RS256"))
