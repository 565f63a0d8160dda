"""Reads the EHR registry, a TOML file with one [ehr.<key>] table per hospital."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from triage_app.errors import ConfigurationError
from triage_app.settings.checks import refuse
from triage_app.settings.credentials import PRIVATE_KEYS, SECRET_KEYS, read_client_keys, read_client_secret
from triage_app.settings.model import EHR, AcceptAs, ClientAuthentication

_LISTS = frozenset({"scopes", "authorization_hosts", "frame_ancestors"})
_READ_APART = frozenset({"key", "client_secret", "client_keys"})
_FLAGS = frozenset({"client_id_in_body", "read_chart", "standalone", "authorize_by_post", "ehr_style"})
_CHOICES: dict[str, type[StrEnum]] = {
    "accept_as": AcceptAs,
    "client_authentication": ClientAuthentication,
}
SMALLEST_TRANSACTION = 8
"""What a submission says (answers, four limbs, pain, the whole) must fit into one transaction."""


def read_registry(path: Path, environ: Mapping[str, str]) -> dict[str, EHR]:
    """Return the EHRs of the registry file by key; raise ConfigurationError naming the entry and key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise refuse("registry", found=str(path), expected="a file that can be read") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"registry {path}: {error}, expected TOML") from error
    unknown = sorted(set(document) - {"ehr"})
    if unknown:
        raise refuse("registry", found=unknown[0], expected="only [ehr.<key>] tables")
    tables = document.get("ehr", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise refuse("registry", found="ehr", expected="[ehr.<key>] tables")
    return {key: _entry(key, table, path.parent, environ) for key, table in tables.items()}


def _entry(key: str, table: dict[str, Any], folder: Path, environ: Mapping[str, str]) -> EHR:
    known = {item.name: item for item in fields(EHR) if item.name not in _READ_APART}
    unknown = sorted(set(table) - set(known) - SECRET_KEYS - PRIVATE_KEYS)
    if unknown:
        raise refuse(f"ehr.{key}", found=unknown[0], expected=f"one of {', '.join(sorted(known))}")
    values = {name: _value(f"ehr.{key}.{name}", name, table[name]) for name in known if name in table}
    missing = [name for name, item in known.items() if name not in table and _is_required(item)]
    if missing:
        raise refuse(f"ehr.{key}.{missing[0]}", found="nothing", expected="a text")
    return EHR(
        key=key,
        client_secret=read_client_secret(key, table, folder, environ),
        client_keys=read_client_keys(key, table, folder, environ),
        **values,
    )


def _is_required(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _value(where: str, name: str, found: object) -> Any:
    if name in _LISTS:
        return _texts(where, name, found)
    if name in _FLAGS:
        if not isinstance(found, bool):
            raise refuse(where, found=found, expected="true or false")
        return found
    if name == "largest_transaction":
        if not isinstance(found, int) or isinstance(found, bool) or found < SMALLEST_TRANSACTION:
            raise refuse(where, found=found, expected=f"a whole number from {SMALLEST_TRANSACTION}")
        return found
    if not isinstance(found, str):
        raise refuse(where, found=found, expected="a text")
    return _member(where, _CHOICES[name], found) if name in _CHOICES else found


def _texts(where: str, name: str, found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise refuse(where, found=found, expected="a list of texts")
    if name == "scopes" and not found:
        raise refuse(where, found=found, expected="at least openid and fhirUser, or no such key")
    return tuple(found)


def _member(where: str, members: type[StrEnum], found: str) -> StrEnum:
    try:
        return members(found)
    except ValueError as error:
        raise refuse(where, found=found, expected=f"one of {', '.join(members)}") from error
