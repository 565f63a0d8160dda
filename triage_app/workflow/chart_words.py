"""Puts what the chart says into the words of the pathway, alone or as a reminder beside a question."""

from __future__ import annotations

import re

from triage_app.catalogue.model import Pathway
from triage_app.fhir.chart import AGE, Fact

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


class ChartWords:
    """The sentences of ``[patient.chart]`` in one language, else in English."""

    def __init__(self, pathway: Pathway, language: str) -> None:
        self._words = [pathway.words_in(language), pathway.words_in("en")]

    def fact(self, fact: Fact) -> str:
        """Return the fact with its kind and date: ``Type 2 diabetes (health problem, 4 March 2019)``."""
        date = self._date(fact.on)
        if fact.link_id == AGE:
            key = "born" if len(fact.confirms) == 1 else "born_only"
            return self._filled(key, age="".join(fact.confirms), date=date)
        kind = self._text("kind", fact.resource)
        return self._filled("dated" if date else "undated", words=fact.words, kind=kind, date=date)

    def reminder(self, fact: Fact, *, own: bool, tick: bool) -> str:
        """Return what stands beside the question; ``own``: the patient reads it; ``tick``: it is a box."""
        said = self._filled("yours" if own else "theirs", fact=self.fact(fact))
        return f"{said} {self._text('tick' if tick else 'right')}" if said else ""

    def _date(self, on: str) -> str:
        year, *rest = on.split("-")
        if not rest:
            return year
        months = self._find("months")
        month = str(months[int(rest[0]) - 1]) if isinstance(months, list) else rest[0]
        day = str(int(rest[1])) if len(rest) > 1 else ""
        return self._filled("day" if day else "month", day=day, month=month, year=year)

    def _filled(self, key: str, **values: str) -> str:
        """Return a sentence with its places filled; what is put in is never read as a place itself."""
        return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), self._text(key))

    def _text(self, *keys: str) -> str:
        found = self._find(*keys)
        return found if isinstance(found, str) else ""

    def _find(self, *keys: str) -> object:
        found = (words.find("patient", "chart", *keys) for words in self._words)
        return next((one for one in found if one is not None), None)
