"""What an urgency means in priorities, days and due times of the written resources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from triage_app.clinical.assessment import Assessment
from triage_app.clinical.terms import Urgency

PRIORITY: Mapping[Urgency, str] = MappingProxyType(
    {
        Urgency.EMERGENCY: "stat",
        Urgency.SAME_DAY: "asap",
        Urgency.URGENT_2W: "urgent",
        Urgency.SOON: "routine",
        Urgency.ROUTINE: "routine",
        Urgency.SELF_CARE: "routine",
    }
)

WINDOW_DAYS: Mapping[Urgency, int] = MappingProxyType(
    {
        Urgency.EMERGENCY: 0,
        Urgency.SAME_DAY: 1,
        Urgency.URGENT_2W: 14,
        Urgency.SOON: 42,
        Urgency.ROUTINE: 126,
        Urgency.SELF_CARE: 42,
    }
)
"""The longest time until the person is seen."""

REVIEW_HOURS: Mapping[Urgency, int] = MappingProxyType(
    {
        Urgency.EMERGENCY: 1,
        Urgency.SAME_DAY: 4,
        Urgency.URGENT_2W: 48,
        Urgency.SOON: 7 * 24,
        Urgency.ROUTINE: 14 * 24,
        Urgency.SELF_CARE: 14 * 24,
    }
)
"""The longest time until a clinician has looked; a proposal of the project, to be signed off by a site."""

INCOMPLETE_REVIEW_HOURS = 24


def priority(assessment: Assessment) -> str:
    """Return the R4 request priority."""
    return PRIORITY[assessment.urgency]


def window_days(assessment: Assessment) -> int:
    """Return within how many days the person is to be seen; a rule may have named fewer."""
    days = WINDOW_DAYS[assessment.urgency]
    return days if assessment.due_days is None else min(days, assessment.due_days)


def review_due(assessment: Assessment, start: datetime) -> datetime:
    """Return until when a clinician is to look at it, never after the person is to be seen."""
    hours = REVIEW_HOURS[assessment.urgency]
    if assessment.incomplete:
        hours = min(hours, INCOMPLETE_REVIEW_HOURS)
    if assessment.urgency is not Urgency.EMERGENCY:
        hours = min(hours, 24 * window_days(assessment))
    return start + timedelta(hours=hours)
