"""Part ``properties``: what must hold for everybody, held against people made here and in the case file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice, product
from pathlib import Path
from typing import Any

from safety.compare import FOLDER, Both
from safety.crowd import Crowd
from safety.editing import answered, swapped, without_flag
from safety.evidence import Findings, Run
from safety.properties import CHANGING, LOOKING, Property, Subject, World
from safety.second.words import Word
from triage_app.catalogue.cases import Case, read_cases
from triage_app.catalogue.load import Catalogue
from triage_app.clinical.answers import UNSURE, Answers, Value
from triage_app.clinical.engine import assess
from triage_app.clinical.terms import Urgency

Failure = dict[str, object]
EDGES = Path(__file__).with_name("edges.toml")
WHOLE = 10_000
"""With fewer generated people than this, fewer changes of the case file's people are tried too."""
EVERY = 6
"""Of the some 500 changes of each of the case file's people, one in so many is tried."""


def properties(run: Run, both: Both) -> Findings:
    """Hold every property against ``count`` people; then the case file's people, changed; then windows."""
    world = World(both, Crowd(both.words, both.book))
    held: Counter[str] = Counter()
    failures = list(generated(world, range(run.seed, run.seed + run.count), held))
    people = case_people()
    every = EVERY if run.count >= WHOLE else EVERY * WHOLE // max(run.count, 1)
    for number, case in enumerate(people):
        failures += changes_of(world, case, held, turn=number % every, every=every)
    failures += windows(world, held)
    return Findings(
        what="The safety properties, and the changes that must never lower, held against people",
        counts={"generated people": run.count, "people of the case file": len(people), "held": dict(held)},
        failures=failures,
        remarks=[
            "SP7, SP14, SP18, SP19, SP20 are promises of the whole product: tests of web, workflow, content.",
            f"Of the changes of the case file's people one in {every} is tried, from another on for each.",
            "A property that does not apply to a person (no limb, nothing to worsen) counts as held.",
        ],
    )


def generated(
    world: World, seeds: Sequence[int], held: Counter[str], *, every: int = 1, aim: Set[str] = frozenset()
) -> Iterator[Failure]:
    """Hold each property that looks against each person, and of those that change one in ``every``.

    ``aim``: linkIds that each of these people answers in some odd way.
    """
    for seed in seeds:
        who = Subject(world, world.crowd.person(seed, aim), seed)
        turn = seed % every
        for check in (*LOOKING, *CHANGING[turn::every]):
            held[check.__name__] += 1
            yield from _wrong(check, who, seed)


def _wrong(check: Property, who: Subject, seed: int) -> Iterator[Failure]:
    if sentence := check(who):
        yield {"property": check.__name__, "person": seed, "wrong": sentence}


# ---- people of the case file


def case_people() -> list[Case]:
    """The people of the pathway's own case file."""
    return _people(FOLDER / "cases.toml")


def edge_people() -> list[Case]:
    """The people who pin down the edges of the rules."""
    return _people(EDGES)


def _people(file: Path) -> list[Case]:
    catalogue = Catalogue.load(FOLDER.parents[1])
    pathway = catalogue.get(FOLDER.parent.name, FOLDER.name)
    cases = read_cases(file, catalogue, pathway)
    return [case for case in cases if case.answers is not None and case.pathway == pathway]


def changes_of(
    world: World, case: Case, held: Counter[str], *, turn: int = 0, every: int = 1
) -> Iterator[Failure]:
    """Change one thing after another, or one in ``every``; the next person's turn begins one further."""
    assert case.answers is not None
    before = assess(case.answers, world.rules).urgency
    for change in islice(_changes(world, case.answers), turn, None, every):
        held[change.kind] += 1
        after = assess(change.work(), world.rules)
        if after.urgency < max(before, change.floor):
            wrong = f"{change.what}: {before.name} became {after.urgency.name}"
            yield {"property": change.kind, "person": case.case_id, "wrong": wrong}
        if change.lists and change.what not in {finding.flag for finding in after.flags}:
            yield {"property": change.kind, "person": case.case_id, "wrong": f"{change.what} is not listed"}


@dataclass(frozen=True)
class Change:
    """One thing changed, worked out when it is wanted."""

    kind: str
    what: str
    work: Callable[[], Answers]
    floor: Urgency = Urgency.SELF_CARE  # what the changed answers must reach at least
    lists: bool = False  # whether what is changed must be listed as a sign


def _changes(world: World, answers: Answers) -> Iterator[Change]:
    for flag in world.crowd.flags:
        yes = partial(answered, without_flag(answers, flag), flag, "yes")
        yield Change("meta a: each sign set to yes", flag, yes, world.floor_alone(flag), lists=True)
    for path, word in _answered_no(world, answers):
        blank = partial(without_flag, answers, path) if word.flag else partial(answered, answers, path, None)
        yield Change("meta b: each no left blank", path, blank)
        if UNSURE in word.options:
            yield Change("meta f: each no made unsure", path, partial(answered, answers, path, UNSURE))
    yield Change("meta c: left and right swapped", "sides", partial(swapped, answers))
    yield Change("meta d: a mild limb more", "limb", partial(_one_more, world, answers))
    turned = partial(Answers, dict(reversed(answers.person.items())), answers.limbs[::-1])
    yield Change("meta e: answers in another order", "order", turned)


def _answered_no(world: World, answers: Answers) -> Iterator[tuple[str, Word]]:
    for path, value in answers.paths():
        word = world.both.words.items.get(path.rpartition("/")[2])
        if word and word.ordered and word.options[:1] == (value,) and not word.never_asked:
            yield path, word


def _one_more(world: World, answers: Answers) -> Answers:
    taken = {limb.code for limb in answers.limbs}
    mild = next(
        limb for seed in range(1000) for limb in world.crowd.person(seed).limbs if limb.code not in taken
    )
    return Answers(answers.person, (*answers.limbs, mild)) if taken else answers


# ---- every value of every detail of every sign


def windows(world: World, held: Counter[str], flags: Sequence[Word] | None = None) -> Iterator[Failure]:
    """SP21, SP25: whatever a yes says about itself, it stands in a window or is past."""
    for flag in world.both.words.flags if flags is None else flags:
        details = [world.both.words.items[name] for name in world.both.words.details(flag.name)]
        for said in _every_way(world, details):
            held["sp25 windows have no gaps"] += 1
            answers = Answers({"age": Decimal(45), flag.name: "yes", **said})
            yield from _window(world, flag.name, answers, details)


def _every_way(world: World, details: list[Word]) -> Iterator[dict[str, Value]]:
    choices = [_values(world, word) for word in details]
    for values in product(*choices):
        yield {word.name: value for word, value in zip(details, values, strict=True)}


def _values(world: World, word: Word) -> list[Any]:
    """Blank and unsure are left out: of a detail, both read as the last."""
    if word.number:
        return world.crowd.numbers.get(word.name, [Decimal(0)])
    codes = [code for code in word.options if code != UNSURE]
    return [(code,) for code in codes] if word.type == "multi" else codes


def _window(world: World, flag: str, answers: Answers, details: list[Word]) -> Iterator[Failure]:
    found = assess(answers, world.rules)
    finding = next((finding for finding in found.flags if finding.flag == flag), None)
    if finding is None or finding.state not in ("raised", "past"):
        yield {
            "property": "sp25 windows have no gaps",
            "person": dict(answers.person),
            "wrong": f"{flag}: {finding}",
        }
    elif finding.state == "past" and "C-PAST" not in {
        o.rule_id for o in found.trace if o.urgency is not None
    }:
        yield {"property": "sp21 no silent yes", "person": dict(answers.person), "wrong": flag}
