"""The style sheet of others is what its papers say, carries no brand, and asks no other host for anything."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parent.parent.parent / "triage_app" / "web" / "static"
VENDOR = STATIC / "vendor" / "nhsuk-10.6.1"
TEMPLATES = STATIC.parent / "templates"


def test_the_hash_in_source_txt_is_that_of_the_style_sheet() -> None:
    css = (VENDOR / "nhsuk.css").read_bytes()
    assert hashlib.sha256(css).hexdigest() in (VENDOR / "SOURCE.txt").read_text()


def test_the_licence_stands_beside_it() -> None:
    assert "MIT License" in (VENDOR / "LICENCE").read_text()


@pytest.mark.parametrize("word", ["http", "@font-face", "Frutiger", "nhs.uk", "logo", "/assets/", "@import"])
def test_no_style_sheet_names_a_font_a_logo_or_another_host(word: str) -> None:
    for path in STATIC.rglob("*.css"):
        assert word.lower() not in path.read_text().lower(), path.name


@pytest.mark.parametrize("colour", ["#005eb8", "#003087", "#41b6e6", "#007f3b"])
def test_no_brand_colour_is_left(colour: str) -> None:
    for path in STATIC.rglob("*.css"):
        assert colour not in path.read_text().lower(), path.name


def test_every_colour_variable_that_is_used_is_defined() -> None:
    sheets = "".join(path.read_text() for path in STATIC.rglob("*.css"))
    used = set(re.findall(r"var\((--app-[a-z-]+)", sheets))
    assert used <= set(re.findall(r"(--app-[a-z-]+):", sheets))


def test_links_are_not_printed_with_their_addresses() -> None:
    assert "attr(href)" not in (VENDOR / "nhsuk.css").read_text()


def test_our_script_is_small_and_loads_nothing() -> None:
    script = (STATIC / "app.js").read_text()
    assert len(script) <= 3 * 1024
    assert not re.search(r"fetch\((?!location\.href)|XMLHttpRequest|import\(|http|eval\(|innerHTML", script)


def test_pages_use_no_template_of_the_brand() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert "nhsuk/template" not in text, path.name
        assert not re.search(r"\bNHS\b", text), path.name
