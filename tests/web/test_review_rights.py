"""Where the EHR granted no writing, a clinician reads the review and is offered no decision."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reviewing import WASTED, WORSE, Clinic, Review, answers

READ_ONLY = ("launch", "openid", "fhirUser", "patient/*.rs")


@pytest.fixture
def review(clinic: Clinic) -> Review:
    patient = clinic.new_alice()
    clinic.tells(patient, answers(clinic.pathway, WORSE, **WASTED))
    return clinic.opens(patient)


def narrow(review: Review, clinic: Clinic) -> None:
    storage = clinic.services.storage
    launch = storage.fetch_launch(review.address.split("/")[2])
    assert launch is not None
    storage.save_launch(replace(launch, scopes=READ_ONLY))


@pytest.mark.parametrize("detail", [False, True])
def test_bob_is_told_instead_of_being_offered_a_decision(
    detail: bool, review: Review, clinic: Clinic
) -> None:
    shown = review.newest() if detail else ""
    assert review.forms(shown)
    narrow(review, clinic)
    assert "lets the app read, but not write" in review.text(shown)
    assert review.forms(shown) == []


def test_a_decision_that_comes_all_the_same_writes_nothing(review: Review, clinic: Clinic) -> None:
    fields = review.forms()[0]
    narrow(review, clinic)
    before = len(clinic.sandbox.wire.entries())
    assert review.post(fields, decision="accept").status_code == 403
    assert len(clinic.sandbox.wire.entries()) == before
