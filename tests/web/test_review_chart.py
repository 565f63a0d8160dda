"""A clinician sees where the chart and the patient differ, and which answers stood beside the chart."""

from __future__ import annotations

from typing import Any

import pytest
from reviewing import WORSE, Clinic, answers

from triage_app.fhir.chart import Fact
from triage_app.fhir.origin import ANSWER_ORIGIN
from triage_app.workflow.answer import keep_chart

DIABETES = Fact("hx.diabetes", "Type 2 <diabetes>", "2019-03-04", "Condition/diabetes", ("yes",))
THYROID = Fact("hx.thyroid", "Hypothyroidism", "2015", "Condition/thyroid", ("yes",))


@pytest.fixture
def alice(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> str:
    """Alice said no to her diabetes and yes to her thyroid, beside what her chart says."""
    patient = clinic.new_alice()
    for name in ("diabetes", "thyroid"):
        entry = {"resourceType": "Condition", "id": name, "subject": {"reference": f"Patient/{patient}"}}
        clinic.store.write(entry, name, method="PUT")
    launch_of = clinic.launch_of

    def with_facts(launch_id: str) -> Any:
        launch = launch_of(launch_id)
        keep_chart(clinic.services, launch, (DIABETES, THYROID))
        return launch

    monkeypatch.setattr(clinic, "launch_of", with_facts)
    clinic.tells(patient, answers(clinic.pathway, WORSE, hx__thyroid="yes"))
    monkeypatch.undo()
    return patient


def test_an_answer_against_the_chart_is_remarked_first_thing(clinic: Clinic, alice: str) -> None:
    text = clinic.opens(alice).text()
    assert "Not as the chart says; the answers count." in text
    told = "Type 2 <diabetes> (health problem, 4 March 2019); answered: “Diabetes (high blood sugar)” No."
    assert told in text
    assert "Hypothyroidism" not in text


def test_each_answer_beside_the_chart_says_what_stood_there(clinic: Clinic, alice: str) -> None:
    review = clinic.opens(alice)
    text = review.text(review.newest())
    assert "The chart says otherwise: Type 2 <diabetes> (health problem, 4 March 2019)" in text
    assert "As the chart says: Hypothyroidism (health problem, 2015)" in text
    assert text.count("hart says") == 3
    assert "Type 2 <diabetes>" not in review.get(review.newest()).text


def test_where_the_chart_was_silent_nothing_is_said_of_it(clinic: Clinic) -> None:
    patient = clinic.new_alice()
    clinic.tells(patient, answers(clinic.pathway, WORSE))
    review = clinic.opens(patient)
    assert "hart says" not in review.text()
    assert "hart says" not in review.text(review.newest())


def test_a_mark_that_somebody_spoiled_is_not_shown(clinic: Clinic, alice: str) -> None:
    (response,) = clinic.chart(alice)["QuestionnaireResponse"]
    spoiled = str(response).count(ANSWER_ORIGIN)
    for top in response["item"]:
        for page in top.get("item", ()):
            for item in page.get("item", (page,)):
                for answer in item.get("answer", ()):
                    if "extension" in answer:
                        answer["extension"] = [{"url": ANSWER_ORIGIN, "valueString": "<b>guessed</b>"}]
    clinic.change(response)
    review = clinic.opens(alice)
    assert spoiled == 2
    assert "As the chart says" not in review.text(review.newest())
