"""How hard an English text is to read: the Flesch-Kincaid school grade."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

HARDEST = 8.0
"""No text for patients may be above this school grade…"""
LABEL_WORDS = 4
"""…but a label of up to four words is no sentence, and the formula says nothing about it."""


def can_grade() -> bool:
    """Return whether the hyphenation that counts syllables is installed (extra ``author``)."""
    return find_spec("pyphen") is not None


@cache
def _hyphenation() -> Any:
    return import_module("pyphen").Pyphen(lang="en_US", left=1, right=1)


def sentences(text: str) -> list[str]:
    """Return the sentences, and what stands between colons and semicolons."""
    return [part for part in re.split(r"(?<=[.?!:;])\s+", text.strip()) if re.search(r"[A-Za-z]", part)]


def words_of(text: str) -> list[str]:
    """Return the words and numbers."""
    return re.findall(r"[A-Za-z0-9][A-Za-z0-9'’-]*", text)


def grade(text: str) -> float:
    """Return the school grade of a text that has a word; a number counts as a word of one syllable.

    Source: Kincaid and others 1975, 0.39 words a sentence + 11.8 syllables a word - 15.59.
    """
    words = words_of(text)
    syllables = sum(len(_hyphenation().positions(word)) + 1 for word in words)
    return 0.39 * len(words) / max(1, len(sentences(text))) + 11.8 * syllables / len(words) - 15.59


def too_hard(text: str) -> bool:
    """Return whether a text is above the hardest grade, and no label."""
    return len(words_of(text)) > LABEL_WORDS and grade(text) > HARDEST
