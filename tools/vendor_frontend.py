"""Take the published nhsuk-frontend archive and write our cut-down, unbranded stylesheet.

Maintainers only; nothing here runs at install or at start::

    npm pack nhsuk-frontend@10.6.1
    python tools/vendor_frontend.py nhsuk-frontend-10.6.1.tgz

It removes the web fonts, the logos and the icons, turns colours into variables, and keeps only those rules
whose classes our templates and the macros that they call can write. Run it again after using a new one.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nhsuk_frontend_jinja

VERSION = "10.6.1"
ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "triage_app" / "web"
TARGET = WEB / "static" / "vendor" / f"nhsuk-{VERSION}"
STYLESHEET = "package/dist/nhsuk/nhsuk-frontend.min.css"
MACROS = Path(nhsuk_frontend_jinja.__file__).parent / "templates" / "nhsuk"

SYSTEM_FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif'
COLOURS = {
    "#005eb8": "brand",
    "#003087": "brand-dark",
    "#004b93": "brand-dark",
    "#002f5c": "brand-darkest",
    "#003d78": "brand-darkest",
    "#004281": "brand-dark",
    "#0055a6": "brand-dark",
    "#00478a": "brand-dark",
    "#337ec6": "brand-mid",
    "#669ed4": "brand-mid",
    "#c7dcef": "brand-pale",
    "#ccdff1": "brand-pale",
    "#d9e7f4": "brand-pale",
    "#edf4fa": "brand-palest",
    "#007f3b": "action",
    "#00662f": "action-dark",
    "#00401e": "action-darkest",
    "#330072": "visited",
    "#7c2855": "hover",
    "#212b32": "text",
    "#4c6272": "quiet",
    "#f0f4f5": "page",
    "#d8dde0": "line",
    "#aeb7bd": "line-dark",
    "#ffeb3b": "focus",
    "#d5281b": "urgent",
}
DEAD_BROWSERS = re.compile(r"screen\\0|-ms-high-contrast:none|-ms-ime-align|print and \(-ms-high-contrast")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*(?:\\.[\w-]*)*)")
OUR_OWN = re.compile(r"nhsuk-(?:radios|checkboxes)(?![a-z-]*__hint)")  # drawn as tiles by app.css
MODIFIERS = {  # of the macros; any other is kept only when our own templates name it
    "nhsuk-card--care",
    "nhsuk-card--care--emergency",
    "nhsuk-card--care--urgent",
    "nhsuk-card--care--non-urgent",
    "nhsuk-card--care__arrow",
    "nhsuk-form-group--error",
    "nhsuk-input--error",
}
UNUSED_PSEUDO = re.compile(r"::?-(?:ms|moz-focus)-|\[open\] summary::-ms")
LICENCE = """\
The MIT License (MIT)

Copyright (c) 2026 NHS England

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


@dataclass(frozen=True)
class Rule:
    """One rule of a stylesheet: a prelude with declarations, or an at-rule with rules inside."""

    prelude: str
    declarations: str
    rules: tuple[Rule, ...] = ()


def parse(css: str) -> tuple[Rule, ...]:
    """Return the rules of minified CSS, nested at-rules included."""
    return tuple(_rules(css))


def _rules(css: str) -> Iterator[Rule]:
    at = 0
    while at < len(css):
        brace, semicolon = css.find("{", at), css.find(";", at)
        if brace < 0:
            return
        if 0 <= semicolon < brace and css[at] == "@":  # @charset
            at = semicolon + 1
            continue
        end = _closing(css, brace)
        prelude, body = css[at:brace].strip(), css[brace + 1 : end]
        nested = prelude.startswith(("@media", "@supports", "@container"))
        yield Rule(prelude, "" if nested else body, parse(body) if nested else ())
        at = end + 1


def _closing(css: str, brace: int) -> int:
    depth = 0
    for at in range(brace, len(css)):
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        if depth == 0:
            return at
    raise SystemExit(f"the stylesheet has a brace at {brace} that is never closed")


def used_classes() -> set[str]:
    """Return every class that our templates and the macros they call can write."""
    own = "\n".join(path.read_text() for pattern in ("*.html", "*.py") for path in sorted(WEB.rglob(pattern)))
    macros = {name.replace("_", "-") for name in re.findall(r"\bui\.([a-z_]+)\(", own)}
    written = "".join(_macro_source(name) for name in sorted(_with_parts(macros)))
    plain = {name for name in _classes(written) if "--" not in name}
    return _classes(own) | plain | MODIFIERS


def _classes(source: str) -> set[str]:
    return set(re.findall(r"nhsuk-[a-z0-9_-]*[a-z0-9]", source))


def _with_parts(macros: set[str]) -> set[str]:
    parts = {"radios", "checkboxes", "input"} & macros
    return macros | ({"label", "hint", "error-message", "fieldset", "legend"} if parts else set())


def _macro_source(name: str) -> str:
    folder = MACROS / "components" / name
    return "".join(path.read_text() for path in sorted(folder.rglob("template.jinja")))


def kept(rule: Rule, classes: set[str]) -> Rule | None:
    """Return the rule cut down to what is used, or None when nothing of it is."""
    if DEAD_BROWSERS.search(rule.prelude) or rule.prelude.startswith(("@font-face", "@container")):
        return None
    if rule.rules:
        inner = tuple(filter(None, (kept(child, classes) for child in rule.rules)))
        return Rule(_modern(rule.prelude), "", inner) if inner else None
    if rule.prelude.startswith("@"):
        return rule
    selectors = [text for text in _split(rule.prelude) if _is_used(text, classes)]
    declarations = _clean(rule.declarations)
    return Rule(",".join(selectors), declarations) if selectors and declarations else None


def _modern(prelude: str) -> str:
    """Return an at-rule without the media queries that only a dead browser knew."""
    name, _, queries = prelude.partition(" ")
    return f"{name} " + ",".join(query for query in queries.split(",") if "-ms-" not in query)


def _split(prelude: str) -> list[str]:
    return re.split(r",(?![^(]*\))", prelude)


def _is_used(selector: str, classes: set[str]) -> bool:
    if UNUSED_PSEUDO.search(selector) or OUR_OWN.search(selector):
        return False
    return set(CLASS.findall(selector)) <= classes


def _clean(declarations: str) -> str:
    keep = [
        declaration
        for declaration in declarations.split(";")
        if declaration
        and not re.match(r"-(?:ms|moz)-|--nhsuk|src:|font-display", declaration)
        and "/assets/" not in declaration
        and "(Link: " not in declaration  # would print session addresses on paper
    ]
    return ";".join(keep)


def unbrand(css: str) -> str:
    """Return the stylesheet with our fonts and with colours as ``--app-…`` variables."""
    css = re.sub(r"font-family:Frutiger W01[^;}]*", f"font-family:{SYSTEM_FONTS}", css)
    for colour, name in COLOURS.items():
        css = re.sub(re.escape(colour) + r"(?![0-9a-f])", f"var(--app-{name})", css)
    return css


def text_of(rules: Iterator[Rule]) -> str:
    """Return the rules as CSS, neighbours under the same at-rule put together."""
    out: list[str] = []
    open_prelude = ""
    for rule in rules:
        if open_prelude and rule.prelude != open_prelude:
            out.append("}")
            open_prelude = ""
        if rule.rules:
            if not open_prelude:
                out.append(f"{rule.prelude}{{")
                open_prelude = rule.prelude
            out.append(text_of(iter(rule.rules)))
        else:
            out.append(f"{rule.prelude}{{{rule.declarations}}}")
    return "".join(out) + ("}" if open_prelude else "")


def build(css: str) -> str:
    """Return our stylesheet, made from the published one."""
    classes = used_classes()
    rules = filter(None, (kept(rule, classes) for rule in parse(css)))
    return unbrand(text_of(rules)) + "\n"


def write(archive: Path) -> None:
    """Write the stylesheet, its licence and where it comes from."""
    with tarfile.open(archive) as package:
        member = package.extractfile(STYLESHEET)
        if member is None:
            raise SystemExit(f"{archive.name}: no {STYLESHEET} in it")
        css = build(member.read().decode())
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "nhsuk.css").write_text(css)
    (TARGET / "LICENCE").write_text(LICENCE)
    (TARGET / "SOURCE.txt").write_text(
        f"package  nhsuk-frontend@{VERSION} (npm), file {STYLESHEET}\n"
        f"archive  sha256 {hashlib.sha256(archive.read_bytes()).hexdigest()}\n"
        f"nhsuk.css  sha256 {hashlib.sha256(css.encode()).hexdigest()}\n"
        "by tools/vendor_frontend.py: no fonts, logos or icons; colours as variables; unused rules cut\n"
    )
    print(f"{TARGET.relative_to(ROOT)}/nhsuk.css: {len(css)} bytes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path, help="nhsuk-frontend-10.6.1.tgz, as npm pack leaves it")
    sys.exit(write(parser.parse_args().archive))
