"""An answer is held against the chart: confirmed, otherwise, or left blank; the clinician is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from people import ALICE, BOB, PATHWAY, Hospital, all_no, draft_of, launch_of

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.engine import assess
from triage_app.clinical.terms import LimbKind, Side
from triage_app.errors import EHRRefused
from triage_app.fhir.chart import Fact
from triage_app.fhir.origin import Origin, OriginState
from triage_app.workflow.answer import keep_chart
from triage_app.workflow.chart_origins import chart_says, fact_for, origins_of
from triage_app.workflow.chart_words import ChartWords
from triage_app.workflow.open_review import open_review
from triage_app.workflow.review import ReviewedResponse
from triage_app.workflow.services import Services
from triage_app.workflow.submit import SAVED_HERE, submit

WORDS = ChartWords(PATHWAY, "en")
DIABETES = Fact("hx.diabetes", "Type 2 diabetes", "2019-03-04", "Condition/7", ("yes",))
THYROID = Fact("hx.thyroid", "Hypothyroidism", "2015-08", "Condition/8", ("yes",))
THINNER = Fact("hx.anticoagulant", "warfarin 3 MG", "", "MedicationRequest/9", ("yes",))
BIRTH = Fact("age", "1969-04-03", "1969-04-03", "Patient/alice", ("57",))
RELEASE = Fact(
    "hx.surgery_site",
    "Carpal tunnel release",
    "2024",
    "Procedure/3",
    ("elsewhere", "near", "release"),
    LimbKind.ARM,
    (Side.RIGHT,),
)
EITHER = replace(RELEASE, sides=())
SHOWN = "Type 2 diabetes (health problem, 4 March 2019)"


def an_arm(**answers: Any) -> Answers:
    """Both arms, the right one with these answers."""
    limbs = (Limb(LimbKind.ARM, Side.RIGHT, answers), Limb(LimbKind.ARM, Side.LEFT, {}))
    return Answers({"age": Decimal(57)}, limbs)


def states(facts: tuple[Fact, ...], answers: Answers) -> dict[str, OriginState]:
    return {path: origin.state for path, origin in origins_of(facts, answers, WORDS).items()}


def sentences(facts: tuple[Fact, ...], answers: Answers) -> list[str]:
    return list(chart_says(PATHWAY.form, facts, answers, WORDS))


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (DIABETES, SHOWN),
        (THYROID, "Hypothyroidism (health problem, August 2015)"),
        (RELEASE, "Carpal tunnel release (operation, 2024)"),
        (THINNER, "warfarin 3 MG (medicine)"),
        (BIRTH, "57 years old, born 3 April 1969"),
        (replace(BIRTH, on="1969", confirms=("56", "57")), "born 1969"),
    ],
)
def test_a_fact_is_told_with_its_source_and_date_as_far_as_they_are_known(fact: Fact, words: str) -> None:
    assert WORDS.fact(fact) == words


def test_a_reminder_asks_and_never_claims() -> None:
    assert WORDS.reminder(DIABETES, own=True, tick=False) == f"Your record says: {SHOWN}. Is that right?"
    ticked = WORDS.reminder(DIABETES, own=False, tick=True)
    assert ticked == f"The record says: {SHOWN}. Choose it if that is right."


def test_places_in_the_words_of_a_chart_stay_as_they_are() -> None:
    fact = replace(DIABETES, words="{date} {fact} {kind}")
    assert WORDS.fact(fact) == "{date} {fact} {kind} (health problem, 4 March 2019)"


def test_a_language_without_these_words_gets_the_english_ones() -> None:
    assert ChartWords(PATHWAY, "xx").fact(DIABETES) == SHOWN


@pytest.mark.parametrize(
    ("answer", "state"),
    [("yes", OriginState.CONFIRMED), ("no", OriginState.CHANGED), ("unsure", OriginState.CHANGED)],
)
def test_only_an_answer_that_agrees_confirms(answer: str, state: OriginState) -> None:
    answers = Answers({"hx.diabetes": answer, "hx.cancer": "no"})
    assert origins_of((DIABETES,), answers, WORDS) == {"hx.diabetes": Origin(state, SHOWN, "Condition/7")}


def test_the_age_is_held_against_the_day_of_birth() -> None:
    assert states((BIRTH,), Answers({"age": Decimal(57)})) == {"age": OriginState.CONFIRMED}
    assert states((BIRTH,), Answers({"age": Decimal(75)})) == {"age": OriginState.CHANGED}


def test_surgery_is_held_against_the_limb_and_side_that_the_chart_names() -> None:
    right = "arm-right/hx.surgery_site"
    assert states((RELEASE,), an_arm(**{"hx.surgery_site": "release"})) == {right: OriginState.CONFIRMED}
    assert states((RELEASE,), an_arm(**{"hx.surgery_site": "no"})) == {right: OriginState.CHANGED}
    other = Answers({}, (Limb(LimbKind.LEG, Side.RIGHT, {"hx.surgery_site": "no"}),))
    assert states((RELEASE,), other) == {}


def test_a_no_is_no_contradiction_where_the_chart_may_mean_the_other_side() -> None:
    said_no = an_arm(**{"hx.surgery_site": "no"})
    assert states((EITHER,), said_no) == {}
    assert sentences((EITHER,), said_no)[0].endswith("not answered: “Have you had an operation there?”.")
    assert len(sentences((EITHER,), said_no)) == 1
    said_yes = an_arm(**{"hx.surgery_site": "near"})
    assert states((EITHER,), said_yes) == {"arm-right/hx.surgery_site": OriginState.CONFIRMED}


def test_the_clinician_reads_what_was_answered_otherwise_or_left_blank_and_nothing_of_what_agrees() -> None:
    answers = Answers({"age": Decimal(57), "hx.diabetes": "no", "hx.anticoagulant": "yes"})
    assert sentences((BIRTH, DIABETES, THINNER, THYROID), answers) == [
        f"The chart says: {SHOWN}; answered: “Diabetes (high blood sugar)” No.",
        "The chart says: Hypothyroidism (health problem, August 2015); not answered: “A thyroid problem”.",
    ]


def test_what_a_child_is_not_asked_is_not_missing() -> None:
    assert sentences((DIABETES, THYROID), Answers({"age": Decimal(12)})) == []


def test_where_the_chart_is_silent_nothing_is_said() -> None:
    assert fact_for((), "hx.diabetes", None) is None
    assert origins_of((), all_no(), WORDS) == {}
    assert sentences((), all_no()) == []


def reviewed(services: Services, facts: tuple[Fact, ...], answers: Answers) -> ReviewedResponse:
    """What Bob sees when Alice has answered beside these facts."""
    services.storage.save_draft(draft_of(ALICE, answers))
    keep_chart(services, ALICE, facts)
    submit(services, ALICE, answers, PATHWAY)
    return open_review(services, BOB).responses[0]


FACTS = (BIRTH, DIABETES, THYROID, RELEASE)


def test_marks_and_differences_reach_the_record_and_the_clinician(services: Services) -> None:
    answers = all_no(**{"hx.thyroid": "yes"})
    found = reviewed(services, FACTS, answers)
    assert {path: origin.state for path, origin in found.origins.items()} == {
        "age": OriginState.CONFIRMED,
        "hx.diabetes": OriginState.CHANGED,
        "hx.thyroid": OriginState.CONFIRMED,
        "arm-right/hx.surgery_site": OriginState.CHANGED,
    }
    assert found.origins["hx.diabetes"] == Origin(OriginState.CHANGED, SHOWN, "Condition/7")
    assert found.chart_says == (
        f"The chart says: {SHOWN}; answered: “Diabetes (high blood sugar)” No.",
        "The chart says: Carpal tunnel release (operation, 2024); "
        "answered: “Have you had an operation there?” No.",
    )
    assert (found.answers, found.reproduces, found.altered) == (answers, True, ())


def test_differences_and_corrections_are_told_apart(services: Services, hospital: Hospital) -> None:
    draft = draft_of(ALICE, all_no())
    change = {
        "path": "rf.stroke",
        "at": "2026-11-20T10:00:00+00:00",
        "told": {"before": "yes", "after": "no"},
    }
    services.storage.save_draft(replace(draft, answers={**draft.answers, "changes": [change]}))
    keep_chart(services, ALICE, (DIABETES,))
    submit(services, ALICE, all_no(), PATHWAY)
    found = open_review(services, BOB).responses[0]
    assert len(found.chart_says) == len(found.corrections) == 1
    assert "First answered otherwise" not in found.chart_says[0]


def test_the_answers_alone_decide(services: Services) -> None:
    answers = all_no()
    found = reviewed(services, FACTS, answers)
    assert found.assessment == assess(answers, PATHWAY.rules)


def test_what_alices_chart_says_is_not_in_what_another_sends(services: Services, hospital: Hospital) -> None:
    reviewed(services, FACTS, all_no())
    charlie = launch_of("Patient/charlie", patient="charlie")
    submit(services, charlie, all_no(), PATHWAY)
    theirs = [one for one in hospital.stored.values() if "Patient/charlie" in str(one)]
    assert theirs
    assert "Type 2 diabetes" not in str(theirs)


def test_an_entry_that_has_gone_since_does_not_hold_the_answers_back(
    services: Services, hospital: Hospital
) -> None:
    hospital.before = [EHRRefused("answered 422: Condition/7 is not there", status=422)]
    found = reviewed(services, (DIABETES,), all_no())
    assert found.origins == {"hx.diabetes": Origin(OriginState.CHANGED, SHOWN)}
    assert hospital.sent == 2
    (delivery,) = services.storage.deliveries_of(
        ehr=ALICE.ehr, submission_id=services.storage.fetch_submissions(ehr=ALICE.ehr, patient="alice")[0].id
    )
    assert delivery.last_error == "stored otherwise than sent: QuestionnaireResponse.item"


def test_a_refusal_for_another_reason_stays_one(services: Services, hospital: Hospital) -> None:
    hospital.before = [EHRRefused("answered 422", status=422)] * 2
    services.storage.save_draft(draft_of(ALICE, all_no()))
    keep_chart(services, ALICE, (DIABETES,))
    assert submit(services, ALICE, all_no(), PATHWAY).state == SAVED_HERE
    submit(services, launch_of("Patient/charlie", patient="charlie"), all_no(), PATHWAY)
    assert hospital.sent == 3
