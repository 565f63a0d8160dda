"""The five invented people, the clinician and the organisation that every start begins with."""

from __future__ import annotations

import json
from pathlib import Path

from triage_app.sandbox.store.database import Store
from triage_app.sandbox.store.outcome import Resource

_FILE = Path(__file__).with_name("people.json")
STORIES = {
    "alice": "Her right hand has gone numb at night for months. She has type 2 diabetes.",
    "charlie": "Never asked about his nerves: he is here so that one chart can be kept apart from another.",
    "dora": "Had her right carpal tunnel released three months ago and comes for follow-up.",
    "emil": "Back pain that runs down the left leg. Otherwise healthy.",
    "farah": "Burning feet for years, kidneys that do not work well, and a daughter who helps with forms.",
}


def load_people() -> list[Resource]:
    """All of them, in an order in which each refers only to those before it."""
    resources: list[Resource] = json.loads(_FILE.read_text("utf-8"))["entry"]
    return resources


def add_people(store: Store) -> None:
    """Store those who are not there yet."""
    with store.transaction():
        for resource in load_people():
            if store.newest(resource["resourceType"], resource["id"]) is None:
                store.write(resource, resource["id"], method="PUT")
