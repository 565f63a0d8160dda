"""``compare OLD NEW``: whose result changes between two versions of a pathway, and whether that was meant."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from triage_app.catalogue.acknowledged import Acknowledged, read_acknowledged
from triage_app.catalogue.compare import Comparison, people_of, person_of
from triage_app.catalogue.compare import compare as hold_against
from triage_app.catalogue.load import load_pathway
from triage_app.cli import commands
from triage_app.cli.cases import FILE, FOLDER

CHANGELOG = Path("docs/clinical-changelog.md")


@commands.command()
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
@click.argument("responses", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--acknowledged", type=FILE, help=f"Where lowered results are explained; else {CHANGELOG}.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(
    old: Path, new: Path, responses: tuple[Path, ...], acknowledged: Path | None, as_json: bool
) -> None:
    """Hold the people of OLD's cases, and stored RESPONSES, against the version folders OLD and NEW.

    Exit 1 when a result is lowered that nobody has explained.
    """
    before, after = load_pathway(old.resolve(), {}), load_pathway(new.resolve(), {})
    page = acknowledged or (CHANGELOG if CHANGELOG.is_file() else None)
    known = read_acknowledged(page, after.name, after.version) if page else Acknowledged()
    stored = (person_of(path, before) for path in _files(responses))
    people = [*people_of(old, before, after), *stored]
    found = [hold_against(person, before, after) for person in people]
    differing = [comparison for comparison in found if comparison.differences or comparison.left_out]
    open_ones = [one for one in differing if any(not known.covers(one, lower) for lower in one.lowered)]
    if as_json:
        click.echo(json.dumps(_plain(differing, len(found), known), indent=2, ensure_ascii=False))
    else:
        lines = [line for one in differing for line in _lines(one, known)]
        total = f"{len(differing)} of {len(found)} people differ, {len(open_ones)} lowered without a reason"
        click.echo("\n".join([*lines, total]))
    sys.exit(1 if open_ones else 0)


def _files(responses: tuple[Path, ...]) -> Iterator[Path]:
    for path in responses:
        yield from sorted(path.rglob("*.json")) if path.is_dir() else (path,)


def _lines(found: Comparison, known: Acknowledged) -> Iterator[str]:
    yield f"{found.person.name}  {f'“{found.person.says}”' if found.person.says else ''}".rstrip()
    for difference in found.differences:
        lower = "lower" if difference.lower else ""
        reason = ", explained" if difference.lower and known.covers(found, difference) else ""
        yield f"  {lower:<7}{difference.what} {difference.old} → {difference.new}{reason}"
    for path in found.left_out:
        yield f"         {path} is not known to the new version"


def _plain(differing: list[Comparison], people: int, known: Acknowledged) -> dict[str, object]:
    rows = [
        {
            "person": one.person.name,
            "who": one.person.says,
            "differences": [
                {
                    "what": difference.what,
                    "old": difference.old,
                    "new": difference.new,
                    "lower": difference.lower,
                    "explained": difference.lower and known.covers(one, difference),
                }
                for difference in one.differences
            ],
            "left_out": list(one.left_out),
        }
        for one in differing
    ]
    return {"people": people, "differing": rows}
