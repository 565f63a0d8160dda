"""The one bundle of collaborators that every workflow function takes."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from triage_app.ehr.gateway import Gateway
from triage_app.ehr.smart import SmartClient
from triage_app.settings import Settings
from triage_app.storage import Storage

if TYPE_CHECKING:
    from triage_app.catalogue.load import Catalogue


def utc_now() -> datetime:
    """Return the time of this moment, in UTC."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """Return a fresh random UUID, the form of every FHIR key."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Services:
    """Everything that a story needs; a test passes others."""

    settings: Settings
    catalogue: Catalogue
    storage: Storage
    smart: SmartClient
    gateway: Gateway
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = new_uuid
    new_secret: Callable[[int], str] = secrets.token_urlsafe
    pause: Callable[[float], None] = time.sleep
