"""The forms and terminology that we publish are sound FHIR R4 in the eyes of HL7's validator."""

from __future__ import annotations

import pytest

from interop.harness import Validator
from interop.java_build import ROOT

pytestmark = pytest.mark.java


def test_forms_and_terminology_have_no_errors(validator: Validator) -> None:
    report = validator.validate(ROOT / "questionnaires")
    assert report.errors == ()
    assert report.resources > 1
