"""Changes answers the way the properties want them changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.terms import Side

SWAP = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.MIDDLE: Side.MIDDLE}


def answered(answers: Answers, path: str, value: Value | None) -> Answers:
    """Give another answer at the path (in every limb of that code); None leaves it blank."""
    code, _, link_id = path.rpartition("/")
    if not code:
        return Answers(_changed(answers.person, link_id, value), answers.limbs)
    limbs = (
        replace(limb, answers=_changed(limb.answers, link_id, value)) if limb.code == code else limb
        for limb in answers.limbs
    )
    return Answers(answers.person, tuple(limbs))


def _changed(said: Mapping[str, Value], link_id: str, value: Value | None) -> dict[str, Value]:
    rest = {name: found for name, found in said.items() if name != link_id}
    return rest if value is None else {**rest, link_id: value}


def keeping(answers: Answers, wanted: Callable[[str], bool]) -> Answers:
    """Keep the person's answers whose linkId is wanted."""
    return Answers({name: value for name, value in answers.person.items() if wanted(name)}, answers.limbs)


def without_flag(answers: Answers, flag: str) -> Answers:
    """Leave a flag and its details blank: a detail that is given would speak for it."""
    return keeping(answers, lambda name: name != flag and not name.startswith(f"{flag}."))


def swapped(answers: Answers) -> Answers:
    """Turn left into right."""
    return Answers(answers.person, tuple(replace(limb, side=SWAP[limb.side]) for limb in answers.limbs))


def with_limb(answers: Answers, limb: Limb) -> Answers:
    return Answers(answers.person, (*answers.limbs, limb))
