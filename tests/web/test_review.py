"""What a clinician sees first: signs, state and change, suggestions with their rules, the chart."""

from __future__ import annotations

import re

import pytest
from reviewing import STROKE, WASTED, WORSE, Clinic, answers

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.terms import LimbKind, Side


@pytest.fixture(scope="module")
def worsened(whole_clinic: Clinic) -> str:
    """An Alice who got worse: mild ninety days ago, wasted and weak now."""
    patient = whole_clinic.new_alice()
    whole_clinic.tells(patient, answers(whole_clinic.pathway), days_ago=90)
    whole_clinic.tells(patient, answers(whole_clinic.pathway, WORSE, **WASTED))
    return patient


def test_a_clinician_lands_on_the_review_and_a_patient_may_not_see_it(clinic: Clinic, worsened: str) -> None:
    review = clinic.opens(worsened)
    assert review.get().status_code == 200
    patient = clinic.opens(worsened, user=worsened)
    assert patient.get().status_code == 403
    assert patient.get("anything").status_code == 403
    assert patient.post({}).status_code == 403


def test_the_page_says_whose_record_it_is_and_that_nobody_examined(clinic: Clinic, worsened: str) -> None:
    page = clinic.opens(worsened).get().text
    assert "Alice Moreno, born 3 April 1966" in page
    assert "Self-report only, not examined" in page
    assert "Rules not clinically signed off" in page


def test_red_flags_come_first_with_the_answers_that_raised_them_and_since_when(
    clinic: Clinic, worsened: str
) -> None:
    text = clinic.opens(worsened).text()
    assert text.index("1 red flag") < text.index("Now, and since last time")
    flag = text[text.index("1 red flag") : text.index("Now, and since last time")]
    assert re.search(r"(\d+) asked, \1 answered", flag)
    assert "Thin muscle on one side Raised" in flag
    assert "The pad at the base of the thumb is flat or hollow (Right arm) Yes" in flag
    assert "new since" in flag


def test_no_red_flag_says_how_many_were_asked_and_answered_without_reassuring(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    clinic.tells(alice, answers(clinic.pathway))
    review = clinic.opens(alice)
    asked = len(clinic.pathway.rules.vocabulary.flags)
    assert f"No red flags {asked} asked, {asked} answered" in review.text()
    assert "rv-signs--clear" in review.get().text


@pytest.mark.parametrize(
    ("value", "said"), [("unsure", "1 not sure"), (None, "1 not answered")], ids=["unsure", "blank"]
)
def test_a_sign_that_is_not_known_is_amber_and_never_clear(
    clinic: Clinic, value: str | None, said: str
) -> None:
    alice = clinic.new_alice()
    clinic.tells(alice, answers(clinic.pathway, g__sudden="yes", rf__stroke=value))
    review = clinic.opens(alice)
    assert "rv-signs--amber" in review.get().text
    assert "No red flag raised, but not every sign is known" in review.text()
    assert "No red flags" not in review.text()


def test_the_change_since_last_time_is_told_in_words_for_urgency_and_limb(
    clinic: Clinic, worsened: str
) -> None:
    text = clinic.opens(worsened).text()
    assert re.search(r"Seen within 2 weeks sooner: was “[^”]+” on \d+ \w+ 2\d{3}", text)
    assert re.search(
        r"Severe, with motor fibres involved score \d+ of 24 worse: was mild, score \d+, on", text
    )
    assert "Similar to: median nerve at the wrist (carpal tunnel)" in text


def test_a_first_answer_says_that_there_is_nothing_to_compare(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    clinic.tells(alice, answers(clinic.pathway))
    assert clinic.opens(alice).text().count("nothing earlier to compare with") >= 2


def test_a_limb_that_is_new_or_no_longer_named_is_said_so(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    told = answers(clinic.pathway)
    left = Limb(LimbKind.ARM, Side.LEFT, told.limbs[0].answers)
    clinic.tells(alice, told, days_ago=30)
    clinic.tells(alice, Answers(told.person, (left,)))
    text = clinic.opens(alice).text()
    assert "newly reported: not among the affected limbs" in text
    assert re.search(r"Right arm Not reported this time \w+", text)


def test_each_suggestion_names_the_rules_that_decided_their_sentences_and_sources(
    clinic: Clinic, worsened: str
) -> None:
    page = clinic.opens(worsened).get().text
    text = clinic.opens(worsened).text()
    assert "U03 Visible thinning of muscle means that nerve fibres have been lost. AAOS-2016" in text
    assert 'title="AAOS guideline on carpal tunnel syndrome, summary, 2016"' in page
    assert "our own proposal" in text


def test_what_stands_in_the_chart_is_listed_with_its_state(clinic: Clinic, worsened: str) -> None:
    text = clinic.opens(worsened).text()
    written = text[text.index("In the chart") :]
    for said in (
        "The answers completed",
        "Severity, Right arm: Severe preliminary",
        "Task: review requested",
    ):
        assert said in written
    assert "Review task: open, due" in text


def test_the_trend_draws_each_date_and_the_table_repeats_it_in_words(clinic: Clinic, worsened: str) -> None:
    page = clinic.opens(worsened).get().text
    assert page.count("<circle") == 2
    assert "Higher is worse" in page
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count("<tr>") == 3
    assert "Severe, motor" in table


def test_the_note_is_six_to_twelve_plain_lines(clinic: Clinic, worsened: str) -> None:
    page = clinic.opens(worsened).get().text
    lines = re.search(r"<textarea id=\"note\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert lines
    note = lines[1].splitlines()
    assert 6 <= len(note) <= 12
    assert all(len(line) < 400 and "<" not in line for line in note)
    for said in ("not examined", "Thin muscle", "Severe", "median nerve", "Deciding rules: U03", "1.0.0"):
        assert said in lines[1]


def test_an_emergency_is_said_first_and_puts_nothing_in_a_queue(clinic: Clinic) -> None:
    alice = clinic.new_alice()
    clinic.tells(alice, answers(clinic.pathway, **{k.replace(".", "__"): v for k, v in STROKE.items()}))
    review = clinic.opens(alice)
    text = review.text()
    assert "The person was told at once to call the emergency number." in text
    assert "Sudden stroke signs Raised Emergency now" in text
    assert "an emergency is acted on, not put in a queue" in text
    assert review.forms() == []


def test_an_empty_chart_says_so(clinic: Clinic) -> None:
    text = clinic.opens(clinic.new_alice()).text()
    assert "There are no answers in this chart." in text
    assert "red flag" not in text.lower()


def test_another_patients_answers_are_not_in_this_chart(clinic: Clinic, worsened: str) -> None:
    assert "There are no answers in this chart." in clinic.opens("charlie").text()


@pytest.mark.parametrize("fault", ["down", "throttled"])
def test_a_hospital_that_does_not_answer_gets_a_clear_page_and_no_half_chart(
    clinic: Clinic, worsened: str, fault: str
) -> None:
    review = clinic.opens(worsened)
    clinic.sandbox.faults.set(fault, times=20)
    response = review.get()
    assert response.status_code == 503
    assert "The chart could not be read" in response.text
    assert "a part of a chart could look like the whole" in response.text
    assert "Thin muscle" not in response.text
    clinic.sandbox.faults.clear()
    assert review.get().status_code == 200


def test_the_pages_need_no_inline_script_or_style_and_name_no_other_host(
    clinic: Clinic, worsened: str
) -> None:
    review = clinic.opens(worsened)
    for page in (review.get().text, review.get(review.newest()).text):
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*src=)", page)
        assert not re.search(r'(?:src|href|action)="https?:', page)
