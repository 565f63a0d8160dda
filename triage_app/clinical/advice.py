"""Chooses the self-care advice that may be shown, and withholds what could harm (evidence §6)."""

from __future__ import annotations

from triage_app.clinical.answers import Answers
from triage_app.clinical.assessment import Assessment


def advice_for(answers: Answers, found: Assessment) -> tuple[str, ...]:
    """Return the codes of the advice to show, in order."""
    return ()
