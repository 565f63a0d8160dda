"""Reads the hazard log, renders it, and finds what it names that is gone."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / "docs" / "safety" / "hazards.toml"
PAGE = LOG.with_suffix(".md")

Hazard = dict[str, Any]


def read_log(path: Path = LOG) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def missing(hazard: Hazard) -> Iterator[str]:
    """Yield every control and verification that is not there, or that nothing names."""
    for key in ("control", "verification"):
        if not hazard.get(key):
            yield f"{hazard['id']}: no {key}"
        for reference in hazard.get(key, ()):
            if not is_there(reference):
                yield f"{hazard['id']}: {key} {reference} is gone"


def is_there(reference: str) -> bool:
    """Whether ``path`` or ``path::name`` stands in the repository."""
    place, _, name = reference.partition("::")
    path = ROOT / place
    if not path.exists():
        return False
    if not name:
        return True
    text = path.read_text(encoding="utf-8")
    return name in names(ast.parse(text)) if path.suffix == ".py" else _stands_in(path, text, name)


def names(tree: ast.Module) -> set[str]:
    """The functions and classes of a module."""
    return {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}


def _stands_in(path: Path, text: str, name: str) -> bool:
    if path.name == "rules.toml":
        return name in {rule["id"] for rule in tomllib.loads(text)["rule"]}
    if path.name == "vocabulary.toml":
        return name in tomllib.loads(text)["item"]
    return name in text


def rendered(log: dict[str, Any]) -> str:
    """The page of the log."""
    lines = [
        "# Hazards",
        "",
        "Made from `hazards.toml` by `python tools/hazards.py`; do not edit here.",
        "",
        f"Owner: {log['owner']}. Reviewed: {log['reviewed']}.",
        "",
        "Severity and likelihood (1 to 5, before and after the controls) are proposed by the authors. They",
        "decide nothing: a clinical safety officer applies the official matrix and signs. What stands in",
        "`tests/safety/properties.py` is run by `tests/safety/test_properties.py`.",
        "",
        "| | Hazard | Before | After |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{h['id']}](#{h['id'].lower()}) | {h['title']} | {_grade(h['before'])} | {_grade(h['after'])} |"
        for h in log["hazard"]
    ]
    for hazard in log["hazard"]:
        lines += _section(hazard)
    return "\n".join(lines) + "\n"


def _grade(pair: list[int]) -> str:
    return f"{pair[0]} × {pair[1]}"


def _section(hazard: Hazard) -> list[str]:
    rows = [
        ("Cause", hazard["cause"]),
        ("Effect", hazard["effect"]),
        ("Risk", f"{_grade(hazard['before'])} before, {_grade(hazard['after'])} after"),
        ("Control", hazard["how"]),
        ("In the code", _listed(hazard["control"])),
        ("Verified by", _listed(hazard["verification"])),
        ("For people to verify", hazard.get("people", "")),
        ("What remains", hazard["residual"]),
    ]
    head = [
        "",
        f'<a id="{hazard["id"].lower()}"></a>',
        "",
        f"## {hazard['id']} {hazard['title']}",
        "",
        "| | |",
        "|---|---|",
    ]
    return head + [f"| {name} | {text} |" for name, text in rows if text]


def _listed(references: list[str]) -> str:
    return "<br>".join(f"`{reference}`" for reference in references)
