"""What a clinician reads for each code: signs, rules, patterns, limbs, questions and answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Value
from triage_app.clinical.assessment import Assessment, LimbAssessment
from triage_app.clinical.terms import Mode, Severity, Urgency
from triage_app.fhir.response_text import answer_text
from triage_app.fhir.terminology import Terminology
from triage_app.settings import EHR
from triage_app.workflow.filing import CLINICIAN_LANGUAGE

BLANK = "not answered"
HIGHEST_SCORE = 24


class ReviewWords:
    """The clinician's words of one pathway version, the site's time, and who reads (``Practitioner/7``)."""

    def __init__(self, pathway: Pathway, terms: Terminology, ehr: EHR, reader: str) -> None:
        self._reader = reader
        self._words = pathway.words_in(CLINICIAN_LANGUAGE)
        self._terms = terms
        self._ehr = ehr
        self._questions = {question.link_id: question for question in pathway.form.walk()}

    def flag(self, link_id: str) -> str:
        """Return the short name of a sign, with a capital."""
        return _capital(self._find("flag", link_id) or self._terms.display("flag", link_id))

    def rule(self, rule_id: str) -> str:
        """Return a rule's sentence."""
        return self._find("rule", rule_id)

    def pattern(self, code: str) -> str:
        """Return what the answers are similar to."""
        return self._find("pattern", code) or self._terms.display("pattern", code)

    def grade(self, limb: LimbAssessment) -> str:
        """Return the grade of a limb: ``Severe, with motor fibres involved``."""
        words = self.severity(limb.severity)
        return f"{words}, {self._find('severity', 'motor')}" if limb.motor else words

    def severity(self, severity: Severity) -> str:
        """Return one grade in a word, with a capital."""
        return _capital(self._find("severity", str(severity)) or str(severity))

    def limb(self, code: str) -> str:
        """Return a limb and side: ``Right arm``."""
        return self._terms.display("limb", code)

    def term(self, name: str, code: str) -> str:
        """Return the display of a code of one of our CodeSystems."""
        return self._terms.display(name, code)

    def urgency(self, found: Assessment) -> str:
        """Return how soon the person is to be seen, by the rules that decided."""
        if found.urgency is not Urgency.EMERGENCY and found.due_days is not None:
            return f"Seen within {found.due_days} day{'s' if found.due_days != 1 else ''}"
        return self.level(found.urgency)

    def instruction(self, found: Assessment) -> str:
        """Return what an emergency told the person to do; nothing where it is none."""
        if found.urgency is not Urgency.EMERGENCY:
            return ""
        go = found.mode is Mode.GO
        told = "go to the emergency department" if go else "call the emergency number"
        return f"The person was told at once to {told}. Whether they did is not known."

    def level(self, urgency: Urgency) -> str:
        """Return the words of a level alone."""
        return self._terms.display("urgency", urgency.name)

    def question(self, path: str) -> str:
        """Return a question as it was asked, with its limb where it has one."""
        limb, _, link_id = path.rpartition("/")
        question = self._questions.get(link_id)
        text = question.text if question else link_id
        return f"{text} ({self.limb(limb)})" if limb else text

    def answer(self, path: str, value: Value | None) -> str:
        """Return an answer in the words that were offered."""
        question = self._questions.get(path.rpartition("/")[2])
        if value is None:
            return BLANK
        return answer_text(question, value) if question else str(value)

    def person(self, reference: str, name: str) -> str:
        """Return who did something: by name where the chart has one, and whether that is the reader."""
        if not reference:
            return name or "somebody whom the record does not name"
        return f"you ({name or reference})" if reference == self._reader else name or reference

    def patterns(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return several patterns in words."""
        return tuple(self.pattern(code) for code in codes)

    def day(self, moment: datetime | None) -> str:
        """Return the site's date of a time: ``3 August 2026``."""
        if moment is None:
            return "on an unknown day"
        here = moment.astimezone(self._ehr.zone)
        return f"{here.day} {here:%B %Y}"

    def short_day(self, moment: datetime) -> str:
        """Return the site's date for a narrow place: ``3 Aug 26``."""
        here = moment.astimezone(self._ehr.zone)
        return f"{here.day} {here:%b %y}"

    def time(self, moment: datetime | None) -> str:
        """Return the site's date and time: ``3 August 2026, 14:02``."""
        if moment is None:
            return "at an unknown time"
        return f"{self.day(moment)}, {moment.astimezone(self._ehr.zone):%H:%M}"

    def written_day(self, text: str) -> str:
        """Return a FHIR date or dateTime as a date in words; anything else as it is."""
        try:
            found = date.fromisoformat(text) if len(text) == len("2026-08-03") else None
            return f"{found.day} {found:%B %Y}" if found else self.day(datetime.fromisoformat(text))
        except ValueError:
            return text

    def written_time(self, text: str) -> str:
        """Return a FHIR dateTime as date and time in words; anything else as it is."""
        try:
            return self.time(datetime.fromisoformat(text))
        except ValueError:
            return text

    def _find(self, table: str, key: str) -> str:
        found = self._words.find("clinician", table, key)
        return found if isinstance(found, str) else ""


def score_words(score: tuple[int, int]) -> str:
    """Return the display score: ``20``, or ``14–20`` where answers are missing."""
    low, high = score
    return str(low) if low == high else f"{low}–{high}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
