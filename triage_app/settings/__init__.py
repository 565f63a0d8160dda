"""One frozen Settings and the EHR registry, read once; a bad value stops the start by name."""

from triage_app.settings.environment import SETTINGS, read_settings
from triage_app.settings.model import EHR, AcceptAs, ClientAuthentication, SealingKey, Secret, Settings
from triage_app.settings.registry import read_registry

__all__ = [
    "EHR",
    "SETTINGS",
    "AcceptAs",
    "ClientAuthentication",
    "SealingKey",
    "Secret",
    "Settings",
    "read_registry",
    "read_settings",
]
