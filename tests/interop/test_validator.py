"""HL7's validator is at work: sound resources pass, and each kind of fault is told apart."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interop.harness import NOT_ALLOWED, WRONG_DISPLAY, Finding, Validator

pytestmark = pytest.mark.java
SOUND = Path(__file__).parent / "fixtures" / "sound"
SNOMED = "http://snomed.info/sct"

Resource = dict[str, Any]


def answer_outside_the_options(response: Resource) -> None:
    response["item"][0]["answer"][0]["valueCoding"]["code"] = "maybe"


def use_a_code_that_our_system_lacks(request: Resource) -> None:
    request["code"]["coding"][0] |= {"code": "maybe", "display": "Maybe"}


def use_another_display_for_our_code(request: Resource) -> None:
    request["code"]["coding"][0]["display"] = "Never"


def set_our_own_unknown_system(request: Resource) -> None:
    request["code"]["coding"][0]["system"] = "https://w3id.org/nerve-triage/CodeSystem/forgotten"


def claim_our_own_unknown_profile(request: Resource) -> None:
    request["meta"]["profile"] = ["https://w3id.org/nerve-triage/StructureDefinition/forgotten"]


def use_our_own_unknown_extension(request: Resource) -> None:
    url = "https://w3id.org/nerve-triage/StructureDefinition/forgotten"
    request["extension"] = [{"url": url, "valueString": "x"}]


def drop_link_id(response: Resource) -> None:
    del response["item"][0]["linkId"]


def answer_a_question_that_was_not_asked(response: Resource) -> None:
    response["item"][1]["linkId"] = "months"


def leave_out_a_required_answer(response: Resource) -> None:
    del response["item"]


def answer_text_to_a_number(response: Resource) -> None:
    response["item"][1]["answer"] = [{"valueString": "six"}]


def name_an_unknown_form(response: Resource) -> None:
    response["questionnaire"] = "https://w3id.org/nerve-triage/Questionnaire/example|9.9.9"


def refer_to_the_wrong_type(request: Resource) -> None:
    request["reasonReference"][0] = {"reference": "QuestionnaireResponse/response"}


def drop_a_required_element(observation: Resource) -> None:
    del observation["status"]


def add_an_element_that_r4_lacks(observation: Resource) -> None:
    observation["severity"] = "mild"


def use_a_status_outside_the_value_set(observation: Resource) -> None:
    observation["status"] = "nearly"


def break_an_invariant(observation: Resource) -> None:
    observation["dataAbsentReason"] = {"text": "was not asked"}


def use_an_unlisted_snomed_code(request: Resource) -> None:
    request["category"][0]["coding"][0] = {"system": SNOMED, "code": "73211009"}


def mistype_a_snomed_code(request: Resource) -> None:
    request["category"][0]["coding"][0] = {"system": SNOMED, "code": "3457006"}


FAULTS = [
    ("response.json", answer_outside_the_options, "error", "maybe"),
    ("request.json", use_a_code_that_our_system_lacks, "error", "maybe"),
    ("request.json", use_another_display_for_our_code, WRONG_DISPLAY, "Never"),
    ("request.json", set_our_own_unknown_system, "error", "forgotten"),
    ("request.json", claim_our_own_unknown_profile, "error", "forgotten"),
    ("request.json", use_our_own_unknown_extension, "error", "forgotten"),
    ("response.json", drop_link_id, "error", "linkId"),
    ("response.json", answer_a_question_that_was_not_asked, "error", "months"),
    ("response.json", leave_out_a_required_answer, "error", "numb"),
    ("response.json", answer_text_to_a_number, "error", "integer"),
    ("response.json", name_an_unknown_form, "error", "9.9.9"),
    ("request.json", refer_to_the_wrong_type, "error", "QuestionnaireResponse"),
    ("observation.json", drop_a_required_element, "error", "Observation.status"),
    ("observation.json", add_an_element_that_r4_lacks, "error", "severity"),
    ("observation.json", use_a_status_outside_the_value_set, "error", "nearly"),
    ("observation.json", break_an_invariant, "error", "obs-6"),
    ("request.json", use_an_unlisted_snomed_code, NOT_ALLOWED, "73211009"),
    ("request.json", mistype_a_snomed_code, NOT_ALLOWED, "check digit"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOUND, tmp_path / "resources"))


def change(file: Path, fault: Callable[[Resource], None]) -> None:
    resource = json.loads(file.read_text(encoding="utf-8"))
    fault(resource)
    file.write_text(json.dumps(resource), encoding="utf-8")


def test_sound_resources_have_no_errors(validator: Validator) -> None:
    report = validator.validate(SOUND)
    assert report.errors == ()
    assert report.resources == 4


def test_what_cannot_be_looked_up_without_network_is_counted_apart(validator: Validator) -> None:
    report = validator.validate(SOUND)
    assert "http://loinc.org#72514-3" in report.of("unknown-code")[0].message
    assert "us-core-servicerequest" in report.of("unknown-profile")[0].message


@pytest.mark.parametrize(
    ("name", "fault", "kind", "words"), FAULTS, ids=[fault.__name__ for _, fault, _, _ in FAULTS]
)
def test_each_planted_fault_is_found(
    validator: Validator, folder: Path, name: str, fault: Callable[[Resource], None], kind: str, words: str
) -> None:
    change(folder / name, fault)
    found = validator.validate(folder).errors
    assert [finding for finding in found if is_it(finding, name, kind, words)], found


def is_it(finding: Finding, name: str, kind: str, words: str) -> bool:
    return finding.file.name == name and finding.kind == kind and words in finding.message + finding.location


def test_faults_inside_a_bundle_are_found_and_placed(validator: Validator, folder: Path) -> None:
    change(folder / "observation.json", drop_a_required_element)
    entry = {"resource": json.loads((folder / "observation.json").read_text(encoding="utf-8"))}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "bundle.json").write_text(json.dumps(bundle), encoding="utf-8")
    assert any(
        "Bundle.entry[0].resource" in finding.location for finding in validator.validate(folder).errors
    )
