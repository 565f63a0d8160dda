"""Measures everything that there is a budget for, in one run, and prints it as Markdown tables."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import engine  # noqa: E402
import page  # noqa: E402
import server  # noqa: E402
from figures import Figure, table  # noqa: E402 - the tests' people are on the path only now
from renderer.lforms_package import LFormsUnavailable, lforms_folder  # noqa: E402

FOLDER = ROOT / "questionnaires"


def main() -> int:
    """Print the tables, and which budgets were missed."""
    print(machine(), flush=True)
    figures: list[Figure] = []
    for heading, measure in (("The rules", engine.measure), ("The server", server.measure)):
        found = measure(FOLDER)
        print(table(heading, found), flush=True)
        figures += found
    print("\n".join(browser_part()), flush=True)
    missed = [figure.name for figure in figures if figure.missed]
    print(f"Over budget: {', '.join(missed)}" if missed else "Every budget is kept.")
    return 0


def machine() -> str:
    """Return when and on what this was measured, and how busy it was."""
    cores, busy = os.cpu_count(), os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cores} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, load {busy:.1f} at the start"
        + (". **The machine was busy: trust the CPU times and the ratios only.**" if busy > 1 else "")
        + "\n"
    )


def browser_part() -> Iterator[str]:
    """Yield the side by side of pages, or why there is none."""
    if not shutil.which("chromium"):
        yield "No page was opened: Chromium is not installed."
        return
    try:
        lforms_folder()
    except LFormsUnavailable as reason:
        yield f"No page was opened: {reason}."
        return
    yield page.measure(FOLDER)


if __name__ == "__main__":
    sys.exit(main())
