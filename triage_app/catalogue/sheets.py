"""Sheets that clinicians fill in: the people without what is expected, and reading them back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

from triage_app.catalogue.cases import Case
from triage_app.catalogue.model import Pathway
from triage_app.catalogue.table import Table, read_toml
from triage_app.clinical.answers import Answers
from triage_app.clinical.terms import Urgency
from triage_app.errors import ContentError
from triage_app.fhir.response_text import answer_text

HEAD = """\
# Please say for each person how soon they should be seen. You see their words and their answers, nothing
# else; every question that is not listed was answered no or normal. Please do not talk with other raters.
#   EMERGENCY now · SAME_DAY within a day · URGENT_2W in 2 weeks · SOON in 6 weeks · ROUTINE · SELF_CARE
#   best: your choice · lowest_safe: the least that would still be safe
#   highest_reasonable: the most that is not a waste · why: one line · sure: 1 (a guess) to 5 (certain)
rater = ""
discipline = ""
"""


@dataclass(frozen=True)
class Label:
    """What one rater says of one person."""

    best: Urgency
    lowest_safe: Urgency
    highest_reasonable: Urgency


@dataclass(frozen=True)
class Sheet:
    """One rater's labels by the person's key; a person left blank is absent."""

    rater: str
    discipline: str
    labels: dict[str, Label]


def key_of(case: Case) -> str:
    """Return a key that gives nothing away: an id such as ``E01-near`` would tell the label."""
    return sha256(f"{case.case_id}\0{case.who}".encode()).hexdigest()[:10]


def write_sheet(cases: tuple[Case, ...], *, seed: int) -> str:
    """Return a sheet of the cases' people as TOML, in an order of its own for each ``seed``."""
    order = [case for case in cases if case.answers is not None]
    Random(seed).shuffle(order)  # noqa: S311 - an order, not a secret
    return "\n".join([HEAD, *(_person(case) for case in order)])


def _person(case: Case) -> str:
    answers = "\n".join(f"#   {line}" for line in _told(case))
    return (
        f"[[person]]\nkey = {_quoted(key_of(case))}\n# {case.who}\n{answers}\n"
        'best = ""\nlowest_safe = ""\nhighest_reasonable = ""\nsure = 0\nwhy = ""\n'
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _told(case: Case) -> Iterator[str]:
    """Yield question and answer for everything that was not answered no or normal."""
    pathway, answers = case.pathway, case.answers
    if pathway is None or answers is None:
        return
    yield from _lines(pathway, Answers(answers.person), "")
    for limb in answers.limbs:
        yield from _lines(pathway, Answers(limb.answers), f"{limb.side} {limb.kind}: ")


def _lines(pathway: Pathway, answers: Answers, prefix: str) -> Iterator[str]:
    questions = {question.link_id: question for question in pathway.form.walk()}
    items = pathway.rules.vocabulary.items
    for link_id, value in answers.person.items():
        question = questions.get(link_id)
        if question is not None and value != items[link_id].normal:
            yield f"{prefix}{question.text} {answer_text(question, value)}"


def read_sheet(path: Path) -> Sheet:
    """Return a filled-in sheet; raise ContentError naming file, person and key."""
    table = read_toml(path)
    labels = dict(
        found
        for row in table.rows("person")
        if (found := _label(Table(f"{path.name}, person {row.get('key', '?')}", row)))
    )
    sheet = Sheet(table.text("rater", ""), table.text("discipline", ""), labels)
    table.done()
    if not sheet.rater:
        raise ContentError(f"{path.name}, rater: is blank, expected the rater's name")
    return sheet


def _label(row: Table) -> tuple[str, Label] | None:
    key = row.text("key")
    said = {name: row.text(name, "") for name in ("best", "lowest_safe", "highest_reasonable")}
    row.anything("sure")
    row.anything("why")
    row.done()
    if not said["best"]:
        return None
    levels = {name: row.member(text or said["best"], Urgency, name) for name, text in said.items()}
    label = Label(levels["best"], levels["lowest_safe"], levels["highest_reasonable"])
    if not label.lowest_safe <= label.best <= label.highest_reasonable:
        raise ContentError(f"{row.where}: expected lowest_safe, best and highest_reasonable in rising order")
    return key, label
