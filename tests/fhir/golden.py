"""Compares what is written with the files kept in tests/golden, as JSON and not as text."""

from __future__ import annotations

import os

from person import GOLDEN

from triage_app.fhir.exact_json import dumps, loads

REFRESH = os.environ.get("REFRESH_GOLDEN") == "1"


def assert_golden(name: str, resource: object) -> None:
    """Compare with ``<name>.json``; REFRESH_GOLDEN=1 rewrites the file instead."""
    path = GOLDEN / f"{name}.json"
    if REFRESH:
        import json

        text = json.dumps(json.loads(dumps(resource)), ensure_ascii=False, indent=2)
        path.write_text(f"{text}\n", encoding="utf-8")
    assert loads(dumps(resource)) == loads(path.read_bytes()), f"{name}.json differs"
