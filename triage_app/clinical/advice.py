"""Chooses the self-care advice that may be shown, and withholds what could harm (evidence §6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.checks import compile_check
from triage_app.clinical.expression import parse
from triage_app.clinical.judging import Judging
from triage_app.clinical.logic import TRUTHS
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import Truth, Urgency
from triage_app.clinical.vocabulary import Scope

EVERYONE = "all"


def advice_for(
    cards: Mapping[str, Mapping[str, Any]], answers: Answers, found: Assessment, rules: RuleSet
) -> tuple[str, ...]:
    """Return the codes of the cards to show, in their order.

    A card is shown when its ``show_for`` names everyone or a pattern of the result, the urgency is among
    its ``at`` (absent: any), one of its ``when`` is met (absent: always), and each ``withhold`` is known not
    to be met: what cannot be told withholds.
    Raise ContentError when a condition cannot be read.
    """
    similar = {pattern.code for limb in found.limbs for pattern in limb.patterns}
    person = Judging(rules, answers).person

    def truths(conditions: Iterable[str]) -> Iterable[Truth]:
        for condition in conditions:
            expression = parse(condition, where=condition)
            yield TRUTHS[
                compile_check(expression, rules.vocabulary, Scope.PERSON, where=condition).truth(person)
            ]

    return tuple(
        code
        for code, card in cards.items()
        if similar.union((EVERYONE,)).intersection(card["show_for"])
        and found.urgency.name in card.get("at", Urgency.__members__)
        and all(truth is Truth.NOT_MET for truth in truths(card.get("withhold", ())))
        and ("when" not in card or any(truth is Truth.MET for truth in truths(card["when"])))
    )
