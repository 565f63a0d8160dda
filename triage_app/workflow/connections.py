"""The way from a launch to the EHR: a connection with a token that is still good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from triage_app.ehr import Connection, TokenAnswer
from triage_app.errors import EHRUnauthorized, TokenRefused
from triage_app.storage.rows import Launch
from triage_app.workflow.services import Services

SOON = timedelta(seconds=30)
"""A token that ends so soon is refreshed first: it may end on the way."""


def connect(services: Services, launch: Launch) -> Connection:
    """Return a connection with a token that is good, refreshed when it is over; raise EHRError."""
    if launch.access_token is None:
        raise EHRUnauthorized("the launch was ended and has no token")
    over = launch.expires_at is not None and launch.expires_at <= services.clock() + SOON
    if over:
        launch = refresh(services, launch)
    return Connection(services.settings.registry[launch.ehr], launch.access_token or "")


def refresh(services: Services, launch: Launch) -> Launch:
    """Return the launch with new tokens, stored; raise EHRUnauthorized when the EHR gives none.

    When another request was quicker, its tokens are taken: a refresh token is used once.
    """
    ehr = services.settings.registry[launch.ehr]
    if launch.refresh_token is None:
        raise EHRUnauthorized(f"{ehr.name}: the token is over, and there is none to refresh it with")
    endpoints = services.smart.discover(ehr)
    try:
        tokens = services.smart.refresh(
            ehr, endpoints, refresh_token=launch.refresh_token, scopes=launch.scopes
        )
    except TokenRefused as error:
        return _of_another(services, launch, error)
    if tokens.patient not in (None, launch.patient):
        services.storage.end_launch(launch, now=services.clock())
        raise EHRUnauthorized(f"{ehr.name}: the refreshed token is for another patient; the session is ended")
    return _stored(services, launch, tokens)


def _of_another(services: Services, launch: Launch, error: TokenRefused) -> Launch:
    stored = services.storage.fetch_launch(launch.id)
    if stored is None or stored.access_token in (None, launch.access_token):
        raise EHRUnauthorized(str(error)) from error
    return stored


def _stored(services: Services, launch: Launch, tokens: TokenAnswer) -> Launch:
    life = tokens.expires_in_seconds
    fresh = replace(
        launch,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or launch.refresh_token,
        expires_at=None if life is None else services.clock() + timedelta(seconds=life),
    )
    stored = services.storage.update_tokens(
        launch,
        access_token=tokens.access_token,
        refresh_token=fresh.refresh_token,
        expires_at=fresh.expires_at,
        replaces=launch.refresh_token or "",
    )
    return fresh if stored else services.storage.fetch_launch(launch.id) or fresh
