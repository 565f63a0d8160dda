"""One launch is one session: open it from path and cookie, note its use, end it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

import structlog

from triage_app.errors import EHRError, SessionError, SessionExpired
from triage_app.settings import Settings
from triage_app.storage.rows import AuditEntry, Launch, Role
from triage_app.workflow.services import Services

log = structlog.get_logger()

TOUCH_EVERY = timedelta(seconds=30)
"""A session in use is noted at most so often: a disk write for each page would be dear."""


def hash_secret(secret: str) -> str:
    """Return what the database keeps of a browser's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(services: Services, *, launch_id: str, secret: str | None) -> Launch:
    """Return the live launch of this path and browser.

    Raises SessionError when there is none for this browser, and SessionExpired (with the launch) when its
    time is over.
    """
    launch = services.storage.fetch_launch(launch_id)
    if launch is None or secret is None or not hmac.compare_digest(launch.cookie_hash, hash_secret(secret)):
        raise SessionError("no session for this launch in this browser")
    if launch.ehr not in services.settings.registry:
        raise SessionError("the EHR of this launch is no longer registered")
    now = services.clock()
    if launch.ended_at is not None:
        raise SessionExpired("the session was ended")
    if now >= ends_at(launch, services.settings):
        raise SessionExpired("the session's time is over", launch=launch)
    if now - launch.last_seen_at >= TOUCH_EVERY:
        services.storage.touch_launch(launch, now=now)
    return launch


def is_live(services: Services, launch: Launch) -> bool:
    """Return whether the session is neither ended nor over."""
    return launch.ended_at is None and services.clock() < ends_at(launch, services.settings)


def ends_at(launch: Launch, settings: Settings) -> datetime:
    """Return when the session ends if nothing more happens: by its role's idle limit or the absolute one."""
    clinician = launch.role is Role.CLINICIAN
    idle = settings.clinician_idle_minutes if clinician else settings.patient_idle_minutes
    return min(
        launch.last_seen_at + timedelta(minutes=idle),
        launch.created_at + timedelta(hours=settings.session_hours),
    )


def end_session(services: Services, launch: Launch) -> None:
    """End the session: its tokens are erased, its path answers no more, the EHR is asked to forget it too."""
    now = services.clock()
    audit = AuditEntry(
        ehr=launch.ehr, at=now, action="sign-out", launch=launch.id, patient=launch.patient, user=launch.user
    )
    services.storage.end_launch(launch, now=now, audit=audit)
    _revoke(services, launch)


def _revoke(services: Services, launch: Launch) -> None:
    """Ask the EHR to forget the tokens; the session is over whatever it answers."""
    token = launch.refresh_token or launch.access_token
    if token is None:
        return
    ehr = services.settings.registry[launch.ehr]
    try:
        revoked = services.smart.revoke(ehr, services.smart.discover(ehr), token=token, now=services.clock())
    except EHRError:
        revoked = False
    log.info("session_ended", ehr=launch.ehr, state="revoked" if revoked else "not revoked")
