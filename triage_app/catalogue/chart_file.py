"""Reads chart.toml: what in a chart speaks of which question."""

from __future__ import annotations

from pathlib import Path

from triage_app.catalogue.table import Table, read_toml
from triage_app.clinical.terms import LimbKind
from triage_app.errors import ContentError
from triage_app.fhir.chart_clue import Clue, Clues

FILE = "chart.toml"
TYPES = ("Condition", "Procedure", "MedicationRequest")


def read_clues(folder: Path) -> Clues:
    """Return the clues of a terminology folder, none where it has no such file; raise ContentError."""
    path = folder / FILE
    if not path.is_file():
        return Clues()
    table = read_toml(path)
    rows = table.rows("clue")
    clues = tuple(_clue(Table(f"{FILE}, clue {number}", row)) for number, row in enumerate(rows, start=1))
    found = Clues(clues, never=table.texts("never"), before=table.texts("before"))
    table.done()
    return found


def _clue(row: Table) -> Clue:
    clue = Clue(
        link_id=row.text("link_id"),
        resource=row.text("from"),
        name=row.text("name"),
        confirms=row.texts("confirms"),
        icd10=row.texts("icd10"),
        atc=row.texts("atc"),
        words=_phrases(row, "words"),
        not_words=_phrases(row, "not_words"),
        ended_icd10=row.texts("ended_icd10"),
        ended_words=_phrases(row, "ended_words"),
        ever=row.yes("ever"),
        days=row.whole("days", None),
        limb=row.code("limb", LimbKind, None),
        private=row.yes("private"),
    )
    row.done()
    if clue.resource not in TYPES:
        raise ContentError(f"{row.where}, from: found {clue.resource!r}, expected one of {', '.join(TYPES)}")
    return clue


def _phrases(row: Table, key: str) -> tuple[str, ...]:
    """Return phrases as they are compared: words in small letters with one blank between."""
    found = row.texts(key)
    for phrase in found:
        if phrase != " ".join(phrase.casefold().split()) or not phrase.replace(" ", "").isalnum():
            raise ContentError(
                f"{row.where}, {key}: found {phrase!r}, expected small letters and single blanks"
            )
    return found
