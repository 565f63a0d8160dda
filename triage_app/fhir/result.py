"""One submission with its result, and the clinician's sentences that every written resource draws on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.assessment import Assessment, LimbAssessment, Route
from triage_app.clinical.questionnaire import Questionnaire
from triage_app.clinical.terms import Severity, Urgency
from triage_app.fhir.filing import Filing, app_name
from triage_app.fhir.origin import Origin
from triage_app.fhir.response_text import answer_text
from triage_app.fhir.terminology import Terminology

APP_SIGN_OFF = "Not clinically signed off."


@dataclass(frozen=True)
class Wording:
    """What we call things to a clinician: the pathway, its rules by id, and our codes."""

    title: str
    rules: Mapping[str, str] = field(default_factory=dict)
    terms: Terminology = field(default_factory=Terminology)

    def rule(self, rule_id: str) -> str:
        """Return the sentence of a rule with its id: ``numb all the time (SV01)``."""
        words = self.rules.get(rule_id)
        return f"{words.rstrip('.')} ({rule_id})" if words else rule_id

    def reasons(self, rule_ids: Iterable[str]) -> str:
        """Return the sentences of several rules, each once."""
        return "; ".join(self.rule(rule_id) for rule_id in dict.fromkeys(rule_ids))


@dataclass(frozen=True)
class Result:
    """A submission: the answers in play, what the rules concluded, and everything around it.

    ``form`` is worded in the base language, ``shown`` as the person saw it. ``series`` are limbs whose
    severity we have written before: a limb of severity none is written only to go on with its series.
    ``corrections`` say which signs were first answered otherwise, ``chart_says`` where the chart and the
    answers differ, ``origins`` which answers were given beside a fact of the chart.
    """

    filing: Filing
    form: Questionnaire
    shown: Questionnaire
    answers: Answers
    assessment: Assessment
    wording: Wording
    series: frozenset[str] = frozenset()
    corrections: tuple[str, ...] = ()
    chart_says: tuple[str, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def app(self) -> str:
        """Return the name of the app as an author."""
        return app_name(self.filing.app_version)

    @property
    def sign_off(self) -> str:
        """Return what must stand wherever the content is not signed off."""
        return "" if self.filing.signed_off else APP_SIGN_OFF

    @property
    def written_limbs(self) -> tuple[LimbAssessment, ...]:
        """Return the limbs that get an Observation of their own."""
        return tuple(
            limb
            for limb in self.assessment.limbs
            if limb.severity is not Severity.NONE or limb.code in self.series
        )

    @property
    def asks_for_requests(self) -> bool:
        """Return whether suggestions are written: an emergency is acted on, self-care asks for nothing."""
        return self.assessment.urgency not in (Urgency.EMERGENCY, Urgency.SELF_CARE)

    @property
    def requests(self) -> tuple[Route, ...]:
        """Return the routes that get a ServiceRequest, in the order of the rules."""
        return self.assessment.routes if self.asks_for_requests else ()

    @property
    def asks_for_review(self) -> bool:
        """Return whether a clinician gets a Task: always but for self-care with every sign answered."""
        return self.assessment.urgency is not Urgency.SELF_CARE or self.assessment.incomplete

    def limb(self, code: str) -> Limb:
        """Return the answers about a limb; raise KeyError where there are none."""
        return {limb.code: limb for limb in self.answers.limbs}[code]

    @property
    def limb_names(self) -> Mapping[str, str]:
        """Return the limbs' names in the language shown; our codes are named in English only."""
        english = self.shown.language.split("-")[0] == "en"
        return self.wording.terms.displays.get("limb", {}) if english else {}

    def limb_name(self, code: str) -> str:
        """Return the limb in words: ``Right arm``."""
        return self.wording.terms.display("limb", code)

    def where(self, code: str) -> str:
        """Return the limb in words, with the place where it is worst: ``Right arm, worst in: hand``."""
        name = self.limb_name(code)
        region = self.limb(code).answers.get("region")
        question = next((q for q in self.form.walk() if q.link_id == "region"), None)
        if region is None or question is None:
            return name
        return f"{name}, worst: {answer_text(question, region).lower()}"
