"""Everything a patient reads is plain: short sentences, school grade 6 in the middle and never above 8."""

from __future__ import annotations

from statistics import median

import pytest
from patient_text import all_texts, asked_texts, option_texts, told_texts, words

from triage_app.catalogue.reading_grade import HARDEST as HARDEST_GRADE
from triage_app.catalogue.reading_grade import LABEL_WORDS, grade, sentences, words_of

TYPICAL_GRADE = 6.0
LONGEST_SENTENCE = 15
NAMES_AND_SIGNS: dict[str, str] = words()["reading"]["harder"]
"""What may be harder to read, and why. Nothing else may."""


def test_the_grade_follows_the_published_formula() -> None:
    simple = "The cat sat on the mat."
    assert grade(simple) == pytest.approx(0.39 * 6 + 11.8 * 6 / 6 - 15.59)


@pytest.mark.parametrize("texts", [asked_texts, told_texts], ids=["asked", "told"])
def test_half_of_what_patients_read_is_at_grade_6_or_below(texts) -> None:
    assert median(grade(text) for _, text in texts()) <= TYPICAL_GRADE


def test_nothing_that_patients_read_is_above_grade_8() -> None:
    hard = {
        where: (round(grade(text), 1), text)
        for where, text in all_texts()
        if grade(text) > HARDEST_GRADE and len(words_of(text)) > LABEL_WORDS and where not in NAMES_AND_SIGNS
    }
    assert not hard


def test_labels_use_no_word_of_more_than_four_syllables() -> None:
    hard = {
        where: text
        for where, text in all_texts()
        if len(words_of(text)) <= LABEL_WORDS
        and where not in NAMES_AND_SIGNS
        and any(grade(word) > 0.39 + 11.8 * 4 - 15.59 for word in words_of(text))
    }
    assert not hard


def test_no_sentence_has_more_than_fifteen_words() -> None:
    long = [
        (where, s)
        for where, text in all_texts()
        for s in sentences(text)
        if len(words_of(s)) > LONGEST_SENTENCE
    ]
    assert not long


def test_every_exemption_is_still_needed() -> None:
    texts = dict(all_texts())
    assert {where for where in NAMES_AND_SIGNS if grade(texts[where]) > HARDEST_GRADE} == set(NAMES_AND_SIGNS)


def test_every_answer_is_different_from_its_neighbours() -> None:
    by_list: dict[str, list[str]] = {}
    for where, text in option_texts():
        by_list.setdefault(where.split("#")[0], []).append(text)
    assert {name: texts for name, texts in by_list.items() if len(texts) != len(set(texts))} == {}
