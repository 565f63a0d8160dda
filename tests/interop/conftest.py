"""One HAPI server and one validator for the whole run, or the reason why they cannot be had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import require

from interop.harness import HapiServer, Validator, availability, product_definitions

EXAMPLE_DEFINITIONS = Path(__file__).parent / "fixtures" / "definitions"


@pytest.fixture(scope="session")
def java() -> None:
    """Skip the test where the Java programs cannot be had."""
    reason = availability()
    if reason:
        require("java", reason)


@pytest.fixture(scope="session")
def hapi(java: None) -> Iterator[HapiServer]:
    """A FHIR server that knows our forms and terminology, and those of the examples. Tests share it."""
    with HapiServer(definitions=[*product_definitions(), EXAMPLE_DEFINITIONS]) as server:
        yield server


@pytest.fixture(scope="session")
def validator(java: None) -> Iterator[Validator]:
    """HL7's validator with our forms and terminology, and those of the examples."""
    with Validator(definitions=[*product_definitions(), EXAMPLE_DEFINITIONS]) as running:
        yield running
