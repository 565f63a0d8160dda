"""The names that a rule can read though nobody answered them: severity, urgency, patterns, flags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage_app.clinical.logic import COMPARE, MET, NOT_MET, OPEN, truth_of
from triage_app.clinical.meaning import Meaning, Test
from triage_app.clinical.syntax import Compare, Expression, Name, OneOf
from triage_app.clinical.terms import Severity, Urgency
from triage_app.clinical.vocabulary import Vocabulary
from triage_app.errors import ContentError


@dataclass(frozen=True)
class Truthful:
    """A derived value that is true, false or open."""

    read: Test

    def test(self, expression: Expression, vocabulary: Vocabulary, *, where: str) -> Test:
        """Return the check of the bare name; raise ContentError where it is compared with something."""
        del vocabulary
        if not isinstance(expression, Name):
            raise ContentError(f"{where}: found a comparison with a name that is only true or false")
        return self.read


@dataclass(frozen=True)
class Numeric:
    """A derived whole number; the bare name asks whether it is one or more."""

    read: Callable[[Meaning], int]

    def test(self, expression: Expression, vocabulary: Vocabulary, *, where: str) -> Test:
        """Return the comparison with a whole number."""
        del vocabulary
        read = self.read
        if isinstance(expression, Name):
            return lambda meaning: truth_of(read(meaning) >= 1)
        if not isinstance(expression, Compare) or not expression.literal.lstrip("-").isdigit():
            raise ContentError(f"{where}: expected a comparison with a whole number")
        compare, number = COMPARE[expression.operator], int(expression.literal)
        return lambda meaning: truth_of(compare(read(meaning), number))


@dataclass(frozen=True)
class Graded:
    """A derived value on a ladder, least first; ``unknown`` equals only itself and is open to any order."""

    read: Callable[[Meaning], str]
    ladder: tuple[str, ...]

    def test(self, expression: Expression, vocabulary: Vocabulary, *, where: str) -> Test:
        """Return the comparison with a code of the ladder."""
        del vocabulary
        codes, read = _codes(expression, where), self.read
        known = {code: self._holds(expression, codes, code, where) for code in self.ladder}
        known[Severity.UNKNOWN] = self._unknown(expression, codes)
        return lambda meaning: known[read(meaning)]

    def _holds(self, expression: Expression, codes: tuple[str, ...], found: str, where: str) -> int:
        for code in codes:
            if code not in (*self.ladder, Severity.UNKNOWN):
                raise ContentError(f"{where}: found {code}, expected one of {', '.join(self.ladder)}")
        if isinstance(expression, OneOf) or codes == (Severity.UNKNOWN,):
            return truth_of((found in codes) is not _unequal(expression))
        assert isinstance(expression, Compare)  # noqa: S101 - narrows the type
        return truth_of(COMPARE[expression.operator](self.ladder.index(found), self.ladder.index(codes[0])))

    @staticmethod
    def _unknown(expression: Expression, codes: tuple[str, ...]) -> int:
        if Severity.UNKNOWN in codes:
            return NOT_MET if _unequal(expression) else MET
        return OPEN


@dataclass(frozen=True)
class Coded:
    """A derived code without order, one or (on a tie) several."""

    read: Callable[[Meaning], frozenset[str]]
    known: Callable[[Vocabulary], frozenset[str]]

    def test(self, expression: Expression, vocabulary: Vocabulary, *, where: str) -> Test:
        """Return whether one of the codes is among those found."""
        codes, read = frozenset(_codes(expression, where)), self.read
        for code in codes - self.known(vocabulary):
            raise ContentError(
                f"{where}: found {code}, expected one of {', '.join(sorted(self.known(vocabulary)))}"
            )
        wanted = not _unequal(expression)
        return lambda meaning: truth_of((not codes.isdisjoint(read(meaning))) is wanted)


Derived = Truthful | Numeric | Graded | Coded


def _codes(expression: Expression, where: str) -> tuple[str, ...]:
    if isinstance(expression, OneOf):
        return expression.codes
    if isinstance(expression, Compare):
        return (expression.literal,)
    raise ContentError(f"{where}: found a name alone that holds a code, expected a comparison")


def _unequal(expression: Expression) -> bool:
    return isinstance(expression, Compare) and expression.operator == "!="


_GRADES = ("none", "mild", "moderate", "severe")
_URGENCIES = tuple(urgency.name for urgency in Urgency)

SEVERITY_NAMES = frozenset({"severity", "motor"})
PATTERN_NAMES = frozenset(
    {
        "leading_weight",
        "next_weight",
        "leading_kind",
        "leading_pattern",
        "compressive_weight",
        "flag_pattern",
        "self_care_pattern",
        "lead",
        "one_pattern",
    }
)

DERIVED: dict[str, Derived] = {
    "severity": Graded(lambda meaning: meaning.judging.severity(meaning), _GRADES),
    "motor": Truthful(lambda meaning: truth_of(meaning.judging.motor(meaning))),
    "urgency": Graded(lambda meaning: meaning.judging.urgency_before().name, _URGENCIES),
    "leading_weight": Numeric(lambda meaning: meaning.judging.patterns.of(meaning).leading_weight),
    "next_weight": Numeric(lambda meaning: meaning.judging.patterns.of(meaning).next_weight),
    "lead": Numeric(lambda meaning: meaning.judging.patterns.of(meaning).lead),
    "compressive_weight": Numeric(
        lambda meaning: meaning.judging.patterns.weight_of_kind(meaning, "compressive")
    ),
    "leading_kind": Coded(
        lambda meaning: meaning.judging.patterns.leading_kinds(meaning),
        lambda vocabulary: frozenset(pattern.kind for pattern in vocabulary.patterns.values()),
    ),
    "leading_pattern": Coded(
        lambda meaning: frozenset(meaning.judging.patterns.of(meaning).leaders),
        lambda vocabulary: frozenset(vocabulary.patterns),
    ),
    "flag_pattern": Truthful(lambda meaning: truth_of(bool(meaning.judging.patterns.named_by_flags))),
    "self_care_pattern": Truthful(lambda meaning: meaning.judging.patterns.self_care(meaning)),
    "one_pattern": Truthful(lambda meaning: meaning.judging.patterns.same_everywhere()),
    "all_flags_no": Truthful(lambda meaning: truth_of(meaning.judging.all_flags_no())),
    "everything_answered": Truthful(lambda meaning: truth_of(meaning.judging.everything_answered())),
    "past_flags": Numeric(lambda meaning: len(meaning.judging.past_flags())),
}
