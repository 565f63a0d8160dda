"""``assess FILE``: what the rules say for a stored response or a file of facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from triage_app.catalogue.facts import read_facts
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.catalogue.table import read_toml
from triage_app.cli import commands
from triage_app.cli.assessment_text import as_plain, as_text
from triage_app.cli.cases import FILE, FOLDER
from triage_app.cli.common import load_catalogue, pathway_of
from triage_app.clinical.answers import Answers
from triage_app.clinical.changes import what_would_change
from triage_app.clinical.engine import assess as assess_answers
from triage_app.clinical.form import check, in_play
from triage_app.errors import InvalidDocument
from triage_app.fhir.exact_json import loads
from triage_app.fhir.response import from_response


@commands.command()
@click.argument("file", type=FILE)
@click.option("--questionnaires", type=FOLDER, help="Another questionnaires folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with the whole trace.")
def assess(file: Path, questionnaires: Path | None, as_json: bool) -> None:
    """Assess FILE: a QuestionnaireResponse (.json), or facts in the words of one case (.toml)."""
    catalogue = load_catalogue(questionnaires)
    pathway, answers = _read(file, catalogue)
    found = assess_answers(answers, pathway.rules)
    changes = what_would_change(answers, pathway.rules)
    if as_json:
        click.echo(json.dumps(as_plain(found, changes, pathway), indent=2, ensure_ascii=False))
    else:
        click.echo(as_text(found, changes, pathway))


def _read(file: Path, catalogue: Catalogue) -> tuple[Pathway, Answers]:
    if file.suffix != ".json":
        pathway = pathway_of(file, catalogue)
        table = read_toml(file)
        answers = read_facts(table, pathway.rules.vocabulary)
        table.done()
        return pathway, answers
    resource = _json(file)
    if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
        raise InvalidDocument(f"{file.name}, resourceType: expected QuestionnaireResponse")
    pathway = catalogue.by_canonical(str(resource.get("questionnaire", "")))
    answers = in_play(pathway.form, from_response(resource, pathway.form))
    problems = check(pathway.form, answers)
    if problems:
        raise InvalidDocument(f"{file.name}: {problems[0]}")
    return pathway, answers


def _json(file: Path) -> Any:
    try:
        return loads(file.read_bytes())
    except ValueError as error:
        raise InvalidDocument(f"{file.name}: is not JSON: {error}") from None
