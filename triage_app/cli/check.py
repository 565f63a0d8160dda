"""``check``: says what is wrong with the settings, the content and each EHR, and how to mend it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from triage_app import questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.cli import commands
from triage_app.cli.check_ehr import look_at
from triage_app.cli.finding import Finding, State, good, mend, note
from triage_app.cli.registration_sheet import sheet_of, sheet_text
from triage_app.ehr import Transport
from triage_app.errors import ConfigurationError, TriageError
from triage_app.settings import EHR, Settings, read_settings
from triage_app.storage import Storage


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--sheet", metavar="EHR", help="Print what to register at this EHR, and ask nobody anything.")
def check(as_json: bool, sheet: str | None) -> None:
    """Check settings, content, database and every EHR.

    Exit 0 when all is good, 1 when something must be mended, 2 when the settings cannot be read.
    """
    settings = read_settings(os.environ)
    if sheet is not None:
        told = sheet_of(_entry(settings, sheet), settings)
        click.echo(json.dumps(told, indent=2) if as_json else sheet_text(told))
        return
    findings = list(look(settings))
    click.echo(_as_json(findings) if as_json else "\n".join(_as_text(findings)))
    sys.exit(1 if any(finding.state is State.MEND for finding in findings) else 0)


def _entry(settings: Settings, key: str) -> EHR:
    if key not in settings.registry:
        known = ", ".join(settings.registry)
        raise ConfigurationError(f"--sheet: found {key!r}, expected a key of the registry: {known}")
    return settings.registry[key]


def _as_json(findings: list[Finding]) -> str:
    ok = all(finding.state is not State.MEND for finding in findings)
    return json.dumps({"ok": ok, "findings": [asdict(finding) for finding in findings]}, indent=2)


def _as_text(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.state.upper():<5} {finding.subject}: {finding.says}"
        if finding.mend:
            yield f"      -> {finding.mend}"


def look(settings: Settings) -> Iterator[Finding]:
    """Yield what is good and what is not; the settings are good, since they were read."""
    yield good("settings", f"{len(settings.registry)} EHR registered, {settings.base_url}/launch")
    yield _content(settings)
    yield _database(settings)
    transport = Transport(settings)
    for ehr in settings.registry.values():
        yield from look_at(ehr, settings, transport)
    transport.close()


def _content(settings: Settings) -> Finding:
    try:
        catalogue = Catalogue.load(settings.questionnaires or questionnaires_folder())
    except TriageError as error:
        return mend("content", str(error), "put the file right, or take back the change (lint says more)")
    names = ", ".join(f"{pathway.name} {pathway.version}" for pathway in catalogue.all())
    unsigned = [pathway.name for pathway in catalogue.all() if not pathway.signed_off]
    return note("content", f"{names}; not clinically signed off") if unsigned else good("content", names)


def _database(settings: Settings) -> Finding:
    try:
        storage = Storage(settings.database_url, settings.sealing_keys)
        storage.migrate()
        storage.check()
        storage.close()
    except TriageError as error:
        return mend("database", str(error), "see NERVE_TRIAGE_DATABASE_URL and NERVE_TRIAGE_SEALING_KEYS")
    return good("database", "can be written, and its schema is this release's")
