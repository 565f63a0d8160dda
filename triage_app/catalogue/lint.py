"""Looks through all pathways for content that is wrong, and names file, entry and key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from triage_app.catalogue.fault import Fault, Lines
from triage_app.catalogue.lint_asked import circles, unreachable_questions
from triage_app.catalogue.lint_codes import code_faults, terminology_faults
from triage_app.catalogue.lint_form import form_faults
from triage_app.catalogue.lint_pathways import differing_items
from triage_app.catalogue.lint_rules import rule_faults
from triage_app.catalogue.lint_words import word_faults
from triage_app.catalogue.load import TERMINOLOGY, Catalogue, load_pathway, published_versions
from triage_app.catalogue.model import Pathway
from triage_app.errors import ContentError

_PLACE = re.compile(r"(?P<file>[\w./-]+\.(?:toml|json))(?: line (?P<line>\d+))?(?:[,:] (?P<says>.*))?", re.S)


def lint(folder: Path) -> list[Fault]:
    """Return every fault of a ``questionnaires`` folder; of a version that cannot be read, the first."""
    faults: list[Fault] = []
    read: dict[Path, Pathway] = {}
    try:
        published = published_versions(folder)
    except ContentError as error:
        faults.append(_told(str(error)))
        published = {}
    for version in sorted(path for path in folder.glob("*/*/") if path.parent.name != TERMINOLOGY):
        faults += _circles(version)
        try:
            read[version] = load_pathway(version, published)
        except ContentError as error:
            faults.append(_told(str(error)))
    for version, pathway in read.items():
        faults += _faults(pathway, Catalogue(tuple(read.values())), version)
    faults += differing_items(tuple(read.values()))
    faults += terminology_faults(folder / TERMINOLOGY)
    return faults


def _faults(pathway: Pathway, catalogue: Catalogue, version: Path) -> Iterator[Fault]:
    lines = Lines(version)
    yield from rule_faults(pathway, catalogue, version, lines)
    yield from form_faults(pathway, lines)
    yield from unreachable_questions(pathway.form, lines)
    yield from word_faults(pathway, lines)
    yield from code_faults(pathway, lines)


def _circles(version: Path) -> list[Fault]:
    """Look for circles first: a form that has one cannot be read, and the reader tells less about it."""
    try:
        resource: Any = json.loads((version / "questionnaire.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return list(circles(resource, Lines(version))) if isinstance(resource, dict) else []


def _told(error: str) -> Fault:
    """Return the reader's refusal as a fault; its sentence begins with file and line."""
    place = _PLACE.match(error)
    if place is None:
        return Fault("", "", "", error)
    return Fault(place["file"], "", "", place["says"] or error, int(place["line"] or 0))
