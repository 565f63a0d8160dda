"""What an answer, a blank and a "not sure" mean to a rule (evidence §8.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from triage_app.clinical.answers import UNSURE, Limb, Value
from triage_app.clinical.logic import MET, NOT_MET, OPEN
from triage_app.clinical.terms import LimbKind
from triage_app.clinical.vocabulary import Item, ItemType, Scope, Vocabulary
from triage_app.errors import InvalidAnswer

if TYPE_CHECKING:
    from triage_app.clinical.judging import Decision, Judging

Test = Callable[["Meaning"], int]
"""Tells how far an expression holds: NOT_MET, OPEN, SOFT or MET."""


@dataclass(frozen=True)
class Reader:
    """How the answers of one pathway version are read, whoever gave them."""

    vocabulary: Vocabulary
    flag_details: frozenset[str]

    @cached_property
    def plain(self) -> Mapping[LimbKind | None, Mapping[str, frozenset[str]]]:
        """Return, for the person (None) and each kind of limb, the answers that mean just what they say."""
        items = self.vocabulary.items.values()
        by_kind: dict[LimbKind | None, Mapping[str, frozenset[str]]] = {
            kind: {
                item.link_id: item.plain for item in items if item.scope is Scope.LIMB and kind in item.limbs
            }
            for kind in LimbKind
        }
        return by_kind | {None: {item.link_id: item.plain for item in items if item.scope is Scope.PERSON}}

    @cached_property
    def unasked(self) -> Mapping[LimbKind, Mapping[str, Value]]:
        """Return, for each kind of limb, what the items mean that it is never asked."""
        items = self.vocabulary.items.values()
        return {
            kind: {
                item.link_id: item.unasked
                for item in items
                if item.scope is Scope.LIMB and kind not in item.limbs
            }
            for kind in LimbKind
        }


class Meaning(dict[str, Value | None]):
    """What each item means, worked out when first asked for; None is not known.

    One Meaning is the person's (``limb`` is None); each limb has its own, which asks the person's
    for whatever is not about a limb. ``partial``: the form is still being filled in, so a blank
    detail is not yet asked rather than as bad as can be.
    """

    def __init__(
        self,
        reader: Reader,
        given: Mapping[str, Value],
        judging: Judging,
        *,
        person: Meaning | None = None,
        limb: Limb | None = None,
        partial: bool = False,
    ) -> None:
        super().__init__(() if person is None else person)
        if limb is not None:
            self.update(reader.unasked[limb.kind])
        plain = reader.plain[limb.kind if limb else None]
        self.update({key: value for key, value in given.items() if value in plain.get(key, ())})
        self.reader = reader
        self.given = (
            given if limb is None else {**given, "limb.kind": limb.kind.value, "side": limb.side.value}
        )
        self.judging = judging
        self.person = self if person is None else person
        self.limb = limb.code if limb else None
        self.kind = limb.kind if limb else None
        self.side = limb.side if limb else None
        self.partial = partial
        self.truths: dict[str, int] = {}
        self.decided: dict[str, Decision] = {}

    def refuse(self, refusals: Mapping[tuple[str, Value | None], tuple[str, ...]]) -> None:
        """Note the rules that are not met whatever else is read, by what is known from the start."""
        refused = (refusals.get(known, ()) for known in self.items())
        self.truths = dict.fromkeys(chain.from_iterable(refused), NOT_MET)

    def __missing__(self, link_id: str) -> Value | None:
        item = self.reader.vocabulary.items[link_id]
        if self.limb is not None and item.scope is Scope.PERSON:
            value = self.person[link_id]
        else:
            value = self._read(item)
        self[link_id] = value
        return value

    def path(self, link_id: str) -> str:
        """Return the path of an answer: ``arm-right/const``, or ``rf.stroke`` for the person's."""
        if self.limb is None or self.reader.vocabulary.items[link_id].scope is Scope.PERSON:
            return link_id
        return f"{self.limb}/{link_id}"

    def raw(self, link_id: str) -> Value | None:
        """Return the answer as it was given, None for a blank."""
        item = self.reader.vocabulary.items[link_id]
        return (self.person if item.scope is Scope.PERSON else self).given.get(link_id)

    def in_play(self, link_id: str) -> int:
        """Return whether the item is asked: MET, NOT_MET, or OPEN where that hangs on a blank."""
        item = self.reader.vocabulary.items[link_id]
        if item.scope is Scope.LIMB and self.kind not in item.limbs:
            return NOT_MET
        return min(self._opened(item), self._asked(item))

    def _read(self, item: Item) -> Value | None:
        given = self._checked(item)
        if not self.kind_fits(item):
            return item.unasked
        if item.calculated or (given is not None and not item.parents):
            return self._said(item, given)
        if item.flag_class and self._detail_given(item):
            return "yes"
        opened = self._opened(item)
        if opened != MET:
            return None if opened == OPEN else item.unasked
        asked = MET if given is not None else self._asked(item)
        if asked == NOT_MET:
            return item.unasked
        return self._said(item, given)

    def kind_fits(self, item: Item) -> bool:
        """Return whether the item is asked of this kind of limb (or of the person)."""
        return item.scope is Scope.PERSON or self.kind in item.limbs

    def _said(self, item: Item, given: Value | None) -> Value | None:
        worst_when_missing = item.worst_when_missing or item.link_id in self.reader.flag_details
        if given is None:
            return item.worst if worst_when_missing and not self.partial else None
        if given in (UNSURE, (UNSURE,)):
            return item.worst if worst_when_missing else UNSURE
        return given

    def _checked(self, item: Item) -> Value | None:
        given = self.given.get(item.link_id)
        if given is None or item.is_number:
            return given
        codes = (given,) if isinstance(given, str) else given
        for code in codes if isinstance(codes, tuple) else ():
            if code not in item.options and code != UNSURE:
                raise InvalidAnswer(item.link_id, f"found {code}, expected one of {', '.join(item.options)}")
        return codes if item.type is ItemType.MULTI else given

    def _detail_given(self, flag: Item) -> bool:
        return any(detail.link_id in self.given for detail in self.reader.vocabulary.details[flag.link_id])

    def _opened(self, item: Item) -> int:
        """Return whether a parent of the item has an answer that opens it."""
        if not item.parents:
            return MET
        openers = self.reader.vocabulary.openers[item.link_id]
        return max((self._opens(parent, item) for parent in openers), default=NOT_MET)

    def _opens(self, parent: Item, item: Item) -> int:
        if not self.kind_fits(parent):
            return NOT_MET
        value = self[parent.link_id]
        if value is None:
            return OPEN
        codes = value if isinstance(value, tuple) else (value,)
        return MET if any(code in item.when for code in codes) else NOT_MET

    def _asked(self, item: Item) -> int:
        """Return whether a gate of the item stands open, and the person is old enough for it."""
        if item.age_from is not None:
            age = self["age"]
            if isinstance(age, Decimal) and age < item.age_from:
                return NOT_MET
        if not item.gates and not item.gate_limbs:
            return MET
        gates = max((self._gate(gate) for gate in item.gates), default=NOT_MET)
        return max(gates, self._limb_gate(item.gate_limbs)) if item.gate_limbs else gates

    def _gate(self, link_id: str) -> int:
        value = self[link_id]
        if value is None:
            return OPEN
        return NOT_MET if value in ((), self.reader.vocabulary.items[link_id].options[0]) else MET

    def _limb_gate(self, kinds: frozenset[LimbKind]) -> int:
        if any(limb.kind in kinds for limb in self.judging.limbs):
            return MET
        return OPEN if self.partial else NOT_MET
