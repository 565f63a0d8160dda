"""Deliver: sends what is owed to the EHR, looks before any repeat, reads back, and says only what is true."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from triage_app.delivery.plan import Plan, plan
from triage_app.delivery.reconcile import ids_of
from triage_app.delivery.retry import Action, Verdict, decide, delay_seconds
from triage_app.delivery.states import OPEN, DeliveryState
from triage_app.ehr.gateway import Connection
from triage_app.errors import EHRConflict, EHRError, EHRRefused
from triage_app.fhir.bundle import resolve, split
from triage_app.fhir.origin import without_sources
from triage_app.storage.rows import AuditEntry, Delivery, Lane, Launch
from triage_app.workflow.connections import connect, refresh
from triage_app.workflow.failing import failure_of
from triage_app.workflow.read_back import altered, find_stored
from triage_app.workflow.services import Services

MOST_SENDS = 2
"""How often one call sends: a second time only after the EHR was searched and had nothing."""


@dataclass(frozen=True)
class Outcome:
    """What one attempt came to, to be written down under the lease."""

    state: DeliveryState
    ids: Mapping[str, str] | None = None
    error: str | None = None
    rung: str | None = None
    action: Action | None = None
    wait_seconds: float = 0
    pause_lane: bool = False


def deliver(services: Services, launch: Launch, delivery_id: str) -> DeliveryState:
    """Try to deliver now, with this launch's token; return where the delivery then stands.

    The EHR's troubles never raise. A delivery that somebody else is sending is left to them.
    """
    claimed = services.storage.claim_delivery(
        now=services.clock(), ehr=launch.ehr, patient=launch.patient, delivery_id=delivery_id, states=OPEN
    )
    if claimed is None:
        return _state(services, launch, delivery_id)
    outcome = _attempt(services, launch, claimed)
    _write_down(services, launch, claimed, outcome)
    return _state(services, launch, delivery_id)


def deliver_waiting(services: Services, launch: Launch) -> tuple[DeliveryState, ...]:
    """Deliver what still waits for this patient and was sent off by this same user, oldest first."""
    waiting = services.storage.pending_deliveries(ehr=launch.ehr, patient=launch.patient)
    return tuple(
        deliver(services, launch, delivery.id)
        for delivery in waiting
        if delivery.state in (*OPEN, DeliveryState.SENDING) and _same_user(services, launch, delivery)
    )


def _same_user(services: Services, launch: Launch, delivery: Delivery) -> bool:
    if delivery.launch in (None, launch.id):
        return True
    sender = services.storage.fetch_launch(delivery.launch)
    return sender is not None and sender.user == launch.user


def _attempt(services: Services, launch: Launch, claimed: Delivery) -> Outcome:
    """Connect and send; a token that the EHR no longer takes is refreshed once."""
    try:
        outcome = _over(services, connect(services, launch), claimed)
        if outcome.action is Action.REFRESH:
            outcome = _over(services, connect(services, refresh(services, launch)), claimed)
    except EHRError as error:
        return _failed(error, claimed, sent=False)
    return outcome


def _over(services: Services, connection: Connection, claimed: Delivery) -> Outcome:
    found = plan(services.gateway.capabilities(connection), _types(claimed.bundle))
    if not found.possible:
        return Outcome(DeliveryState.HELD, error="; ".join(found.why))
    return _send_or_find(services, connection, claimed, found)


def _send_or_find(services: Services, connection: Connection, claimed: Delivery, found: Plan) -> Outcome:
    """Look first if an earlier attempt may have been stored; send; look again if the answer is unclear."""
    look_first = claimed.resumed or claimed.attempts > 1
    problem = Outcome(DeliveryState.NEEDS_VERIFICATION)
    for _ in range(MOST_SENDS):
        try:
            ids = find_stored(services.gateway, connection, claimed.bundle) if look_first else None
        except EHRError as error:
            waits = _failed(error, claimed, sent=True)
            return replace(waits, state=DeliveryState.NEEDS_VERIFICATION, error=problem.error or waits.error)
        try:
            ids = ids or _send(services, connection, claimed.bundle)
            return _verify(services, connection, claimed, replace(problem, ids=ids, rung=str(found.rung)))
        except ValueError as error:
            problem = Outcome(DeliveryState.NEEDS_VERIFICATION, error=str(error))
        except EHRError as error:
            problem = _failed(error, claimed, sent=True)
            if problem.state is not DeliveryState.NEEDS_VERIFICATION:
                return problem
        look_first = True
    return problem


def _send(services: Services, connection: Connection, bundle: Mapping[str, Any]) -> dict[str, str]:
    """Write the bundle, in two parts where the server is small; return where each entry is stored.

    Raise EHRError, or ValueError where the answer does not say where.
    """
    ids: dict[str, str] = {}
    for part in split(bundle, largest=connection.ehr.largest_transaction or len(bundle["entry"])):
        ids |= ids_of(part, _write(services, connection, resolve(part, ids)))
    return ids


def _write(services: Services, connection: Connection, part: Mapping[str, Any]) -> dict[str, Any]:
    """Send one part; a chart entry that has gone since it was shown must not hold the answers back."""
    try:
        return services.gateway.transaction(connection, part)
    except (EHRRefused, EHRConflict):
        bare = without_sources(part)
        if bare == part:
            raise
        return services.gateway.transaction(connection, bare)


def _verify(services: Services, connection: Connection, claimed: Delivery, stored: Outcome) -> Outcome:
    delivered = replace(stored, state=DeliveryState.DELIVERED, error=None, action=None)
    try:
        changed = altered(services.gateway, connection, claimed.bundle, stored.ids or {})
    except EHRError as error:
        return replace(delivered, error=f"not read back: {error}")
    if changed:
        return replace(delivered, error=f"stored otherwise than sent: {', '.join(changed)}")
    return replace(delivered, state=DeliveryState.VERIFIED)


def _failed(error: EHRError, claimed: Delivery, *, sent: bool) -> Outcome:
    failure = failure_of(error, sent=sent)
    verdict: Verdict = decide(failure, attempts=claimed.attempts)
    wait = delay_seconds(
        claimed.attempts,
        chance=secrets.SystemRandom().random(),
        retry_after_seconds=failure.retry_after_seconds,
    )
    waits = verdict.action in (Action.RETRY, Action.RECONCILE)
    return Outcome(
        verdict.state,
        error=str(error),
        action=verdict.action,
        wait_seconds=wait if waits else 0,
        pause_lane=verdict.pause_lane,
    )


def _write_down(services: Services, launch: Launch, claimed: Delivery, outcome: Outcome) -> None:
    now = services.clock()
    due_at = now + timedelta(seconds=outcome.wait_seconds)
    services.storage.mark_delivery(
        ehr=claimed.ehr,
        delivery_id=claimed.id,
        fence=claimed.fence,
        state=outcome.state,
        now=now,
        due_at=due_at,
        ids=outcome.ids,
        last_error=outcome.error,
        rung=outcome.rung,
        audit=AuditEntry(
            ehr=claimed.ehr,
            at=now,
            action=f"deliver: {outcome.state}",
            launch=launch.id,
            patient=claimed.patient,
            user=launch.user,
            subject=claimed.submission,
        ),
    )
    if outcome.pause_lane:
        lane = services.storage.fetch_lane(claimed.ehr)
        services.storage.save_lane(Lane(claimed.ehr, due_at, lane.failures + 1))


def _state(services: Services, launch: Launch, delivery_id: str) -> DeliveryState:
    found = services.storage.fetch_delivery(ehr=launch.ehr, delivery_id=delivery_id)
    return found.state if found else DeliveryState.DEAD_LETTER


def _types(bundle: Mapping[str, Any]) -> list[str]:
    return [entry["resource"]["resourceType"] for entry in bundle["entry"]]
