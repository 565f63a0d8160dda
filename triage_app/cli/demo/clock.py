"""A clock that can be set back, so that the demo's people live through a year in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


class DemoClock:
    """Tells the time of this moment, less however far it is set back."""

    def __init__(self) -> None:
        self._back = timedelta()

    def __call__(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC) - self._back

    @contextmanager
    def days_ago(self, days: int) -> Iterator[None]:
        """Tell a time ``days`` before now while the block runs."""
        self._back = timedelta(days=days)
        try:
            yield
        finally:
            self._back = timedelta()
