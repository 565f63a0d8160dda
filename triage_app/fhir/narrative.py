"""Writes the human-readable part of a resource: escaped XHTML, in the order of the form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def text(value: str) -> str:
    """Return the value as XHTML text; what XML cannot hold is left out."""
    return escape(_NOT_XML.sub("", value))


def paragraph(value: str) -> str:
    """Return one escaped paragraph."""
    return f"<p>{text(value)}</p>"


def table(rows: Sequence[tuple[str, str | None]]) -> str:
    """Return (question, answer) rows; a row without an answer is a heading."""
    cells = [
        f'<tr><th colspan="2">{text(left)}</th></tr>'
        if right is None
        else f"<tr><td>{text(left)}</td><td>{text(right)}</td></tr>"
        for left, right in rows
    ]
    return f"<table>{''.join(cells)}</table>" if cells else ""


def generated(*parts: str, language: str = "en") -> dict[str, Any]:
    """Return ``text`` of a resource from XHTML parts in that language."""
    spoken = f'lang="{text(language)}" xml:lang="{text(language)}"'
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml" {spoken}>{"".join(parts)}</div>',
    }
