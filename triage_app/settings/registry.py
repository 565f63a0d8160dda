"""Reads the EHR registry, a TOML file with one [ehr.<key>] table per hospital."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from triage_app.errors import ConfigurationError
from triage_app.settings.checks import is_loopback, refuse
from triage_app.settings.model import EHR, AcceptAs, Secret

_LISTS = frozenset({"scopes", "authorization_hosts", "frame_ancestors"})
_FLAGS = frozenset({"client_id_in_body", "read_chart"})
SMALLEST_TRANSACTION = 8
"""What a submission says (answers, four limbs, pain, the whole) must fit into one transaction."""
_SECRET_KEYS = frozenset({"client_secret", "client_secret_env", "client_secret_file"})


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
    known = {item.name: item for item in fields(EHR) if item.name not in ("key", "client_secret")}
    unknown = sorted(set(table) - set(known) - _SECRET_KEYS)
    if unknown:
        raise refuse(f"ehr.{key}", found=unknown[0], expected=f"one of {', '.join(sorted(known))}")
    values = {name: _value(f"ehr.{key}.{name}", name, table[name]) for name in known if name in table}
    missing = [name for name, item in known.items() if name not in table and _is_required(item)]
    if missing:
        raise refuse(f"ehr.{key}.{missing[0]}", found="nothing", expected="a text")
    return EHR(key=key, client_secret=_secret(key, table, folder, environ), **values)


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
    return _accept_as(where, found) if name == "accept_as" else found


def _texts(where: str, name: str, found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise refuse(where, found=found, expected="a list of texts")
    if name == "scopes" and not found:
        raise refuse(where, found=found, expected="at least openid and fhirUser, or no such key")
    return tuple(found)


def _accept_as(where: str, found: str) -> AcceptAs:
    try:
        return AcceptAs(found)
    except ValueError as error:
        raise refuse(where, found=found, expected=f"one of {', '.join(AcceptAs)}") from error


def _secret(key: str, table: dict[str, Any], folder: Path, environ: Mapping[str, str]) -> Secret | None:
    """Return the client secret from the environment, a file, or (loopback only) the table itself."""
    named = sorted(_SECRET_KEYS & set(table))
    if not named:
        return None
    where, found = f"ehr.{key}.{named[0]}", table[named[0]]
    if len(named) > 1:
        raise refuse(f"ehr.{key}", found=" and ".join(named), expected="one of them")
    if not isinstance(found, str):
        raise refuse(where, found=type(found).__name__, expected="a text")
    if named[0] == "client_secret":
        if not is_loopback(str(table.get("fhir_base_url"))):
            raise refuse(where, found="***", expected="client_secret_env or client_secret_file")
        return _not_empty(where, found)
    if named[0] == "client_secret_env":
        return _not_empty(f"{where} ({found})", environ.get(found, ""))
    return _not_empty(f"{where} ({found})", read_secret_file(where, folder / found))


def _not_empty(where: str, text: str) -> Secret:
    if not text.strip():
        raise refuse(where, found="nothing", expected="a secret")
    return Secret(text.strip())


def read_secret_file(where: str, path: Path) -> str:
    """Return the text of a secret's file; raise ConfigurationError naming the setting and the path."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(where, found=str(path), expected="a file that can be read") from error
