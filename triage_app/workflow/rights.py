"""What this launch may do in the record: what was asked for against what the EHR granted."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from triage_app.settings.scopes import CHART_USES, IDENTITY, USES, Use, covers
from triage_app.storage.rows import Launch

log = structlog.get_logger()

SUBMITTING = tuple(use for use in USES if use.letter == "c")
"""A submission goes as one transaction: without one of these the EHR would refuse it whole."""

DECIDING = tuple(
    use
    for use in USES
    if (use.resource, use.letter) in {("ServiceRequest", "c"), ("ServiceRequest", "u"), ("Task", "u")}
    or (use.resource, use.letter) == ("Provenance", "c")
)
REVIEWING = tuple(use for use in USES if use.letter == "s" and use.resource != "Provenance")


def missing(launch: Launch, uses: Iterable[Use]) -> tuple[Use, ...]:
    """Return the uses that the granted scopes, of either version, do not allow."""
    return tuple(use for use in uses if not covers(launch.scopes, use.resource, use.letter))


def may_submit(launch: Launch) -> bool:
    """Return whether answers can go into the record."""
    return not missing(launch, SUBMITTING)


def may_decide(launch: Launch) -> bool:
    """Return whether a suggestion can be accepted or declined."""
    return not missing(launch, DECIDING)


def may_review(launch: Launch) -> bool:
    """Return whether the answers and results of the past can be found."""
    return not missing(launch, REVIEWING)


def note_grant(launch: Launch, asked: Iterable[str]) -> None:
    """Log how the grant differs from what was asked; types and letters name no patient."""
    lacking = [f"{use.resource}.{use.letter}" for use in missing(launch, USES)]
    known = {*IDENTITY, *asked, "profile", "launch/patient", "launch/encounter", "offline_access"}
    uses = (*USES, *CHART_USES)
    extra = [
        scope
        for scope in launch.scopes
        if scope not in known and not any(covers([scope], use.resource, use.letter) for use in uses)
    ]
    if lacking or extra:
        log.info("grant_differs", ehr=launch.ehr, lacking=lacking, extra=len(extra))
