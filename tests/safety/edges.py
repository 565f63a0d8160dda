"""Finds people who stand at the edge of a rule, where a small fault in it changes what comes out for them.

The people of cases.toml are promises, judged by those who wrote them. These here judge nothing: they pin
down what the rules say today, so that no edit moves an edge unseen; ``make safety PART=edges`` finds them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from safety.compare import Both
from safety.crowd import AGES, MILD, Crowd
from safety.second.follow import Following
from safety.second.result import Result, person_of, results_of
from safety.second.sentences import Book, Line, book_of, names_in, read_sentence
from safety.second.words import Word
from triage_app.catalogue.facts import read_facts
from triage_app.catalogue.table import Table
from triage_app.errors import ContentError

PEOPLE = 120
"""How many people are made for each rule before its faults count as having no edge."""
COMMON = ("digits", "const", "feel", "night", "drops", "t.spread", "t.heel_walk", "weak.since", "weak.trend")

Facts = dict[str, Any]


@dataclass(frozen=True)
class Edge:
    """Somebody in the case format, and what comes out."""

    facts: Facts
    result: Result
    never: frozenset[str]  # routes that a fault would add
    rule: str


class Seeker:
    """Makes people for one rule after another."""

    def __init__(self, both: Both, seed: int) -> None:
        self.both = both
        self.crowd = Crowd(both.words, both.book)
        self.seed = seed
        self.dice = random.Random(seed)

    def people(self, rule: str, lines: Sequence[Line]) -> list[Facts]:
        """People who answer what the rule (or one that uses the definition) reads, in any way."""
        self.dice = random.Random(f"{self.seed} {rule}")
        found = []
        for _ in range(PEOPLE):
            facts = self._facts(rule, self.dice.choice(lines))
            try:
                answers = read_facts(Table("edge", {"others": "no", **facts}), self.both.rules.vocabulary)
            except ContentError:
                continue
            found.append({**facts, "people": person_of(answers)})
        return found

    def _facts(self, rule: str, line: Line) -> Facts:
        read = self.crowd.read_by(line)
        if any(name not in self.both.words.items for name in names_in(line.when)):
            read = [*read, *self.dice.sample(COMMON, 4)]
        limbs = self._limbs(read)
        person: Facts = {"age": int(self.dice.choice(AGES))}
        if rule == "SC01":
            limbs, person = self._mild()
            read = [self.dice.choice(read)]
        chosen = read if len(read) < 7 else self.dice.sample(read, 6)
        for name in chosen:
            self._say(person, limbs, name, self.crowd.any_answer(self.dice, self.both.words.items[name]))
        return {"answers": person, "limb": limbs}

    def _limbs(self, read: Iterable[str]) -> list[Facts]:
        words = [self.both.words.items[name] for name in read]
        kinds = {kind for word in words if word.of_limb for kind in word.kinds}
        kind = self.dice.choice(sorted(kinds & {"arm", "leg"}) or ["arm", "leg"])
        sides = self.dice.choice([["right"], ["right"], ["left", "right"], []])
        region = self.dice.choice(self.crowd.regions[kind])
        return [{"region": region, "side": side} for side in sides]

    def _mild(self) -> tuple[list[Facts], Facts]:
        region, said = self.dice.choice(MILD)
        limb = {
            "region": region,
            "side": "right",
            "const": "intermittent",
            **{k: _plain(v) for k, v in said.items()},
        }
        return [limb], {"age": 45, "dur": 2}

    def _say(self, person: Facts, limbs: list[Facts], name: str, value: Any) -> None:
        word = self.both.words.items[name]
        if name in ("limb.kind", "side", "region", "age") and name not in person:
            return
        for facts in limbs if word.of_limb else [person]:
            kind = self.both.words.kind_of_region[facts["region"]] if word.of_limb else ""
            if word.of_limb and kind not in word.kinds:
                continue
            facts[name] = _plain(value)
            self._open(person, facts, word)

    def _open(self, person: Facts, facts: Facts, word: Word) -> None:
        for parent in word.parents[:1]:
            opener = self.both.words.items[parent]
            holder = facts if opener.of_limb else person
            said = holder.get(parent)
            if set(said if isinstance(said, list) else [said]) & set(word.opened_by):
                continue
            code = self.dice.choice([code for code in opener.options if code in word.opened_by])
            holder[parent] = [code] if opener.type == "multi" else code
            self._open(person, holder, opener)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value


# ---- choosing


def edges_for(seeker: Seeker, rule: str, faults: Sequence[Any]) -> tuple[list[Edge], list[Any]]:
    """Return people who tell the faults of one rule from it, and the faults that nobody tells."""
    if not faults:
        return [], []
    lines = _lines(seeker.both, rule, faults[0].rows["define"])
    people = seeker.people(rule, lines)
    base = Following(seeker.both.book, seeker.both.words, [facts["people"] for facts in people])
    said = dict(enumerate(results_of(base, range(len(people)))))
    chosen: dict[int, Edge] = {}
    left = []
    for fault in faults:
        told = dict(_telling(base, book_of(fault.rows), said, rule))
        if not told:
            left.append(fault)
        elif not told.keys() & chosen.keys():
            number, never = min(
                told.items(), key=lambda found: _liking(people[found[0]], said[found[0]], found[1])
            )
            chosen[number] = Edge(
                {k: people[number][k] for k in ("answers", "limb")}, said[number], never, rule
            )
        else:
            number = next(iter(told.keys() & chosen.keys()))
            known = chosen[number]
            chosen[number] = Edge(known.facts, known.result, known.never | told[number], rule)
    return list(chosen.values()), left


def _lines(both: Both, rule: str, definitions: Mapping[str, str]) -> list[Line]:
    """The rule itself, or the rules that use a definition, be it through another."""
    using = {rule.removeprefix("define ")}
    for name, text in definitions.items():  # each may use those above it
        if names_in(read_sentence(text, {})) & using:
            using.add(name)
    return [
        line
        for line in both.book.lines
        if line.name == rule
        or (rule.startswith("define ") and names_in(read_sentence(line.row["when"], {})) & using)
    ]


def _telling(
    base: Following, book: Book, said: dict[int, Result], rule: str
) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield who gets something else under the fault, with the routes that it would add."""
    numbers = base.touched_by(base.under(book))
    for number, now in zip(numbers, results_of(base.under(book, numbers), numbers), strict=True):
        added = frozenset(set(now.routes) - set(said[number].routes))
        if added or _promise(said[number], rule) != _promise(now, rule):
            yield number, added


def _promise(result: Result, rule: str) -> tuple[Any, ...]:
    lost = not any(name == rule for name, _ in result.met)
    return result.urgency, result.mode, result.severity, set(result.routes), result.determined, lost


def _liking(facts: Facts, result: Result, never: frozenset[str]) -> tuple[int, int]:
    return len(facts["answers"]) + sum(len(limb) for limb in facts["limb"]), len(never)


# ---- writing


def written(edges: Iterable[Edge]) -> str:
    """The edges as a case file."""
    lines = [
        "# People at the edges of rules, found by `make safety PART=edges`; do not edit. They judge nothing:",
        "# they pin down what the rules say, so that no edit moves an edge unseen. After a change of a rule,",
        "# look at who differs here, then make the file anew.",
        "",
        'version = "1"',
    ]
    count: dict[str, int] = defaultdict(int)
    for edge in edges:
        count[edge.rule] += 1
        lines += _case(edge, f"edge {edge.rule} {count[edge.rule]}")
    return "\n".join(lines) + "\n"


def _case(edge: Edge, name: str) -> Iterator[str]:
    yield from ("", "[[case]]", f"id = {_toml(name)}", f"who = {_toml(_who(edge))}", 'others = "no"')
    yield f"answers = {_table(edge.facts['answers'])}"
    for limb in edge.facts["limb"]:
        yield "[[case.limb]]"
        yield from (f"{_key(name)} = {_toml(value)}" for name, value in limb.items())
    result = edge.result
    yield from ("[case.expect]", f"urgency = {_toml([result.urgency])}")
    if result.mode:
        yield f"mode = {_toml([result.mode])}"
    yield f"severity = {_toml([result.severity])}"
    yield f"routes = {_toml(list(result.routes))}"
    if edge.never:
        yield f"never_routes = {_toml(sorted(edge.never))}"
    if any(rule == edge.rule for rule, _ in result.met):
        yield f"rules = {_toml([edge.rule])}"
    yield f"incomplete = {_toml(not result.determined)}"


def _who(edge: Edge) -> str:
    said = [f"{name} {_words(value)}" for name, value in edge.facts["answers"].items()]
    for limb in edge.facts["limb"]:
        rest = [f"{name} {_words(value)}" for name, value in limb.items() if name not in ("region", "side")]
        said.append(f"{limb['side']} {limb['region']}: {', '.join(rest) or 'nothing'}")
    return f"At the edge of {edge.rule}: {'; '.join(said)}"


def _words(value: Any) -> str:
    return " and ".join(value) if isinstance(value, list) else str(value)


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name


def _table(facts: Facts) -> str:
    return "{ " + ", ".join(f"{_key(name)} = {_toml(value)}" for name, value in facts.items()) + " }"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
