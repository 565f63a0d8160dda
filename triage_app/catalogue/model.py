"""What a pathway version is: form, rules, words and sources, read as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triage_app.clinical.questionnaire import Questionnaire
from triage_app.clinical.rules import RuleSet


@dataclass(frozen=True)
class Source:
    """Why a rule is as it is."""

    source_id: str
    title: str
    year: int | None
    says: str
    kind: str  # guideline, paper, knowledge, proposal
    last_reviewed: str
    signed_off_by: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """The sentences of one language: nested tables, read by dotted path."""

    language: str
    tables: Mapping[str, Any]

    def find(self, *keys: str) -> Any:
        """Return the text, list or table at ``keys`` (``"clinician", "rule", "E01"``), or None."""
        here: Any = self.tables
        for key in keys:
            if not isinstance(here, Mapping) or key not in here:
                return None
            here = here[key]
        return here


@dataclass(frozen=True)
class Pathway:
    """One version of one pathway."""

    name: str
    version: str
    checksum: str  # SHA-256 (hex) over the folder's files
    url: str  # canonical, without version
    resource: Mapping[str, Any]  # the Questionnaire as FHIR JSON
    form: Questionnaire
    rules: RuleSet
    words: Mapping[str, Words]  # by language
    sources: Mapping[str, Source]
    published: bool  # its checksum stands in published.toml
    signed_off: bool  # every source of it names a clinician

    @property
    def canonical(self) -> str:
        """Return ``url|version``."""
        return f"{self.url}|{self.version}"

    def words_in(self, language: str) -> Words:
        """Return the words of the language, of its parent (``pt`` of ``pt-BR``), or else English."""
        for tag in (language, language.split("-")[0], "en"):
            if tag in self.words:
                return self.words[tag]
        return next(iter(self.words.values()))
