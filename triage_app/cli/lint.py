"""``lint``: says what is wrong with the content of the pathways, entry by entry."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from triage_app import questionnaires_folder
from triage_app.catalogue.lint import lint as look
from triage_app.catalogue.reading_grade import can_grade
from triage_app.cli import commands
from triage_app.cli.cases import FOLDER

UNGRADED = "not checked: the reading grade (pip install 'nerve-triage[author]')"


@commands.command()
@click.option("--questionnaires", type=FOLDER, help="Another questionnaires folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def lint(questionnaires: Path | None, as_json: bool) -> None:
    """Look through all pathways; exit 1 when anything in them is wrong."""
    faults = look(questionnaires or questionnaires_folder())
    unchecked = [] if can_grade() else [UNGRADED]
    if as_json:
        found = {"faults": [asdict(fault) for fault in faults], "unchecked": unchecked}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        wrong = "1 fault" if len(faults) == 1 else f"{len(faults) or 'no'} faults"
        click.echo("\n".join([*map(str, faults), *unchecked, wrong]))
    sys.exit(1 if faults else 0)
