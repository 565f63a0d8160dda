"""One thing that is wrong with a pathway's content, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """What was found and what was expected; ``line`` counts from 1 and is 0 where it is not known."""

    file: str  # within the folder of pathways: nerve-symptoms/1.0.0/rules.toml
    entry: str  # rule E01, or a linkId
    key: str
    says: str
    line: int = 0

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        place = ", ".join(part for part in (self.entry, self.key) if part)
        return f"{self.file}{line}: {place}: {self.says}" if place else f"{self.file}{line}: {self.says}"


class Lines:
    """The lines of one version's files, to say where an entry stands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, list[str]] = {}

    def file(self, name: str) -> str:
        """Return the file's name within the folder of pathways."""
        return f"{self._folder.parent.name}/{self._folder.name}/{name}"

    def line(self, name: str, *starts: str, after: int = 0) -> int:
        """Return the first line behind ``after`` that begins with one of ``starts``; 0 when none does."""
        if name not in self._texts:
            self._texts[name] = (self._folder / name).read_text("utf-8").splitlines()
        for number, line in enumerate(self._texts[name][after:], start=after + 1):
            if line.strip().startswith(starts):
                return number
        return 0

    def item(self, link_id: str, key: str, says: str) -> Fault:
        """Return a fault of an item of vocabulary.toml."""
        line = self.line("vocabulary.toml", f'[item."{link_id}"]', f"[item.{link_id}]")
        return Fault(self.file("vocabulary.toml"), link_id, key, says, line)

    def question(self, link_id: str, key: str, says: str) -> Fault:
        """Return a fault of an item of questionnaire.json."""
        line = self.line("questionnaire.json", f'"linkId": "{link_id}"')
        return Fault(self.file("questionnaire.json"), link_id, key, says, line)

    def word(self, language: str, entry: str, key: str, says: str) -> Fault:
        """Return a fault of a words file: at its key, or else at the table that holds it."""
        name = f"words/{language}.toml"
        parts = entry.split(".")
        tables = (f"[{'.'.join(parts[:length])}]" for length in range(len(parts), 0, -1))
        table = next((line for header in tables if (line := self.line(name, header))), 0)
        line = self.line(name, f"{key} =", f'"{key}" =', after=table)
        following = self.line(name, "[", after=table)
        here = bool(line) and (not following or line < following)
        return Fault(self.file(name), entry, key, says, line if here else table)
