"""Shapes the way to the result: each rule with what it read, its sources, and what would have changed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage_app.catalogue.model import Source
from triage_app.clinical.assessment import Change, RuleOutcome
from triage_app.clinical.terms import Truth
from triage_app.web.review_answers import is_quiet
from triage_app.web.review_cards import SourceTag, source_tags
from triage_app.web.review_words import ReviewWords
from triage_app.workflow.review import ReviewedResponse

KINDS = {
    "guideline": "guideline",
    "paper": "paper",
    "knowledge": "common knowledge, not looked up",
    "proposal": "our own proposal, no publication behind it",
}


@dataclass(frozen=True)
class RuleRow:
    """One rule in one place, with the answers that it read."""

    rule_id: str
    where: str
    sentence: str
    effect: str
    inputs: tuple[tuple[str, str], ...]
    calm: int  # how many answers more it read that say no or normal
    sources: tuple[SourceTag, ...]
    decides: bool


@dataclass(frozen=True)
class ChangeLine:
    """What would have changed the outcome, for one rule that decided it."""

    rule_id: str
    sentence: str
    would: str


@dataclass(frozen=True)
class SourceLine:
    """One source that a met rule names."""

    source_id: str
    title: str
    kind: str
    says: str
    state: str


@dataclass(frozen=True)
class Reasons:
    """All rules by how far they hold; what decided; the sources behind what was met."""

    met: tuple[RuleRow, ...]
    not_evaluable: tuple[RuleRow, ...]
    not_met: tuple[RuleRow, ...]
    changes: tuple[ChangeLine, ...]
    sources: tuple[SourceLine, ...]


def reasons_of(response: ReviewedResponse, words: ReviewWords) -> Reasons:
    """Return the whole way to the result of a response."""
    rows: dict[Truth, list[RuleRow]] = {truth: [] for truth in Truth}
    for outcome in response.assessment.trace:
        rows[outcome.truth].append(_row(outcome, response, words))
    rows[Truth.MET].sort(key=lambda row: not row.decides)
    met = (one for one in response.assessment.trace if one.truth is Truth.MET)
    cited = dict.fromkeys(name for one in met for name in one.sources)
    known = response.pathway.sources
    return Reasons(
        met=tuple(rows[Truth.MET]),
        not_evaluable=tuple(rows[Truth.NOT_EVALUABLE]),
        not_met=tuple(rows[Truth.NOT_MET]),
        changes=tuple(_changes(response.changes, words)),
        sources=tuple(_source(known[name]) for name in cited if name in known),
    )


def _row(outcome: RuleOutcome, response: ReviewedResponse, words: ReviewWords) -> RuleRow:
    met = outcome.truth is Truth.MET
    calm = {path for path, value in outcome.inputs.items() if is_quiet(response, path, value)}
    return RuleRow(
        rule_id=outcome.rule_id,
        where=words.limb(outcome.limb) if outcome.limb else "",
        sentence=words.rule(outcome.rule_id),
        effect=words.level(outcome.urgency) if met and outcome.urgency is not None else "",
        inputs=tuple(_inputs(outcome, calm, words)),
        calm=len(calm),
        sources=source_tags(outcome.sources, response.pathway),
        decides=met and outcome.rule_id in response.assessment.decided_by,
    )


def _inputs(outcome: RuleOutcome, calm: set[str], words: ReviewWords) -> Iterator[tuple[str, str]]:
    """Yield the answers that say something; for a rule that cannot be told, the blank ones too."""
    for path, value in outcome.inputs.items():
        if path not in calm and (value is not None or outcome.truth is Truth.NOT_EVALUABLE):
            yield words.question(path), words.answer(path, value)


def _changes(changes: Iterable[Change], words: ReviewWords) -> Iterator[ChangeLine]:
    for change in changes:
        yield ChangeLine(change.rule_id, words.rule(change.rule_id), _would(change, words))


def _would(change: Change, words: ReviewWords) -> str:
    if change.urgency is None:
        return "None of one or two answers would have changed it."
    told = (
        f"“{words.question(path)}” had been answered “{words.answer(path, other)}”"
        f" and not “{words.answer(path, value)}”"
        for path, value, other in change.answers
    )
    return f"If {', and '.join(told)}: {words.level(change.urgency)}."


def _source(found: Source) -> SourceLine:
    signed = f"signed off by {', '.join(found.signed_off_by)}" if found.signed_off_by else "not signed off"
    return SourceLine(
        source_id=found.source_id,
        title=f"{found.title}, {found.year}" if found.year else found.title,
        kind=KINDS.get(found.kind, found.kind),
        says=found.says,
        state=f"looked at {found.last_reviewed}; {signed}",
    )
