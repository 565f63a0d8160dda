"""Reads which lowered results somebody has looked at and explained, from tables of a Markdown page.

## nerve-symptoms 1.1.0
| person | lowered | why |
|---|---|---|
| `V33` | urgency EMERGENCY → SAME_DAY | two clinicians relabelled it, see the guideline of 2027 |
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from triage_app.catalogue.compare import Comparison, Difference
from triage_app.errors import ContentError


@dataclass(frozen=True)
class Acknowledged:
    """The rows (person, what was lowered) that say why."""

    rows: frozenset[tuple[str, str]] = frozenset()

    def covers(self, found: Comparison, difference: Difference) -> bool:
        """Return whether exactly this lowering of exactly this person is explained."""
        return (found.person.name, _told(difference)) in self.rows


def read_acknowledged(path: Path, name: str, version: str) -> Acknowledged:
    """Return the rows below the page's heading of that pathway and version; raise ContentError."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{path.name}: cannot be read ({type(error).__name__})") from None
    rows, here = set(), False
    for line in lines:
        if line.startswith("## "):
            here = line.removeprefix("## ").startswith(f"{name} {version}")
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if here and line.strip().startswith("|") and len(cells) == 3 and cells[2]:
            rows.add((cells[0], " ".join(cells[1].replace("->", "→").split())))
    return Acknowledged(frozenset(rows))


def _told(difference: Difference) -> str:
    return f"{difference.what} {difference.old} → {difference.new}"
