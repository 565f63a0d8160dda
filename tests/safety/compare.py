"""Holds the product's result against that of the second evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety.second.result import Result, person_of, results
from safety.second.sentences import Book, read_book
from safety.second.words import Words, read_words
from triage_app.catalogue.load import Catalogue
from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.engine import assess
from triage_app.clinical.rules import RuleSet

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "questionnaires" / "nerve-symptoms" / "1.0.0"


@dataclass(frozen=True)
class Both:
    """The same files, read by each side for itself."""

    rules: RuleSet
    words: Words
    book: Book


def load_both(folder: Path = FOLDER) -> Both:
    catalogue = Catalogue.load(folder.parents[1])
    pathway = catalogue.get(folder.parent.name, folder.name)
    return Both(pathway.rules, read_words(folder / "vocabulary.toml"), read_book(folder / "rules.toml"))


@dataclass(frozen=True)
class Difference:
    """Where the two do not agree."""

    number: int
    what: str
    product: Any
    second: Any


def told(found: Assessment) -> Result:
    """The product's result in the second's words."""
    met = {(o.rule_id, o.limb or "") for o in found.trace if o.truth.value == "met"}
    return Result(
        urgency=found.urgency.name,
        mode=found.mode and str(found.mode),
        due_days=found.due_days,
        determined=found.determined,
        severity=str(found.severity),
        limbs={limb.code: (str(limb.severity), limb.motor) for limb in found.limbs},
        routes=tuple(route.code for route in found.routes),
        flags={finding.flag: finding.state for finding in found.flags},
        asks_again=frozenset(found.contradictions),
        met=frozenset(met),
    )


def differences(
    both: Both, people: Sequence[Answers], seen: list[Result] | None = None
) -> Iterator[Difference]:
    """Yield every field in which the two results of a person differ; ``seen`` takes the second's results."""
    seconds = results(both.book, both.words, [person_of(answers) for answers in people])
    if seen is not None:
        seen += seconds
    for number, (answers, second) in enumerate(zip(people, seconds, strict=True)):
        product = told(assess(answers, both.rules))
        for what in Result.__dataclass_fields__:
            one, other = getattr(product, what), getattr(second, what)
            if one != other:
                yield Difference(number, what, *(_only(one, other)))


def _only(one: Any, other: Any) -> tuple[Any, Any]:
    if isinstance(one, frozenset):
        return sorted(one - other), sorted(other - one)
    if isinstance(one, dict):
        keys = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
        return {key: one.get(key) for key in keys}, {key: other.get(key) for key in keys}
    return one, other
