"""Reads one TOML table key by key, and refuses what is missing, wrong or left over."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from triage_app.errors import ContentError

Code = TypeVar("Code", bound=Enum)

_REQUIRED: Any = object()


class Table:
    """A table that remembers which of its keys were read. ``where`` names file and entry."""

    def __init__(self, where: str, values: Any) -> None:
        self.where = where
        self._values = self._expect(values, Mapping, "a table", "")
        self._read: set[str] = set()

    def _expect(self, value: Any, kind: Any, expected: str, key: str) -> Any:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            place = f"{self.where}, {key}" if key else self.where
            raise ContentError(f"{place}: found {value!r}, expected {expected}")
        return value

    def _take(self, key: str, default: Any, kind: Any, expected: str) -> Any:
        self._read.add(key)
        if key not in self._values:
            if default is _REQUIRED:
                raise ContentError(f"{self.where}: the key {key} is missing, expected {expected}")
            return default
        return self._expect(self._values[key], kind, expected, key)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def text(self, key: str, default: Any = _REQUIRED) -> Any:
        """Return a string."""
        return self._take(key, default, str, "a text")

    def whole(self, key: str, default: Any = _REQUIRED) -> Any:
        """Return a whole number."""
        return self._take(key, default, int, "a whole number")

    def yes(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        return bool(self._take(key, default, bool, "true or false"))

    def anything(self, key: str, default: Any = None) -> Any:
        """Return whatever stands there."""
        return self._take(key, default, object, "a value")

    def texts(self, key: str, default: Any = ()) -> tuple[str, ...]:
        """Return a list of strings; a single string counts as a list of one."""
        found = self._take(key, default, str | list | tuple, "a list of texts")
        listed = (found,) if isinstance(found, str) else tuple(found)
        for text in listed:
            self._expect(text, str, "a list of texts", key)
        return listed

    def rows(self, key: str) -> list[Any]:
        """Return a list of anything."""
        return list(self._take(key, [], list, "a list"))

    def table(self, key: str, default: Any = _REQUIRED) -> Table:
        """Return a table within."""
        return Table(f"{self.where}, {key}", self._take(key, default, Mapping, "a table"))

    def code(self, key: str, codes: type[Code], default: Any = _REQUIRED) -> Any:
        """Return a member of a closed set: by value, or (for numbered sets) by name."""
        found = self._take(key, default, str, "a text")
        return self.member(found, codes, key) if key in self._values else found

    def member(self, text: str, codes: type[Code], key: str) -> Code:
        """Return the member that ``text`` names."""
        known = {m.value if isinstance(m.value, str) else m.name: m for m in codes}
        if text not in known:
            raise ContentError(f"{self.where}, {key}: found {text!r}, expected one of {', '.join(known)}")
        return known[text]

    def done(self) -> None:
        """Raise ContentError when a key was never read: it is misspelt, or means nothing here."""
        for key in self._values:
            if key not in self._read:
                known = ", ".join(sorted(self._read))
                raise ContentError(f"{self.where}: found the unknown key {key}, expected one of {known}")


def read_toml(path: Path) -> Table:
    """Return the file's top table; raise ContentError with the line where it is not TOML."""
    try:
        return Table(path.name, tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{path.name}: cannot be read ({type(error).__name__})") from None
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{path.name}: {error}") from None
