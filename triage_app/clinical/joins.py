"""Joins checks: all, any, not, over the limbs; each knows how far it holds, and because of which answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage_app.clinical.atoms import Atom
from triage_app.clinical.logic import MET, NOT_MET, OPEN, OPPOSITE, SOFT, truth_of
from triage_app.clinical.meaning import Meaning, Test
from triage_app.clinical.syntax import Quantity
from triage_app.clinical.terms import LimbKind, Side
from triage_app.clinical.vocabulary import Item

Reasons = Callable[[Meaning], frozenset[str]]
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Check:
    """One compiled expression. ``reasons`` gives the paths of the answers because of which it is met.

    ``needs`` are single answers (linkId and comparison) without each of which it fails.
    """

    truth: Test
    reasons: Reasons
    needs: tuple[tuple[str, Atom], ...] = ()


def no_reasons(_: Meaning) -> frozenset[str]:
    """Return no reason: what is met for want of something has none."""
    return NOTHING


A_LIMB = Check(lambda _: MET, lambda meaning: frozenset({f"{meaning.limb}/region"}))
"""Holds for every limb."""


def answer_check(link_id: str, atom: Atom) -> Check:
    """Return the check of one answer."""

    def truth(meaning: Meaning) -> int:
        return atom(meaning[link_id])

    def reasons(meaning: Meaning) -> frozenset[str]:
        return frozenset({meaning.path(link_id)}) if truth(meaning) >= SOFT else NOTHING

    return Check(truth, reasons, ((link_id, atom),))


def given_check(item: Item, *, blank: bool) -> Check:
    """Return whether an item that is in play was left blank, or was answered."""

    def truth(meaning: Meaning) -> int:
        if meaning.in_play(item.link_id) == NOT_MET:
            return NOT_MET
        return truth_of((meaning.raw(item.link_id) is None) is blank)

    return Check(
        truth, lambda meaning: frozenset({meaning.path(item.link_id)}) if truth(meaning) else NOTHING
    )


def met_check(rule_id: str) -> Check:
    """Return whether another rule is met; one that cannot be evaluated is not."""

    def truth(meaning: Meaning) -> int:
        found = meaning.judging.truth(rule_id, meaning)
        return found if found >= SOFT else NOT_MET

    return Check(truth, lambda meaning: meaning.judging.reasons(rule_id, meaning))


def opposite(check: Check) -> Check:
    """Return the check that holds when the other fails; no answer is the reason for it."""

    inner = check.truth
    return Check(lambda meaning: OPPOSITE[inner(meaning)], no_reasons)


def firmly(test: Test) -> Test:
    """Return the test under which what hangs on an unsure answer is open."""

    def firm(meaning: Meaning) -> int:
        truth = test(meaning)
        return OPEN if truth == SOFT else truth

    return firm


def all_of(checks: list[Check]) -> Check:
    """Return the check that holds when all do."""

    tests = tuple(check.truth for check in checks)

    def truth(meaning: Meaning) -> int:
        lowest = MET
        for test in tests:
            value = test(meaning)
            if value < lowest:
                if value == NOT_MET:
                    return NOT_MET
                lowest = value
        return lowest

    def reasons(meaning: Meaning) -> frozenset[str]:
        if truth(meaning) < SOFT:
            return NOTHING
        return NOTHING.union(*(check.reasons(meaning) for check in checks))

    return Check(truth, reasons, tuple(need for check in checks for need in check.needs))


def any_of(checks: list[Check]) -> Check:
    """Return the check that holds when one does; the reasons are those of all that do."""

    tests = tuple(check.truth for check in checks)

    def truth(meaning: Meaning) -> int:
        highest = NOT_MET
        for test in tests:
            value = test(meaning)
            if value > highest:
                if value == MET:
                    return MET
                highest = value
        return highest

    return Check(truth, lambda meaning: NOTHING.union(*(check.reasons(meaning) for check in checks)))


def if_in_play(link_id: str, check: Check) -> Check:
    """Return the check, which an item that is not in play does not hinder."""

    def truth(meaning: Meaning) -> int:
        return check.truth(meaning) if meaning.in_play(link_id) else MET

    return Check(truth, lambda meaning: check.reasons(meaning) if meaning.in_play(link_id) else NOTHING)


def over_limbs(quantity: Quantity, kinds: frozenset[LimbKind], body: Check) -> Check:
    """Return the check over the limbs of those kinds; without any it fails, or is open in a partial form."""

    def limbs(meaning: Meaning) -> list[Meaning]:
        return [limb for limb in meaning.judging.limbs if limb.kind in kinds]

    def truth(meaning: Meaning) -> int:
        return _HOW_MANY[quantity](limbs(meaning), body.truth, OPEN if meaning.partial else NOT_MET)

    def reasons(meaning: Meaning) -> frozenset[str]:
        if truth(meaning) < SOFT:
            return NOTHING
        return NOTHING.union(*(body.reasons(limb) for limb in limbs(meaning)))

    return Check(truth, reasons)


def _any_of(limbs: list[Meaning], test: Test, unknown: int) -> int:
    return max((test(limb) for limb in limbs), default=unknown)


def _every_of(limbs: list[Meaning], test: Test, unknown: int) -> int:
    return min((test(limb) for limb in limbs), default=unknown)


def _both_of(limbs: list[Meaning], test: Test, unknown: int) -> int:
    sides = ([limb for limb in limbs if limb.side is side] for side in (Side.LEFT, Side.RIGHT))
    return min(_any_of(side, test, unknown) for side in sides)


_HOW_MANY: dict[Quantity, Callable[[list[Meaning], Test, int], int]] = {
    Quantity.ANY: _any_of,
    Quantity.EVERY: _every_of,
    Quantity.BOTH: _both_of,
}
