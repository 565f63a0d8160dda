"""The EHR's colours, read from outside: taken only where people can still read what is written in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEAST_CONTRAST = 4.5
"""WCAG 1.4.3 for text."""

WHITE = "#ffffff"

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Style:
    """What was found good; None keeps the app's own. Signs of urgency are never among it."""

    background: str | None = None
    text: str | None = None
    highlight: str | None = None


def vetted_style(plain: Mapping[str, Any], *, own_background: str, own_texts: tuple[str, ...]) -> Style:
    """Return the colours of a ``smart_style_url`` document that keep enough contrast; the rest is left.

    Text, ours and theirs, stands on the background and on white cards; white words stand on the highlight.
    """
    background = _colour(plain.get("color_background"))
    text = _colour(plain.get("color_text"))
    highlight = _colour(plain.get("color_highlight"))
    on = (background or own_background, WHITE)
    words = (*own_texts, text or own_texts[0])
    if any(contrast(word, below) < LEAST_CONTRAST for word in words for below in on):
        background = text = None
    if highlight and contrast(WHITE, highlight) < LEAST_CONTRAST:
        highlight = None
    return Style(background, text, highlight)


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast of two ``#rrggbb`` colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _colour(found: object) -> str | None:
    if not isinstance(found, str) or not _COLOUR.fullmatch(found):
        return None
    digits = found[1:].lower()
    return f"#{digits if len(digits) == 6 else ''.join(digit * 2 for digit in digits)}"


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
