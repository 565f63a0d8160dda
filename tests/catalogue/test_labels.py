"""Sheets for clinicians, and how far they agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage_app.catalogue.cases import judge, read_cases
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.raters import agreements, disagreements
from triage_app.catalogue.rates import rates
from triage_app.catalogue.sheets import key_of, read_sheet, write_sheet
from triage_app.catalogue.statistics import bootstrap, plain_kappa, weighted_kappa, wilson
from triage_app.clinical.terms import Urgency
from triage_app.errors import ContentError

ROOT = Path(__file__).parent.parent.parent / "questionnaires"
PEOPLE = """
[[case]]
id = "E12-a"
who = "My leg went cold and white this morning and it hurts"
others = "no"
answers = { age = 60, "rf.limb_cold" = "yes", "rf.limb_cold.when" = "le14d" }
[case.expect]
urgency = ["EMERGENCY"]
[[case]]
id = "near"
who = "Two fingers tingle now and then"
others = "no"
answers = { age = 40 }
[[case.limb]]
region = "hand"
side = "left"
digits = ["index", "middle"]
const = "daily"
[case.expect]
urgency = ["ROUTINE"]
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list:
    path = tmp_path_factory.mktemp("labels") / "people.toml"
    path.write_text(PEOPLE, encoding="utf-8")
    catalogue = Catalogue.load(ROOT)
    cases = read_cases(path, catalogue, catalogue.newest("nerve-symptoms"))
    return [judge(case) for case in cases]


def filled(path: Path, text: str, rater: str, choose: dict[str, str]) -> Path:
    """A rater fills in the sheet: for each person's words, a level."""
    text = text.replace('rater = ""', f'rater = "{rater}"')
    people = text.split("[[person]]")
    for index, person in enumerate(people[1:], start=1):
        level = next((level for words, level in choose.items() if words in person), "")
        people[index] = person.replace('best = ""', f'best = "{level}"')
    path.write_text("[[person]]".join(people), encoding="utf-8")
    return path


def test_a_sheet_shows_words_and_answers_and_gives_no_label_away(verdicts: list) -> None:
    text = write_sheet(tuple(verdict.case for verdict in verdicts), seed=1)
    assert "My leg went cold" in text
    assert "In the last 14 days" in text
    assert "E12" not in text
    assert "rf.limb_cold" not in text
    assert "Index finger; Middle finger" in text


def test_each_rater_has_an_order_of_their_own() -> None:
    catalogue = Catalogue.load(ROOT)
    pathway = catalogue.newest("nerve-symptoms")
    cases = read_cases(ROOT / "nerve-symptoms/1.0.0/cases.toml", catalogue, pathway)
    assert write_sheet(cases, seed=1) != write_sheet(cases, seed=2)
    assert write_sheet(cases, seed=1) == write_sheet(cases, seed=1)


def test_agreement_names_everybody_on_whom_somebody_differs(verdicts: list, tmp_path: Path) -> None:
    text = write_sheet(tuple(verdict.case for verdict in verdicts), seed=1)
    bob = filled(tmp_path / "a.toml", text, "Bob", {"leg went cold": "EMERGENCY", "Two fingers": "SOON"})
    eve = filled(tmp_path / "b.toml", text, "Eve", {"leg went cold": "EMERGENCY", "Two fingers": "ROUTINE"})
    sheets = [read_sheet(bob), read_sheet(eve)]
    found = agreements(sheets, verdicts)
    assert [(one.one, one.other, one.people) for one in found] == [
        ("Bob", "Eve", 2),
        ("Bob", "the rules", 2),
        ("Eve", "the rules", 2),
    ]
    apart = list(disagreements(sheets, verdicts))
    assert [person.case_id for person in apart] == ["near"]
    assert apart[0].said == (("Bob", Urgency.SOON), ("Eve", Urgency.ROUTINE))
    assert apart[0].under_triage


def test_a_person_left_blank_is_not_counted_and_a_strange_level_is_refused(
    verdicts: list, tmp_path: Path
) -> None:
    text = write_sheet(tuple(verdict.case for verdict in verdicts), seed=1)
    sheet = read_sheet(filled(tmp_path / "a.toml", text, "Bob", {"Two fingers": "SOON"}))
    assert list(sheet.labels) == [key_of(verdicts[1].case)]
    with pytest.raises(ContentError, match="best: found 'LATER'"):
        read_sheet(filled(tmp_path / "b.toml", text, "Bob", {"Two fingers": "LATER"}))
    with pytest.raises(ContentError, match="rater: is blank"):
        read_sheet(filled(tmp_path / "c.toml", text, "", {}))


def test_rates_count_each_band_by_the_lowest_level_that_the_label_accepts(verdicts: list) -> None:
    found = {rate.name: (rate.good, rate.total) for rate in rates(verdicts)}
    assert found["acceptable urgency"] == (2, 2)
    assert found["urgency, EMERGENCY"] == (1, 1)
    assert "urgency, SOON" not in found


def test_intervals_and_kappas_are_those_of_the_textbooks() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(81, 263)  # Newcombe 1998, Stat Med 17:857, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(20, 20)[1] == pytest.approx(1.0)
    pairs = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    assert plain_kappa(pairs) == pytest.approx(0.4)
    assert weighted_kappa([(0, 0), (5, 5)]) == pytest.approx(1.0)
    assert weighted_kappa([(2, 2), (2, 2)]) is None
    near, far = weighted_kappa([(0, 1), (5, 5), (3, 3)]), weighted_kappa([(0, 5), (5, 5), (3, 3)])
    assert near is not None
    assert far is not None
    assert near > far
    interval = bootstrap(pairs, plain_kappa)
    assert interval is not None
    assert interval[0] < 0.4 < interval[1]
