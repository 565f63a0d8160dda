"""Counts the red flags: how many were asked about, answered, unsure and left blank."""

from __future__ import annotations

from dataclasses import dataclass

from triage_app.clinical.answers import UNSURE, Answers
from triage_app.clinical.judging import Judging
from triage_app.clinical.rules import RuleSet


@dataclass(frozen=True)
class Signs:
    """The red flags by linkId; one whose opening questions are all answered no counts as answered no."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    unsure: tuple[str, ...]
    blank: tuple[str, ...]

    @property
    def asked(self) -> int:
        """Return how many signs were asked about, by themselves or through an opening question."""
        return self.answered + len(self.unsure) + len(self.blank)

    @property
    def answered(self) -> int:
        """Return how many were answered yes or no."""
        return len(self.yes) + len(self.no)


def count_signs(answers: Answers, rules: RuleSet) -> Signs:
    """Return every red flag of the pathway, sorted by what was said to it, in file order."""
    person = Judging(rules, answers).person
    said = {flag.link_id: person[flag.link_id] for flag in rules.vocabulary.flags}
    return Signs(
        yes=tuple(flag for flag, value in said.items() if value == "yes"),
        no=tuple(flag for flag, value in said.items() if value == "no"),
        unsure=tuple(flag for flag, value in said.items() if value == UNSURE),
        blank=tuple(flag for flag, value in said.items() if value is None),
    )
