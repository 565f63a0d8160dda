"""What a chart says of a question: sure things only, about this patient, in force, and never a no."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage_app.catalogue.chart_file import read_clues
from triage_app.clinical.answers import Limb
from triage_app.clinical.terms import LimbKind, Side
from triage_app.fhir.chart import Fact, facts_in
from triage_app.fhir.chart_clue import Clues
from triage_app.fhir.chart_date import ages, day_of, latest

CLUES = read_clues(Path(__file__).parents[2] / "questionnaires" / "terminology")
TODAY = date(2026, 11, 20)
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
RIGHT_ARM, LEFT_ARM = Limb(LimbKind.ARM, Side.RIGHT), Limb(LimbKind.ARM, Side.LEFT)
RIGHT_LEG = Limb(LimbKind.LEG, Side.RIGHT)


def a_status(name: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/condition-{name}", "code": code}]}


def an_entry(resource_type: str, **changes: Any) -> dict[str, Any]:
    entry = {"resourceType": resource_type, "id": "1", "subject": {"reference": "Patient/alice"}}
    return {**entry, **changes}


def a_condition(code: Any = "Type 2 diabetes", *, icd: str = "", **changes: Any) -> dict[str, Any]:
    concept = {"text": code} if isinstance(code, str) else code
    if icd:
        concept = {"coding": [{"system": ICD, "code": icd, "display": code}], "text": code}
    values = {
        "clinicalStatus": a_status("clinical", "active"),
        "verificationStatus": a_status("ver-status", "confirmed"),
        "code": concept,
        "recordedDate": "2019-03-04",
    }
    return an_entry("Condition", **{**values, **changes})


def an_operation(text: str = "Carpal tunnel release, right", **changes: Any) -> dict[str, Any]:
    values = {"status": "completed", "code": {"text": text}, "performedDateTime": "2026-08-24T09:30:00Z"}
    return an_entry("Procedure", **{**values, **changes})


def a_medicine(text: str = "apixaban 5 MG Oral Tablet", **changes: Any) -> dict[str, Any]:
    values = {"status": "active", "intent": "order", "authoredOn": "2026-01-02"}
    return an_entry("MedicationRequest", **{**values, "medicationCodeableConcept": {"text": text}, **changes})


def facts(*entries: dict[str, Any], clues: Clues = CLUES) -> tuple[Fact, ...]:
    return facts_in(entries, clues, patient="alice", today=TODAY)


def said(*entries: dict[str, Any]) -> list[str]:
    return [fact.link_id for fact in facts(*entries)]


@pytest.mark.parametrize(
    ("icd", "link_id"),
    [
        ("E11.9", "hx.diabetes"),
        ("e10", "hx.diabetes"),
        ("E03.9", "hx.thyroid"),
        ("E89.0", "hx.thyroid"),
        ("M05.79", "hx.ra"),
        ("M06.9", "hx.ra"),
        ("C50.919", "hx.cancer"),
        ("Z85.3", "hx.cancer"),
    ],
)
def test_a_code_speaks_of_its_question_whatever_it_is_called(icd: str, link_id: str) -> None:
    assert said(a_condition("Some words", icd=icd)) == [link_id]


@pytest.mark.parametrize("icd", ["E23.2", "R73.03", "Z13.1", "Z83.3", "M06.4", "D05.10", "Z12.31", "I10"])
def test_a_code_for_something_else_is_passed_over_even_where_the_words_would_fit(icd: str) -> None:
    assert said(a_condition("Diabetes, rheumatoid arthritis, cancer", icd=icd)) == []


@pytest.mark.parametrize(
    ("text", "link_id"),
    [
        ("Type 2 diabetes mellitus without complications", "hx.diabetes"),
        ("DIABETES MELLITUS, TYPE I", "hx.diabetes"),
        ("Hypothyroidism (disorder)", "hx.thyroid"),
        ("Graves' disease", "hx.thyroid"),
        ("Seropositive rheumatoid arthritis of the hand", "hx.ra"),
        ("Carcinoma of left breast", "hx.cancer"),
        ("Non-Hodgkin lymphoma", "hx.cancer"),
        ("History of breast cancer", "hx.cancer"),
    ],
)
def test_plain_words_are_enough_where_nothing_is_coded(text: str, link_id: str) -> None:
    assert said(a_condition(text)) == [link_id]


def test_words_are_read_from_the_display_of_a_code_that_we_do_not_list() -> None:
    concept = {"coding": [{"system": SNOMED, "code": "44054006", "display": "Type 2 diabetes mellitus"}]}
    assert [fact.words for fact in facts(a_condition(concept))] == ["Type 2 diabetes mellitus"]


@pytest.mark.parametrize(
    "text",
    [
        "No diabetes",
        "Family history of diabetes",
        "FH: diabetes",
        "Mother: diabetes mellitus",
        "?Diabetes",
        "Suspected diabetes",
        "Diabetes mellitus screening",
        "Diabetes ruled out",
        "At risk of diabetes",
        "Diabetes insipidus",
        "Prediabetes",
        "Pre-diabetes",
        "Gestational diabetes",
        "Diabetesque",
        "Fear of cancer",
        "Carcinoma in situ of the cervix",
        "",
    ],
)
def test_words_in_doubt_say_nothing(text: str) -> None:
    assert said(a_condition(text)) == []


@pytest.mark.parametrize(
    "status", ["refuted", "entered-in-error", "unconfirmed", "provisional", "differential"]
)
def test_what_is_not_confirmed_says_nothing(status: str) -> None:
    assert said(a_condition(verificationStatus=a_status("ver-status", status))) == []


def test_what_is_over_counts_for_cancer_alone() -> None:
    over = a_status("clinical", "resolved")
    assert said(a_condition(clinicalStatus=over), a_condition("Breast cancer", clinicalStatus=over)) == [
        "hx.cancer"
    ]


def test_an_end_says_that_it_is_over_whatever_the_status() -> None:
    assert said(a_condition(abatementDateTime="2020")) == []


@pytest.mark.parametrize("found", [{"text": "Active"}, "active", [], None, {"coding": "active"}])
def test_a_state_that_cannot_be_read_counts_as_none(found: object) -> None:
    assert said(a_condition(clinicalStatus=found)) == []


def test_a_state_that_the_chart_does_not_give_is_left_to_the_patient() -> None:
    entry = a_condition()
    del entry["clinicalStatus"], entry["verificationStatus"]
    assert said(entry) == ["hx.diabetes"]


@pytest.mark.parametrize("name", ["modifierExtension", "implicitRules"])
def test_an_entry_whose_meaning_something_alters_is_not_used(name: str) -> None:
    assert said(a_condition(**{name: [{"url": "https://example.org/not"}]})) == []


@pytest.mark.parametrize("reference", ["Patient/charlie", "alice", "", None, 7])
def test_an_entry_about_somebody_else_is_not_used(reference: object) -> None:
    assert said(a_condition(subject={"reference": reference})) == []


def test_a_full_address_of_the_patient_is_the_patient() -> None:
    subject = {"reference": "https://ehr.example.org/fhir/Patient/alice"}
    assert said(a_condition(subject=subject)) == ["hx.diabetes"]


def test_an_empty_chart_says_nothing_at_all() -> None:
    assert facts() == ()


def test_the_surest_entry_stands_and_among_equals_the_newest() -> None:
    words = a_condition("Diabetes", id="words", recordedDate="2025")
    old = a_condition("Type 2 diabetes", icd="E11.9", id="old", recordedDate="2009")
    new = a_condition("Diabetic neuropathy", icd="E11.40", id="new", recordedDate="2021-05")
    assert [(f.reference, f.on) for f in facts(words, new, old)] == [("Condition/new", "2021-05")]


@pytest.mark.parametrize(
    ("dates", "on"),
    [
        ({"onsetDateTime": "2018-02-03T10:00:00+01:00"}, "2018-02-03"),
        ({"onsetPeriod": {"start": "2017"}}, "2017"),
        ({"onsetDateTime": "long ago", "recordedDate": "2019-03"}, "2019-03"),
        ({"recordedDate": "2019-02-30"}, ""),
        ({"recordedDate": 2019}, ""),
    ],
)
def test_the_date_is_the_onset_or_else_when_it_was_recorded(dates: dict[str, Any], on: str) -> None:
    entry = a_condition()
    del entry["recordedDate"]
    assert [fact.on for fact in facts({**entry, **dates})] == [on]


@pytest.mark.parametrize(
    ("concept", "is_one"),
    [
        ({"text": "warfarin 3 MG"}, True),
        ({"text": "Eliquis"}, True),
        ({"coding": [{"system": ATC, "code": "B01AF02", "display": "x"}]}, True),
        ({"coding": [{"system": ATC, "code": "B01AC06", "display": "warfarin"}]}, False),
        ({"text": "heparin lock flush"}, False),
        ({"text": "aspirin 75 MG"}, False),
    ],
)
def test_a_blood_thinner_is_known_by_its_name_or_group(concept: dict[str, Any], is_one: bool) -> None:
    assert said(a_medicine(medicationCodeableConcept=concept)) == ["hx.anticoagulant"] * is_one


@pytest.mark.parametrize(
    "changes",
    [{"status": "stopped"}, {"status": "completed"}, {"intent": "proposal"}, {"doNotPerform": True}],
)
def test_a_medicine_that_is_not_taken_says_nothing(changes: dict[str, Any]) -> None:
    assert said(a_medicine(**changes)) == []


def test_a_medicine_may_be_contained_or_only_named() -> None:
    named = a_medicine(medicationReference={"display": "warfarin"})
    inside = a_medicine(
        medicationReference={"reference": "#m"}, contained=[{"id": "m", "code": {"text": "apixaban"}}]
    )
    assert said(named) == said(inside) == ["hx.anticoagulant"]


PREGNANT = {"icd": "Z33.1", "recordedDate": "2026-08-01"}


def test_a_pregnancy_counts_while_it_can_last_and_is_the_patients_own_affair() -> None:
    assert said(a_condition("Pregnant", **PREGNANT)) == ["hx.pregnant"]
    assert said(a_condition("Pregnant", icd="Z33.1", recordedDate="2025-12-01")) == []
    assert said(a_condition("Pregnant", icd="Z33.1", recordedDate=None)) == []
    assert [clue.link_id for clue in CLUES.clues if clue.private] == ["hx.pregnant"]


@pytest.mark.parametrize(
    "ending",
    [
        a_condition("Spontaneous abortion", icd="O03.9", recordedDate="2026-10-01"),
        a_condition("Miscarriage", recordedDate=None),
        a_condition("Stillbirth", clinicalStatus=a_status("clinical", "resolved"), recordedDate="2026-10-01"),
        an_operation("Termination of pregnancy", performedDateTime="2026-10-01"),
    ],
)
def test_nobody_is_reminded_of_a_pregnancy_that_ended(ending: dict[str, Any]) -> None:
    assert said(a_condition("Pregnant", **PREGNANT), ending) == []


def test_an_earlier_loss_does_not_hide_this_pregnancy() -> None:
    earlier = a_condition("Miscarriage", recordedDate="2020-10-01")
    assert said(a_condition("Pregnant", **PREGNANT), earlier) == ["hx.pregnant"]


def test_nerve_surgery_is_about_the_side_that_the_chart_names() -> None:
    (fact,) = facts(an_operation())
    assert (fact.on, fact.is_sure) == ("2026-08-24", True)
    about = [fact.is_about("hx.surgery_site", limb) for limb in (RIGHT_ARM, LEFT_ARM, RIGHT_LEG, None)]
    assert about == [True, False, False, False]


@pytest.mark.parametrize(
    "place", [{"text": "Left wrist"}, {"coding": [{"display": "Structure of left wrist"}]}]
)
def test_the_side_may_stand_in_the_place(place: dict[str, Any]) -> None:
    (fact,) = facts(an_operation("Carpal tunnel release", bodySite=[place]))
    assert fact.sides == (Side.LEFT,)


def test_surgery_on_both_sides_is_about_both_and_without_a_side_about_either_but_not_sure() -> None:
    (both,) = facts(an_operation("Bilateral carpal tunnel release"))
    (either,) = facts(an_operation("Carpal tunnel release"))
    assert both.sides == (Side.RIGHT, Side.LEFT)
    assert both.is_sure
    assert either.is_about("hx.surgery_site", LEFT_ARM)
    assert not either.is_sure


def test_what_is_dated_in_the_future_has_not_happened() -> None:
    assert said(an_operation(performedDateTime="2026-11-21")) == []
    assert said(a_condition(recordedDate="2027")) == []
    assert said(an_operation(performedDateTime="2026-11-20")) == ["hx.surgery_site"]


def test_each_operation_is_kept_with_the_named_side_first() -> None:
    old = an_operation("Carpal tunnel release, left", id="old", performedDateTime="2010")
    sideless = an_operation("Carpal tunnel release", id="sideless", performedDateTime="2025")
    leg = an_operation("Tarsal tunnel release, right", id="leg")
    found = [(fact.reference, fact.limb) for fact in facts(sideless, leg, old)]
    assert found == [
        ("Procedure/old", LimbKind.ARM),
        ("Procedure/sideless", LimbKind.ARM),
        ("Procedure/leg", LimbKind.LEG),
    ]


@pytest.mark.parametrize("status", ["in-progress", "not-done", "entered-in-error", "preparation", None])
def test_an_operation_that_was_not_done_says_nothing(status: object) -> None:
    assert said(an_operation(status=status)) == []


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("1966-04-03", ["60"]),
        ("1966-11-20", ["60"]),
        ("1966-11-24", ["59", "60"]),
        ("1966-11-29", ["59"]),
        ("1966", ["59", "60"]),
        ("1966-11", ["59", "60"]),
        ("2026-11-19", ["0"]),
    ],
)
def test_the_age_follows_from_the_day_of_birth_as_far_as_it_is_known(born: str, expected: list[str]) -> None:
    patient = {"resourceType": "Patient", "id": "alice", "birthDate": born}
    assert [list(fact.confirms) for fact in facts(patient)] == [expected]


@pytest.mark.parametrize(
    "born", ["1880-01-01", "2027-01-01", "9999-12", "0000", "1966-02-30", "", 1966, None, {}]
)
def test_a_day_of_birth_that_no_person_has_says_nothing(born: object) -> None:
    assert facts({"resourceType": "Patient", "id": "alice", "birthDate": born}) == ()


def test_another_patient_has_another_age() -> None:
    assert facts({"resourceType": "Patient", "id": "charlie", "birthDate": "1983-10-13"}) == ()


def test_months_end_where_the_calendar_ends_them() -> None:
    assert latest("2024-02") == date(2024, 2, 29)
    assert latest("9999-12") == date(9999, 12, 31)
    assert list(ages("1966-12", TODAY)) == [59]
    assert day_of("2024-02-29T10:00:00Z") == "2024-02-29"


def test_the_words_of_a_chart_are_one_short_line_that_prints() -> None:
    text = "Type 2\u202e diabetes\n<script>alert(1)</script>\x00 " + "x" * 100_000
    (fact,) = facts(a_condition(text))
    assert fact.words.startswith("Type 2 diabetes <script>alert(1)</script> xxx")
    assert fact.words.endswith("…")
    assert len(fact.words) == 80


def test_a_code_without_words_gets_ours() -> None:
    (fact,) = facts(a_condition({"coding": [{"system": ICD, "code": "E11.9"}]}))
    assert fact.words == "Diabetes"


def test_a_huge_chart_is_read_only_so_far() -> None:
    many = [a_condition("Sprained ankle", id=str(number)) for number in range(500)]
    assert said(*many, a_condition()) == []
    operations = [an_operation(id=str(number)) for number in range(100)]
    assert len(facts(*operations)) == 20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("diabetes"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ENTRIES = (
    a_condition(icd="E11.9"),
    an_operation(bodySite=[{"text": "left"}]),
    a_medicine(
        medicationReference={"reference": "#m"}, contained=[{"id": "m", "code": {"text": "apixaban"}}]
    ),
    {"resourceType": "Patient", "id": "alice", "birthDate": "1966-04-03"},
)


@given(entry=st.sampled_from(ENTRIES), data=st.data())
def test_whatever_a_server_puts_into_an_entry_it_is_read_or_passed_over(entry: Any, data: Any) -> None:
    broken = copy.deepcopy(entry)
    node: Any = broken
    while isinstance(node, dict | list) and node:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if data.draw(st.booleans()) or not isinstance(node[key], dict | list):
            node[key] = data.draw(JSON)
            break
        node = node[key]
    for fact in facts(broken):
        assert len(fact.words) <= 80
        assert Fact.from_plain(fact.to_plain()) == fact
