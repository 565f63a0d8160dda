"""A doctor with two minutes: from the chart to the decision, and what then stands in the chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from reviewing import WASTED, WORSE, answers

from journeys.chart import keys_of
from journeys.conftest import OpenScreen
from journeys.screen import DESKTOP, PHONE, SMALL, Screen
from triage_app.cli.demo.running import RunningDemo
from triage_app.clinical.answers import Answers
from triage_app.sandbox.visitor import Visitor
from triage_app.workflow.submit import submit

pytestmark = pytest.mark.browser

BOB = "Practitioner/bob"


@pytest.fixture
def worsened(demo: RunningDemo, alice: str) -> str:
    """Alice was mild ninety days ago; now a muscle is thin and a movement weak."""
    pathway = demo.services.catalogue.newest("nerve-symptoms")
    tells(demo, alice, answers(pathway), days_ago=90)
    tells(demo, alice, answers(pathway, WORSE, **WASTED))
    return alice


def tells(demo: RunningDemo, patient: str, told: Answers, *, days_ago: int = 0) -> None:
    """Let the patient launch, and send these answers without walking through every page."""
    page = Visitor({}).launch(demo.hospital.new_launch(patient=patient).url)
    launch = demo.services.storage.fetch_launch(page.url.split("/")[4])
    assert launch is not None
    then = demo.services.clock() - timedelta(days=days_ago)
    pathway = demo.services.catalogue.newest("nerve-symptoms")
    submit(replace(demo.services, clock=lambda: then), launch, told, pathway)


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def desk(request: pytest.FixtureRequest, open_screen: OpenScreen, demo: RunningDemo, worsened: str) -> Screen:
    """Bob's desk, with scripts and without, his patient's review open."""
    screen = open_screen(demo, worsened, size=DESKTOP, scripts=request.param)
    screen.launch("clinician")
    assert screen.path == "review"
    return screen


def bottom(screen: Screen, words: str) -> float:
    """How far down the page the first such words end."""
    box = screen.page.get_by_text(words).first.bounding_box()
    assert box, f"{words} is not to be seen"
    return box["y"] + box["height"]


def proposals(screen: Screen) -> list[dict[str, Any]]:
    return [one for one in screen.chart()["ServiceRequest"] if one["intent"] == "proposal"]


def trail_of(screen: Screen, reference: str) -> dict[str, Any]:
    """The newest Provenance of ours that names the resource."""
    found = [
        one
        for one in screen.chart()["Provenance"]
        if keys_of(one) and {"reference": reference} in one["target"]
    ]
    return max(found, key=lambda one: str(one["recorded"]))


def authors(provenance: dict[str, Any]) -> list[str]:
    return [
        agent["who"].get("reference", "")
        for agent in provenance["agent"]
        if agent["type"]["coding"][0]["code"] == "author"
    ]


def test_signs_change_and_reasons_are_seen_without_scrolling(desk: Screen) -> None:
    for words in (
        "1 red flag",
        "Thin muscle on one side",
        "The pad at the base of the thumb is flat or hollow",
        "sooner: was",
        "worse: was mild",
        "Visible thinning of muscle means",
        "Self-report only, not examined",
    ):
        assert bottom(desk, words) <= DESKTOP["height"], words
    assert desk.page.get_by_role("button", name="Accept").first.is_visible()


def test_every_decision_is_within_one_scroll(desk: Screen) -> None:
    boxes = [button.bounding_box() for button in desk.page.get_by_role("button", name="Accept").all()]
    assert max(box["y"] + box["height"] for box in boxes if box) <= 2 * DESKTOP["height"]


def test_accept_is_one_press_and_leaves_a_request_of_the_clinician(desk: Screen) -> None:
    first = proposals(desk)
    name = desk.page.get_by_role("article").first.get_by_role("heading").inner_text().split(" by ")[0]
    desk.press("Accept")
    assert desk.path.startswith("review")
    assert desk.page.get_by_text(f"Accepted by you ({BOB})").first.is_visible()
    (done,) = [one for one in proposals(desk) if one["status"] == "completed"]
    assert done["id"] in {one["id"] for one in first}
    (made,) = [one for one in desk.chart()["ServiceRequest"] if "basedOn" in one]
    assert made["basedOn"] == [{"reference": f"ServiceRequest/{done['id']}"}]
    assert made["code"]["text"].startswith(name[:20])
    assert (made["status"], made["intent"], made["requester"]["reference"]) == ("draft", "plan", BOB)
    assert authors(trail_of(desk, f"ServiceRequest/{made['id']}")) == [BOB]


def test_the_task_is_done_when_all_is_decided(desk: Screen) -> None:
    for _ in proposals(desk):
        desk.press("Accept")
    assert {one["status"] for one in proposals(desk)} == {"completed"}
    assert "completed" in {one["status"] for one in desk.chart()["Task"]}
    assert desk.page.get_by_text("Review task: done").first.is_visible()
    assert desk.page.get_by_role("button", name="Accept").count() == 0


def test_decline_is_two_presses_and_keeps_the_reason_and_who(desk: Screen) -> None:
    desk.page.locator("summary", has_text="Decline").first.click()
    desk.page.get_by_label("Note (if you wish)").first.fill("Tested in May.")
    desk.press("Already referred or under care")
    assert desk.page.get_by_text(f"Declined by you ({BOB})").first.is_visible()
    assert desk.page.get_by_text("Note: Tested in May.").first.is_visible()
    (declined,) = [one for one in proposals(desk) if one["status"] == "revoked"]
    (why,) = [one for one in declined["extension"] if one["url"].endswith("request-statusReason")]
    assert why["valueCodeableConcept"]["coding"][0]["code"] == "already-referred"
    assert [one for one in desk.chart()["ServiceRequest"] if "basedOn" in one] == []
    assert authors(trail_of(desk, f"ServiceRequest/{declined['id']}")) == [BOB]


def test_the_decision_can_be_made_with_the_keyboard_alone(desk: Screen) -> None:
    desk.tab_to("Accept")
    assert desk.page.get_by_text(f"Accepted by you ({BOB})").first.is_visible()


def test_all_answers_and_rules_are_one_press_away_and_lead_back(desk: Screen) -> None:
    desk.follow("All answers and every rule")
    assert desk.page.get_by_role("heading", name="Answers, as asked and given").is_visible()
    desk.follow("Back to the review")
    assert desk.path == "review"


@pytest.mark.parametrize("size", [SMALL, PHONE, DESKTOP], ids=["320", "390", "1280"])
def test_every_state_of_the_review_is_accessible_and_fits(
    open_screen: OpenScreen, demo: RunningDemo, worsened: str, size: dict[str, int]
) -> None:
    screen = open_screen(demo, worsened, size=size)
    screen.launch("clinician")
    found = {"review": faults(screen)}
    screen.page.locator("summary", has_text="Decline").first.click()
    found["decline open"] = faults(screen)
    screen.press("Other reason")
    found["declined"] = faults(screen)
    screen.follow("All answers and every rule")
    screen.page.locator("summary", has_text="Not met").click()
    found["detail"] = faults(screen)
    demo.hospital.faults.set("down", times=9)
    screen.open("review")
    assert screen.heading == "The chart could not be read"
    found["unread"] = faults(screen)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    assert screen.asked <= {"localhost", "127.0.0.1"}


@pytest.mark.parametrize("size", [SMALL, DESKTOP], ids=["320", "1280"])
def test_an_empty_chart_and_unknown_signs_are_accessible(
    open_screen: OpenScreen, demo: RunningDemo, alice: str, size: dict[str, int]
) -> None:
    screen = open_screen(demo, alice, size=size)
    screen.launch("clinician")
    assert screen.page.get_by_text("There are no answers in this chart.").first.is_visible()
    assert faults(screen) == []
    pathway = demo.services.catalogue.newest("nerve-symptoms")
    tells(demo, alice, answers(pathway, g__sudden="yes", rf__stroke="unsure"))
    screen.open("review")
    assert screen.page.get_by_text("not every sign is known").first.is_visible()
    assert faults(screen) == []


def faults(screen: Screen) -> list[str]:
    """What axe finds, and how far the page stands out of the window."""
    overflow = screen.overflow()
    return screen.violations() + ([f"{overflow} px too wide"] if overflow > 0 else [])


def test_the_review_prints_on_one_page_without_addresses(
    open_screen: OpenScreen, demo: RunningDemo, worsened: str
) -> None:
    screen = open_screen(demo, worsened, size=DESKTOP)
    screen.launch("clinician")
    for paper in ("A4", "Letter"):
        assert screen.page.pdf(format=paper).count(b"/Type /Page\n") == 1, paper
    screen.page.emulate_media(media="print")
    behind = "[...document.links].map(a => getComputedStyle(a, '::after').content)"
    assert set(screen.page.evaluate(behind)) <= {"none", "normal"}
    assert not screen.page.get_by_role("button", name="Accept").first.is_visible()
    assert screen.page.get_by_text("born 3 April 1966").first.is_visible()


def test_the_note_is_copied_whole(open_screen: OpenScreen, demo: RunningDemo, worsened: str) -> None:
    screen = open_screen(demo, worsened, size=DESKTOP)
    screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.launch("clinician")
    screen.page.get_by_role("button", name="Copy", exact=True).click()
    screen.page.get_by_role("button", name="Copied").wait_for()
    copied = screen.page.evaluate("navigator.clipboard.readText()")
    assert copied == screen.page.locator("#note").input_value()
    assert 6 <= len(copied.splitlines()) <= 12
