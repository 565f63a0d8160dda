"""Looks for rules that nobody can meet, that no case promises, or that have no words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from triage_app.catalogue.cases import read_cases
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
    try:
        cases = read_cases(folder / "cases.toml", catalogue, pathway)
    except ContentError as error:
        yield Fault(lines.file("cases.toml"), "", "", str(error).removeprefix("cases.toml"))
        return
    promised = {rule_id for case in cases for rule_id in case.expect.rules}
    for rule in rules.rules:
        if rule.rule_id not in promised:
            says = "is promised by no case, expected one in cases.toml that names it in `rules`"
            yield Fault(file, f"rule {rule.rule_id}", "", says, rule.line)
