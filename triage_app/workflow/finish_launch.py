"""A launch ends in a session: state, browser, issuer, tokens and identity all fit, or there is none."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage_app.ehr import Endpoints, Identity, TokenAnswer
from triage_app.errors import ConsentRefused, IdentityRefused, LaunchError, StateMismatch, TokenRefused
from triage_app.settings import EHR
from triage_app.storage.rows import AuditEntry, Launch, Pending, Role
from triage_app.workflow.deliver import deliver_waiting
from triage_app.workflow.first_page import check_form
from triage_app.workflow.rights import may_submit, note_grant
from triage_app.workflow.services import Services
from triage_app.workflow.sessions import hash_secret

LONGEST_CODE = 8192
_ERRORS = (
    "access_denied",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "consent_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
)


@dataclass(frozen=True)
class Callback:
    """What the browser brought back, at the callback address of which EHR; absent parameters are None."""

    ehr: str
    state: str | None
    code: str | None = field(default=None, repr=False)
    error: str | None = None
    issuer: str | None = None


@dataclass(frozen=True)
class LaunchFinish:
    """The session, and the new secret that the browser holds for it."""

    launch: Launch
    secret: str = field(repr=False)


def finish_launch(
    services: Services, callback: Callback, *, secret_of: Callable[[str], str | None], language: str
) -> LaunchFinish:
    """Return the session; raise LaunchError or EHRError.

    ``secret_of`` gives the secret that the browser holds for a launch id. The state is used up by the first
    try, whatever becomes of it.
    """
    now = services.clock()
    pending = _take(services, callback, secret_of, now)
    ehr, endpoints = services.settings.registry[pending.ehr], Endpoints(**pending.endpoints)
    code = _code(callback, endpoints)
    tokens = services.smart.exchange_code(
        ehr, endpoints, code=code, code_verifier=pending.code_verifier, now=now
    )
    check_form(services, tokens.context)
    if tokens.id_token is None:
        raise IdentityRefused("id_token: found nothing, expected one, as openid was asked for")
    who = services.smart.verify_id_token(
        ehr, endpoints, id_token=tokens.id_token, nonce=pending.nonce, now=services.clock()
    )
    secret = services.new_secret(32)
    launch = _launch(pending, ehr, tokens, who, cookie_hash=hash_secret(secret), now=now, language=language)
    audit = AuditEntry(
        ehr=ehr.key, at=now, action="launch", launch=launch.id, patient=launch.patient, user=launch.user
    )
    services.storage.save_launch(launch, audit)
    note_grant(launch, ehr.scopes)
    waits = services.storage.pending_deliveries(ehr=launch.ehr, patient=launch.patient)
    if waits and may_submit(launch):
        deliver_waiting(services, launch)
    return LaunchFinish(launch, secret)


def _take(
    services: Services, callback: Callback, secret_of: Callable[[str], str | None], now: datetime
) -> Pending:
    if not callback.state:
        raise StateMismatch("state: found nothing, expected the one that we gave out")
    pending = services.storage.take_pending(callback.state, now=now)
    if pending is None or pending.ehr not in services.settings.registry:
        raise StateMismatch("state: found one that is unknown, used or too old, expected this launch's")
    if pending.ehr != callback.ehr:
        raise StateMismatch("state: found one of another EHR's launch, expected one of this EHR's")
    secret = secret_of(pending.launch)
    if secret is None or not hmac.compare_digest(hash_secret(secret), pending.cookie_hash):
        raise StateMismatch("state: found one of another browser, expected the one of this browser")
    return pending


def _code(callback: Callback, endpoints: Endpoints) -> str:
    """Return the code of an honest answer by the EHR that was asked (RFC 9207 where it names itself)."""
    named = callback.issuer is not None or endpoints.names_issuer_in_callback
    if named and callback.issuer != endpoints.issuer:
        raise StateMismatch("iss: found another one, expected the EHR that was asked")
    if callback.error is not None:
        found = callback.error if callback.error in _ERRORS else "an unknown error"
        raise ConsentRefused(f"the EHR's authorisation page answered: {found}")
    if not callback.code or len(callback.code) > LONGEST_CODE:
        raise LaunchError(f"code: found nothing usable, expected a text of at most {LONGEST_CODE}")
    return callback.code


def _launch(
    pending: Pending,
    ehr: EHR,
    tokens: TokenAnswer,
    who: Identity,
    *,
    cookie_hash: str,
    now: datetime,
    language: str,
) -> Launch:
    if tokens.patient is None:
        raise TokenRefused("patient: found nothing, expected the patient of this launch")
    life = tokens.expires_in_seconds
    return Launch(
        id=pending.launch,
        ehr=ehr.key,
        patient=tokens.patient,
        user=who.user,
        role=Role(who.role),
        mode=pending.mode,
        encounter=tokens.encounter,
        scopes=tokens.scopes,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_at=None if life is None else now + timedelta(seconds=life),
        created_at=now,
        last_seen_at=now,
        ended_at=None,
        cookie_hash=cookie_hash,
        language=language,
        need_patient_banner=tokens.need_patient_banner,
        context=tokens.context.to_plain(),
        subject=who.subject,
    )
