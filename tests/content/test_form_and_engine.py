"""The form and the rules agree, for any answers, on what was asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from patient_text import questionnaire, vocabulary
from test_advice import RULES

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import enabled_paths, in_play
from triage_app.clinical.judging import Judging
from triage_app.clinical.logic import MET
from triage_app.clinical.terms import LimbKind, Side
from triage_app.fhir.questionnaire import to_form

FORM = to_form(questionnaire())
KNOWN: dict[str, dict[str, Any]] = vocabulary()["item"]
ASKED = {
    k: item for k, item in KNOWN.items() if item.get("source") != "calculated" and item.get("asked", True)
}
GATES = sorted(
    {gate for item in ASKED.values() for gate in item.get("gates", ()) if not ASKED[gate].get("gates")}
)
PERSON = sorted(k for k, item in ASKED.items() if item["scope"] == "patient")
LIMB = sorted(k for k, item in ASKED.items() if item["scope"] == "limb" and k not in ("limb.kind", "side"))
picks = st.integers(0, 9)
limbs = st.lists(
    st.tuples(
        st.sampled_from(LimbKind),
        st.sampled_from(Side),
        st.dictionaries(st.sampled_from(LIMB), picks, max_size=8),
    ),
    max_size=3,
    unique_by=lambda limb: limb[:2],
)
people = st.tuples(
    st.sampled_from(["no", None]),
    st.one_of(st.none(), st.integers(18, 95)),
    st.dictionaries(st.sampled_from(GATES), picks, max_size=6),
    st.dictionaries(st.sampled_from(PERSON), picks, max_size=20),
    limbs,
)


def pick(link_id: str, number: int) -> Value:
    item = ASKED[link_id]
    if "options" not in item:
        return Decimal(number)
    code = str(item["options"][number % len(item["options"])])
    return (code,) if item["type"] == "multi" else code


def answers_of(drawn: tuple[Any, ...]) -> Answers:
    """Return answers as a form gives them: only to questions that it asked."""
    other, age, gates, person, places = drawn
    given: dict[str, Value] = {} if other is None else dict.fromkeys([*GATES, "back"], other)
    given |= {link_id: pick(link_id, number) for link_id, number in (gates | person).items()}
    given.pop("age", None)
    if age is not None:
        given["age"] = Decimal(age)
    found = tuple(
        Limb(kind, side, {k: pick(k, n) for k, n in values.items()}) for kind, side, values in places
    )
    return in_play(FORM, Answers(given, found))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people)
def test_form_and_rules_agree_on_what_is_asked(drawn: tuple[Any, ...]) -> None:
    answers = answers_of(drawn)
    enabled = enabled_paths(FORM, answers)
    judging = Judging(RULES, answers)
    for link_id in PERSON:
        assert (judging.person.in_play(link_id) == MET) == (link_id in enabled), link_id
    for meaning in judging.limbs:
        for link_id in LIMB:
            path = f"{meaning.limb}/{link_id}"
            assert (meaning.in_play(link_id) == MET) == (path in enabled), path
