"""The form as a tree of questions, and which of them are in play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

LIMB = "limb"
"""The one repeating group: each occurrence is a whole arm or leg of one side."""


@dataclass(frozen=True)
class Option:
    """One coded answer; ``exclusive`` excludes all others (such as "none of these")."""

    code: str
    system: str
    display: str
    exclusive: bool = False


@dataclass(frozen=True)
class EnableWhen:
    """One condition of enableWhen: operator is exists, =, !=, >, <, >= or <= (R4)."""

    question: str
    operator: str
    answer: str | bool | Decimal


@dataclass(frozen=True)
class Question:
    """One item of the Questionnaire: a question or a group.

    ``kind`` is group, display, choice, integer, decimal, boolean, date, string or text.
    """

    link_id: str
    kind: str
    text: str
    help: str = ""
    required: bool = False
    repeats: bool = False
    options: tuple[Option, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    enable_any: bool = False  # enableBehavior any
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int | None = None
    unit: str = ""  # of a number, in words: months
    control: str = ""  # itemControl code: radio-button, check-box, drop-down, …
    items: tuple[Question, ...] = ()

    def walk(self) -> Iterator[Question]:
        """Yield this item and everything below it, in form order."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True)
class Questionnaire:
    """A whole form."""

    url: str
    version: str
    title: str
    language: str
    items: tuple[Question, ...]

    def walk(self) -> Iterator[Question]:
        """Yield every item, in form order."""
        for item in self.items:
            yield from item.walk()

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Return where each item stands, by linkId in form order; texts that ask nothing have no place."""
        return dict(_places(self.items, None, in_limb=False))


@dataclass(frozen=True)
class Place:
    """Where an item stands: its parent, and whether it is asked once per limb."""

    question: Question
    parent: Question | None
    in_limb: bool


def _places(
    items: Sequence[Question], parent: Question | None, *, in_limb: bool
) -> Iterator[tuple[str, Place]]:
    for question in items:
        if question.kind == "display":
            continue
        yield question.link_id, Place(question, parent, in_limb)
        yield from _places(question.items, question, in_limb=in_limb or question.link_id == LIMB)
