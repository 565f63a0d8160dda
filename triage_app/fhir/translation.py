"""Picks the words of one language from an element that carries its translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triage_app.fhir.codes import TRANSLATION


def text_of(element: Mapping[str, Any], key: str, language: str | None) -> str:
    """Return the text of ``key`` in the language (``es``, or ``es-MX`` read as ``es``), else as written."""
    for wanted in _ladder(language):
        for code, content in _translations(element.get(f"_{key}", {})):
            if code == wanted:
                return content
    return str(element.get(key, ""))


def _ladder(language: str | None) -> tuple[str, ...]:
    if not language:
        return ()
    return tuple(dict.fromkeys((language, language.split("-")[0])))


def _translations(companion: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for extension in companion.get("extension", ()):
        if extension.get("url") == TRANSLATION:
            parts = {part.get("url"): part for part in extension.get("extension", ())}
            content = parts.get("content", {})
            text = next((v for k, v in content.items() if k.startswith("value")), "")
            yield str(parts.get("lang", {}).get("valueCode")), str(text)
