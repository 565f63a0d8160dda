"""People and what must come out for them: reads a case file and holds each promise against the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triage_app.catalogue.facts import read_facts
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.catalogue.table import Table, read_toml
from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.engine import assess
from triage_app.clinical.terms import Mode, Severity, Urgency
from triage_app.errors import ContentError


@dataclass(frozen=True)
class Expectation:
    """What must come out. An empty set is not judged, except that nothing may be in ``never_routes``."""

    urgency: frozenset[Urgency] = frozenset()
    mode: frozenset[Mode] = frozenset()
    severity: frozenset[Severity] = frozenset()
    pattern: frozenset[str] = frozenset()  # the first pattern; "none" when no pattern fits
    routes: frozenset[str] = frozenset()
    never_routes: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()  # rules that must be met: the case is their promise
    incomplete: bool | None = None


@dataclass(frozen=True)
class Case:
    """One person. ``answers`` is None when the pathway is not installed."""

    case_id: str
    who: str
    pathway: Pathway | None
    pathway_name: str
    answers: Answers | None
    expect: Expectation


@dataclass(frozen=True)
class Verdict:
    """What came out for one person, and every promise that broke, as sentences."""

    case: Case
    assessment: Assessment | None
    broken: tuple[str, ...] = ()
    under_triage: bool = False
    over_triage: bool = False

    @property
    def passed(self) -> bool:
        """Return whether every promise held."""
        return self.assessment is not None and not self.broken


def read_cases(path: Path, catalogue: Catalogue, default: Pathway) -> tuple[Case, ...]:
    """Return the cases of a file; raise ContentError naming file, case and key of the first that is wrong."""
    found = []
    for case in read_each(path, catalogue, default):
        if isinstance(case, ContentError):
            raise case
        found.append(case)
    return tuple(found)


def read_each(path: Path, catalogue: Catalogue, default: Pathway) -> Iterator[Case | ContentError]:
    """Yield each case of a file, or what is wrong with it; raise ContentError when it is no case file."""
    table = read_toml(path)
    rows = table.rows("case")
    table.anything("version")
    table.done()
    seen: set[str] = set()
    for index, row in enumerate(rows, start=1):
        try:
            case = _case(Table(_name(path, index, row), row), catalogue, default)
            if case.case_id in seen:
                raise ContentError(f"{path.name}: the case {case.case_id} stands twice")
            seen.add(case.case_id)
            yield case
        except ContentError as error:
            yield error


def _name(path: Path, index: int, row: object) -> str:
    case_id = row.get("id") if isinstance(row, dict) else None
    return f"{path.name}, case {case_id or index}"


def _case(table: Table, catalogue: Catalogue, default: Pathway) -> Case:
    pathway = _pathway(table, catalogue, default)
    expect = _expectation(table.table("expect"), pathway)
    case_id, who = table.text("id"), table.text("who")
    if pathway is None:
        return Case(case_id, who, None, table.text("pathway"), None, expect)
    answers = read_facts(table, pathway.rules.vocabulary)
    table.done()
    return Case(case_id, who, pathway, pathway.name, answers, expect)


def _pathway(table: Table, catalogue: Catalogue, default: Pathway) -> Pathway | None:
    """Return the pathway that a case names; None when no version of it is installed."""
    said = table.text("pathway", default.name)
    name, _, version = said.replace(" ", "|").partition("|")
    installed = [pathway for pathway in catalogue.all() if pathway.name == name]
    if not version:
        return default if name == default.name else next(reversed(installed), None)
    for pathway in installed:
        if pathway.version == version:
            return pathway
    if installed:
        known = ", ".join(pathway.version for pathway in installed)
        raise ContentError(f"{table.where}, pathway: found {said}, expected a version of {known}")
    return None


def _expectation(table: Table, pathway: Pathway | None) -> Expectation:
    aliases = pathway.rules.vocabulary.aliases if pathway else {}
    expect = Expectation(
        urgency=frozenset(table.member(text, Urgency, "urgency") for text in table.texts("urgency")),
        mode=frozenset(table.member(text, Mode, "mode") for text in table.texts("mode")),
        severity=frozenset(table.member(text, Severity, "severity") for text in table.texts("severity")),
        pattern=frozenset(aliases.get(code, code) for code in table.texts("pattern")),
        routes=frozenset(table.texts("routes")),
        never_routes=frozenset(table.texts("never_routes")),
        flags=frozenset(table.texts("flags")),
        rules=frozenset(table.texts("rules")),
        incomplete=table.yes("incomplete") if "incomplete" in table else None,
    )
    table.done()
    if pathway is not None:
        _known(table, expect, pathway)
    return expect


def _known(table: Table, expect: Expectation, pathway: Pathway) -> None:
    """Raise ContentError when an expectation names a word that the pathway does not know."""
    vocabulary = pathway.rules.vocabulary
    for key, found, known in (
        ("pattern", expect.pattern - {"none"}, vocabulary.patterns.keys()),
        ("routes", expect.routes, vocabulary.routes.keys()),
        ("never_routes", expect.never_routes, vocabulary.routes.keys()),
        ("flags", expect.flags, vocabulary.items.keys() | set(vocabulary.findings)),
        ("rules", expect.rules, pathway.rules.by_id.keys()),
    ):
        for word in sorted(found - known):
            raise ContentError(f"{table.where}, {key}: found {word}, expected a code of {pathway.name}")


def judge(case: Case) -> Verdict:
    """Return what the rules say for the case's answers, and which promises broke."""
    if case.pathway is None or case.answers is None:
        return Verdict(case, None)
    found = assess(case.answers, case.pathway.rules)
    wanted = case.expect.urgency
    return Verdict(
        case,
        found,
        tuple(_broken(case.expect, found)),
        under_triage=bool(wanted) and found.urgency < min(wanted),
        over_triage=bool(wanted) and found.urgency > max(wanted),
    )


def _broken(expect: Expectation, found: Assessment) -> Iterator[str]:
    first = found.patterns[0].code if found.patterns else "none"
    one_of = (
        ("urgency", found.urgency.name, [level.name for level in sorted(expect.urgency)]),
        ("mode", str(found.mode or "none"), sorted(expect.mode)),
        ("severity", str(found.severity), sorted(expect.severity, key=lambda grade: grade.rank)),
        ("first pattern", first, sorted(expect.pattern)),
    )
    for name, got, wanted in one_of:
        if wanted and got not in [str(word) for word in wanted]:
            yield f"{name} is {got}, promised {' or '.join(wanted)}"
    yield from _missing(expect, found)
    if expect.incomplete is not None and found.incomplete is not expect.incomplete:
        yield f"incomplete is {str(found.incomplete).lower()}, promised {str(expect.incomplete).lower()}"


def _missing(expect: Expectation, found: Assessment) -> Iterator[str]:
    routes = {route.code for route in found.routes}
    met = {outcome.rule_id for outcome in found.trace if outcome.truth.value == "met"}
    flags = {finding.flag for finding in found.flags}
    for name, wanted, got in (("route", expect.routes, routes), ("flag", expect.flags, flags)):
        for word in sorted(wanted - got):
            yield f"the {name} {word} is promised and missing"
    for word in sorted(expect.never_routes & routes):
        yield f"the route {word} is promised never to be suggested"
    for word in sorted(expect.rules - met):
        yield f"the rule {word} is promised to be met and is not"
