"""Generated answers that a form takes, for property tests."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE, in_play
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side

TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0xFFFD, exclude_categories=["Cs", "Cc"]), min_size=1
)


def answer_to(question: Question) -> st.SearchStrategy[Value]:
    if question.kind == "choice":
        return one_or_several(question)
    if question.kind in ("integer", "decimal"):
        low, high = question.minimum or Decimal(0), question.maximum or Decimal(999)
        places = 0 if question.kind == "integer" else 3
        return st.decimals(low, high, places=places, allow_nan=False)
    return TEXT.filter(lambda text: len(text) <= (question.max_length or 50)).map(str)


def one_or_several(question: Question) -> st.SearchStrategy[Value]:
    if not question.repeats:
        return st.sampled_from([option.code for option in question.options])
    together = [option.code for option in question.options if not option.exclusive]
    alone = [(option.code,) for option in question.options if option.exclusive]
    several = st.lists(st.sampled_from(together), min_size=1, unique=True).map(tuple)
    return several | st.sampled_from(alone) if alone else several


def some_answers(questions: list[Question]) -> st.SearchStrategy[dict[str, Value]]:
    asked = [question for question in questions if question.kind not in ("group", "display")]
    return st.fixed_dictionaries({}, optional={question.link_id: answer_to(question) for question in asked})


@st.composite
def answers_of(draw: st.DrawFn, form: Questionnaire) -> Answers:
    """Return answers to any part of the form, all of them in play."""
    group = next(question for question in form.items if question.link_id == LIMB)
    inside = [question for question in group.walk() if question.link_id not in (LIMB_KIND, SIDE)]
    outside = [question for question in form.walk() if question not in list(group.walk())]
    codes = draw(
        st.lists(st.sampled_from([(k, s) for k in ("arm", "leg") for s in ("left", "right")]), unique=True)
    )
    limbs = tuple(Limb(LimbKind(k), Side(s), draw(some_answers(inside))) for k, s in codes)
    return in_play(form, Answers(draw(some_answers(outside)), limbs))
