"""Reads Settings from NERVE_TRIAGE_ variables; the table below is the whole list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage_app.settings.checks import refuse
from triage_app.settings.credentials import read_secret_file
from triage_app.settings.model import SealingKey, Secret, Settings
from triage_app.settings.registry import read_registry

PREFIX = "NERVE_TRIAGE_"
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Setting:
    """One variable: its name without the prefix, how it is read, what it is for, its default."""

    name: str
    parse: Callable[[str, str], Any]
    help: str
    default: str | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        """Return the environment variable's full name."""
        return PREFIX + self.name

    @property
    def field(self) -> str:
        """Return the field of Settings that this variable fills."""
        return {"SECRET_KEY": "secret_keys"}.get(self.name, self.name.lower())


def _text(_name: str, found: str) -> str:
    return found


def _path(_name: str, found: str) -> Path | None:
    return Path(found) if found else None


def _whole(name: str, found: str) -> int:
    try:
        return int(found)
    except ValueError as error:
        raise refuse(name, found=found, expected="a whole number") from error


def _number(name: str, found: str) -> float:
    try:
        return float(found)
    except ValueError as error:
        raise refuse(name, found=found, expected="a number") from error


def _yes_or_no(name: str, found: str) -> bool:
    if found.lower() not in ("true", "false"):
        raise refuse(name, found=found, expected="true or false")
    return found.lower() == "true"


def _level(name: str, found: str) -> str:
    if found.upper() not in _LOG_LEVELS:
        raise refuse(name, found=found, expected=f"one of {', '.join(_LOG_LEVELS)}")
    return found.upper()


def _secrets(_name: str, found: str) -> tuple[Secret, ...]:
    return tuple(Secret(part.strip()) for part in found.split(",") if part.strip())


def _sealing_keys(name: str, found: str) -> tuple[SealingKey, ...]:
    return tuple(_sealing_key(name, part.strip()) for part in found.split(",") if part.strip())


def _sealing_key(name: str, part: str) -> SealingKey:
    key_id, colon, encoded = part.partition(":")
    expected = "<id>:<base64 of 32 bytes>, several separated by commas, the newest first"
    if not colon or not key_id.isalnum() or len(key_id) > 32:
        raise refuse(name, found="***", expected=expected)
    try:
        return SealingKey(key_id, base64.b64decode(encoded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise refuse(f"{name} {key_id}", found="***", expected=expected) from error


SETTINGS = (
    Setting("REGISTRY", _path, "Path of the EHR registry (TOML)"),
    Setting("BASE_URL", _text, "Address at which browsers reach the app, without a slash at the end"),
    Setting(
        "SECRET_KEY",
        _secrets,
        "Signs form tokens: 32 characters or more; several with commas, newest first",
        secret=True,
    ),
    Setting(
        "SEALING_KEYS",
        _sealing_keys,
        "Seal what is stored: id:base64 of 32 bytes; several with commas, newest first",
        secret=True,
    ),
    Setting("DATABASE_URL", _text, "SQLAlchemy address of the database", "sqlite:///nerve-triage.db"),
    Setting("QUESTIONNAIRES", _path, "Folder of the pathways, when not the one that comes with the app", ""),
    Setting("DEBUG", _yes_or_no, "Flask's debugger; refused with an issuer outside loopback", "false"),
    Setting("PROXIES", _whole, "How many reverse proxies stand in front and set X-Forwarded headers", "0"),
    Setting("LANGUAGE", _text, "Language of pages when the browser names none that we have", "en"),
    Setting("LOG_LEVEL", _level, "DEBUG, INFO, WARNING or ERROR", "INFO"),
    Setting("PATIENT_IDLE_MINUTES", _whole, "A patient's session ends after so long without a request", "20"),
    Setting(
        "CLINICIAN_IDLE_MINUTES", _whole, "A clinician's session ends after so long without a request", "15"
    ),
    Setting("SESSION_HOURS", _whole, "Every session ends after so long", "8"),
    Setting(
        "RETENTION_DAYS",
        _whole,
        "Drafts since the last touch, and verified submissions, are kept so long",
        "7",
    ),
    Setting(
        "DISCOVERY_MINUTES",
        _whole,
        "An EHR's addresses and public keys are asked for again after so long",
        "60",
    ),
    Setting("CONNECT_TIMEOUT_SECONDS", _number, "Longest wait for a connection to an EHR", "3.05"),
    Setting("READ_TIMEOUT_SECONDS", _number, "Longest silence of an EHR within an answer", "10"),
    Setting("CHART_SECONDS", _number, "Longest wait for what the chart says of the patient's history", "2"),
    Setting("RESPONSE_LIMIT_KIB", _whole, "Largest answer of an EHR that is read", "8192"),
    Setting("FORM_LIMIT_KIB", _whole, "Largest request that a browser or caller may send", "512"),
)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the Settings of these variables; raise ConfigurationError naming the first that is wrong."""
    _refuse_unknown(environ)
    values = {item.field: item.parse(item.variable, _found(item, environ)) for item in SETTINGS}
    values["registry"] = read_registry(values["registry"], environ)
    return Settings(**values)


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {setting.variable for setting in SETTINGS}
    known |= {f"{setting.variable}_FILE" for setting in SETTINGS if setting.secret}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise refuse(unknown[0], found="a variable that means nothing", expected="a name of docs/settings.md")


def _found(setting: Setting, environ: Mapping[str, str]) -> str:
    in_file = environ.get(f"{setting.variable}_FILE") if setting.secret else None
    if in_file and setting.variable in environ:
        raise refuse(setting.variable, found="the variable and its _FILE", expected="one of them")
    if in_file:
        return read_secret_file(f"{setting.variable}_FILE", Path(in_file))
    found = environ.get(setting.variable, setting.default)
    if found is None or (not found.strip() and setting.default is None):
        raise refuse(setting.variable, found="nothing", expected=setting.help)
    return found.strip()
