"""The way to a result, rule by rule; put together only when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

from triage_app.clinical.answers import Value
from triage_app.clinical.assessment import RuleOutcome
from triage_app.clinical.judging import Decision, Judging
from triage_app.clinical.logic import SOFT, TRUTHS
from triage_app.clinical.vocabulary import Scope


def outcome(decision: Decision) -> RuleOutcome:
    """Return the decision as it stands in the trace."""
    return RuleOutcome(
        rule_id=decision.rule.rule_id,
        limb=decision.meaning.limb,
        truth=TRUTHS[decision.truth],
        inputs=Inputs(decision),
        urgency=decision.floor,
        sources=decision.rule.sources,
        softened=decision.truth == SOFT,
    )


class Trace(Sequence[RuleOutcome]):
    """Every rule in every place where it was decided, in the order of the rules."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging

    @cached_property
    def _outcomes(self) -> tuple[RuleOutcome, ...]:
        return tuple(outcome(decision) for decision in self._judging.decisions())

    @overload
    def __getitem__(self, index: int) -> RuleOutcome: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[RuleOutcome, ...]: ...

    def __getitem__(self, index: int | slice) -> RuleOutcome | tuple[RuleOutcome, ...]:
        return self._outcomes[index]

    def __len__(self) -> int:
        return len(self._outcomes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._outcomes == tuple(other)

    __hash__ = None  # type: ignore[assignment]


class Inputs(Mapping[str, Value | None]):
    """The answers that a rule reads, by path; None where blank."""

    def __init__(self, decision: Decision) -> None:
        self._decision = decision

    @cached_property
    def _answers(self) -> dict[str, Value | None]:
        rule, meaning = self._decision.rule, self._decision.meaning
        judging = meaning.judging
        answers: dict[str, Value | None] = {}
        for link_id in judging.rules.reads[rule.rule_id]:
            item = judging.rules.vocabulary.items[link_id]
            about_limbs = item.scope is Scope.LIMB and meaning is judging.person
            for place in judging.limbs if about_limbs else (meaning,):
                if place.kind_fits(item):
                    answers[place.path(link_id)] = place.raw(link_id)
        return answers

    def __getitem__(self, path: str) -> Value | None:
        return self._answers[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return repr(self._answers)
