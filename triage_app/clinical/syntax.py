"""The parts that an expression of a rule is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Name:
    """A name alone: the answer is yes, or the derived value is true."""

    name: str


@dataclass(frozen=True)
class Compare:
    """``name operator literal``; a code, a number or the value of a derived name."""

    name: str
    operator: str
    literal: str


@dataclass(frozen=True)
class OneOf:
    """``name in {a, b}`` and ``name has a``: the answer, or one of several, is among the codes."""

    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """``count(name in {a, b}) >= 2``: how many of the codes were chosen."""

    name: str
    codes: tuple[str, ...]
    operator: str
    number: int


@dataclass(frozen=True)
class Given:
    """``answered(name)`` or, when ``blank``, ``blank(name)``."""

    name: str
    blank: bool


class Quantity(StrEnum):
    """How many must satisfy: one, all, or left and right each."""

    ANY = "any"
    EVERY = "every"
    BOTH = "both"


@dataclass(frozen=True)
class Members:
    """``any t.* (…)``, ``every t.* (…)``: over the items of a family that are in play; ``it`` is each."""

    quantity: Quantity
    family: str
    body: Expression


@dataclass(frozen=True)
class Limbs:
    """``any leg (…)``, ``every limb (…)``, ``both arms (…)``; without a body: there is one."""

    quantity: Quantity
    kind: str  # limb, arm, leg
    body: Expression | None


@dataclass(frozen=True)
class Met:
    """``met(E03)``: that rule is met; one that cannot be evaluated is not."""

    rule_id: str


@dataclass(frozen=True)
class Flags:
    """``unsure(T2, E) >= 2``, ``blank_flags(T1)``: how many flags of these classes or names are so."""

    state: str  # unsure, blank_flags
    selectors: tuple[str, ...]
    operator: str
    number: int


@dataclass(frozen=True)
class And:
    """All parts."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """At least one part."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Expression


Expression = Name | Compare | OneOf | Count | Given | Members | Limbs | Met | Flags | And | Or | Not


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and every part of it."""
    yield expression
    match expression:
        case And(parts) | Or(parts):
            children: tuple[Expression, ...] = parts
        case Not(part):
            children = (part,)
        case Members(body=body) | Limbs(body=body):
            children = (body,) if body is not None else ()
        case _:
            children = ()
    for child in children:
        yield from walk(child)
