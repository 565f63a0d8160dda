"""The clues of charts fit the form, and a slip in their file is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage_app.catalogue.chart_file import FILE, read_clues
from triage_app.catalogue.load import Catalogue
from triage_app.errors import ContentError
from triage_app.fhir.chart_clue import Clues

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"
TERMINOLOGY = QUESTIONNAIRES / "terminology"
CLUE = 'link_id = "hx.ra"\nfrom = "Condition"\nname = "RA"\nconfirms = ["yes"]\n'


def read(folder: Path, text: str) -> Clues:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_clues(folder)


def test_each_clue_speaks_of_a_question_and_confirms_answers_that_it_has() -> None:
    catalogue = Catalogue.load(QUESTIONNAIRES)
    questions = {question.link_id: question for question in catalogue.newest("nerve-symptoms").form.walk()}
    for clue in catalogue.clues.clues:
        codes = {option.code for option in questions[clue.link_id].options}
        assert set(clue.confirms) <= codes, clue.link_id
        assert not set(clue.confirms) & {"no", "unsure"}


def test_the_history_that_was_promised_is_looked_for() -> None:
    found = {clue.link_id for clue in read_clues(TERMINOLOGY).clues}
    promised = {"diabetes", "thyroid", "ra", "pregnant", "anticoagulant", "cancer", "surgery_site"}
    assert found == {f"hx.{name}" for name in promised}


def test_no_code_of_a_licensed_system_is_listed() -> None:
    text = (TERMINOLOGY / FILE).read_text(encoding="utf-8")
    listed = [line for line in text.splitlines() if not line.startswith("#")]
    assert "snomed" not in "\n".join(listed).lower()
    for clue in read_clues(TERMINOLOGY).clues:
        assert all(code[0].isalpha() for code in (*clue.icd10, *clue.atc, *clue.ended_icd10))


def test_a_folder_without_the_file_has_no_clues(tmp_path: Path) -> None:
    assert read_clues(tmp_path) == Clues()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[[clue]]\n{CLUE}worlds = []\n", r"chart\.toml, clue 1: found the unknown key worlds"),
        (f'[[clue]]\n{CLUE}words = ["RA"]\n', r"clue 1, words: found 'RA', expected small letters"),
        (f'[[clue]]\n{CLUE}words = ["a  b"]\n', r"clue 1, words: found 'a  b', expected small letters"),
        (f'[[clue]]\n{CLUE}limb = "hand"\n', r"clue 1, limb: found 'hand', expected one of arm, leg"),
        ('[[clue]]\nlink_id = "hx.ra"\n', r"clue 1: the key from is missing"),
        (f"[[clue]]\n{CLUE.replace('Condition', 'Observation')}", r"clue 1, from: found 'Observation'"),
        ("sometimes = []\n", r"chart\.toml: found the unknown key sometimes"),
    ],
)
def test_a_slip_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ContentError, match=said):
        read(tmp_path, text)
