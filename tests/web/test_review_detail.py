"""One response in full: the answers, every rule with what it read, and what would have changed it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from reviewing import STROKE, WASTED, WORSE, Clinic, answers

from triage_app.clinical.assessment import Change
from triage_app.web.review_page import words_of
from triage_app.web.review_rules import reasons_of
from triage_app.workflow.open_review import open_review


@pytest.fixture(scope="module")
def worse(whole_clinic: Clinic) -> str:
    patient = whole_clinic.new_alice()
    whole_clinic.tells(patient, answers(whole_clinic.pathway), days_ago=60)
    whole_clinic.tells(patient, answers(whole_clinic.pathway, WORSE, **WASTED))
    return patient


def detail(clinic: Clinic, patient: str) -> tuple[str, str]:
    """The page and its words."""
    review = clinic.opens(patient)
    newest = review.newest()
    return review.get(newest).text, review.text(newest)


def test_the_answers_stand_as_they_were_asked_and_given(clinic: Clinic, worse: str) -> None:
    _, text = detail(clinic, worse)
    assert "How often does it tingle or feel numb? All the time" in text
    assert "by the patient" in text
    assert "Do you feel light touch, hot and cold there? I feel it less" in text


def test_an_answer_names_the_met_rules_that_read_it(clinic: Clinic, worse: str) -> None:
    _, text = detail(clinic, worse)
    assert "The pad at the base of the thumb is flat or hollow Yes U03" in text


def test_only_the_normal_answer_is_printed_quietly(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    clinic.tells(alice, answers(clinic.pathway, {"const": "constant", "feel": "none"}))
    page, _ = detail(clinic, alice)
    numb = re.search(r"<div([^>]*)><dt>Do you feel light touch[^<]*</dt><dd>I feel nothing there", page)
    assert numb
    assert "rv-quiet" not in numb[1]
    assert re.search(r'rv-quiet"><dt>The palm</dt><dd>No', page)


def test_every_rule_is_listed_by_how_far_it_holds(clinic: Clinic, worse: str) -> None:
    page, text = detail(clinic, worse)
    found = re.search(r"Rules: (\d+) met, (\d+) not evaluable, (\d+) not met", text)
    assert found
    assert sum(map(int, found.groups())) == page.count('<tr><th scope="row"><span class="rv-id">')
    assert int(found[1]) > 3
    assert "decided" in text


def test_a_met_rule_shows_what_it_read_what_it_gave_and_its_source(clinic: Clinic, worse: str) -> None:
    _, text = detail(clinic, worse)
    rule = text[text.index("U03 Right arm decided") :][:400]
    assert "Seen within 2 weeks" in rule
    assert "flat or hollow (Right arm) Yes" in rule
    assert "AAOS-2016" in rule


def test_sources_carry_title_year_kind_and_the_state_of_their_sign_off(clinic: Clinic, worse: str) -> None:
    _, text = detail(clinic, worse)
    assert "AAOS guideline on carpal tunnel syndrome, summary, 2016 (guideline)" in text
    assert "not signed off" in text
    assert "our own proposal, no publication behind it" in text
    assert "not clinically signed off" in text


def test_where_no_small_change_would_have_done_it_that_is_said(clinic: Clinic, worse: str) -> None:
    launch = clinic.launch_of(clinic.opens(worse).address.split("/")[2])
    response = open_review(clinic.services, launch).responses[0]
    words = words_of(clinic.services, launch, clinic.pathway)
    found = reasons_of(replace(response, changes=(Change("U03", "arm-right", (), None),)), words)
    assert [line.would for line in found.changes] == ["None of one or two answers would have changed it."]


def test_the_smallest_change_is_told_in_the_words_of_the_form(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    clinic.tells(alice, answers(clinic.pathway, **{k.replace(".", "__"): v for k, v in STROKE.items()}))
    _, text = detail(clinic, alice)
    assert re.search(r"If “[^”]+” had been answered “[^”]+” and not “[^”]+”: [A-Z]", text)


def test_what_is_different_from_last_time_is_set_side_by_side(clinic: Clinic, worse: str) -> None:
    _, text = detail(clinic, worse)
    assert "Muscle thinning no raised worse" in text
    assert "How often does it tingle or feel numb? (Right arm) It comes and goes All the time" in text


def test_version_and_checksum_are_told_whole(clinic: Clinic, worse: str) -> None:
    _, text = detail(clinic, worse)
    assert f"nerve-symptoms {clinic.pathway.version}" in text
    assert f"SHA-256 {clinic.pathway.checksum}" in text


def test_a_response_of_another_chart_or_of_none_is_not_found(clinic: Clinic, worse: str) -> None:
    newest = clinic.opens(worse).newest()
    assert clinic.opens("charlie").get(newest).status_code == 404
    assert clinic.opens(worse).get("nothing").status_code == 404
