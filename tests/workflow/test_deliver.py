"""What is owed to the EHR is sent by one at a time, with a fresh token, and waits when it must."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from people import ALICE, KEY, PATHWAY, Clock, Hospital, all_no

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.terms import Side
from triage_app.delivery.states import DeliveryState
from triage_app.ehr.smart import SmartClient
from triage_app.ehr.token_answer import TokenAnswer
from triage_app.errors import EHRAmbiguous, EHRUnauthorized, EHRUnavailable, TokenRefused
from triage_app.storage.rows import Delivery
from triage_app.workflow.deliver import deliver, deliver_waiting
from triage_app.workflow.services import Services
from triage_app.workflow.submit import IN_RECORD, SAVED_HERE, submit

CALM = all_no()
(ARM,) = all_no().limbs
NUMB = {**ARM.answers, "const": "constant", "t.thumb_up": "weak"}
MANY = Answers(
    all_no(pain=Decimal(8)).person, (Limb(ARM.kind, Side.RIGHT, NUMB), Limb(ARM.kind, Side.LEFT, NUMB))
)
OFFLINE = replace(ALICE, access_token=None)


@dataclass
class Tokens:
    """An authorisation server that gives new tokens, or refuses."""

    refuses: bool = False
    asked: list[str] = field(default_factory=list)

    def discover(self, ehr: Any) -> None:
        return None

    def refresh(self, ehr: Any, endpoints: Any, *, refresh_token: str, scopes: Any, now: Any) -> TokenAnswer:
        self.asked.append(refresh_token)
        if self.refuses:
            raise TokenRefused("invalid_grant")
        return a_token_answer()


def a_token_answer() -> TokenAnswer:
    return TokenAnswer(
        access_token="new",
        refresh_token="r2",
        expires_in_seconds=3600,
        scopes=(),
        id_token=None,
        patient=None,
        encounter=None,
        need_patient_banner=True,
    )


def with_tokens(services: Services, tokens: Tokens) -> Services:
    return replace(services, smart=cast(SmartClient, tokens))


def waiting(services: Services) -> Delivery:
    return services.storage.pending_deliveries(ehr=KEY, patient="alice")[0]


def test_a_token_that_the_ehr_no_longer_takes_is_refreshed_once(
    services: Services, hospital: Hospital
) -> None:
    tokens = Tokens()
    alice = replace(ALICE, refresh_token="r1")
    services.storage.save_launch(alice)
    hospital.before.append(EHRUnauthorized("answered 401", status=401))
    assert submit(with_tokens(services, tokens), alice, CALM, PATHWAY).state == IN_RECORD
    assert tokens.asked == ["r1"]


@pytest.mark.parametrize("refresh_token", [None, "r1"])
def test_without_a_new_token_it_waits_for_the_next_launch(
    services: Services, hospital: Hospital, refresh_token: str | None
) -> None:
    tokens = Tokens(refuses=True)
    alice = replace(ALICE, refresh_token=refresh_token)
    services.storage.save_launch(alice)
    hospital.before.append(EHRUnauthorized("answered 401", status=401))
    assert submit(with_tokens(services, tokens), alice, CALM, PATHWAY).state == SAVED_HERE
    assert waiting(services).state is DeliveryState.HELD
    assert hospital.stored == {}


def test_while_one_sends_another_leaves_it_alone(
    services: Services, hospital: Hospital, clock: Clock
) -> None:
    submit(services, OFFLINE, CALM, PATHWAY)
    held = waiting(services)
    claimed = services.storage.claim_delivery(
        now=clock(), delivery_id=held.id, ehr=KEY, states=(DeliveryState.HELD,)
    )
    assert claimed is not None
    assert deliver(services, ALICE, held.id) is DeliveryState.SENDING
    assert hospital.sent == 0


def test_after_a_crash_the_next_one_looks_before_it_sends(
    services: Services, hospital: Hospital, clock: Clock
) -> None:
    submit(services, OFFLINE, CALM, PATHWAY)
    claimed = services.storage.claim_delivery(
        now=clock(), ehr=KEY, states=(DeliveryState.HELD,), lease=timedelta(seconds=60)
    )
    assert claimed is not None
    hospital.transaction(cast(Any, None), claimed.bundle)
    clock.forward(minutes=5)
    assert deliver_waiting(services, ALICE) == (DeliveryState.VERIFIED,)
    assert hospital.sent == 1
    assert len(hospital.of("QuestionnaireResponse")) == 1


def test_a_server_that_asks_for_time_gets_it_for_everybody(
    services: Services, hospital: Hospital, clock: Clock
) -> None:
    hospital.before.append(EHRUnavailable("answered 503", status=503, retry_after_seconds=120))
    submit(services, ALICE, CALM, PATHWAY)
    assert services.storage.fetch_lane(KEY).paused_until == clock() + timedelta(seconds=120)
    assert deliver_waiting(services, ALICE) == (DeliveryState.QUEUED,)
    assert hospital.sent == 1
    clock.forward(seconds=121)
    assert deliver_waiting(services, ALICE) == (DeliveryState.VERIFIED,)
    assert hospital.sent == 2


def test_what_is_verified_is_not_sent_again(services: Services, hospital: Hospital) -> None:
    result = submit(services, ALICE, CALM, PATHWAY)
    (delivery,) = services.storage.deliveries_of(ehr=KEY, submission_id=result.submission_id)
    assert delivery.rung == "R1"
    assert set(delivery.ids.values()) == set(hospital.stored)
    assert deliver(services, ALICE, delivery.id) is DeliveryState.VERIFIED
    assert deliver_waiting(services, ALICE) == ()
    assert hospital.sent == 1


def test_a_server_that_stores_half_is_completed_and_nothing_doubles(
    services: Services, hospital: Hospital
) -> None:
    result = submit(services, ALICE, CALM, PATHWAY)
    (delivery,) = services.storage.deliveries_of(ehr=KEY, submission_id=result.submission_id)
    half = {ref: one for ref, one in hospital.stored.items() if one["resourceType"] != "Provenance"}
    fresh = Hospital(stored=half, numbers=hospital.numbers)
    fresh.before.append(EHRAmbiguous("no usable answer to a write"))
    again = replace(services, gateway=cast(Any, fresh))
    second = replace(delivery, id="second", state=DeliveryState.QUEUED)
    services.storage.save_delivery(second)
    assert deliver(again, ALICE, "second") is DeliveryState.VERIFIED
    assert len(fresh.of("QuestionnaireResponse")) == 1
    assert len(fresh.of("Provenance")) == 1


def limited(services: Services) -> Services:
    ehr = replace(services.settings.registry[KEY], largest_transaction=8)
    return replace(services, settings=replace(services.settings, registry={KEY: ehr}))


def test_a_server_that_takes_few_entries_gets_record_and_work_one_after_the_other(
    services: Services, hospital: Hospital
) -> None:
    assert submit(limited(services), ALICE, MANY, PATHWAY).state == IN_RECORD
    assert hospital.sent == 2
    assert len(hospital.stored) > 8
    assert "urn:uuid" not in str(hospital.stored)


def test_when_the_second_part_fails_a_repeat_completes_it_and_doubles_nothing(
    services: Services, hospital: Hospital
) -> None:
    small = limited(services)
    hospital.failing_from = 2
    hospital.before.append(EHRUnavailable("answered 503", status=503, retry_after_seconds=1))
    assert submit(small, ALICE, MANY, PATHWAY).state == SAVED_HERE
    assert {one["resourceType"] for one in hospital.stored.values()} == {
        "QuestionnaireResponse",
        "Observation",
    }
    clock = cast(Clock, services.clock)
    clock.forward(minutes=1)
    assert deliver_waiting(small, ALICE) == (DeliveryState.VERIFIED,)
    assert len(hospital.of("QuestionnaireResponse")) == 1
    assert len(hospital.of("Task")) == 1


def test_every_attempt_is_in_the_audit_without_an_answer(services: Services) -> None:
    submit(services, ALICE, CALM, PATHWAY)
    actions = [entry.action for entry in services.storage.fetch_audit(ehr=KEY, launch=ALICE.id)]
    assert actions == ["submit", "deliver: verified"]
