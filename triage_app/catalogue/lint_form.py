"""Looks for questions that disagree with the vocabulary, or that nobody uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage_app.catalogue.fault import Fault, Lines
from triage_app.catalogue.model import Pathway
from triage_app.clinical.dependencies import reads
from triage_app.clinical.expression import parse
from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE
from triage_app.clinical.questionnaire import Question
from triage_app.clinical.terms import LimbKind
from triage_app.clinical.vocabulary import Item, ItemType, Scope

AGE = "age"
_KINDS = {
    ItemType.YESNO: "choice",
    ItemType.CHOICE: "choice",
    ItemType.MULTI: "choice",
    ItemType.INTEGER: "integer",
    ItemType.DECIMAL: "decimal",
    ItemType.TEXT: "text",
}
_RECORDED = (LIMB_KIND, SIDE, "region")
"""What the record names although it is no answer that a rule must read."""


def form_faults(pathway: Pathway, lines: Lines) -> Iterator[Fault]:
    """Yield what is wrong with the questions of a pathway."""
    yield from _disagreements(pathway, lines)
    yield from _unused(pathway, lines)


def _disagreements(pathway: Pathway, lines: Lines) -> Iterator[Fault]:
    items = pathway.rules.vocabulary.items
    parents = {child.link_id: above for above in pathway.form.walk() for child in above.items}
    in_limb = {found.link_id for top in pathway.form.items if top.link_id == LIMB for found in top.walk()}
    asked = {question.link_id: question for question in pathway.form.walk()}
    for item in items.values():
        question = asked.get(item.link_id)
        if item.calculated or question is None:
            if not item.calculated:
                yield lines.item(
                    item.link_id, "", "is asked by no question, expected one in questionnaire.json"
                )
            elif question is not None:
                yield lines.question(
                    item.link_id, "linkId", "found a question, expected none: it is not asked"
                )
            continue
        page = parents.get(item.link_id)
        found = _differences(item, question, page, pathway)
        if (item.scope is Scope.LIMB) is not (item.link_id in in_limb):
            found = [*found, ("linkId", "its place", f"one asked of the {item.scope}")]
        for key, got, expected in found:
            says = f"found {got}, vocabulary.toml expects {expected}"
            yield lines.question(item.link_id, key, says)


def _differences(
    item: Item, question: Question, page: Question | None, pathway: Pathway
) -> list[tuple[str, str, str]]:
    """Return (key, found, expected) for everything in which form and vocabulary differ."""
    pairs: list[tuple[str, object, object]] = [
        ("type", question.kind, _KINDS[item.type]),
        ("repeats", question.repeats, item.type is ItemType.MULTI),
        ("answerOption", {option.code for option in question.options}, set(item.options)),
        ("minValue", question.minimum, item.minimum),
        ("maxValue", question.maximum, item.maximum),
    ]
    wanted = _openers(item, pathway)
    if wanted:
        pairs.append(("enableWhen", _opened(question) or _opened(page), wanted))
    elif item.limbs != frozenset(LimbKind):
        kinds = {pair for pair in _opened(question) | _opened(page) if pair[0] == LIMB_KIND}
        pairs.append(("enableWhen", kinds, {(LIMB_KIND, str(kind)) for kind in item.limbs}))
    if item.age_from is not None:
        pairs.append(("enableWhen on age", _from_age(question) or _from_age(page), item.age_from))
    return [(key, _listed(got), _listed(expected)) for key, got, expected in pairs if got != expected]


def _listed(value: object) -> str:
    if isinstance(value, set):
        return (
            ", ".join(sorted(" = ".join(v) if isinstance(v, tuple) else str(v) for v in value)) or "nothing"
        )
    return str(value)


def _opened(question: Question | None) -> set[tuple[str, str]]:
    found = question.enable_when if question else ()
    return {(when.question, when.answer) for when in found if isinstance(when.answer, str)}


def _from_age(question: Question | None) -> int | None:
    found = question.enable_when if question else ()
    ages = [when.answer for when in found if when.question == AGE and when.operator == ">="]
    return int(ages[0]) if ages else None


def _openers(item: Item, pathway: Pathway) -> set[tuple[str, str]]:
    """Return the (question, answer) pairs that must open the item; none when it is always asked."""
    vocabulary = pathway.rules.vocabulary
    openers = vocabulary.openers.get(item.link_id, ())
    if openers:
        return {(o.link_id, code) for o in openers for code in item.when if code in o.options}
    if not item.gates:
        return set()
    gates = {(gate, code) for gate in item.gates for code in vocabulary.items[gate].options[1:]}
    return gates | {(LIMB_KIND, str(kind)) for kind in item.gate_limbs}


def _unused(pathway: Pathway, lines: Lines) -> Iterator[Fault]:
    used = set(_used(pathway))
    for item in pathway.rules.vocabulary.items.values():
        if item.link_id not in used and not item.unread and not item.calculated:
            says = "is read by no rule and no card; say in `unread` who wants it, or ask less"
            yield lines.item(item.link_id, "unread", says)
        elif item.link_id in used and item.unread:
            yield lines.item(item.link_id, "unread", "found a reason, expected none: a rule reads it")


def _used(pathway: Pathway) -> Iterable[str]:
    vocabulary = pathway.rules.vocabulary
    yield from _RECORDED
    for read in pathway.rules.reads.values():
        yield from read
    for item in vocabulary.items.values():
        yield from item.gates
        yield from (opener.link_id for opener in vocabulary.openers.get(item.link_id, ()))
    for card in (pathway.words_in("en").find("patient", "advice") or {}).values():
        for condition in (*card.get("when", ()), *card.get("withhold", ())):
            yield from reads(parse(condition, where="words/en.toml"), vocabulary)
