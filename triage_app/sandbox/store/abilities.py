"""What a server of some make takes at all: the same hospital can be generous or narrow."""

from __future__ import annotations

from dataclasses import dataclass

from triage_app.sandbox.store.outcome import Refusal
from triage_app.sandbox.store.parameters import TYPES

_ALL = frozenset(TYPES)


@dataclass(frozen=True)
class Abilities:
    """Types that can be created and updated, and what else is offered; the CapabilityStatement says the same.

    Where ``conditional_create`` is False, a condition is silently ignored, as narrow servers do.
    """

    creates: frozenset[str] = _ALL
    updates: frozenset[str] = _ALL
    transaction: bool = True
    batch: bool = True
    conditional_create: bool = True
    client_ids: bool = True

    def require_create(self, resource_type: str) -> None:
        """405 where this type cannot be created."""
        if resource_type not in self.creates:
            raise Refusal(405, "not-supported", f"{resource_type} cannot be created on this server")

    def require_update(self, resource_type: str, *, live: bool) -> None:
        """405 where this type cannot be updated, or an id of the caller's choice is not taken."""
        if resource_type not in self.updates or not (live or self.client_ids):
            raise Refusal(
                405, "not-supported", f"{resource_type} cannot be written by PUT here on this server"
            )

    def require_envelope(self, kind: str) -> None:
        """405 where transactions or batches are not taken."""
        if not (self.transaction if kind == "transaction" else self.batch):
            raise Refusal(405, "not-supported", f"a {kind} is not taken by this server")


_WRITES = frozenset({"QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance"})
PERSONALITIES = {
    "open": Abilities(),
    "no-transaction": Abilities(transaction=False),
    "single-writes": Abilities(transaction=False, batch=False, conditional_create=False, client_ids=False),
    "answers-only": Abilities(
        creates=frozenset({"QuestionnaireResponse"}),
        updates=frozenset(),
        transaction=False,
        batch=False,
        conditional_create=False,
        client_ids=False,
    ),
    "results-only": Abilities(
        creates=frozenset({"Observation", "DocumentReference", "Condition", "Communication"}),
        updates=_WRITES - {"ServiceRequest", "Task", "Provenance"},
        transaction=False,
        conditional_create=False,
        client_ids=False,
    ),
    "read-only": Abilities(
        creates=frozenset(), updates=frozenset(), transaction=False, batch=False, conditional_create=False
    ),
}
