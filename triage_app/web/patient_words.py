"""The sentences that a patient reads, with the site's numbers put in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from triage_app.catalogue.model import Pathway
from triage_app.web.frame import Frame

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class PatientWords:
    """The patient's tables of one pathway, in the frame's language."""

    def __init__(self, pathway: Pathway, frame: Frame) -> None:
        self._words = pathway.words_in(frame.language)
        self._placeholders = frame.placeholders

    def text(self, *keys: str) -> str:
        """Return one sentence, or nothing where the pathway has none."""
        found = self._words.find("patient", *keys)
        return self._filled(found) if isinstance(found, str) else ""

    def lines(self, *keys: str) -> tuple[str, ...]:
        """Return a list of sentences; one sentence is a list of one."""
        found: Any = self._words.find("patient", *keys)
        if isinstance(found, str):
            return (self._filled(found),)
        return tuple(self._filled(line) for line in found or ())

    def urgency(self, key: str) -> tuple[str, tuple[str, ...]]:
        """Return heading and lines of a level: ``SAME_DAY``, ``EMERGENCY_call``, ``UNDETERMINED``."""
        return self.text("urgency", key, "heading"), self.lines("urgency", key, "lines")

    def flags(self, link_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the short phrases of signs, those without one left out."""
        return tuple(filter(None, (self.text("flag", link_id) for link_id in link_ids)))

    def cards(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the notes that stand beside a result or a question."""
        return tuple(filter(None, (self.text("card", name) for name in names)))

    def table(self, *keys: str) -> Mapping[str, Any]:
        """Return a table, empty where the pathway has none."""
        found = self._words.find("patient", *keys)
        return found if isinstance(found, Mapping) else {}

    def _filled(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: self._placeholders.get(match[1], match[0]), text)
