"""The words shared by forms, rules, cases and stored answers: items, patterns and routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property

from triage_app.clinical.answers import Value
from triage_app.clinical.terms import FlagClass, LimbKind


class ItemType(StrEnum):
    """How a question is answered; ``yesno`` is a choice of no, (unsure), yes."""

    YESNO = "yesno"
    CHOICE = "choice"
    MULTI = "multi"
    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"


class Scope(StrEnum):
    """Who or what is asked about: the person once, or each limb."""

    PERSON = "person"
    LIMB = "limb"


@dataclass(frozen=True)
class Item:
    """One question. ``options`` stand in order of concern, least first."""

    link_id: str
    type: ItemType
    options: tuple[str, ...] = ()
    ordered: bool = True
    scope: Scope = Scope.PERSON
    flag_class: FlagClass | None = None  # set: the item is a red flag
    gates: tuple[str, ...] = ()  # asked while one of these has any answer but its first option…
    gate_limbs: frozenset[LimbKind] = frozenset()  # …or while a limb of such a kind is affected
    age_from: int | None = None  # asked only from this age; a blank age counts as old enough
    parents: tuple[str, ...] = ()  # a detail: in play while one of these (or of this family) is answered…
    when: tuple[str, ...] = ("unsure", "yes")  # …so
    limbs: frozenset[LimbKind] = frozenset(LimbKind)
    normal: Value | None = None  # what "every other answer is no or normal" means here
    bare_worst: bool = False  # in a case: left blank where only the bare flag is named
    worst_when_missing: bool = False  # blank or unsure reads as the worst answer; so does every flag detail
    unsure_open: bool = False  # unsure meets only a rule that names it
    calculated: bool = False  # worked out by the program or entered by a clinician: never asked
    private: bool = False  # shown to the clinician only
    unread: str = ""  # why it is asked although no rule reads it
    rising: bool = True  # of a number: more is worse
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: str = ""

    @property
    def is_number(self) -> bool:
        """Return whether the answer is a number."""
        return self.type in (ItemType.INTEGER, ItemType.DECIMAL)

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """Return the options that say something, least first: all but ``unsure``."""
        return tuple(code for code in self.options if code != "unsure")

    @cached_property
    def plain(self) -> frozenset[str]:
        """Return the answers that mean just what they say, whatever else was answered."""
        single = self.type in (ItemType.YESNO, ItemType.CHOICE)
        return frozenset(self.answers) if single and not self.parents else frozenset()

    @property
    def worst(self) -> Value:
        """Return the answer of most concern."""
        if self.is_number:
            return (self.maximum if self.rising else self.minimum) or Decimal(0)
        if self.type is ItemType.MULTI:
            return tuple(code for code in self.answers if code != "none")
        return self.answers[-1]

    @property
    def unasked(self) -> Value:
        """Return what not being asked means: a red flag is then a no, any other says nothing."""
        return "no" if self.flag_class else ()

    def worse(self, one: Value, other: Value) -> Value:
        """Return the answer of more concern; of several codes, all of them."""
        if isinstance(one, Decimal) and isinstance(other, Decimal):
            return max(one, other) if self.rising else min(one, other)
        if isinstance(one, tuple) and isinstance(other, tuple):
            return tuple(code for code in self.options if code in {*one, *other})
        return max(one, other, key=lambda code: self.rank(str(code)))

    def rank(self, code: str) -> int:
        """Return the place of a code in the order of concern; raise ValueError on an unknown one."""
        return self.options.index(code)


@dataclass(frozen=True)
class Pattern:
    """A nerve pattern. ``kind`` (compressive, root, cord, …) chooses routes; never an urgency."""

    code: str
    label: str
    kind: str
    self_care: bool = False


@dataclass(frozen=True)
class RouteTerm:
    """A route that can be suggested; ``performer_type`` is a SNOMED CT code, or empty for text only."""

    code: str
    means: str
    performer_type: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """All words of one pathway version."""

    version: str
    items: Mapping[str, Item]
    patterns: Mapping[str, Pattern]
    routes: Mapping[str, RouteTerm]
    regions: Mapping[str, LimbKind]
    findings: Mapping[str, FlagClass] = field(default_factory=dict)  # flags that only rules raise
    aliases: Mapping[str, str] = field(default_factory=dict)  # another name of a pattern

    def family(self, pattern: str) -> tuple[Item, ...]:
        """Return the items of a family: ``t.*`` is every ``t.<one name>``, in file order."""
        depth = pattern.count(".")
        return tuple(
            item
            for item in self.items.values()
            if item.link_id.count(".") == depth and fnmatchcase(item.link_id, pattern)
        )

    @cached_property
    def flags(self) -> tuple[Item, ...]:
        """Return the red flags that are asked, in file order."""
        return tuple(item for item in self.items.values() if item.flag_class and not item.calculated)

    @cached_property
    def details(self) -> Mapping[str, tuple[Item, ...]]:
        """Return the details of each red flag by its linkId."""
        return {
            flag.link_id: tuple(item for item in self.items.values() if flag.link_id in item.parents)
            for flag in self.flags
        }

    @cached_property
    def openers(self) -> Mapping[str, tuple[Item, ...]]:
        """Return the items whose answers open each detail, families spelled out, by the detail's linkId."""
        return {
            item.link_id: tuple(found for parent in item.parents for found in self.family(parent))
            for item in self.items.values()
            if item.parents
        }

    def flag_of(self, link_id: str) -> str | None:
        """Return the red flag that this item is, or is a detail of."""
        item = self.items.get(link_id)
        if item is None:
            return None
        if item.flag_class:
            return link_id
        return next((found for parent in item.parents if (found := self.flag_of(parent))), None)

    def pattern_rank(self, code: str) -> int:
        """Return the place of a pattern in the vocabulary, which breaks ties."""
        return list(self.patterns).index(code)
