"""What the hazard log claims and no other test holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from safety.compare import FOLDER


def items(of: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in of.get("item", ()):
        yield item
        yield from items(item)


def test_patients_are_offered_no_free_text() -> None:
    form = json.loads((FOLDER / "questionnaire.json").read_text(encoding="utf-8"))
    assert {item["type"] for item in items(form)} <= {
        "group",
        "choice",
        "integer",
        "decimal",
        "boolean",
        "display",
    }
