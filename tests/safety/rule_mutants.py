"""Part ``rule-mutants``: a small fault planted in rules.toml is noticed by a case or a property."""

from __future__ import annotations

import copy
import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from safety.compare import FOLDER, Both
from safety.crowd import Crowd
from safety.evidence import Findings, Run
from safety.holding import case_people, edge_people, generated, windows
from safety.properties import World
from safety.second.bits import GRADES, LADDER
from safety.second.follow import Following
from safety.second.result import Result, person_of, results_of
from safety.second.sentences import Sentence, book_of, names_in, parts, read_sentence
from safety.second.words import Words
from safety.second.writing import written
from triage_app.catalogue.cases import Case, Expectation
from triage_app.catalogue.rules_file import read_rules
from triage_app.catalogue.table import Table
from triage_app.clinical.rules import RuleSet
from triage_app.errors import ContentError

FLIPPED = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
NEVER = "age < 0"
AIMED = 12
"""How many people are made for each fault that no case notices."""

Rows = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """The rules with one fault."""

    rule: str
    kind: str
    what: str
    rows: Rows


# ---- planting


def mutants(rows: Rows, words: Words) -> Iterator[Mutant]:
    """Yield every fault, one at a time."""
    for place, row in enumerate(rows["rule"]):
        for kind, what, changed in (*_of_effects(row), *_of_condition(row["when"], "when", words)):
            copied = copy.copy(rows)
            copied["rule"] = [*rows["rule"][:place], {**row, **changed}, *rows["rule"][place + 1 :]]
            copied["rule"][place] = {k: v for k, v in copied["rule"][place].items() if v is not None}
            yield Mutant(row["id"], kind, what, copied)
    for name, text in rows["define"].items():
        for kind, what, changed in _of_condition(text, name, words):
            yield Mutant(f"define {name}", kind, what, {**rows, "define": {**rows["define"], **changed}})


def _of_effects(row: Rows) -> Iterator[tuple[str, str, Rows]]:
    yield "rule removed", "never met", {"when": NEVER}
    if (floor := row.get("urgency")) and floor != "SELF_CARE":
        lower = LADDER[LADDER.index(floor) - 1] if floor != "ROUTINE" else None
        yield "floor lowered", f"{floor} -> {lower}", {"urgency": lower, "mode": None}
    if row.get("mode") == "call":
        yield "floor lowered", "call -> go", {"mode": "go"}
    if (grade := row.get("severity")) and grade != "none":
        lower = GRADES[GRADES.index(grade) - 1]
        yield "anchor lowered", f"{grade} -> {lower}", {"severity": lower}
    if row.get("motor"):
        yield "anchor lowered", "no motor mark", {"motor": None}


def _of_condition(text: str, key: str, words: Words) -> Iterator[tuple[str, str, Rows]]:
    whole = read_sentence(text, {})
    seen = {written(whole)}
    for kind, what, changed in _changed(whole, words):
        new = written(changed)
        if new not in seen:
            seen.add(new)
            yield kind, what, {key: new}


def _changed(sentence: Sentence, words: Words) -> Iterator[tuple[str, str, Sentence]]:
    if sentence[0] in ("and", "or"):
        for dropped, kept in ((1, 2), (2, 1)):
            if _about_a_flag(sentence[dropped]):
                what = f"{sentence[0]} {written(sentence[dropped])}"
                yield "flag or detail dropped", f"without {what}", sentence[kept]
    if sentence[0] == "not":
        yield "comparison flipped", f"not dropped before {written(sentence[1])}", sentence[1]
    yield from _changed_statement(sentence, words)
    for place, part in enumerate(sentence):
        if any(part is inner for inner in parts(sentence)):
            for kind, what, changed in _changed(part, words):
                yield kind, what, (*sentence[:place], changed, *sentence[place + 1 :])


def _about_a_flag(sentence: Sentence) -> bool:
    """Whether a single statement, or several of one kind, is about a red flag or a detail of one."""
    names = names_in(sentence)
    return bool(names) and all(name.startswith(("rf.", "pp.")) for name in names)


def _changed_statement(sentence: Sentence, words: Words) -> Iterator[tuple[str, str, Sentence]]:
    old = written(sentence) if sentence[0] in ("say", "count", "unsure", "blank_flags") else ""
    for kind, new in _other_statements(sentence, words):
        yield kind, f"{old} -> {written(new)}", new


def _other_statements(sentence: Sentence, words: Words) -> Iterator[tuple[str, Sentence]]:
    kind = sentence[0]
    if kind == "say" and sentence[2] in FLIPPED:
        _, name, sign, (literal,) = sentence
        yield "comparison flipped", ("say", name, FLIPPED[sign], (literal,))
        for other in _neighbours(name, literal, words):
            yield "comparison moved", ("say", name, sign, (other,))
    elif kind == "count":
        _, name, codes, sign, number = sentence
        for step in (number - 1, number + 1):
            yield "comparison moved", ("count", name, codes, sign, step)
    elif kind in ("unsure", "blank_flags"):
        yield "comparison moved", (*sentence[:3], sentence[3] + 1)
    yield from _fewer_codes(sentence)


def _fewer_codes(sentence: Sentence) -> Iterator[tuple[str, Sentence]]:
    """The same, with one of several codes, flags or classes left out."""
    place = {"say": 3, "count": 2, "unsure": 1, "blank_flags": 1}.get(sentence[0])
    codes = sentence[place] if place else ()
    for code in codes if len(codes) > 1 else ():
        fewer = tuple(other for other in codes if other != code)
        yield "code dropped", (*sentence[:place], fewer, *sentence[place + 1 :])  # type: ignore[operator]


def _neighbours(name: str, literal: str, words: Words) -> Iterator[str]:
    item = words.items.get(name) or words.items.get(name.replace("it", "t.wrist_up", 1))
    if name == "it":
        item = words.items["waste.web_space"] if literal in ("yes", "no") else words.items["t.wrist_up"]
    scale = GRADES if name == "severity" else LADDER if name == "urgency" else item.options if item else ()
    if (item is not None and item.number) or name.endswith("_weight") or name == "lead":
        number = float(literal)
        yield from (f"{value:g}" for value in (number - 1, number + 1) if value >= 0)
    elif literal in scale:
        steps = [code for code in scale if code != "unsure"]
        place = steps.index(literal) if literal in steps else -1
        yield from (steps[p] for p in (place - 1, place + 1) if place >= 0 and 0 <= p < len(steps))


# ---- noticing


class Board:
    """The people of the case file, asked again under each fault."""

    def __init__(self, both: Both, *, edges: bool = True) -> None:
        self.both = both
        self.cases: list[Case] = [*case_people(), *(edge_people() if edges else ())]
        people = [person_of(case.answers) for case in self.cases]
        self.many = Following(both.book, both.words, people)

    @cached_property
    def world(self) -> World:
        return World(self.both, Crowd(self.both.words, self.both.book))

    def noticed_by(self, mutant: Mutant) -> str:
        """The first person whose promise breaks."""
        book = book_of(mutant.rows)
        numbers = self.many.touched_by(self.many.under(book))
        found = results_of(self.many.under(book, numbers), numbers)
        for number, result in zip(numbers, found, strict=True):
            if broken(self.cases[number].expect, result):
                return self.cases[number].case_id
        return ""

    def noticed_by_property(self, mutant: Mutant, seed: int) -> str:
        """The first property that fails for the windows of its flags or for people aimed at the rule."""
        world = World(Both(self._rules(mutant.rows), self.both.words, self.both.book), self.world.crowd)
        read = self._read(mutant.rule)
        flags = [
            flag for flag in self.both.words.flags if read & {flag.name, *self.both.words.details(flag.name)}
        ]
        held: Counter[str] = Counter()
        for failure in (
            *windows(world, held, flags),
            *generated(world, range(seed, seed + AIMED), held, aim=read),
        ):
            return str(failure["property"])
        return ""

    def _read(self, rule: str) -> set[str]:
        line = next((line for line in self.both.book.lines if line.name == rule), None)
        return set(self.world.crowd.read_by(line)) if line else set()

    def _rules(self, rows: Rows) -> RuleSet:
        product = self.both.rules
        return read_rules(
            Table("rules.toml", rows), product.vocabulary, pathway=product.pathway, version=product.version,
            checksum=product.checksum, lines={},
        )  # fmt: skip


def broken(expect: Expectation, result: Result) -> bool:
    """Whether a promise to somebody is broken; the first pattern is left to the test of the cases."""
    rules = {rule for rule, _ in result.met}
    return (
        bool(expect.urgency and result.urgency not in {level.name for level in expect.urgency})
        or bool(expect.mode and result.mode not in {str(mode) for mode in expect.mode})
        or bool(expect.severity and result.severity not in {str(grade) for grade in expect.severity})
        or bool(expect.routes - set(result.routes) or expect.never_routes & set(result.routes))
        or bool(expect.flags - result.flags.keys() or expect.rules - rules)
        or (expect.incomplete is not None and expect.incomplete is result.determined)
    )


def rule_mutants(run: Run, both: Both) -> Findings:
    """Plant each fault (or ``count`` of them, drawn with the seed) and see who notices."""
    rows = tomllib.loads((FOLDER / "rules.toml").read_text(encoding="utf-8"))
    every = list(mutants(rows, both.words))
    chosen = every if not run.count else random.Random(run.seed).sample(every, min(run.count, len(every)))
    return judged(run, Board(both), chosen, planted=len(every))


def judged(run: Run, board: Board, chosen: Sequence[Mutant], *, planted: int) -> Findings:
    by_kind: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    survivors = []
    for mutant in chosen:
        by_kind[mutant.kind] += 1
        who = board.noticed_by(mutant)
        if who:
            noticed["by a person of the case file"] += 1
            continue
        try:
            check = board.noticed_by_property(mutant, run.seed)
        except ContentError:
            check = "refused"
        noticed["refused when read" if check == "refused" else "by a property"] += bool(check)
        if not check:
            survivors.append({"rule": mutant.rule, "kind": mutant.kind, "what": mutant.what})
    tried = len(chosen)
    return Findings(
        what="Every small fault planted in rules.toml is noticed by a person of cases.toml or by a property",
        counts={
            "faults that can be planted": planted,
            "planted": tried,
            "by kind": dict(by_kind),
            "noticed": dict(noticed),
            "share noticed": round(1 - len(survivors) / tried, 4) if tried else None,
        },
        failures=survivors,
        remarks=[
            "The people are asked by the second evaluator, which agrees with the product (second.json).",
            f"A fault that no case notices meets the windows of its signs, and {AIMED} people made for it.",
            "A survivor may mean the same as the rule; each is listed for somebody to look at.",
        ],
    )
