"""Holds the same people against two versions of a pathway, and tells whose result changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from triage_app.catalogue.facts import read_facts
from triage_app.catalogue.model import Pathway
from triage_app.catalogue.table import Table, read_toml
from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.engine import assess
from triage_app.clinical.form import in_play
from triage_app.clinical.terms import Mode, Severity
from triage_app.clinical.vocabulary import Vocabulary
from triage_app.errors import ContentError, InvalidDocument
from triage_app.fhir.exact_json import loads
from triage_app.fhir.response import from_response

_GRADES = (Severity.NONE, Severity.UNKNOWN, Severity.MILD, Severity.MODERATE, Severity.SEVERE)
_NEVER = 10_000
"""Days, for a result without a nearer day."""


@dataclass(frozen=True)
class Difference:
    """One thing that comes out otherwise. ``lower``: a person would be seen later, or thought less ill."""

    what: str  # urgency, mode, due, severity, routes, determined, answers
    old: str
    new: str
    lower: bool = False


@dataclass(frozen=True)
class Person:
    """One person and the answers as each version reads them; ``unread`` says why the new one cannot."""

    name: str
    says: str
    old: Answers
    new: Answers | None
    unread: str = ""


@dataclass(frozen=True)
class Comparison:
    """What differs for one person; ``left_out`` names answers that the new version does not know."""

    person: Person
    differences: tuple[Difference, ...]
    left_out: tuple[str, ...] = ()

    @property
    def lowered(self) -> tuple[Difference, ...]:
        """Return the differences that lower the result."""
        return tuple(difference for difference in self.differences if difference.lower)


def people_of(folder: Path, old: Pathway, new: Pathway) -> Iterator[Person]:
    """Yield the people of a version folder's cases, their facts read in the words of either version.

    Raise ContentError when the old version cannot read them.
    """
    for row in read_toml(folder / "cases.toml").rows("case"):
        table = Table(f"cases.toml, case {row['id']}", row)
        if table.text("pathway", old.name) == old.name:
            facts = read_facts(table, old.rules.vocabulary)
            again, unread = _again(table, new.rules.vocabulary)
            yield Person(row["id"], row["who"], facts, again, unread)


def _again(table: Table, vocabulary: Vocabulary) -> tuple[Answers | None, str]:
    try:
        return read_facts(table, vocabulary), ""
    except ContentError as error:
        return None, str(error)


def person_of(path: Path, old: Pathway) -> Person:
    """Return the person of a stored QuestionnaireResponse.

    Raise InvalidDocument, which names the file, when it is no answer to the old version.
    """
    try:
        resource = loads(path.read_bytes())
    except ValueError as error:
        raise InvalidDocument(f"{path.name}: is not JSON: {error}") from None
    if not isinstance(resource, dict):
        raise InvalidDocument(f"{path.name}: expected an object")
    try:
        answers = in_play(old.form, from_response(resource, old.form))
    except InvalidDocument as error:
        raise InvalidDocument(f"{path.name}: {error}") from None
    return Person(path.name, "", answers, answers)


def compare(person: Person, old: Pathway, new: Pathway) -> Comparison:
    """Return what the two versions make of the same person."""
    if person.new is None:
        return Comparison(person, (Difference("answers", "read", person.unread, lower=True),))
    known, left_out = _known(person.new, new.rules.vocabulary)
    before, after = assess(person.old, old.rules), assess(known, new.rules)
    return Comparison(person, tuple(_differences(before, after)), left_out)


def _differences(old: Assessment, new: Assessment) -> Iterator[Difference]:
    if old.urgency is not new.urgency:
        yield Difference("urgency", old.urgency.name, new.urgency.name, new.urgency < old.urgency)
    if old.mode is not new.mode and None not in (old.mode, new.mode):
        yield Difference("mode", str(old.mode), str(new.mode), new.mode is Mode.GO)
    days = [found.due_days or _NEVER for found in (old, new)]
    if days[0] != days[1] and old.urgency is new.urgency:
        yield Difference("due", _days(old), _days(new), days[1] > days[0])
    if old.severity is not new.severity:
        yield Difference("severity", old.severity, new.severity, _rank(new) < _rank(old))
    if old.determined is not new.determined:
        yield Difference("determined", _yes(old.determined), _yes(new.determined), new.determined)
    if _routes(old) != _routes(new):
        yield Difference("routes", _routes(old), _routes(new))


def _routes(found: Assessment) -> str:
    return " ".join(sorted(route.code for route in found.routes)) or "none"


def _rank(found: Assessment) -> int:
    """An unknown grade stands between none and mild: it reassures nobody."""
    return _GRADES.index(found.severity)


def _days(found: Assessment) -> str:
    return "its urgency's" if found.due_days is None else f"{found.due_days} days"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _known(answers: Answers, vocabulary: Vocabulary) -> tuple[Answers, tuple[str, ...]]:
    """Return the answers that a vocabulary knows, and the paths of the others."""

    def knows(link_id: str, value: Value) -> bool:
        item = vocabulary.items.get(link_id)
        if item is None or isinstance(value, Decimal):
            return item is not None and (item.is_number or not isinstance(value, Decimal))
        codes = value if isinstance(value, tuple) else (value,)
        return not item.options or set(codes) <= set(item.options)

    person = {key: value for key, value in answers.person.items() if knows(key, value)}
    limbs = tuple(
        Limb(limb.kind, limb.side, {k: v for k, v in limb.answers.items() if knows(k, v)})
        for limb in answers.limbs
    )
    kept = Answers(person, limbs)
    return kept, tuple(sorted({path for path, _ in answers.paths()} - {path for path, _ in kept.paths()}))
