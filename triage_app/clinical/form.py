"""Decides which questions of a form are in play, and whether a set of answers fits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.questionnaire import LIMB, EnableWhen, Place, Questionnaire
from triage_app.clinical.reading import read_answer, wrong_value
from triage_app.errors import InvalidAnswer

__all__ = [
    "LIMB",
    "check",
    "enabled_paths",
    "in_play",
    "limb_value",
    "missing_required",
    "path_of",
    "read_answer",
]

LIMB_KIND = "limb.kind"
SIDE = "side"

_COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ">": lambda found, wanted: found > wanted,
    "<": lambda found, wanted: found < wanted,
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found <= wanted,
}


@dataclass
class _Play:
    """Answers questions about one form and one set of answers; remembers what it has worked out."""

    places: Mapping[str, Place]
    answers: Answers
    known: dict[tuple[str, str | None], bool] = field(default_factory=dict)

    def enabled(self, link_id: str, limb: Limb | None) -> bool:
        """Return whether the item is asked there; an item that (wrongly) waits for itself is not."""
        key = (link_id, limb.code if limb else None)
        found = self.known.get(key)
        if found is None:
            self.known[key] = False
            found = self.known[key] = self._work_out(self.places[link_id], limb)
        return found

    def _work_out(self, place: Place, limb: Limb | None) -> bool:
        parent = place.parent
        if parent is not None:
            parent_limb = limb if self.places[parent.link_id].in_limb else None
            if not self.enabled(parent.link_id, parent_limb):
                return False
            if parent.kind != "group" and self._value(parent.link_id, parent_limb) is None:
                return False
        conditions = place.question.enable_when
        if not conditions:
            return True
        enough = place.question.enable_any
        for condition in conditions:
            if _satisfied(condition, self._seen(condition.question, limb)) is enough:
                return enough
        return not enough

    def _seen(self, link_id: str, limb: Limb | None) -> list[Value]:
        """Return the answers that count: of the same limb, or of all limbs for a question outside them."""
        occurrences: Sequence[Limb | None] = (None,)
        if self.places[link_id].in_limb:
            occurrences = (limb,) if limb else self.answers.limbs
        return [
            value
            for occurrence in occurrences
            if (value := self._value(link_id, occurrence)) is not None and self.enabled(link_id, occurrence)
        ]

    def _value(self, link_id: str, limb: Limb | None) -> Value | None:
        return self.answers.person.get(link_id) if limb is None else limb_value(limb, link_id)


def limb_value(limb: Limb, link_id: str) -> Value | None:
    """Return the limb's answer; ``limb.kind`` and ``side`` are answers of the form, fields of the Limb."""
    if link_id == LIMB_KIND:
        return str(limb.kind)
    if link_id == SIDE:
        return str(limb.side)
    return limb.answers.get(link_id)


def enabled_paths(form: Questionnaire, answers: Answers) -> frozenset[str]:
    """Return the path of every item and group that is asked (``rf.stroke``, ``arm-right/const``).

    R4 enableWhen: a question that is itself not asked counts as unanswered; what stands below a group that
    is not asked is not asked; inside the group ``limb`` a condition looks at the same limb; an item nested
    under a question waits for that question's answer. ``!=`` needs an answer that differs.
    """
    play = _Play(form.places, answers)
    return frozenset(
        path_of(link_id, limb)
        for link_id, place in play.places.items()
        for limb in (answers.limbs if place.in_limb else (None,))
        if play.enabled(link_id, limb)
    )


def path_of(link_id: str, limb: Limb | None) -> str:
    """Return the path of an answer: the linkId, after the limb's code where it belongs to a limb."""
    return f"{limb.code}/{link_id}" if limb else link_id


def in_play(form: Questionnaire, answers: Answers) -> Answers:
    """Return the answers without those to questions that are not asked (or not of this form)."""
    enabled = enabled_paths(form, answers)
    person = {link_id: value for link_id, value in answers.person.items() if link_id in enabled}
    limbs = tuple(
        Limb(limb.kind, limb.side, {k: v for k, v in limb.answers.items() if path_of(k, limb) in enabled})
        for limb in answers.limbs
        if LIMB in enabled
    )
    return Answers(person, limbs)


def missing_required(form: Questionnaire, answers: Answers) -> tuple[str, ...]:
    """Return the paths of required questions that are asked and blank, in form order."""
    enabled = enabled_paths(form, answers)
    return tuple(
        path_of(link_id, limb)
        for link_id, place in form.places.items()
        for limb in (answers.limbs if place.in_limb else (None,))
        if place.question.required
        and place.question.kind != "group"
        and path_of(link_id, limb) in enabled
        and (limb_value(limb, link_id) if limb else answers.person.get(link_id)) is None
    )


def check(form: Questionnaire, answers: Answers) -> tuple[InvalidAnswer, ...]:
    """Return everything that the form does not take, in the order of the answers; empty is valid.

    Checked: known linkIds in their place, values, limbs named once, and no answer to what is not asked.
    A blank is never wrong here (see ``missing_required``).
    """
    places = form.places
    enabled = enabled_paths(form, answers)
    problems = [
        InvalidAnswer(limb.code, "found twice, expected each limb once")
        for place, limb in enumerate(answers.limbs)
        if limb.code in [earlier.code for earlier in answers.limbs[:place]]
    ]
    entries: list[tuple[Limb | None, str, Value]] = [(None, k, v) for k, v in answers.person.items()]
    for limb in answers.limbs:
        entries += [(limb, LIMB_KIND, str(limb.kind)), (limb, SIDE, str(limb.side))]
        entries += [(limb, link_id, value) for link_id, value in limb.answers.items()]
    for occurrence, link_id, value in entries:
        found = places.get(link_id)
        reason = _misplaced(found, occurrence) or (wrong_value(found.question, value) if found else "")
        if not reason and path_of(link_id, occurrence) not in enabled:
            reason = "found an answer, expected none: the question is not asked"
        if reason:
            problems.append(InvalidAnswer(path_of(link_id, occurrence), reason))
    return tuple(problems)


def _satisfied(condition: EnableWhen, seen: Sequence[Value]) -> bool:
    if condition.operator == "exists":
        return bool(seen) == condition.answer
    if not seen:
        return False
    single = [one for value in seen for one in (value if isinstance(value, tuple) else (value,))]
    if condition.operator == "=":
        return condition.answer in single
    if condition.operator == "!=":
        return any(one != condition.answer for one in single)
    compare = _COMPARE[condition.operator]
    return isinstance(condition.answer, Decimal) and any(
        isinstance(one, Decimal) and compare(one, condition.answer) for one in single
    )


def _misplaced(place: Place | None, limb: Limb | None) -> str:
    if place is None:
        return "found an answer, expected a question of this form"
    if place.question.kind == "group":
        return "found an answer, expected none: it is a group"
    if place.in_limb != (limb is not None):
        expected = "under a limb" if place.in_limb else "outside the limbs"
        return f"found the answer in the wrong place, expected it {expected}"
    return ""
