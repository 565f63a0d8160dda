"""Whatever is sent to a route, and whatever a hospital answers, the app tells it and does not fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from security import fuzz
from security.fuzz import STORIES, Failed, Target, a_target, replies, sent_requests, try_reply, try_request
from security.nasty import changed

FEW = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with a_target() as found:
        yield found


def test_no_request_makes_the_app_fail(target: Target) -> None:
    @FEW
    @given(data=st.data(), with_token=st.booleans())
    def every_route(data: st.DataObject, with_token: bool) -> None:
        try_request(target, data.draw(sent_requests(target)), with_token=with_token)

    every_route()
    assert target.tried


@pytest.mark.parametrize("story", sorted(STORIES))
def test_no_answer_of_a_hospital_makes_the_app_fail(target: Target, story: str) -> None:
    @settings(FEW, max_examples=6)
    @given(reply=replies())
    def every_reply(reply: fuzz.Reply) -> None:
        try_reply(target, reply, story)

    every_reply()


def test_a_route_that_fails_is_found(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_self: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(target.world.services.storage), "check", failing)
    with pytest.raises(Failed):
        try_request(target, fuzz.Sent("GET", "/readyz", [], [], [], None, ""), with_token=False)


def test_changes_reach_every_part_of_a_document() -> None:
    body = b'{"resourceType":"Patient","name":[{"family":"A"}]}'
    assert changed(body, [("replace", 0, [])]) == b"[]"
    assert changed(body, [("drop", 1, None)]) == b'{"name": [{"family": "A"}]}'
    assert changed(body, [("twice", 3, None)]) == (
        b'{"resourceType": "Patient", "name": [{"family": "A"}, {"family": "A"}]}'
    )
    assert changed(b"<html>", [("drop", 0, None)]) == b"<html>"
