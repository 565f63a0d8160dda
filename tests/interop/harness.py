"""Runs the two Java programs of `java/`: a HAPI FHIR server and HL7's validator."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from interop.allowed_codes import allowed_codes, displays_of, faults_in, wrong_displays_in
from interop.java_build import ROOT, TARGET, BuildError, availability, build

MODEST = ["-Xmx1g", "-XX:+UseSerialGC"]
QUICK_START = ["-XX:TieredStopAtLevel=1"]
QUIET = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-Djava.awt.headless=true"]
START_SECONDS = 600
STOP_SECONDS = 15

__all__ = ["Finding", "HapiServer", "Report", "Validator", "availability", "product_definitions", "validate"]

NOT_ALLOWED = "not-allowed-code"
WRONG_DISPLAY = "wrong-display"


@dataclass(frozen=True)
class Finding:
    """One message about one file.

    `kind` is error, warning, information, unknown-code or unknown-profile (what cannot be looked up without
    network), not-allowed-code (a foreign code that is not as in allowed_codes.toml) or wrong-display (of a
    code of our own).
    """

    file: Path
    kind: str
    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.file.name}: {self.location}: {self.kind}: {self.message}"


@dataclass(frozen=True)
class Report:
    """What the validator and the list of codes say about a folder."""

    resources: int
    findings: tuple[Finding, ...]

    def of(self, *kinds: str) -> tuple[Finding, ...]:
        """The findings of these kinds."""
        return tuple(finding for finding in self.findings if finding.kind in kinds)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be mended."""
        return self.of("error", NOT_ALLOWED, WRONG_DISPLAY)


def product_definitions() -> list[Path]:
    """The forms and terminology of the repository."""
    forms = (ROOT / "questionnaires").glob("*/*/questionnaire.json")
    return [*sorted(forms), ROOT / "questionnaires" / "terminology"]


class _Program:
    """A Java program that says READY, reads commands and stops when its input closes."""

    def __init__(self, main: str, arguments: Sequence[str | Path], *, java: Sequence[str] = ()) -> None:
        options = [*MODEST, *QUIET, *java, "-cp", build()]
        self._command = ["java", *options, f"interop.{main}", *map(str, arguments)]
        self._log = TARGET / f"{main.lower()}.log"

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        alarm = threading.Timer(START_SECONDS, self._process.kill)
        alarm.start()
        try:
            self._ready(self._line())
        except BaseException:
            self._stop()
            raise
        finally:
            alarm.cancel()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _ready(self, line: str) -> None:
        if not line.startswith("READY"):
            raise BuildError(f"{self._command[-1]} said {line!r} instead of READY; see {self._log}")

    def _line(self) -> str:
        """The next line that the program prints; raises BuildError with the end of its log when it ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().rstrip("\n")
        if not line:
            self._process.wait()
            raise BuildError(
                f"the Java program ended. Its log {self._log} ends: {self._log.read_text()[-2000:]}"
            )
        return line

    def _stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class HapiServer(_Program):
    """A HAPI FHIR R4 server on loopback: in memory, it refuses what does not validate.

    It holds the given definitions and nothing else. `base_url` is set on entry.
    """

    def __init__(self, *, definitions: Sequence[Path] = (), port: int = 0) -> None:
        super().__init__("Server", [str(port), *definitions], java=QUICK_START)
        self.base_url = ""

    def _ready(self, line: str) -> None:
        super()._ready(line)
        self.base_url = f"http://127.0.0.1:{line.split()[1]}/fhir"


class Validator(_Program):
    """HL7's validator, kept running so that each further folder costs little."""

    def __init__(self, *, definitions: Sequence[Path] = ()) -> None:
        super().__init__("Validate", ["--definitions", *definitions])
        self._allowed = allowed_codes()
        self._displays = displays_of(file for place in definitions for file in _json_files(place))

    def validate(self, folder: Path) -> Report:
        """Hold every JSON resource below the folder against R4, the definitions and the lists of codes."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        findings = []
        while "done" not in (line := json.loads(self._line())):
            findings.append(_finding(line))
        for file in _json_files(folder):
            findings += [
                Finding(file, NOT_ALLOWED, text, place) for place, text in faults_in(file, self._allowed)
            ]
            wrong = wrong_displays_in(file, self._displays)
            findings += [Finding(file, WRONG_DISPLAY, text, place) for place, text in wrong]
        return Report(line["resources"], tuple(findings))


def validate(folder: Path, *, definitions: Sequence[Path] | None = None) -> Report:
    """Validate one folder (starts the validator for it; several folders: keep a Validator)."""
    with Validator(definitions=product_definitions() if definitions is None else definitions) as validator:
        return validator.validate(folder)


def _finding(line: dict[str, Any]) -> Finding:
    return Finding(Path(line["file"]), line["class"], line["message"], line.get("location") or "")


def _json_files(place: Path) -> list[Path]:
    return sorted(place.rglob("*.json")) if place.is_dir() else [place]
