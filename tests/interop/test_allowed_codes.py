"""The list of foreign codes is sound, and nothing that we ship or write goes beyond it."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.allowed_codes import SNOMED, allowed_codes, check_digit_is_right, codings, faults_in
from triage_app.fhir import codes

ROOT = Path(__file__).parents[2]
ALLOWED = allowed_codes()


@pytest.mark.parametrize("code", [*ALLOWED.display[SNOMED], *ALLOWED.meaning[SNOMED]])
def test_every_snomed_code_of_the_list_has_its_check_digit(code: str) -> None:
    assert check_digit_is_right(code)


@pytest.mark.parametrize(
    "wrong", ["230791009", "75799005", "76670007", "47890001", "57893007", "57406008", "x"]
)
def test_snomed_codes_that_circulate_wrongly_fail_the_check_digit(wrong: str) -> None:
    assert not check_digit_is_right(wrong)
    assert "check digit" in str(ALLOWED.fault(SNOMED, wrong, None))


def test_a_real_snomed_code_outside_the_list_is_a_fault() -> None:
    assert check_digit_is_right("73211009")
    assert "is not in" in str(ALLOWED.fault(SNOMED, "73211009", None))


def test_a_listed_code_with_another_display_is_a_fault() -> None:
    assert "expected 'Patient referral'" in str(ALLOWED.fault(SNOMED, "3457005", "Referral"))
    assert ALLOWED.fault(SNOMED, "3457005", "Patient referral") is None


def test_a_code_whose_display_was_never_read_goes_without_one() -> None:
    assert ALLOWED.fault(SNOMED, "57406009", None) is None
    assert "without a display" in str(ALLOWED.fault(SNOMED, "57406009", "Carpal tunnel syndrome"))


def test_other_systems_are_left_to_the_validator() -> None:
    assert ALLOWED.fault("http://unitsofmeasure.org", "{score}", None) is None


def test_codes_are_found_in_codings_and_in_value_sets() -> None:
    tree = {
        "code": {"coding": [{"system": SNOMED, "code": "1"}]},
        "compose": {"include": [{"system": SNOMED, "concept": [{"code": "2", "display": "two"}]}]},
    }
    assert [(found.location, found.code) for found in codings(tree)] == [
        ("code.coding[0]", "1"),
        ("compose.include[0]", "2"),
    ]


def test_the_codes_that_the_product_may_write_are_all_in_the_list() -> None:
    for system, written in codes.ALLOWED.items():
        for code, display in written.items():
            assert ALLOWED.fault(system, code, display) is None


@pytest.mark.parametrize(
    "file", sorted((ROOT / "questionnaires").rglob("*.json")), ids=lambda file: file.name
)
def test_what_we_publish_carries_only_listed_codes(file: Path) -> None:
    assert list(faults_in(file, ALLOWED)) == []
