"""Writes docs/safety/hazards.md from hazards.toml."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from hazard_log import PAGE, missing, read_log, rendered


def main() -> int:
    """Write the page; name what the log names and the repository lacks."""
    log = read_log()
    PAGE.write_text(rendered(log), encoding="utf-8")
    gone = [line for hazard in log["hazard"] for line in missing(hazard)]
    print("\n".join(gone) or f"{len(log['hazard'])} hazards written")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
