"""Ten invented people by dice: up to four limbs, a child, somebody with no limb at all."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from interop.submissions import at_random, fill

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import in_play
from triage_app.clinical.pages import LIMB_ORDER
from triage_app.clinical.questionnaire import Question, Questionnaire

SEEDS = range(10)
CHILD = 3
"""The seed whose person is not of age, so that most of the form is not asked."""


def answers_of(form: Questionnaire, seed: int) -> Answers:
    """Return a whole interview: every question that comes up is answered by dice, some are left blank."""
    dice = Random(seed)
    places = [Limb(kind, side) for kind, side in LIMB_ORDER]
    limbs = dice.sample(places, k=seed % 5)
    choose = at_random(seed)

    def choose_for(question: Question) -> Value | None:
        return Decimal(11) if question.link_id == "age" and seed == CHILD else choose(question)

    return in_play(form, fill(form, Answers({}, tuple(limbs)), choose_for))
