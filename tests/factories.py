"""Values with full defaults, so that a test states only what it is about: Alice, Bob and Charlie."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from triage_app.settings import EHR, SealingKey, Secret, Settings
from triage_app.settings.scopes import default_scopes
from triage_app.storage.rows import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Draft,
    Launch,
    Mode,
    Pending,
    Role,
    Submission,
)

NOW = datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC)
"""Half a minute before London's clocks spring forward."""

SEALING_KEY = SealingKey("k1", bytes(range(32)))
SECRET = "kT7-vq3LmX9_pR2sWd8yBn4cHf6jZa1g"
BROWSER_SECRET = "the-secret-that-alice-s-browser-holds"


def an_ehr(**changes: Any) -> EHR:
    """The General Hospital, on loopback, with a confidential client."""
    values: dict[str, Any] = {
        "key": "general",
        "name": "General Hospital",
        "fhir_base_url": "http://localhost:9999/fhir",
        "client_id": "nerve-triage",
        "client_secret": Secret("a client's secret"),
        "time_zone": "Europe/London",
        "country": "GB",
        "emergency_number": "999",
        "same_day_phone": "020 7946 0000",
        "same_day_hours": "8 am to 6 pm",
        "out_of_hours_phone": "111",
        "crisis_helpline": "116 123",
        "clinic_name": "Hand clinic",
        "reply_within": "two working days",
    }
    return EHR(**{**values, **changes})


def some_settings(*ehrs: EHR, **changes: Any) -> Settings:
    """Settings for one EHR (or those given), on plain-http loopback."""
    values: dict[str, Any] = {
        "registry": {ehr.key: ehr for ehr in ehrs or (an_ehr(),)},
        "base_url": "http://127.0.0.1:8000",
        "secret_keys": (Secret(SECRET),),
        "sealing_keys": (SEALING_KEY,),
        "database_url": "sqlite://",
    }
    return Settings(**{**values, **changes})


def an_environment(registry: object, **changes: str) -> dict[str, str]:
    """The NERVE_TRIAGE_ variables of a start that works."""
    values = {
        "REGISTRY": str(registry),
        "BASE_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": SECRET,
        "SEALING_KEYS": f"k1:{base64.b64encode(SEALING_KEY.key).decode()}",
    }
    return {f"NERVE_TRIAGE_{name}": value for name, value in {**values, **changes}.items()}


def a_pending(**changes: Any) -> Pending:
    """A launch that waits for its callback."""
    pending = Pending(
        state="state-1",
        launch="launch-1",
        ehr="general",
        mode=Mode.TOP,
        endpoints={"issuer": "http://localhost:9999/fhir"},
        nonce="nonce-1",
        code_verifier="verifier-1",
        cookie_hash="0" * 64,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    return replace(pending, **changes)


def a_launch(**changes: Any) -> Launch:
    """Alice launches for herself."""
    launch = Launch(
        id="launch-1",
        ehr="general",
        patient="alice",
        user="Patient/alice",
        role=Role.PATIENT,
        mode=Mode.TOP,
        encounter=None,
        scopes=default_scopes(read_chart=False),
        access_token="alice-access-token",
        refresh_token="alice-refresh-token",
        expires_at=NOW + timedelta(hours=1),
        created_at=NOW,
        last_seen_at=NOW,
        ended_at=None,
        cookie_hash="0" * 64,
        language="en",
    )
    return replace(launch, **changes)


def a_clinician_launch(**changes: Any) -> Launch:
    """Bob launches from Alice's chart."""
    return a_launch(**{"id": "launch-2", "user": "Practitioner/bob", "role": Role.CLINICIAN, **changes})


def a_draft(**changes: Any) -> Draft:
    """Alice is half way."""
    draft = Draft(
        id="draft-1",
        ehr="general",
        patient="alice",
        author="Patient/alice",
        pathway="nerve-symptoms",
        version="1.0.0",
        checksum="c" * 64,
        answers={"person": {"age": {"number": "58"}}, "limbs": []},
        sequence=1,
        launch="launch-1",
        started_at=NOW,
        touched_at=NOW,
    )
    return replace(draft, **changes)


def a_submission(**changes: Any) -> Submission:
    """Alice has sent her answers."""
    submission = Submission(
        id="submission-1",
        ehr="general",
        patient="alice",
        launch="launch-1",
        pathway="nerve-symptoms",
        version="1.0.0",
        snapshot={"answers": "Alice's right thumb is numb"},
        sha256="5" * 64,
        created_at=NOW,
        draft="draft-1",
    )
    return replace(submission, **changes)


def a_delivery(**changes: Any) -> Delivery:
    """What is owed to the EHR for Alice's submission."""
    delivery = Delivery(
        id="delivery-1",
        submission="submission-1",
        ehr="general",
        patient="alice",
        kind=DeliveryKind.TRANSACTION,
        bundle={"resourceType": "Bundle", "type": "transaction"},
        state=DeliveryState.QUEUED,
        created_at=NOW,
        due_at=NOW,
        launch="launch-1",
    )
    return replace(delivery, **changes)
