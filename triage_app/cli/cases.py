"""``cases FILE``: holds what a file of people promises against the rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from triage_app.catalogue.cases import Verdict, judge, read_cases
from triage_app.cli import commands
from triage_app.cli.common import load_catalogue, pathway_of

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@commands.command()
@click.argument("file", type=FILE)
@click.option("--questionnaires", type=FOLDER, help="Another questionnaires folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def cases(file: Path, questionnaires: Path | None, as_json: bool) -> None:
    """Run every case of FILE; exit 1 when a promise is broken."""
    catalogue = load_catalogue(questionnaires)
    verdicts = [judge(case) for case in read_cases(file, catalogue, pathway_of(file, catalogue))]
    click.echo(_as_json(verdicts) if as_json else _as_text(verdicts))
    sys.exit(0 if all(verdict.passed or verdict.assessment is None for verdict in verdicts) else 1)


def _as_text(verdicts: list[Verdict]) -> str:
    lines = [line for verdict in verdicts for line in _lines(verdict)]
    return "\n".join([*lines, "", *_summary(verdicts)])


def _lines(verdict: Verdict) -> list[str]:
    case, found = verdict.case, verdict.assessment
    if found is None:
        return [f"not run {case.case_id}  the pathway {case.pathway_name} is not installed"]
    if verdict.passed:
        return [f"pass    {case.case_id}  {found.urgency.name}"]
    return [
        f"FAIL    {case.case_id}  {found.urgency.name}",
        f"          “{case.who}”",
        *(f"          {sentence}" for sentence in verdict.broken),
    ]


def _summary(verdicts: list[Verdict]) -> list[str]:
    counts = _counts(verdicts)
    unsigned = {
        f"{pathway.name} {pathway.version} is not clinically signed off."
        for verdict in verdicts
        if (pathway := verdict.case.pathway) and not pathway.signed_off
    }
    return [
        f"{counts['passed']} passed, {counts['failed']} failed, {counts['not_run']} not run",
        f"under-triage {counts['under_triage']}, over-triage {counts['over_triage']}",
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


def _as_json(verdicts: list[Verdict]) -> str:
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
    return json.dumps({**_counts(verdicts), "cases": rows}, indent=2, ensure_ascii=False)
