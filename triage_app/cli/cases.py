"""``cases``: holds what a file of people promises against the rules, and asks clinicians about them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from triage_app import questionnaires_folder
from triage_app.catalogue.cases import Case, Verdict, judge, read_cases, read_each
from triage_app.catalogue.raters import agreements, disagreements
from triage_app.catalogue.rates import rates
from triage_app.catalogue.sheets import read_sheet, write_sheet
from triage_app.cli import commands
from triage_app.cli.cases_text import (
    OWN_LABELS,
    agreement_lines,
    disagreement_lines,
    rate_lines,
    verdict_lines,
)
from triage_app.cli.common import load_catalogue, pathway_of

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
questionnaires_option = click.option("--questionnaires", type=FOLDER, help="Another questionnaires folder.")


class _FileFirst(click.Group):
    """A group whose first word may be a file: ``cases FILE`` runs it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


@commands.group(cls=_FileFirst)
def cases() -> None:
    """Hold a FILE of people against the rules: cases FILE.

    ``cases sheet FILE`` prints the people for a clinician to label, ``cases agree SHEET…`` compares labels.
    """


@cases.command(hidden=True)
@click.argument("file", type=FILE)
@questionnaires_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def run(file: Path, questionnaires: Path | None, as_json: bool) -> None:
    """Run every case of FILE; exit 1 when a promise is broken, 2 when a case cannot be read."""
    catalogue = load_catalogue(questionnaires)
    found = list(read_each(file, catalogue, pathway_of(file, catalogue)))
    verdicts = [judge(case) for case in found if isinstance(case, Case)]
    refused = [str(error) for error in found if not isinstance(error, Case)]
    for sentence in refused:
        click.echo(f"error: {sentence}", err=True)
    click.echo(_as_json(verdicts, refused) if as_json else _as_text(verdicts, refused))
    kept = all(verdict.passed or verdict.assessment is None for verdict in verdicts)
    sys.exit(2 if refused else 0 if kept else 1)


@cases.command()
@click.argument("file", type=FILE)
@questionnaires_option
@click.option("--seed", default=1, show_default=True, help="Gives each rater an order of their own.")
def sheet(file: Path, questionnaires: Path | None, seed: int) -> None:
    """Print the people of FILE without what is expected, for a clinician to fill in."""
    catalogue = load_catalogue(questionnaires)
    click.echo(write_sheet(read_cases(file, catalogue, pathway_of(file, catalogue)), seed=seed))


@cases.command()
@click.argument("sheets", type=FILE, nargs=-1, required=True)
@click.option(
    "--cases", "file", type=FILE, help="The people; default those of nerve-symptoms, newest version."
)
@questionnaires_option
def agree(sheets: tuple[Path, ...], file: Path | None, questionnaires: Path | None) -> None:
    """Say how far SHEETS agree with one another and with the rules; exit 1 on any under-triage."""
    verdicts = _verdicts(file, questionnaires)
    read = [read_sheet(path) for path in sheets]
    apart = list(disagreements(read, verdicts))
    click.echo("\n".join([*agreement_lines(agreements(read, verdicts)), "", *disagreement_lines(apart)]))
    if len(read) < 2:
        click.echo("One sheet is in; two are needed before a rate means anything.")
    sys.exit(1 if any(person.under_triage for person in apart) else 0)


def _verdicts(file: Path | None, questionnaires: Path | None) -> list[Verdict]:
    catalogue = load_catalogue(questionnaires)
    pathway = pathway_of(file or Path("cases.toml"), catalogue)
    path = file or (questionnaires or questionnaires_folder()) / pathway.name / pathway.version / "cases.toml"
    return [judge(case) for case in read_cases(path, catalogue, pathway)]


def _as_text(verdicts: list[Verdict], refused: list[str]) -> str:
    lines = [line for verdict in verdicts for line in verdict_lines(verdict)]
    return "\n".join([*lines, "", *_summary(verdicts, refused)])


def _summary(verdicts: list[Verdict], refused: list[str]) -> list[str]:
    counts = _counts(verdicts)
    unread = f", {len(refused)} refused" if refused else ""
    unsigned = {
        f"{pathway.name} {pathway.version} is not clinically signed off."
        for verdict in verdicts
        if (pathway := verdict.case.pathway) and not pathway.signed_off
    }
    return [
        f"{counts['passed']} passed, {counts['failed']} failed, {counts['not_run']} not run{unread}",
        f"under-triage {counts['under_triage']}, over-triage {counts['over_triage']}",
        *rate_lines(rates(verdicts)),
        OWN_LABELS,
        *sorted(unsigned),
    ]


def _counts(verdicts: list[Verdict]) -> dict[str, int]:
    run = [verdict for verdict in verdicts if verdict.assessment is not None]
    passed = sum(verdict.passed for verdict in run)
    return {
        "passed": passed,
        "failed": len(run) - passed,
        "not_run": len(verdicts) - len(run),
        "under_triage": sum(verdict.under_triage for verdict in run),
        "over_triage": sum(verdict.over_triage for verdict in run),
    }


def _as_json(verdicts: list[Verdict], refused: list[str]) -> str:
    rows = [
        {
            "id": verdict.case.case_id,
            "who": verdict.case.who,
            "run": verdict.assessment is not None,
            "passed": verdict.passed,
            "urgency": verdict.assessment.urgency.name if verdict.assessment else None,
            "broken": list(verdict.broken),
            "under_triage": verdict.under_triage,
            "over_triage": verdict.over_triage,
        }
        for verdict in verdicts
    ]
    found = [
        {"name": rate.name, "good": rate.good, "total": rate.total, "interval": rate.interval}
        for rate in rates(verdicts)
    ]
    labels = "authors' own"
    whole = {**_counts(verdicts), "refused": refused, "rates": found, "labels": labels, "cases": rows}
    return json.dumps(whole, indent=2, ensure_ascii=False)
