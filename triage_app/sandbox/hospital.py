"""One pretend hospital: its options, record, grants, wire and faults in one place."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app

from triage_app.sandbox.auth.access import Access, belongs_to
from triage_app.sandbox.auth.grants import LAUNCH_LIFE, Grant, Grants, Launch
from triage_app.sandbox.auth.keys import SigningKeys
from triage_app.sandbox.auth.scopes import parse_scope
from triage_app.sandbox.faults import Faults
from triage_app.sandbox.options import SandboxOptions
from triage_app.sandbox.store.database import Store
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import TYPES
from triage_app.sandbox.upstream import Upstream
from triage_app.sandbox.wire import Wire

_CLINICIAN = "Practitioner/bob"


@dataclass
class Hospital:
    """What the views, and tests in the same process, work with. ``app_url`` may be changed while it runs."""

    options: SandboxOptions
    store: Store | Upstream
    keys: SigningKeys
    grants: Grants
    wire: Wire
    faults: Faults = field(default_factory=Faults)
    app_url: str = ""

    def new_launch(
        self,
        *,
        patient: str | None = None,
        user: str | None = None,
        encounter: str | None = None,
        intent: str | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Launch:
        """Press a launch button: ``patient`` and ``encounter`` are ids, ``user`` is ``Type/id`` or a bare id.

        ``more`` goes into the token answer as it is (``fhirContext``, ``tenant`` …).
        Without a user, the patient is at the screen. The launch's ``url`` is where the browser goes.
        """
        handle = secrets.token_urlsafe(24)
        query = urlencode({"iss": self.options.fhir_url, "launch": handle})
        url = f"{self.app_url}{self.options.launch_path}?{query}"
        who = self._user(user, patient)
        expires_at = self.options.clock() + LAUNCH_LIFE
        return self.grants.add_launch(
            Launch(handle, url, patient, who, encounter, intent, expires_at, more or {})
        )

    def _user(self, user: str | None, patient: str | None) -> str:
        if user is None:
            return f"Patient/{patient}" if patient else _CLINICIAN
        if "/" in user:
            return user
        return f"Patient/{user}" if user == patient else f"Practitioner/{user}"

    def permit(self, grant: Grant) -> Access:
        """What the holder of a grant may do."""
        scopes = tuple(scope for text in grant.scopes if (scope := parse_scope(text)))
        return Access(scopes, grant.request.launch.patient, self.resolve, self.options.fhir_url)

    def resolve(self, reference: str) -> Resource | None:
        """The resource that ``Type/id`` names, or None."""
        resource_type, _, resource_id = reference.partition("/")
        if resource_type not in TYPES:
            return None
        try:
            return self.store.read(resource_type, resource_id).body
        except Refusal:
            return None

    def chart(self, patient: str) -> dict[str, list[Resource]]:
        """All that is stored for one patient, by type."""
        base = self.options.fhir_url
        held = {kind: self.store.all(kind) for kind in TYPES}
        places = {f"{kind}/{one['id']}": one for kind, resources in held.items() for one in resources}
        return {
            kind: [one for one in resources if belongs_to(one, patient, resolve=places.get, base_url=base)]
            for kind, resources in held.items()
        }


def hospital_of(app: Flask) -> Hospital:
    """The hospital behind a Flask app made by ``create_sandbox``."""
    hospital: Hospital = app.extensions["hospital"]
    return hospital


def hospital() -> Hospital:
    """The hospital of the request in hand."""
    return hospital_of(current_app)
