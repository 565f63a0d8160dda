"""The settings of a demonstration: fresh keys, a database of its own, one hospital on loopback."""

from __future__ import annotations

import secrets
from pathlib import Path

from triage_app.settings import EHR, SealingKey, Secret, Settings

CLIENT_ID = "nerve-triage"
APP_HOST = "127.0.0.1"
HOSPITAL_HOST = "localhost"
SYNTHETIC = "555-0100"


def demo_settings(*, app_port: int, fhir_base_url: str, client_secret: str, folder: Path) -> Settings:
    """Return settings for the app and the hospital at ``fhir_base_url``; telephone numbers are invented."""
    hospital = EHR(
        key="riverside",
        name="Riverside Hospital (pretend)",
        fhir_base_url=fhir_base_url,
        client_id=CLIENT_ID,
        client_secret=Secret(client_secret),
        time_zone="Europe/London",
        country="GB",
        emergency_number="999",
        same_day_phone=SYNTHETIC,
        same_day_hours="8 am to 6 pm, Monday to Friday",
        out_of_hours_phone="555-0111",
        crisis_helpline="555-0199",
        clinic_name="Riverside Hand Clinic",
        reply_within="3 working days",
    )
    return Settings(
        registry={hospital.key: hospital},
        base_url=f"http://{APP_HOST}:{app_port}",
        secret_keys=(Secret(secrets.token_urlsafe(48)),),
        sealing_keys=(SealingKey("demo", secrets.token_bytes(32)),),
        database_url=f"sqlite:///{folder / 'nerve-triage.db'}",
        log_level="WARNING",
    )
