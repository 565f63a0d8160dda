"""A launch begins: the issuer is one of ours, and the browser is sent there to log in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from triage_app.errors import LaunchError, UnknownIssuer
from triage_app.settings import EHR
from triage_app.storage.rows import Mode, Pending
from triage_app.workflow.services import Services
from triage_app.workflow.sessions import hash_secret

WAIT = timedelta(minutes=10)
"""The person has so long to log in at the EHR."""

LONGEST_LAUNCH = 4096


@dataclass(frozen=True)
class LaunchStart:
    """Where the browser goes, and the secret that it must bring back.

    ``fields`` are what it posts there; None where they stand in the address already.
    """

    redirect_to: str
    launch_id: str
    mode: Mode
    secret: str = field(repr=False)
    fields: Mapping[str, str] | None = field(default=None, repr=False)


def find_ehr(services: Services, issuer: str | None) -> EHR:
    """Return the registered EHR; raise UnknownIssuer, without contacting anybody."""
    if not issuer:
        raise LaunchError("iss: found nothing, expected the address of the EHR's FHIR server")
    ehr = services.settings.ehr_of_issuer(issuer)
    if ehr is None:
        raise UnknownIssuer("iss: found an address that is not registered, expected that of a registered EHR")
    return ehr


def start_launch(services: Services, *, ehr: EHR, launch: str | None, embedded: bool) -> LaunchStart:
    """Return where to log in, having kept what the callback must match; raise LaunchError or EHRError.

    ``launch`` is the EHR's value, None where the person begins outside the EHR.
    """
    if launch is not None and (len(launch) > LONGEST_LAUNCH or not launch.isprintable()):
        raise LaunchError(f"launch: found something else, expected a text of at most {LONGEST_LAUNCH}")
    endpoints = services.smart.discover(ehr)
    now, secret = services.clock(), services.new_secret(32)
    pending = Pending(
        state=services.new_secret(32),
        launch=services.new_secret(16),
        ehr=ehr.key,
        mode=Mode.EMBEDDED if embedded else Mode.TOP,
        endpoints=asdict(endpoints),
        nonce=services.new_secret(32),
        code_verifier=services.new_secret(64),
        cookie_hash=hash_secret(secret),
        created_at=now,
        expires_at=now + WAIT,
    )
    services.storage.save_pending(pending)
    asked = {"state": pending.state, "nonce": pending.nonce, "code_verifier": pending.code_verifier}
    if ehr.authorize_by_post and "authorize-post" in endpoints.capabilities:
        fields = services.smart.authorize_fields(ehr, launch=launch, **asked)
        return LaunchStart(endpoints.authorization_endpoint, pending.launch, pending.mode, secret, fields)
    redirect_to = services.smart.authorize_url(ehr, endpoints, launch=launch, **asked)
    return LaunchStart(redirect_to, pending.launch, pending.mode, secret)
