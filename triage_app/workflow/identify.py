"""Identify: says by name whose record the answers go to, when the EHR tells."""

from __future__ import annotations

from triage_app.errors import EHRError
from triage_app.fhir.person import Person, to_person
from triage_app.storage.rows import Launch
from triage_app.workflow.connections import connect
from triage_app.workflow.services import Services


def identify(services: Services, launch: Launch) -> Person | None:
    """Return the patient of the launch; None when the EHR does not answer, or not with that patient."""
    try:
        patient = services.gateway.read(connect(services, launch), f"Patient/{launch.patient}")
    except EHRError:
        return None
    return to_person(patient) if patient.get("id") == launch.patient else None
