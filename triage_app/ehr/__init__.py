"""Speaks HTTP and OAuth to hospitals: SMART client, FHIR gateway, what a server can do."""

from triage_app.ehr.gateway import Connection, Gateway
from triage_app.ehr.smart import Endpoints, Identity, SmartClient, TokenAnswer
from triage_app.ehr.transport import Transport

__all__ = ["Connection", "Endpoints", "Gateway", "Identity", "SmartClient", "TokenAnswer", "Transport"]
