"""A reminder from the chart stands beside its question: never ticked, escaped, and not missed when absent."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from browsing import Browser
from flask import Flask

from triage_app import create_app, create_services
from triage_app.catalogue.load import Catalogue
from triage_app.clinical.answers import Answers
from triage_app.sandbox.server import RunningSandbox
from triage_app.settings import EHR, Settings
from triage_app.workflow.services import Services

DIABETES = (
    "Your record says: Type 2 diabetes mellitus without complications (health problem, 2 November 2024)."
)
_REMINDER = re.compile(r'<span class="app-record">(.*?)</span>', re.DOTALL)


def reminders(browser: Browser, address: str) -> list[str]:
    """The reminders on a page, as a person reads them."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status
    return [" ".join(unescape(found).split()) for found in _REMINDER.findall(answer.text)]


def told(app: Flask, launch_id: str) -> Answers:
    services: Services = app.extensions["services"]
    launch = services.storage.fetch_launch(launch_id)
    assert launch is not None
    draft = services.storage.fetch_draft(
        ehr=launch.ehr, patient=launch.patient, author=launch.user, pathway="nerve-symptoms"
    )
    return Answers.from_plain(draft.answers) if draft else Answers()


def test_alice_is_reminded_of_her_age_and_her_diabetes_and_nothing_is_answered(
    app: Flask, browser_of_alice: Browser
) -> None:
    launch_id = browser_of_alice.launch_id("alice")
    (age,) = reminders(browser_of_alice, f"/l/{launch_id}/q/age")
    assert re.fullmatch(r"Your record says: \d\d years old, born 3 April 1966\. Is that right\?", age)
    page = browser_of_alice.get(f"/l/{launch_id}/q/screen.6").text
    assert "checked" not in page
    assert reminders(browser_of_alice, f"/l/{launch_id}/q/screen.6") == [
        f"{DIABETES} Choose it if that is right."
    ]
    assert told(app, launch_id) == Answers()


def test_the_reminder_describes_its_box_to_a_screen_reader(browser_of_alice: Browser) -> None:
    page = browser_of_alice.get(f"/l/{browser_of_alice.launch_id('alice')}/q/screen.6").text
    (box,) = (tag for tag in re.findall(r"<input[^>]*>", page) if 'name="hx.diabetes"' in tag)
    described = re.search(r'aria-describedby="([^"]+)"', box)
    assert described
    assert re.search(rf'id="{described[1].split()[-1]}"[^>]*>\s*<span class="app-record">', page)


def test_sign_by_sign_the_reminder_asks_whether_it_is_right(browser_of_alice: Browser) -> None:
    address = f"/l/{browser_of_alice.launch_id('alice')}/q/screen.6?each=1"
    assert reminders(browser_of_alice, address) == [f"{DIABETES} Is that right?"]


def test_the_reminder_stays_when_the_page_comes_back_with_an_error(
    browser_of_alice: Browser,
) -> None:
    address = f"/l/{browser_of_alice.launch_id('alice')}/q/screen.6"
    token = browser_of_alice.form_token(address)
    answer = browser_of_alice.post(address, data={"form_token": token})
    assert answer.status_code == 422
    assert len(_REMINDER.findall(answer.text)) == 1


def test_others_are_reminded_of_what_their_own_charts_say(browser_of_alice: Browser) -> None:
    farah, charlie = browser_of_alice.launch_id("farah"), browser_of_alice.launch_id("charlie")
    assert reminders(browser_of_alice, f"/l/{farah}/q/history.health") == [
        "Your record says: Hypothyroidism, unspecified (health problem, 2 November 2024). "
        "Choose it if that is right."
    ]
    assert reminders(browser_of_alice, f"/l/{charlie}/q/screen.6") == []


def test_surgery_is_named_on_the_page_of_its_arm_alone(app: Flask, browser_of_alice: Browser) -> None:
    launch_id = browser_of_alice.launch_id("dora")
    where = f"/l/{launch_id}/q/limb"
    token = browser_of_alice.form_token(where)
    browser_of_alice.post(where, data={"form_token": token, "limb": ["right-arm", "left-arm"]})
    assert reminders(browser_of_alice, f"/l/{launch_id}/q/right-arm/limb.before") == [
        "Your record says: Open carpal tunnel release, right (operation, 24 August 2026). Is that right?"
    ]
    assert reminders(browser_of_alice, f"/l/{launch_id}/q/left-arm/limb.before") == []


def test_a_daughter_reads_of_the_record_and_not_of_hers(browser_of_alice: Browser) -> None:
    launch_id = browser_of_alice.launch_id("farah", "RelatedPerson/farah-relatedperson-1")
    (reminder,) = reminders(browser_of_alice, f"/l/{launch_id}/q/history.health")
    assert reminder.startswith("The record says: Hypothyroidism")


def test_hostile_words_of_a_chart_are_shown_as_words(
    sandbox: RunningSandbox, browser_of_alice: Browser
) -> None:
    text = 'Diabetes "><script>alert(1)</script> {{ 7*7 }} {fact} <img src=x onerror=alert(1)>' + "!" * 9000
    condition = {
        "resourceType": "Condition",
        "id": "hostile",
        "subject": {"reference": "Patient/emil"},
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
            ]
        },
        "code": {"text": text},
    }
    sandbox.store.write(condition, "hostile", method="PUT")
    launch_id = browser_of_alice.launch_id("emil")
    page = browser_of_alice.get(f"/l/{launch_id}/q/screen.6").text
    sandbox.store.delete("Condition", "hostile")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} {fact}" in page
    assert "!!" not in page


def an_app(settings: Settings, catalogue: Catalogue, ehr: EHR, **changes: float) -> Flask:
    """An app that knows this entry of the registry."""
    other = replace(settings, registry={ehr.key: ehr}, **changes)
    return create_app(other, services=create_services(other, catalogue=catalogue))


@pytest.mark.parametrize("fault", ["down", "dropped", "throttled", "login-page", "access-refused"])
def test_an_ehr_in_trouble_leaves_the_plain_question(
    sandbox: RunningSandbox, browser_of_alice: Browser, fault: str
) -> None:
    launch_id = browser_of_alice.launch_id("alice")
    sandbox.faults.set(fault)
    assert reminders(browser_of_alice, f"/l/{launch_id}/q/age") == []
    sandbox.faults.clear()
    page = browser_of_alice.get(f"/l/{launch_id}/q/screen.6").text
    assert "Diabetes (high blood sugar)" in page
    assert "record says" not in page


def test_a_slow_ehr_leaves_the_plain_question(
    sandbox: RunningSandbox, settings: Settings, catalogue: Catalogue, hospital: EHR
) -> None:
    browser = Browser(an_app(settings, catalogue, hospital, chart_seconds=0.1).test_client(), sandbox)
    launch_id = browser.launch_id("alice")
    sandbox.faults.set("slow")
    assert reminders(browser, f"/l/{launch_id}/q/age") == []


def test_a_site_that_wants_no_reminders_asks_for_no_such_scope_and_gets_none(
    sandbox: RunningSandbox, settings: Settings, catalogue: Catalogue, hospital: EHR
) -> None:
    plain = replace(hospital, read_chart=False, scopes=())
    browser = Browser(an_app(settings, catalogue, plain).test_client(), sandbox)
    launched = browser.press_launch("alice")
    assert "Condition" not in launched.location
    launch_id = browser.get(browser.log_in(launched)).location.split("/")[2]
    assert reminders(browser, f"/l/{launch_id}/q/age") == []


def test_the_first_question_comes_before_the_chart_is_asked(
    sandbox: RunningSandbox, browser_of_alice: Browser
) -> None:
    launch_id = browser_of_alice.launch_id("alice")
    before = len(sandbox.hospital.wire.entries())
    for path in ("", "q/screen.1"):
        browser_of_alice.get(f"/l/{launch_id}/{path}")
    asked = [entry.path for entry in sandbox.hospital.wire.entries()[before:]]
    assert asked == ["/fhir/Patient/alice"]
