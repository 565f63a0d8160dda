"""Reads sources.toml: why each rule is as it is, and who signed that off."""

from __future__ import annotations

from collections.abc import Mapping

from triage_app.catalogue.model import Source
from triage_app.catalogue.table import Table
from triage_app.clinical.rules import RuleSet
from triage_app.errors import ContentError

KINDS = ("guideline", "paper", "knowledge", "proposal")


def read_sources(table: Table) -> dict[str, Source]:
    """Return the sources by id; raise ContentError naming the source and key that is wrong."""
    entries = table.table("source")
    found = {source_id: _source(source_id, entries.table(source_id)) for source_id in entries}
    table.anything("version")
    table.done()
    return found


def _source(source_id: str, entry: Table) -> Source:
    source = Source(
        source_id=source_id,
        title=entry.text("title"),
        year=entry.whole("year", None),
        says=entry.text("says"),
        kind=entry.text("kind"),
        last_reviewed=str(entry.anything("last_reviewed", "")),
        signed_off_by=entry.texts("signed_off_by"),
    )
    if source.kind not in KINDS:
        raise ContentError(f"{entry.where}, kind: found {source.kind}, expected one of {', '.join(KINDS)}")
    entry.anything("url")
    entry.done()
    return source


def check_sources(rules: RuleSet, sources: Mapping[str, Source]) -> None:
    """Raise ContentError on a rule that names no source, or one that is not there."""
    for rule in rules.rules:
        if not rule.sources:
            raise ContentError(f"{rule.where}: names no source")
        for source_id in rule.sources:
            if source_id not in sources:
                raise ContentError(f"{rule.where}: the source {source_id} is not in sources.toml")
