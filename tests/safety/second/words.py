"""Reads vocabulary.toml for the second evaluator."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

KINDS = ("arm", "leg", "trunk")
NUMBERS = ("integer", "decimal")


@dataclass(frozen=True)
class Word:
    """One question."""

    name: str
    type: str
    options: tuple[str, ...]
    of_limb: bool
    kinds: tuple[str, ...]
    flag: str  # its class, "" when it is no red flag
    gates: tuple[str, ...]
    gate_kinds: tuple[str, ...]
    age_from: int | None
    parents: tuple[str, ...]  # families spelled out
    opened_by: tuple[str, ...]
    normal: Any
    ordered: bool
    at_worst: bool  # a blank or an unsure is read as the worst
    unsure_open: bool
    never_asked: bool
    low: Decimal | None
    high: Decimal | None
    rising: bool

    @property
    def number(self) -> bool:
        return self.type in NUMBERS

    @property
    def worst(self) -> Any:
        if self.number:
            return self.high if self.rising else self.low
        said = [code for code in self.options if code != "unsure"]
        return tuple(code for code in said if code != "none") if self.type == "multi" else said[-1]

    @property
    def after_unsure(self) -> str:
        """The answer that a "not sure" stands for: the next worse one."""
        place = self.options.index("unsure")
        return self.options[place + 1] if place + 1 < len(self.options) else self.options[place - 1]


@dataclass(frozen=True)
class Words:
    items: dict[str, Word]
    kind_of: dict[str, str]  # pattern -> kind
    self_care: frozenset[str]
    routes: tuple[str, ...]
    kind_of_region: dict[str, str]

    @property
    def flags(self) -> list[Word]:
        return [word for word in self.items.values() if word.flag and not word.never_asked]

    def details(self, flag: str) -> list[str]:
        return [word.name for word in self.items.values() if flag in word.parents]

    def family(self, stem: str) -> list[str]:
        """``t.*`` is each ``t.one_word``."""
        start = stem.removesuffix("*")
        return [name for name in self.items if name.startswith(start) and "." not in name[len(start) :]]


def read_words(path: Path) -> Words:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return words_of(table)


def words_of(table: dict[str, Any]) -> Words:
    rows: dict[str, dict[str, Any]] = table["item"]
    flags = {name for name, row in rows.items() if "class" in row}
    items = {name: _word(name, row, rows, flags) for name, row in rows.items()}
    return Words(
        items=items,
        kind_of={code: row["kind"] for code, row in table["pattern"].items()},
        self_care=frozenset(code for code, row in table["pattern"].items() if row.get("self_care")),
        routes=tuple(table["route"]),
        kind_of_region=dict(table["regions"]),
    )


def _word(name: str, row: dict[str, Any], rows: dict[str, Any], flags: set[str]) -> Word:
    parents = _spelled_out(several(row.get("parent", [])), rows)
    return Word(
        name=name,
        type=row["type"],
        options=tuple(row.get("options", ())),
        of_limb=row["scope"] == "limb",
        kinds=tuple(row.get("limbs", KINDS)),
        flag=row.get("class", ""),
        gates=tuple(row.get("gates", ())),
        gate_kinds=tuple(row.get("gate_limbs", ())),
        age_from=row.get("age_from"),
        parents=parents,
        opened_by=tuple(row.get("when", ("unsure", "yes"))),
        normal=_number(row.get("normal")),
        ordered=row.get("ordered", True),
        at_worst=row.get("blank") == "worst" or any(parent in flags for parent in parents),
        unsure_open=row.get("unsure_as") == "open",
        never_asked=row.get("source") == "calculated" or row.get("asked") is False,
        low=_number(row.get("min")),
        high=_number(row.get("max")),
        rising=row.get("concern", "up") == "up",
    )


def several(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _spelled_out(names: list[str], rows: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        stem = name.removesuffix("*")
        found += (
            [row for row in rows if row.startswith(stem) and "." not in row[len(stem) :]]
            if name.endswith("*")
            else [name]
        )
    return tuple(found)


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    return tuple(value) if isinstance(value, list) else value
