"""What a shell sees of a command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Ran:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


class Run(Protocol):
    """Runs one command with its words."""

    def __call__(self, *words: str | Path) -> Ran: ...


class Edit(Protocol):
    """Replaces the first place in a file where ``old`` stands."""

    def __call__(self, path: Path, old: str, new: str) -> None: ...
