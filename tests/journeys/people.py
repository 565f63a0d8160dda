"""The people of the journeys: charts of their own, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from triage_app.cli.demo.running import RunningDemo
from triage_app.sandbox.upstream import Upstream

Said = Mapping[str, str | Sequence[str]]

_NUMBERS = count(1)


def _right_arm(**answers: str | Sequence[str]) -> Said:
    return {f"right-arm/{link_id.replace('__', '.')}": answer for link_id, answer in answers.items()}


HAND: Said = {
    "age": "57",
    "limb": ["right-arm"],
    **_right_arm(
        region="hand", digits=["thumb", "index", "middle"], const="daily", night="ge3", drops="seldom"
    ),
    "dur": "10",
    "pain": "4",
    "adl": "1",
}
"""A hand that is numb at night: no warning sign."""

MILD: Said = {
    "age": "44",
    "limb": ["right-arm"],
    **_right_arm(
        region="hand",
        digits=["thumb", "index", "middle"],
        const="intermittent",
        night="le2",
        relief__shake="yes",
    ),
    "dur": "3",
    "pain": "1",
    "pain_mo": "0",
    "trend": "better",
    "tried_wk": "2",
    "tried_n": "0",
}
"""Mild, getting better, and everything answered."""

STROKE: Said = {
    "age": "70",
    "g.sudden": "yes",
    "rf.stroke": "yes",
    "rf.stroke.when": "h24",
    "rf.stroke.still": "yes",
    "limb": ["right-arm"],
    **_right_arm(region="hand", digits=["little"]),
    "dur": "1",
}
"""One side went weak within the last day, and still is."""


def new_alice(demo: RunningDemo) -> str:
    """Put one more Alice, of whom nothing is known, into the hospital's record; return her id."""
    store = demo.hospital.store
    alice = store.read("Patient", "alice").body
    assert alice is not None
    patient = f"alice-{next(_NUMBERS)}"
    identifiers = [{**one, "value": f"{one['value']}-{patient}"} for one in alice.get("identifier", [])]
    person = {**alice, "id": patient, "identifier": identifiers}
    if isinstance(store, Upstream):
        store.load([person])
    else:
        store.write(person, patient, method="PUT")
    return patient
