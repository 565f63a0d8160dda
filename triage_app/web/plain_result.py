"""The result as plain lines, for somebody who takes it along because nothing could be sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage_app.web.check_view import Part
from triage_app.web.result import ResultView


def plain_result(view: ResultView, parts: Sequence[Part]) -> str:
    """Return what the person was told and what they answered, to be copied or shown."""
    return "\n".join(_lines(view, parts))


def _lines(view: ResultView, parts: Sequence[Part]) -> Iterator[str]:
    yield f"Nerve symptom check, {view.sent_at}. Not in the health record."
    yield ""
    yield view.heading
    yield from view.lines
    for heading, lines in (("You told us", view.told), ("We would suggest to your clinician", view.routes)):
        if lines:
            yield ""
            yield f"{heading}:"
            yield from (f"- {line}" for line in lines)
    for part in parts:
        yield ""
        yield part.heading
        yield from (f"- {row.asked}: {row.answered}" for row in part.rows if not row.blank)
