"""How one pretend hospital is set up."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from triage_app.sandbox.store.abilities import PERSONALITIES, Abilities

DEFAULT_SECRET = "sandbox-secret"  # noqa: S105 - known to everybody, and good on loopback only
CLIENT_KINDS = ("public", "symmetric", "asymmetric")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class SandboxOptions:
    """Where it answers, which app it knows, and what stands behind it.

    ``host`` and ``port``: where it answers; port 0 takes a free one (``serve_sandbox`` only).
    ``app_url``: the app; launches go to ``launch_path`` there, codes to one of ``callback_paths`` there.
    ``client_kind``: how the app is registered, public, symmetric or asymmetric. ``client_keys``: the key set
    that an asymmetric one registered; None reads what the app publishes.
    ``database``: an SQLite file, or ``:memory:``. ``upstream``: the base URL of a real FHIR server.
    ``people``: whether the five people are there at the start.
    ``ask_consent``: False answers every good authorisation request with yes, without a page.
    ``logged_in_patient``: whose record opens where an app begins by itself.
    ``personality``: what the record takes at all, a name of ``store.abilities.PERSONALITIES``.
    ``withheld_scopes``: scopes that are never granted. ``id_token_algorithm``: RS256 or ES384.
    Raises ValueError where a value cannot be used.
    """

    host: str = "localhost"
    port: int = 8090
    app_url: str = "http://127.0.0.1:5000"
    client_id: str = "nerve-triage"
    client_kind: str = "symmetric"
    client_secret: str = DEFAULT_SECRET
    client_keys: Mapping[str, Any] | None = None
    launch_path: str = "/launch"
    callback_paths: tuple[str, ...] = ("/callback", "/callback/general", "/callback/riverside")
    database: str = ":memory:"
    upstream: str | None = None
    personality: str = "open"
    people: bool = True
    ask_consent: bool = True
    logged_in_patient: str = "alice"
    need_patient_banner: bool = True
    withheld_scopes: tuple[str, ...] = ()
    id_token_algorithm: str = "RS256"  # noqa: S105 - an algorithm
    access_token_life: timedelta = timedelta(hours=1)
    clock: Callable[[], datetime] = field(default=_now, repr=False)
    new_id: Callable[[], str] = field(default=_new_id, repr=False)

    def __post_init__(self) -> None:
        if self.id_token_algorithm not in {"RS256", "ES384"}:
            raise ValueError(
                f"id_token_algorithm: found {self.id_token_algorithm!r}, expected RS256 or ES384"
            )
        if self.client_kind not in CLIENT_KINDS:
            raise ValueError(
                f"client_kind: found {self.client_kind!r}, expected one of {', '.join(CLIENT_KINDS)}"
            )
        if self.personality not in PERSONALITIES:
            raise ValueError(
                f"personality: found {self.personality!r}, expected one of {', '.join(PERSONALITIES)}"
            )
        if self.client_secret == DEFAULT_SECRET and self.host not in LOOPBACK:
            raise ValueError(f"client_secret: the default is for loopback only, and host is {self.host!r}")
        for name in ("app_url", "upstream"):
            value = getattr(self, name)
            if value is not None and (not value.startswith(("http://", "https://")) or value.endswith("/")):
                raise ValueError(
                    f"{name}: found {value!r}, expected an http(s) URL without a slash at its end"
                )

    @property
    def abilities(self) -> Abilities:
        """What the record takes."""
        return PERSONALITIES[self.personality]

    @property
    def base_url(self) -> str:
        """The hospital's own address."""
        return f"http://{self.host}:{self.port}"

    @property
    def fhir_url(self) -> str:
        """The FHIR base; also the issuer (``iss``) and the audience (``aud``)."""
        return f"{self.base_url}/fhir"

    @property
    def auth_url(self) -> str:
        """The base of the authorisation server."""
        return f"{self.base_url}/auth"
