"""The negative cases of a launch, a callback and a token answer: what is told, and what must not happen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from .hostile import World

Case = Callable[[World], None]
CASES: dict[str, Case] = {}
ATTACK = "<script>alert(1)</script>"


def case(name: str) -> Callable[[Case], Case]:
    """Note a case under its name."""

    def keep(function: Case) -> Case:
        assert name not in CASES
        CASES[name] = function
        return function

    return keep


def not_contacted(world: World, *issuers: str) -> None:
    for issuer in issuers:
        world.refused(world.launch(iss=issuer), 400)
    assert world.connections == []


def answered(body: bytes = b"{}", **how: Any) -> Callable[[], Response]:
    return lambda: Response(body, **{"content_type": "application/json", **how})


@case("launch: no iss")
def _(world: World) -> None:
    world.refused(world.launch(iss=None), 400)
    assert world.connections == []


@case("launch: unknown iss")
def _(world: World) -> None:
    not_contacted(world, "https://evil.example/fhir")


@case("launch: http iss")
def _(world: World) -> None:
    not_contacted(world, "http://ehr.example.org/fhir")


@case("launch: iss with userinfo")
def _(world: World) -> None:
    port = world.hospital.port
    not_contacted(world, f"http://user@localhost:{port}/fhir", f"http://localhost:{port}@evil.example/fhir")


@case("launch: case, dot, unicode or port variant of an iss")
def _(world: World) -> None:
    port = world.hospital.port
    not_contacted(
        world,
        f"http://LOCALHOST:{port}/fhir",
        f"http://localhost.:{port}/fhir",
        f"http://lоcalhost:{port}/fhir",
        f"http://localhost:0{port}/fhir",
        f"http://localhost:{port}/fhir/",
        f"http://localhost:{port}/fhir%2f",
    )


@case("launch: IP or private host")
def _(world: World) -> None:
    not_contacted(
        world,
        "http://169.254.169.254/latest",
        "http://2130706433/fhir",
        "http://[::1]/fhir",
        f"http://127.0.0.1:{world.hospital.port}/fhir",
    )


@case("launch: repeated iss")
def _(world: World) -> None:
    twice = [("iss", world.hospital.base), ("iss", world.hospital.base), ("launch", "x")]
    world.refused(world.get("/launch", twice), 400)
    assert world.connections == []


@case("launch: no launch")
def _(world: World) -> None:
    world.refused(world.launch(launch=None), 400)
    assert world.connections == []


@case("launch: oversize launch")
def _(world: World) -> None:
    world.refused(world.launch(launch="x" * 5000), 400)
    assert world.connections == []


@case("launch: discovery redirect")
def _(world: World) -> None:
    there = f"http://localhost:{world.other.port}/fhir/.well-known/smart-configuration"
    for status in (301, 302, 307, 308):
        world.hospital.instead["smart-configuration"] = answered(status=status, headers={"Location": there})
        world.refused(world.launch(), 502)


@case("launch: discovery too big or slow")
def _(world: World) -> None:
    world.hospital.instead["smart-configuration"] = answered(b'{"x": "' + b"x" * 70_000 + b'"}')
    world.refused(world.launch(), 502)
    end = threading.Event()
    world.hospital.instead["smart-configuration"] = lambda: (end.wait(5) and Response()) or Response()
    world.refused(world.launch(), 503)
    end.set()


@case("launch: S256 absent or plain present")
def _(world: World) -> None:
    for methods in ([], ["plain"], ["S256", "plain"]):
        world.hospital.document = {"code_challenge_methods_supported": methods}
        world.refused(world.launch(), 502)


@case("launch: token endpoint on an unpinned host")
def _(world: World) -> None:
    for endpoint in ("https://evil.example/token", "//evil.example/token", "http://127.0.0.2/token"):
        world.hospital.document = {"token_endpoint": endpoint}
        world.refused(world.launch(), 502)


@case("launch: issuer is not the configured one")
def _(world: World) -> None:
    world.hospital.document = {"issuer": "https://evil.example/fhir"}
    world.refused(world.launch(), 502)


def no_token_asked(world: World) -> None:
    assert "/auth/token" not in world.hospital.asked + world.other.asked


@case("callback: no state")
def _(world: World) -> None:
    world.begin()
    world.refused(world.get("/callback/general", {"code": "code-1"}), 400)
    no_token_asked(world)


@case("callback: unknown state")
def _(world: World) -> None:
    world.begin()
    world.refused(world.back("unknown"), 400)
    no_token_asked(world)


@case("callback: reused state")
def _(world: World) -> None:
    state = world.begin()["state"]
    assert world.back(state).status_code == 303
    again = world.back(state)
    assert again.status_code == 400
    assert world.hospital.asked.count("/auth/token") == 1


@case("callback: state of another browser")
def _(world: World) -> None:
    state = world.begin()["state"]
    world.client = world.app.test_client()
    world.refused(world.back(state), 400)
    no_token_asked(world)


@case("callback: expired state")
def _(world: World) -> None:
    state = world.begin()["state"]
    world.later.append(timedelta(minutes=10))
    world.refused(world.back(state), 400)
    no_token_asked(world)


@case("callback: wrong iss")
def _(world: World) -> None:
    world.refused(world.call_back(iss="https://evil.example/fhir"), 400)
    no_token_asked(world)


@case("callback: iss absent though advertised")
def _(world: World) -> None:
    world.hospital.document = {"authorization_response_iss_parameter_supported": True}
    world.refused(world.call_back(), 400)
    no_token_asked(world)


@case("callback: hostile error text")
def _(world: World) -> None:
    answer = world.call_back(code=None, error=ATTACK, error_description=ATTACK, error_uri="javascript:1")
    world.refused(answer, 403)
    assert ATTACK not in answer.text
    assert "javascript:" not in answer.text
    no_token_asked(world)


@case("callback: code and error")
def _(world: World) -> None:
    world.refused(world.call_back(error="access_denied"), 403)
    no_token_asked(world)


@case("callback: repeated parameters")
def _(world: World) -> None:
    state = world.begin()["state"]
    for name, value in (("state", state), ("code", "code-2"), ("iss", world.hospital.base)):
        twice = [("state", state), ("code", "code-1"), ("iss", world.hospital.base), (name, value)]
        world.refused(world.get("/callback/general", twice), 400)
    no_token_asked(world)


@case("callback: callback path of another EHR")
def _(world: World) -> None:
    world.refused(world.call_back(key="other"), 400)
    no_token_asked(world)


def token(world: World, **changes: Any) -> None:
    world.hospital.token = changes
    world.refused(world.call_back(), 502)


@case("token: type is not Bearer")
def _(world: World) -> None:
    token(world, token_type="mac")


@case("token: scope absent")
def _(world: World) -> None:
    """RFC 6749 §5.1: what was asked for is then granted, and no more."""
    world.hospital.token = {"scope": None}
    assert world.session().scopes == world.services.settings.registry["general"].scopes


@case("token: scope narrowed")
def _(world: World) -> None:
    """Goes on, read only, and says so before the first question."""
    world.hospital.token = {"scope": "launch openid fhirUser patient/*.read"}
    launch = world.session()
    assert "Your answers will not be sent" in world.get(f"/l/{launch.id}/").text


@case("token: extra scope")
def _(world: World) -> None:
    """Goes on; what nobody asked for is never used."""
    world.hospital.token = {"scope": "launch openid fhirUser patient/*.cruds system/*.cruds user/Account.d"}
    launch = world.session()
    assert "will not be sent" not in world.get(f"/l/{launch.id}/").text


@case("token: patient absent")
def _(world: World) -> None:
    token(world, patient=None)


@case("token: patient malformed")
def _(world: World) -> None:
    for patient in ("../Practitioner/1", "Patient/alice", "alice\n", "..", "", 7, ["alice"], "a" * 65):
        token(world, patient=patient)


@case("token: expires_in absent, negative or huge")
def _(world: World) -> None:
    for wrong in (-5, 0, "soon", True):
        token(world, expires_in=wrong)
    world.hospital.token = {"expires_in": None}
    assert world.session().expires_at is None
    world.hospital.token = {"expires_in": 10**12}
    launch = world.session()
    assert launch.expires_at is not None
    assert launch.expires_at <= world.clock() + timedelta(days=1)


@case("token: HTML with 200")
def _(world: World) -> None:
    world.hospital.instead["token"] = answered(b"<html>Log in</html>", content_type="text/html")
    world.refused(world.call_back(), 502)


@case("token: 307 or 308")
def _(world: World) -> None:
    there = f"http://localhost:{world.other.port}/auth/token"
    for status in (307, 308):
        world.hospital.instead["token"] = answered(status=status, headers={"Location": there})
        world.refused(world.call_back(), 502)
    assert world.other.forms == []


@case("token: slow")
def _(world: World) -> None:
    end = threading.Event()
    world.hospital.instead["token"] = lambda: (end.wait(5) and Response()) or Response()
    world.refused(world.call_back(), 503)
    end.set()
    assert world.hospital.asked.count("/auth/token") == 1


@case("token: control characters")
def _(world: World) -> None:
    for wrong in ("line\r\nX-Evil: 1", "nul\x00", "two words", "ümlaut"):
        token(world, access_token=wrong)
