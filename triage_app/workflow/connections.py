"""The way from a launch to the EHR: a connection with a token that is still good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from triage_app.ehr import Connection, Endpoints, TokenAnswer
from triage_app.errors import EHRUnauthorized, EHRUnavailable, IdentityRefused, TokenRefused
from triage_app.storage.rows import AuditEntry, Launch
from triage_app.workflow.services import Services

SOON = timedelta(seconds=30)
"""A token that ends so soon is refreshed first: it may end on the way."""

REFRESH_LEASE = timedelta(seconds=45)
"""Longer than any answer of a token endpoint takes; whoever is silent so long is taken for dead."""

_LOOKS = 20
_PAUSE_SECONDS = 0.25


def connect(services: Services, launch: Launch) -> Connection:
    """Return a connection with a token that is good, refreshed when it is over; raise EHRError."""
    if launch.access_token is None:
        raise EHRUnauthorized("the launch was ended and has no token")
    if launch.expires_at is not None and launch.expires_at <= services.clock() + SOON:
        launch = refresh(services, launch)
    return Connection(services.settings.registry[launch.ehr], launch.access_token or "")


def refresh(services: Services, launch: Launch) -> Launch:
    """Return the launch with new tokens, stored before use; raise EHRUnauthorized when the EHR gives none.

    A refresh token works once, and some EHRs end the whole session when it comes twice: so one caller trades
    it, and the others wait for what that one stores.
    """
    ehr = services.settings.registry[launch.ehr]
    if launch.refresh_token is None:
        raise EHRUnauthorized(f"{ehr.name}: the token is over, and there is none to refresh it with")
    now = services.clock()
    if not services.storage.claim_refresh(launch, now=now, until=now + REFRESH_LEASE):
        return _of_another(services, launch)
    endpoints = services.smart.discover(ehr)
    try:
        tokens = services.smart.refresh(
            ehr, endpoints, refresh_token=launch.refresh_token, scopes=launch.scopes, now=now
        )
    except TokenRefused as error:
        raise EHRUnauthorized(str(error)) from error
    _check_same(services, launch, endpoints, tokens)
    return _stored(services, launch, tokens)


def _of_another(services: Services, launch: Launch) -> Launch:
    """Wait for the tokens that another caller is trading for."""
    for _ in range(_LOOKS):
        stored = services.storage.fetch_launch(launch.id)
        if stored is None or stored.access_token is None:
            raise EHRUnauthorized("the launch was ended and has no token")
        if stored.access_token != launch.access_token:
            return stored
        services.pause(_PAUSE_SECONDS)
    raise EHRUnavailable("the token is being refreshed and is not there yet", retry_after_seconds=30)


def _check_same(services: Services, launch: Launch, endpoints: Endpoints, tokens: TokenAnswer) -> None:
    """End the session when the EHR hands out a token for another chart or another user."""
    now, ehr = services.clock(), services.settings.registry[launch.ehr]
    try:
        same = tokens.patient in (None, launch.patient)
        if same and tokens.id_token is not None:
            who = services.smart.verify_id_token(
                ehr, endpoints, id_token=tokens.id_token, nonce=None, now=now
            )
            same = who.user == launch.user and launch.subject in (None, who.subject)
    except IdentityRefused:
        same = False
    if same:
        return
    audit = AuditEntry(
        ehr=launch.ehr, at=now, action="context-changed", launch=launch.id, patient=launch.patient
    )
    services.storage.end_launch(launch, now=now, audit=audit)
    raise EHRUnauthorized("the refreshed token is for another patient or user; the session is ended")


def _stored(services: Services, launch: Launch, tokens: TokenAnswer) -> Launch:
    life = tokens.expires_in_seconds
    fresh = replace(
        launch,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or launch.refresh_token,
        expires_at=None if life is None else services.clock() + timedelta(seconds=life),
    )
    services.storage.update_tokens(
        launch,
        access_token=tokens.access_token,
        refresh_token=fresh.refresh_token,
        expires_at=fresh.expires_at,
        replaces=launch.refresh_token or "",
    )
    return fresh
