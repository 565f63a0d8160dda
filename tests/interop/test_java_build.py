"""A machine that cannot have the Java programs is told why and what to do; a fault of ours is no excuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop import java_build
from interop.java_build import BuildError, availability

UNREACHABLE = (
    "[ERROR] Failed to execute goal on project interop: Could not transfer artifact "
    "ca.uhn.hapi.fhir:hapi-fhir-base:jar:8.8.0 from/to central: Connection refused -> [Help 1]"
)
OUR_FAULT = "[ERROR] COMPILATION ERROR :\n[ERROR] Server.java:[20,5] cannot find symbol"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing built yet, every tool there."""
    monkeypatch.setattr(java_build, "TARGET", tmp_path)
    monkeypatch.setattr(java_build, "build", java_build.build.__wrapped__)
    monkeypatch.setattr(java_build, "_java_release", lambda: 17)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")


def maven_says(monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    monkeypatch.setattr(java_build, "_maven", lambda *options: said)


def test_a_machine_without_java_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_build, "_java_release", lambda: None)
    assert "no Java development kit" in str(availability())
    assert "apt-get install openjdk-17-jdk-headless" in str(availability())


def test_a_java_without_compiler_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "javac" else name)
    assert "no Java development kit" in str(availability())


def test_an_old_java_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_build, "_java_release", lambda: 11)
    assert "Java 11 is installed, 17 or newer" in str(availability())


def test_a_machine_without_maven_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "mvn" else name)
    assert "Maven is not installed" in str(availability())


def test_a_repository_that_does_not_answer_is_said_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    maven_says(monkeypatch, UNREACHABLE)
    reason = str(availability())
    assert "Connection refused" in reason
    assert "mvn -f tests/interop/java compile" in reason


def test_code_of_ours_that_does_not_compile_is_a_failure_and_no_excuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maven_says(monkeypatch, OUR_FAULT)
    with pytest.raises(BuildError, match="cannot find symbol"):
        availability()
