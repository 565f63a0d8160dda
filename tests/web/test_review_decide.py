"""A clinician accepts or declines in one press, and sees what then stands in the chart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from reviewing import WASTED, WORSE, Clinic, Review, answers, words


@pytest.fixture
def alice(clinic: Clinic) -> str:
    patient = clinic.new_alice()
    clinic.tells(patient, answers(clinic.pathway, WORSE, **WASTED))
    return patient


@pytest.fixture
def review(clinic: Clinic, alice: str) -> Review:
    return clinic.opens(alice)


def proposal(clinic: Clinic, alice: str, fields: Mapping[str, str]) -> dict[str, Any]:
    wanted = fields["suggestion"].split("/")[1]
    return next(one for one in clinic.chart(alice)["ServiceRequest"] if one["id"] == wanted)


def made_from(clinic: Clinic, alice: str, fields: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        one
        for one in clinic.chart(alice)["ServiceRequest"]
        if {"reference": fields["suggestion"]} in one.get("basedOn", [])
    ]


def test_accept_makes_a_request_and_the_page_is_read_again_from_the_chart(
    clinic: Clinic, alice: str, review: Review
) -> None:
    fields = review.forms()[0]
    response = review.post(fields, decision="accept")
    assert response.status_code == 303
    assert response.location == f"{review.address}#s-{fields['suggestion'].split('/')[1]}"
    assert proposal(clinic, alice, fields)["status"] == "completed"
    (made,) = made_from(clinic, alice, fields)
    assert (made["status"], made["intent"]) == ("draft", "plan")
    assert made["requester"]["reference"] == "Practitioner/bob"
    text = review.text()
    assert re.search(r"Accepted by you \(Practitioner/bob\), \d+ \w+ \d{4}, \d\d:\d\d", text)
    assert f"ServiceRequest/{made['id']} was made from it (draft plan)" in text
    assert len(review.forms()) == len(clinic.chart(alice)["Task"][0]["input"]) - 2 - 1


def test_decline_keeps_the_reason_and_the_note_and_says_who_and_when(
    clinic: Clinic, alice: str, review: Review
) -> None:
    fields = review.forms()[0]
    review.post(fields, decision="decline", reason="already-referred", note="Seen in <May>.")
    assert proposal(clinic, alice, fields)["status"] == "revoked"
    assert made_from(clinic, alice, fields) == []
    text = review.text()
    assert re.search(r"Declined by you \(Practitioner/bob\), \d+ \w+ \d{4}, \d\d:\d\d", text)
    assert "Already referred or under care" in text
    assert "Note: Seen in <May>." in text


def test_another_clinician_is_named_and_not_called_you(clinic: Clinic, alice: str, review: Review) -> None:
    fields = review.forms()[0]
    review.post(fields, decision="accept")
    (made,) = made_from(clinic, alice, fields)
    requester = {"reference": "Practitioner/else", "display": "Dr Somebody Else"}
    clinic.change(made, requester=requester)
    assert "Accepted by Dr Somebody Else," in review.text()


def test_where_the_trail_is_not_given_who_and_when_are_not_invented(
    clinic: Clinic, alice: str, review: Review
) -> None:
    fields = review.forms()[0]
    found = proposal(clinic, alice, fields)
    clinic.change(found, status="revoked")
    assert "Declined by somebody whom the record does not name, at an unknown time" in review.text()


def test_the_last_decision_closes_the_task(clinic: Clinic, alice: str, review: Review) -> None:
    for fields in review.forms():
        assert "Review task: done" not in review.text()
        current = next(one for one in review.forms() if one["suggestion"] == fields["suggestion"])
        assert review.post(current, decision="accept").status_code == 303
    assert "Review task: done" in review.text()
    assert clinic.chart(alice)["Task"][0]["status"] == "completed"


def test_a_decline_without_a_reason_is_told_and_nothing_is_written(
    clinic: Clinic, alice: str, review: Review
) -> None:
    fields = review.forms()[0]
    response = review.post(fields, decision="decline")
    assert response.status_code == 422
    assert "Nothing was written" in words(response.text)
    assert "reason" in words(response.text)
    assert proposal(clinic, alice, fields)["status"] == "draft"


def test_a_suggestion_that_somebody_decided_meanwhile_is_a_conflict_with_the_state_of_now(
    clinic: Clinic, alice: str, review: Review
) -> None:
    fields = review.forms()[0]
    other = clinic.opens(alice)
    other.post(other.forms()[0], decision="accept")
    response = review.post(fields, decision="decline", reason="other")
    assert response.status_code == 409
    text = words(response.text)
    assert "Nothing was written: the chart has changed" in text
    assert "The suggestion has been decided already." in text
    assert "Accepted by you" in text
    assert len(made_from(clinic, alice, fields)) == 1


def test_a_suggestion_that_was_changed_meanwhile_is_a_conflict(
    clinic: Clinic, alice: str, review: Review
) -> None:
    fields = review.forms()[0]
    clinic.change(proposal(clinic, alice, fields), priority="stat")
    response = review.post(fields, decision="accept")
    assert response.status_code == 409
    assert "has changed since it was shown" in words(response.text)
    assert made_from(clinic, alice, fields) == []


def test_a_suggestion_of_another_chart_is_not_decided_here(
    clinic: Clinic, alice: str, review: Review
) -> None:
    other = clinic.new_alice()
    clinic.tells(other, answers(clinic.pathway, WORSE, **WASTED))
    theirs = clinic.opens(other).forms()[0]
    response = review.post({**review.forms()[0], "suggestion": theirs["suggestion"]}, decision="accept")
    assert response.status_code == 409
    assert proposal(clinic, other, theirs)["status"] == "draft"


@pytest.mark.parametrize(
    "trouble", ["no token", "another page's token", "another launch's token", "another site"]
)
def test_a_decision_needs_the_form_of_this_page_from_this_site(
    clinic: Clinic, alice: str, review: Review, trouble: str
) -> None:
    fields, headers = dict(review.forms()[0]), {}
    if trouble == "no token":
        fields["form_token"] = ""
    elif trouble == "another page's token":
        fields["form_token"] = review.browser.form_token(review.address.replace("review", "sign-out"))
    elif trouble == "another launch's token":
        fields["form_token"] = clinic.opens(alice).forms()[0]["form_token"]
    else:
        headers["Origin"] = "https://evil.example"
    response = review.browser.post(
        review.decide_address, data={**fields, "decision": "accept"}, headers=headers
    )
    assert response.status_code == 403
    assert proposal(clinic, alice, fields)["status"] == "draft"


def test_a_hospital_that_fails_at_the_decision_gets_a_page_that_does_not_claim_anything(
    clinic: Clinic, alice: str, review: Review
) -> None:
    fields = review.forms()[0]
    clinic.sandbox.faults.set("down", times=20)
    response = review.post(fields, decision="accept")
    assert response.status_code == 503
    text = words(response.text)
    assert "It is not certain that your decision was stored" in text
    assert "Accepted" not in text
    assert f'href="{review.address}"' in response.text


def test_an_earlier_response_can_be_decided_on_its_own_page(clinic: Clinic, alice: str) -> None:
    patient = clinic.new_alice()
    clinic.tells(patient, answers(clinic.pathway, {"const": "daily", "night": "ge3"}), days_ago=40)
    clinic.tells(patient, answers(clinic.pathway, WORSE, **WASTED))
    review = clinic.opens(patient)
    earlier = re.findall(r"/review/([0-9a-f-]+)\"", review.get().text)[-1]
    fields = review.forms(earlier)[0]
    response = review.post(fields, decision="accept")
    assert response.location.startswith(f"{review.address}/{earlier}#s-")
    assert "Accepted by you" in review.text(earlier)
    assert "Accepted" not in review.text()
