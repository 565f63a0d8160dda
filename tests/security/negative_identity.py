"""The negative cases of an id_token and of a refresh."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc.jwk import ECKey, RSAKey

from triage_app.errors import EHRError
from triage_app.workflow.connections import connect

from .hostile import EC, RSA, SCOPES, Json, World, signed
from .negative_launch import case

STRANGER = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"}, private=True)
STRANGE_CURVE = ECKey.generate_key("P-384", parameters={"kid": "ec-1"}, private=True)
FOREIGN = "https://evil.example/fhir"


def claims(world: World, **changes: Any) -> None:
    world.hospital.claims = changes
    world.refused(world.call_back(), 403)


def signing(world: World, sign: Any) -> None:
    world.hospital.sign = sign
    world.refused(world.call_back(), 403)


def by_hand(header: Json, plain: Json, secret: bytes | None) -> str:
    front = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, plain)
    )
    if secret is None:
        return f"{front}."
    seal = hmac.new(secret, front.encode(), hashlib.sha256).digest()
    return f"{front}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


@case("id_token: none")
def _(world: World) -> None:
    for name in ("none", "None", ""):
        signing(world, lambda plain, name=name: by_hand({"alg": name, "kid": "rsa-1"}, plain, None))


@case("id_token: HS256 with the public key")
def _(world: World) -> None:
    secret = RSA.as_pem(private=False)
    signing(world, lambda plain: by_hand({"alg": "HS256", "kid": "rsa-1"}, plain, secret))


@case("id_token: bad RS or ES signature")
def _(world: World) -> None:
    signing(world, lambda plain: signed(plain, STRANGER))
    signing(world, lambda plain: signed(plain, STRANGE_CURVE, "ES384"))
    signing(world, lambda plain: signed(plain)[:-6] + "AAAAAA")


@case("id_token: wrong iss")
def _(world: World) -> None:
    claims(world, iss=FOREIGN)


@case("id_token: missing iss")
def _(world: World) -> None:
    claims(world, iss=None)


@case("id_token: wrong aud")
def _(world: World) -> None:
    claims(world, aud="another-app")


@case("id_token: missing aud")
def _(world: World) -> None:
    claims(world, aud=None)


@case("id_token: second untrusted aud")
def _(world: World) -> None:
    claims(world, aud=["nerve-triage", "another-app"], azp="nerve-triage")


@case("id_token: expired")
def _(world: World) -> None:
    claims(world, exp=int((world.clock() - timedelta(minutes=2)).timestamp()))


@case("id_token: no exp")
def _(world: World) -> None:
    claims(world, exp=None)


@case("id_token: no iat, or one far ahead")
def _(world: World) -> None:
    claims(world, iat=None)
    claims(world, iat=int((world.clock() + timedelta(minutes=5)).timestamp()))


@case("id_token: no sub")
def _(world: World) -> None:
    claims(world, sub=None)


@case("id_token: no nonce")
def _(world: World) -> None:
    claims(world, nonce=None)


@case("id_token: wrong nonce")
def _(world: World) -> None:
    claims(world, nonce="of-another-launch")


@case("id_token: unknown kid")
def _(world: World) -> None:
    signing(world, lambda plain: signed(plain, kid="unknown"))


@case("id_token: two keys and no kid")
def _(world: World) -> None:
    world.hospital.keys.append(STRANGER.as_dict(private=False) | {"kid": "rsa-2"})
    signing(world, lambda plain: signed(plain, kid=None))


@case("id_token: embedded jwk")
def _(world: World) -> None:
    for key in (STRANGER, RSA):
        signing(world, lambda plain, key=key: signed(plain, key, jwk=key.as_dict(private=False)))


@case("id_token: jku or x5u")
def _(world: World) -> None:
    there = f"http://localhost:{world.other.port}/auth/jwks"
    signing(world, lambda plain: signed(plain, jku=there))
    signing(world, lambda plain: signed(plain, x5u=there))
    assert world.other.asked == []


@case("id_token: unknown crit")
def _(world: World) -> None:
    header = {"alg": "RS256", "kid": "rsa-1", "crit": ["exp-of-evil"], "exp-of-evil": True}

    def sign(plain: Json) -> str:
        front = by_hand(header, plain, None)[:-1]
        seal = RSA.private_key.sign(front.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{front}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"

    signing(world, sign)
    header.pop("crit")
    world.hospital.sign = sign
    assert world.session(), "only the header was wrong"


@case("id_token: fhirUser on another host")
def _(world: World) -> None:
    for user in (f"{FOREIGN}/Practitioner/1", f"{world.other.base}/Patient/alice", "Device/1", "Patient/.."):
        claims(world, fhirUser=user)


def over(world: World) -> Any:
    """A session whose token is over; returns what is refreshed."""
    launch = world.session()
    world.later.append(timedelta(minutes=10))
    return launch


def ends(world: World, launch: Any) -> None:
    with pytest.raises(EHRError):
        connect(world.services, launch)
    stored = world.services.storage.fetch_launch(launch.id)
    assert stored.ended_at is not None
    assert (stored.access_token, stored.refresh_token) == (None, None)
    assert world.get(f"/l/{launch.id}/").status_code == 401


@case("refresh: other iss")
def _(world: World) -> None:
    launch = over(world)
    world.hospital.claims = {"iss": FOREIGN, "iat": int(world.clock().timestamp()), "exp": 2**33}
    ends(world, launch)


@case("refresh: other sub")
def _(world: World) -> None:
    launch = over(world)
    world.hospital.claims = {"sub": "charlie-login", "iat": int(world.clock().timestamp()), "exp": 2**33}
    ends(world, launch)


@case("refresh: other patient")
def _(world: World) -> None:
    launch = over(world)
    world.hospital.token = {"patient": "charlie"}
    ends(world, launch)


@case("refresh: reuse of the old token")
def _(world: World) -> None:
    launch = over(world)
    first = connect(world.services, launch).access_token
    assert connect(world.services, launch).access_token == first
    sent = [form["refresh_token"] for form in world.hospital.forms if "refresh_token" in form]
    assert sent == [launch.refresh_token]


@case("refresh: wider scope")
def _(world: World) -> None:
    """Goes on with the scopes of the launch; the wider ones are never used."""
    launch = over(world)
    world.hospital.token = {"scope": f"{SCOPES} system/*.cruds"}
    connect(world.services, launch)
    assert world.services.storage.fetch_launch(launch.id).scopes == launch.scopes


@case("id_token: control, a good token of each algorithm is taken")
def _(world: World) -> None:
    """No case: it shows that the others are refused for their own reason, and that the spy sees."""
    for key, algorithm in ((RSA, "RS256"), (RSA, "RS384"), (EC, "ES384")):
        world.hospital.sign = lambda plain, key=key, algorithm=algorithm: signed(plain, key, algorithm)
        assert world.session().user == "Patient/alice"
    assert {port for _, port, *_ in world.connections} == {world.hospital.port}
