"""Looks for rules that nobody can meet, that no case promises, or that have no words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from triage_app.catalogue.cases import read_each
from triage_app.catalogue.fault import Fault, Lines
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.catalogue.reachable import unreachable_rules
from triage_app.errors import ContentError


def rule_faults(pathway: Pathway, catalogue: Catalogue, folder: Path, lines: Lines) -> Iterator[Fault]:
    """Yield what each rule of a pathway lacks."""
    file = lines.file("rules.toml")
    rules = pathway.rules
    for rule_id in unreachable_rules(rules):
        says = "found a condition that no answers meet"
        yield Fault(file, f"rule {rule_id}", "when", says, rules.by_id[rule_id].line)
    promised: set[str] = set()
    for case in read_each(folder / "cases.toml", catalogue, pathway):
        if isinstance(case, ContentError):
            line = lines.line("cases.toml", f'id = "{_case_of(str(case))}"')
            yield Fault(lines.file("cases.toml"), "", "", str(case).removeprefix("cases.toml, "), line)
        else:
            promised |= case.expect.rules
    for rule in rules.rules:
        if rule.rule_id not in promised:
            says = "is promised by no case, expected one in cases.toml that names it in `rules`"
            yield Fault(file, f"rule {rule.rule_id}", "", says, rule.line)


def _case_of(error: str) -> str:
    """Return the id of the case that a refusal names."""
    return error.partition("case ")[2].partition(",")[0].partition(" stands")[0]
