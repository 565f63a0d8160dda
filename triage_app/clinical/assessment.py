"""What the rules conclude from the answers, with the whole way there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from triage_app.clinical.answers import Value
from triage_app.clinical.terms import LimbKind, Mode, Severity, Side, Truth, Urgency


@dataclass(frozen=True)
class RuleOutcome:
    """One rule, once per person or per limb, in the trace."""

    rule_id: str
    limb: str | None  # "arm-right", or None for a person's rule
    truth: Truth
    inputs: Mapping[str, Value | None]  # path -> value, None where it was blank
    urgency: Urgency | None  # the floor that it gave (after unsure caps), None when it gave none
    sources: tuple[str, ...]
    softened: bool = False  # met only because an unsure answer is read as the next worse one


@dataclass(frozen=True)
class Finding:
    """A red flag that was raised, is unsure, or is past; with the answers that raised it."""

    flag: str
    state: str  # "raised", "unsure", "past"
    raised_by: Mapping[str, Value]
    urgency: Urgency | None


@dataclass(frozen=True)
class PatternScore:
    """A nerve pattern that the answers are similar to; never a diagnosis."""

    code: str
    weight: int
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """Where the suggestion sends the person, and the rules that say so."""

    code: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """The smallest change of answers that would have changed the outcome, for one deciding rule.

    No ``answers``: neither a single answer nor two together would have changed it.
    """

    rule_id: str
    limb: str | None
    answers: tuple[tuple[str, Value | None, Value], ...]  # (path, as it is, as it would be)
    urgency: Urgency | None  # what it would have been
    complete: bool = True  # False: the search stopped before everything was tried


@dataclass(frozen=True)
class LimbAssessment:
    """One limb and side: grade by the worst anchor, display score 0-24 as (lowest, highest possible)."""

    kind: LimbKind
    side: Side
    severity: Severity
    motor: bool
    score: tuple[int, int]
    anchors: tuple[str, ...]  # ids of the rules that set the grade
    patterns: tuple[PatternScore, ...]  # those that may be named, best first; () is "no pattern fits"

    @property
    def code(self) -> str:
        """Return the limb's code, for instance ``arm-right``."""
        return f"{self.kind}-{self.side}"


@dataclass(frozen=True)
class Assessment:
    """The result of one pathway version over one set of answers. Deterministic."""

    pathway: str
    version: str
    checksum: str
    urgency: Urgency
    mode: Mode | None  # of an EMERGENCY
    due_days: int | None  # nearer than the urgency's own window
    determined: bool  # False: an emergency or same-day sign was left blank
    severity: Severity  # the worst limb
    limbs: tuple[LimbAssessment, ...]
    patterns: tuple[PatternScore, ...]  # every one, for the clinician: flags' first, then by weight
    routes: tuple[Route, ...]
    flags: tuple[Finding, ...]
    notes: tuple[str, ...]  # ids of met rules that only tell the clinician something
    contradictions: tuple[str, ...]  # linkIds to ask again (SP12)
    decided_by: tuple[str, ...]  # met rules at the winning urgency
    trace: Sequence[RuleOutcome] = field(repr=False, default=())

    @property
    def incomplete(self) -> bool:
        """Return whether a sign that must be known was left blank."""
        return not self.determined
