"""Launches, authorisation codes and tokens that were given out, and what became of them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

LAUNCH_LIFE = timedelta(minutes=10)
CODE_LIFE = timedelta(minutes=1)


@dataclass(frozen=True)
class Launch:
    """One press of a launch button: who is at the screen, whose chart is open, and what else is said."""

    handle: str
    url: str
    patient: str | None
    user: str
    encounter: str | None
    intent: str | None
    expires_at: datetime
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """An authorisation request that was found good and waits for a yes or no."""

    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    code_challenge: str
    nonce: str | None
    launch: Launch


@dataclass(frozen=True)
class Grant:
    """What one yes gave; access and refresh tokens stand for it."""

    id: str
    request: Request
    scopes: tuple[str, ...]
    expires_at: datetime


class Grants:
    """Everything that the authorisation server remembers; all of it is opaque outside and gone at the end."""

    def __init__(self, clock: Callable[[], datetime], *, access_token_life: timedelta) -> None:
        self._clock = clock
        self._access_token_life = access_token_life
        self._lock = threading.RLock()
        self._launches: dict[str, Launch] = {}
        self._waiting: dict[str, Request] = {}
        self._codes: dict[str, Grant] = {}
        self._used_codes: dict[str, str] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._used_refresh: dict[str, str] = {}
        self._seen: dict[str, datetime] = {}

    def add_launch(self, launch: Launch) -> Launch:
        """Remember a launch under its handle."""
        with self._lock:
            self._launches[launch.handle] = launch
        return launch

    def launch(self, handle: str) -> Launch | None:
        """The launch of a handle, while it is fresh and unused."""
        with self._lock:
            launch = self._launches.get(handle)
        return launch if launch and launch.expires_at > self._clock() else None

    def wait_for_consent(self, request: Request) -> str:
        """Keep a request until its page is answered; returns the page's ticket."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._waiting[ticket] = request
        return ticket

    def take_waiting(self, ticket: str) -> Request | None:
        """The request of a ticket, once; its launch is used up with it."""
        with self._lock:
            request = self._waiting.pop(ticket, None)
            if request and self._launches.pop(request.launch.handle, None) is None:
                return None
        return request

    def issue_code(self, request: Request) -> str:
        """A code for a request that was allowed."""
        code = secrets.token_urlsafe(32)
        expires_at = self._clock() + CODE_LIFE
        with self._lock:
            self._codes[code] = Grant(secrets.token_urlsafe(16), request, request.scopes, expires_at)
        return code

    def redeem_code(self, code: str) -> Grant | None:
        """The grant of a code, once; a second use takes back the tokens of the first."""
        with self._lock:
            if code in self._used_codes:
                self.revoke_grant(self._used_codes[code])
            grant = self._codes.pop(code, None)
            if grant is None:
                return None
            self._used_codes[code] = grant.id
        return grant if grant.expires_at > self._clock() else None

    def issue_access(self, grant: Grant) -> str:
        """An opaque access token for a grant."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._access[token] = replace(grant, expires_at=self._clock() + self._access_token_life)
        return token

    def issue_refresh(self, grant: Grant) -> str:
        """An opaque refresh token, good for one use."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._refresh[token] = grant
        return token

    def redeem_refresh(self, token: str, client_id: str) -> Grant | None:
        """The grant of a refresh token, once; a second use takes back everything of that grant."""
        with self._lock:
            if token in self._used_refresh:
                self.revoke_grant(self._used_refresh[token])
            grant = self._refresh.get(token)
            if grant is None or grant.request.client_id != client_id:
                return None
            del self._refresh[token]
            self._used_refresh[token] = grant.id
        return grant

    def refreshable(self, token: str) -> Grant | None:
        """The grant of a refresh token, without using the token up."""
        with self._lock:
            return self._refresh.get(token)

    def access(self, token: str) -> Grant | None:
        """The grant of an access token that is still good."""
        with self._lock:
            grant = self._access.get(token)
        return grant if grant and grant.expires_at > self._clock() else None

    def holder(self, token: str) -> Grant | None:
        """The grant of an access or refresh token."""
        return self.access(token) or self.refreshable(token)

    def revoke(self, token: str) -> None:
        """Take back a token; taking back a refresh token takes back all of its grant."""
        with self._lock:
            self._access.pop(token, None)
            grant = self._refresh.get(token)
            if grant:
                self.revoke_grant(grant.id)

    def revoke_grant(self, grant_id: str) -> None:
        """Take back every token of a grant."""
        with self._lock:
            for kept in (self._access, self._refresh):
                for token in [token for token, grant in kept.items() if grant.id == grant_id]:
                    del kept[token]

    def see(self, token_id: str, until: datetime) -> bool:
        """Note the id of a client's assertion; whether it is the first time."""
        with self._lock:
            self._seen = {known: end for known, end in self._seen.items() if end > self._clock()}
            if token_id in self._seen:
                return False
            self._seen[token_id] = until
        return True

    def expire_access_tokens(self) -> None:
        """Let every access token run out now, as if its time had passed."""
        with self._lock:
            self._access.clear()
