"""Refusals, each with the HTTP status and the OperationOutcome that tells why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Resource = dict[str, Any]


class Refusal(Exception):
    """A request that is not carried out: ``status`` is the HTTP status, ``code`` an R4 issue type."""

    def __init__(self, status: int, code: str, diagnostics: str, *, at: str | None = None) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.code = code
        self.diagnostics = diagnostics
        self.at = at

    def resource(self) -> Resource:
        """The OperationOutcome that goes to the caller."""
        return operation_outcome("error", self.code, self.diagnostics, at=self.at)

    def within(self, place: str) -> Refusal:
        """The same refusal, said of one entry of a Bundle."""
        at = f"{place}.{self.at}" if self.at else place
        return Refusal(self.status, self.code, f"{place}: {self.diagnostics}", at=at)


def operation_outcome(severity: str, code: str, diagnostics: str, *, at: str | None = None) -> Resource:
    """One OperationOutcome with one issue."""
    issue: Resource = {"severity": severity, "code": code, "diagnostics": diagnostics}
    if at:
        issue["expression"] = [at]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def warnings(sentences: Iterable[str]) -> Resource:
    """An OperationOutcome of one warning per sentence."""
    issues = [{"severity": "warning", "code": "not-supported", "diagnostics": text} for text in sentences]
    return {"resourceType": "OperationOutcome", "issue": issues}
