"""The cookie of a launch: how its secret travels, on its own page and in a frame."""

from __future__ import annotations

import re

from flask import Response, request

from triage_app.storage.rows import Launch, Mode
from triage_app.web.current import current_services
from triage_app.workflow.sessions import is_live

PROBE_COOKIE = "__Host-nt-probe"
MOST_COOKIES = 20
_COOKIE = re.compile(r"(__Host-)?nt-[A-Za-z0-9_-]{20,64}")


def cookie_name(launch_id: str, mode: Mode) -> str:
    """Return the name of a launch's cookie; over TLS, and in frames, it carries ``__Host-``."""
    prefix = "__Host-" if _is_secure(mode) else ""
    return f"{prefix}nt-{launch_id}"


def set_launch_cookie(response: Response, launch_id: str, value: str, mode: Mode) -> None:
    """Hand the launch's secret to the browser."""
    embedded = mode is Mode.EMBEDDED
    response.set_cookie(
        cookie_name(launch_id, mode),
        value,
        max_age=current_services().settings.session_hours * 3600,
        path="/",
        secure=_is_secure(mode),
        httponly=True,
        samesite="None" if embedded else "Lax",
        partitioned=embedded,
    )


def set_probe_cookie(response: Response) -> None:
    """Hand a frame a cookie that says nothing, to see whether it comes back."""
    response.set_cookie(
        PROBE_COOKIE, "1", max_age=60, path="/", secure=True, httponly=True, samesite="None", partitioned=True
    )


def clear_launch_cookie(response: Response, launch: Launch) -> None:
    """Take the launch's secret back from the browser."""
    name, embedded = cookie_name(launch.id, launch.mode), launch.mode is Mode.EMBEDDED
    response.delete_cookie(
        name,
        path="/",
        secure=_is_secure(launch.mode),
        httponly=True,
        samesite="None" if embedded else "Lax",
        partitioned=embedded,
    )


def launch_cookie(launch_id: str) -> str | None:
    """Return the secret that the browser holds for this launch."""
    return request.cookies.get(f"__Host-nt-{launch_id}") or request.cookies.get(f"nt-{launch_id}")


def forget_old_cookies(response: Response) -> None:
    """Take back the cookies of launches that are over, once a browser holds many: a header has its limit."""
    names = [name for name in request.cookies if _COOKIE.fullmatch(name)]
    if len(names) <= MOST_COOKIES:
        return
    storage = current_services().storage
    for name in names:
        launch = storage.fetch_launch(name.removeprefix("__Host-").removeprefix("nt-"))
        if launch is None or not is_live(current_services(), launch):
            secure = name.startswith("__Host-")
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


def _is_secure(mode: Mode) -> bool:
    return mode is Mode.EMBEDDED or current_services().settings.over_tls
