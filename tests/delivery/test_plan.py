"""The plan follows what the server declares, and says plainly what is missing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from triage_app.delivery.plan import ORDER, Envelope, Rung, plan

FULL: dict[str, Any] = {
    "resourceType": "CapabilityStatement",
    "rest": [
        {"mode": "client"},
        {
            "mode": "server",
            "interaction": [{"code": "transaction"}, {"code": "batch"}],
            "resource": [
                {
                    "type": name,
                    "interaction": [{"code": "create"}, {"code": "read"}],
                    "conditionalCreate": True,
                }
                for name in ORDER
            ],
        },
    ],
}


def without(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    statement = copy.deepcopy(FULL)
    change(statement["rest"][1])
    return statement


def test_a_full_server_gets_one_transaction_answers_first() -> None:
    found = plan(FULL, ["Provenance", "Observation", "Observation", "QuestionnaireResponse"])
    assert (found.rung, found.envelope) == (Rung.TRANSACTION, Envelope.TRANSACTION)
    assert found.order == ("QuestionnaireResponse", "Observation", "Provenance")
    assert found.possible


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ({}, "does not declare transactions"),
        ({"rest": "x"}, "does not declare transactions"),
        (without(lambda s: s.update(interaction=[{"code": "batch"}])), "does not declare transactions"),
        (without(lambda s: s["resource"].pop(3)), "Task can be created"),
        (
            without(lambda s: s["resource"][0].update(interaction=[{"code": "read"}])),
            "QuestionnaireResponse can",
        ),
        (
            without(lambda s: s["resource"][1].update(conditionalCreate=False)),
            "conditional create for Observation",
        ),
        (without(lambda s: s["resource"][4].pop("conditionalCreate")), "conditional create for Provenance"),
    ],
)
def test_a_server_that_cannot_is_named_for_what_it_lacks(statement: dict[str, Any], says: str) -> None:
    found = plan(statement)
    assert not found.possible
    assert any(says in reason for reason in found.why)


def test_what_is_not_written_need_not_be_declared() -> None:
    statement = without(lambda s: s["resource"].pop(3))
    assert plan(statement, ["QuestionnaireResponse", "Observation", "Provenance"]).possible
