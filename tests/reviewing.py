"""A hospital whose patients have already told something, and a clinician who opens their charts."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from browsing import Browser
from flask import Flask
from werkzeug.test import TestResponse

from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import LIMB, in_play
from triage_app.clinical.terms import LimbKind, Side
from triage_app.sandbox.server import RunningSandbox
from triage_app.sandbox.store.database import Store
from triage_app.storage.rows import Launch
from triage_app.workflow.services import Services
from triage_app.workflow.submit import submit

_NUMBERS = count(1)
_TAG = re.compile(r"<[^>]+>")

NUMB: dict[str, Value] = {"const": "intermittent", "night": "le2"}
WORSE: dict[str, Value] = {
    "const": "constant",
    "feel": "less",
    "t.thumb_up": "weak",
    "waste.thumb_base": "yes",
}
WASTED: dict[str, Value] = {"g.thin": "yes", "rf.wasting": "yes"}
STROKE: dict[str, Value] = {
    "g.sudden": "yes",
    "rf.stroke": "yes",
    "rf.stroke.when": "h24",
    "rf.stroke.still": "yes",
}


@dataclass
class Clinic:
    """The app in this process and the hospital on loopback."""

    app: Flask
    sandbox: RunningSandbox

    @property
    def services(self) -> Services:
        services: Services = self.app.extensions["services"]
        return services

    @property
    def pathway(self) -> Pathway:
        return self.services.catalogue.newest("nerve-symptoms")

    def new_alice(self) -> str:
        """Put one more Alice, of whom nothing is known, into the hospital's record."""
        person = self.sandbox.store.read("Patient", "alice").body
        assert person is not None
        patient = f"alice-review-{next(_NUMBERS)}"
        self.store.write({**person, "id": patient}, patient, method="PUT")
        return patient

    @property
    def store(self) -> Store:
        assert isinstance(self.sandbox.store, Store)
        return self.sandbox.store

    def tells(self, patient: str, answers: Answers, *, days_ago: int = 0, fault: str = "") -> None:
        """Let the patient launch and send these answers, some days ago, while the hospital has a fault."""
        browser = Browser(self.app.test_client(), self.sandbox)
        launch = self.launch_of(browser.launch_id(patient))
        if fault:
            self.sandbox.faults.set(fault, times=50)
        then = datetime.now(UTC) - timedelta(days=days_ago)
        submit(replace(self.services, clock=lambda: then), launch, answers, self.pathway)
        self.sandbox.faults.clear()

    def launch_of(self, launch_id: str) -> Launch:
        launch = self.services.storage.fetch_launch(launch_id)
        assert launch is not None
        return launch

    def opens(self, patient: str, user: str = "bob") -> Review:
        """Let the clinician open the patient's chart."""
        browser = Browser(self.app.test_client(), self.sandbox)
        launch_id = browser.launch_id(patient, user)
        return Review(browser, f"/l/{launch_id}/review", f"/l/{launch_id}/decide")

    def chart(self, patient: str) -> dict[str, list[dict[str, Any]]]:
        return self.sandbox.hospital.chart(patient)

    def change(self, resource: dict[str, Any], **changes: Any) -> None:
        """Let somebody else change a resource in the chart."""
        self.store.write({**resource, **changes}, resource["id"], method="PUT")


@dataclass
class Review:
    """A clinician's window on one chart."""

    browser: Browser
    address: str
    decide_address: str

    def get(self, response_id: str = "") -> TestResponse:
        return self.browser.get(f"{self.address}/{response_id}" if response_id else self.address)

    def text(self, response_id: str = "") -> str:
        """The words of the page."""
        response = self.get(response_id)
        assert response.status_code == 200, response.text
        return words(response.text)

    def newest(self) -> str:
        """The id of the newest response, from the link to it."""
        found = re.search(r"/review/([^\"]+)\"", self.get().text)
        assert found, "no link to a response"
        return found[1]

    def forms(self, response_id: str = "") -> list[dict[str, str]]:
        """The hidden fields of each form that accepts, in the order of the page."""
        page = self.get(response_id).text
        return [
            dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', form))
            for form in re.findall(r"<form.*?</form>", page, re.DOTALL)
            if 'value="accept"' in form
        ]

    def post(self, fields: Mapping[str, str], **more: str) -> TestResponse:
        return self.browser.post(self.decide_address, data={**fields, **more})


def words(page: str) -> str:
    """The text of a page, its spaces evened out."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(_TAG.sub(" ", main)).split())


def answers(pathway: Pathway, arm: Mapping[str, Value] = NUMB, **more: Value) -> Answers:
    """A right hand as told, 57 years old, and every other question in play answered no or normal.

    In ``more`` a linkId's dots are written as two underscores; None leaves the question blank.
    """
    told: dict[str, Value | None] = {"age": Decimal(57), "pain": Decimal(4), "dur": Decimal(6)}
    told |= {name.replace("__", "."): value for name, value in more.items()}
    hand: dict[str, Value] = {"region": "hand", "digits": ("thumb", "index"), **arm}
    limb = next(question for question in pathway.form.items if question.link_id == LIMB)
    inside = {question.link_id for question in limb.walk()}
    for link_id, item in pathway.rules.vocabulary.items.items():
        if item.normal is not None:
            (hand if link_id in inside else told).setdefault(link_id, item.normal)  # type: ignore[arg-type]
    person = {link_id: value for link_id, value in told.items() if value is not None}
    return in_play(pathway.form, Answers(person, (Limb(LimbKind.ARM, Side.RIGHT, hand),)))
