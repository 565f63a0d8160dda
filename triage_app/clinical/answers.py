"""What a person said: plain values by linkId, for the person and for each limb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from triage_app.clinical.terms import LimbKind, Side

Value = str | tuple[str, ...] | Decimal
"""One code, several codes, or a number. The code ``unsure`` is "not sure"; a blank is simply absent."""

UNSURE = "unsure"


@dataclass(frozen=True)
class Limb:
    """The answers about one whole arm or leg of one side (one occurrence of the group ``limb``)."""

    kind: LimbKind
    side: Side
    answers: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))

    @cached_property
    def code(self) -> str:
        """Return the limb's code, for instance ``arm-right``."""
        return f"{self.kind}-{self.side}"


@dataclass(frozen=True)
class Answers:
    """All answers: ``person`` by linkId, and one Limb per affected limb and side."""

    person: Mapping[str, Value] = field(default_factory=dict)
    limbs: tuple[Limb, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "person", MappingProxyType(dict(self.person)))

    def paths(self) -> Iterator[tuple[str, Value]]:
        """Yield (path, value): ``const`` of the right arm is ``arm-right/const``."""
        yield from self.person.items()
        for limb in self.limbs:
            for link_id, value in limb.answers.items():
                yield f"{limb.code}/{link_id}", value

    @property
    def tells_twice(self) -> bool:
        """Return whether two Limbs are about the same limb and side."""
        return len({limb.code for limb in self.limbs}) < len(self.limbs)

    def limbs_in_order(self) -> list[Limb]:
        """Return the limbs by their codes; of two about one, by what they say."""
        twice = self.tells_twice
        return sorted(
            self.limbs, key=lambda limb: (limb.code, str(sorted(limb.answers.items())) if twice else "")
        )

    def to_plain(self) -> dict[str, object]:
        """Return JSON-ready values; a number becomes ``{"number": "0.7"}`` so that no digit is lost."""
        return {
            "person": _plain(self.person),
            "limbs": [
                {"kind": str(limb.kind), "side": str(limb.side), "answers": _plain(limb.answers)}
                for limb in self.limbs
            ],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Answers:
        """Return the Answers of ``to_plain``; raise KeyError, TypeError or ValueError on anything else."""
        limbs = tuple(
            Limb(LimbKind(limb["kind"]), Side(limb["side"]), _values(limb["answers"]))
            for limb in plain["limbs"]
        )
        return cls(_values(plain["person"]), limbs)


def _plain(values: Mapping[str, Value]) -> dict[str, object]:
    return {link_id: _plain_value(value) for link_id, value in values.items()}


def _plain_value(value: Value) -> object:
    if isinstance(value, Decimal):
        return {"number": str(value)}
    return list(value) if isinstance(value, tuple) else value


def _values(plain: Mapping[str, Any]) -> dict[str, Value]:
    return {link_id: _value(value) for link_id, value in plain.items()}


def _value(plain: Any) -> Value:
    if isinstance(plain, dict):
        return Decimal(plain["number"])
    return tuple(plain) if isinstance(plain, list) else str(plain)
