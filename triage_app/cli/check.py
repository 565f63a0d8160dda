"""``check``: says what is wrong with the settings, the content and each EHR, and how to mend it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click

from triage_app import questionnaires_folder
from triage_app.catalogue.load import Catalogue
from triage_app.cli import commands
from triage_app.delivery.plan import plan
from triage_app.ehr import Connection, Gateway, SmartClient, Transport
from triage_app.errors import TriageError
from triage_app.settings import EHR, Settings, read_settings
from triage_app.storage import Storage

WRITTEN = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    good: bool
    says: str


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(as_json: bool) -> None:
    """Check settings, content, database and every EHR; exit 1 when something must be mended."""
    findings = list(look(read_settings(os.environ)))
    if as_json:
        click.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        for finding in findings:
            click.echo(f"{'good' if finding.good else 'MEND'}  {finding.subject}: {finding.says}")
    sys.exit(0 if all(finding.good for finding in findings) else 1)


def look(settings: Settings) -> Iterator[Finding]:
    """Yield what is good and what is not; the settings are good, since they were read."""
    yield Finding("settings", True, f"{len(settings.registry)} EHR registered, {settings.base_url}/launch")
    yield _content(settings)
    yield _database(settings)
    transport = Transport(settings)
    for ehr in settings.registry.values():
        yield _discovery(ehr, settings, transport)
        yield _writing(ehr, transport)


def _content(settings: Settings) -> Finding:
    try:
        catalogue = Catalogue.load(settings.questionnaires or questionnaires_folder())
    except TriageError as error:
        return Finding("content", False, str(error))
    names = ", ".join(f"{pathway.name} {pathway.version}" for pathway in catalogue.all())
    unsigned = [pathway.name for pathway in catalogue.all() if not pathway.signed_off]
    return Finding("content", True, f"{names}{'; not clinically signed off' if unsigned else ''}")


def _database(settings: Settings) -> Finding:
    try:
        storage = Storage(settings.database_url, settings.sealing_keys)
        storage.migrate()
        storage.check()
        storage.close()
    except TriageError as error:
        return Finding("database", False, str(error))
    return Finding("database", True, "can be written, and its schema is this release's")


def _discovery(ehr: EHR, settings: Settings, transport: Transport) -> Finding:
    try:
        endpoints = SmartClient(settings, transport).discover(ehr)
    except TriageError as error:
        return Finding(f"{ehr.key}, discovery", False, str(error))
    return Finding(f"{ehr.key}, discovery", True, f"issuer {endpoints.issuer}, PKCE S256 offered")


def _writing(ehr: EHR, transport: Transport) -> Finding:
    """The CapabilityStatement is public, so an empty token does."""
    try:
        found = plan(Gateway(transport).capabilities(Connection(ehr, "")), list(WRITTEN))
    except TriageError as error:
        return Finding(f"{ehr.key}, writing", False, str(error))
    says = f"one guarded transaction (rung {found.rung})" if found.possible else "; ".join(found.why)
    return Finding(f"{ehr.key}, writing", found.possible, says)
