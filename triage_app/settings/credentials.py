"""Reads what the app proves itself with at one EHR: a client secret, or private keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage_app.settings.checks import is_loopback, refuse
from triage_app.settings.model import Secret

SECRET_KEYS = frozenset({"client_secret", "client_secret_env", "client_secret_file"})
PRIVATE_KEYS = frozenset({"client_key_envs", "client_key_files"})


def read_client_secret(
    key: str, table: Mapping[str, Any], folder: Path, environ: Mapping[str, str]
) -> Secret | None:
    """Return the client secret from the environment, a file, or (loopback only) the table itself."""
    named = sorted(SECRET_KEYS & set(table))
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


def read_client_keys(
    key: str, table: Mapping[str, Any], folder: Path, environ: Mapping[str, str]
) -> tuple[Secret, ...]:
    """Return the private keys (PEM or JWK) in the order named; the app's part ``ehr`` reads what they are."""
    named = sorted(PRIVATE_KEYS & set(table))
    if not named:
        return ()
    where, found = f"ehr.{key}.{named[0]}", table[named[0]]
    if len(named) > 1:
        raise refuse(f"ehr.{key}", found=" and ".join(named), expected="one of them")
    if not isinstance(found, list) or not found or not all(isinstance(name, str) for name in found):
        raise refuse(where, found=type(found).__name__, expected="a list of at least one name")
    if named[0] == "client_key_envs":
        return tuple(_not_empty(f"{where} ({name})", environ.get(name, "")) for name in found)
    return tuple(_not_empty(f"{where} ({name})", read_secret_file(where, folder / name)) for name in found)


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
