"""Alice answers, Bob reviews, Charlie is somebody else: launches, services and an EHR kept in memory."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from factories import an_ehr, some_settings

from triage_app.catalogue.load import Catalogue
from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.form import in_play
from triage_app.clinical.terms import LimbKind, Side
from triage_app.delivery.reconcile import keys_of
from triage_app.ehr.gateway import Connection, Gateway
from triage_app.ehr.smart import SmartClient
from triage_app.errors import EHRConflict, EHRError, EHRRefused
from triage_app.fhir.bundle import resolve
from triage_app.settings.scopes import default_scopes
from triage_app.storage import Storage
from triage_app.storage.rows import Draft, Launch, Mode, Role
from triage_app.workflow.services import Services

START = datetime(2026, 11, 20, 10, 42, tzinfo=UTC)
CATALOGUE = Catalogue.load(Path(__file__).parents[2] / "questionnaires")
PATHWAY = CATALOGUE.newest("nerve-symptoms")
KEY = "riverside"
TYPES = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance")


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Hospital:
    """An EHR in memory: guarded transactions, versions, and trouble on demand.

    ``before`` fails the next transactions unwritten (from the ``failing_from``-th on), ``after`` once they
    are written; ``spoil`` alters what is stored.
    """

    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: list[EHRError] = field(default_factory=list)
    after: list[EHRError] = field(default_factory=list)
    reading: list[EHRError] = field(default_factory=list)
    spoil: dict[str, dict[str, Any]] = field(default_factory=dict)
    declares: bool = True
    sent: int = 0
    failing_from: int = 0
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def of(self, resource_type: str) -> list[dict[str, Any]]:
        return [r for r in self.stored.values() if r["resourceType"] == resource_type]

    def capabilities(self, connection: Connection) -> dict[str, Any]:
        resource = [
            {"type": name, "interaction": [{"code": "create"}], "conditionalCreate": True} for name in TYPES
        ]
        interaction = [{"code": "transaction"}] if self.declares else []
        return {"rest": [{"mode": "server", "interaction": interaction, "resource": resource}]}

    def read(self, connection: Connection, reference: str) -> dict[str, Any]:
        self._fail(self.reading)
        if reference not in self.stored:
            raise EHRRefused("answered 404", status=404)
        return copy.deepcopy(self.stored[reference])

    def search(
        self, connection: Connection, resource_type: str, params: Mapping[str, str | Sequence[str]]
    ) -> list[dict[str, Any]]:
        self._fail(self.reading)
        found = self.of(resource_type)[::-1]
        for name in ("identifier", "_tag"):
            if name in params:
                wanted = set(str(params[name]).split(","))
                found = [one for one in found if keys_of(one) & wanted]
        return copy.deepcopy(found)

    def transaction(self, connection: Connection, bundle: Mapping[str, Any]) -> dict[str, Any]:
        if bundle["type"] == "batch":
            self._fail(self.reading)
            entries = [{"resource": self.stored.get(e["request"]["url"], {})} for e in bundle["entry"]]
            return {"resourceType": "Bundle", "type": "batch-response", "entry": copy.deepcopy(entries)}
        self.sent += 1
        if self.sent >= self.failing_from:
            self._fail(self.before)
        answer = self._write(bundle)
        self._fail(self.after)
        return answer

    def _fail(self, errors: list[EHRError]) -> None:
        if errors:
            raise errors.pop(0)

    def _write(self, bundle: Mapping[str, Any]) -> dict[str, Any]:
        for entry in bundle["entry"]:
            if "ifMatch" in entry["request"]:
                version = self.stored[entry["request"]["url"]]["meta"]["versionId"]
                if entry["request"]["ifMatch"] != f'W/"{version}"':
                    raise EHRConflict("answered 412", status=412)
        places = {id(entry): self._place(entry) for entry in bundle["entry"]}
        ids = {e["fullUrl"]: places[id(e)] for e in bundle["entry"] if "fullUrl" in e}
        for entry in bundle["entry"]:
            self._put(places[id(entry)], entry, ids)
        locations = [{"response": {"location": f"{places[id(e)]}/_history/1"}} for e in bundle["entry"]]
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": locations}

    def _place(self, entry: Mapping[str, Any]) -> str:
        if entry["request"]["method"] == "PUT":
            return str(entry["request"]["url"])
        name = entry["resource"]["resourceType"]
        for reference, resource in self.stored.items():
            if resource["resourceType"] == name and keys_of(resource) & keys_of(entry["resource"]):
                return reference
        return f"{name}/{next(self.numbers)}"

    def _put(self, reference: str, entry: Mapping[str, Any], ids: Mapping[str, str]) -> None:
        if entry["request"]["method"] == "POST" and reference in self.stored:
            return
        resource = resolve(copy.deepcopy(entry["resource"]), ids)
        version = int(self.stored.get(reference, {}).get("meta", {}).get("versionId", 0)) + 1
        self.stored[reference] = {
            **resource,
            **self.spoil.get(resource["resourceType"], {}),
            "id": reference.split("/")[1],
            "meta": {**resource.get("meta", {}), "versionId": str(version)},
        }


def services_of(storage: Storage, hospital: Hospital, clock: Clock) -> Services:
    numbers = itertools.count(1)
    settings = some_settings(an_ehr(key=KEY, clinic_name="Riverside Hand Clinic"))
    return Services(
        settings=settings,
        catalogue=CATALOGUE,
        storage=storage,
        smart=cast(SmartClient, None),
        gateway=cast(Gateway, hospital),
        clock=clock,
        new_id=lambda: str(UUID(int=next(numbers))),
    )


def launch_of(user: str, *, patient: str = "alice", token: str | None = "t", number: int = 1) -> Launch:
    return Launch(
        id=f"launch-{user.lower().replace('/', '-')}-{number}",
        ehr=KEY,
        patient=patient,
        user=user,
        role=Role.CLINICIAN if user.startswith("Practitioner") else Role.PATIENT,
        mode=Mode.TOP,
        encounter=None,
        scopes=default_scopes(read_chart=False),
        access_token=token,
        refresh_token=None,
        expires_at=None,
        created_at=START,
        last_seen_at=START,
        ended_at=None,
        cookie_hash="h",
        language="en",
    )


ALICE = launch_of("Patient/alice")
BOB = launch_of("Practitioner/bob")
CHARLIE = launch_of("Patient/charlie", patient="charlie")


def all_no(**person: Any) -> Answers:
    """Every question in play answered no or normal, but for: 57 years old, right thumb numb now and then."""
    told: dict[str, Any] = {"age": Decimal(57), "pain": Decimal(4), "dur": Decimal(6), **person}
    arm: dict[str, Any] = {"region": "hand", "digits": ("thumb", "index"), "const": "intermittent"}
    limb = next(q for q in PATHWAY.form.items if q.link_id == "limb")
    inside = {question.link_id for question in limb.walk()}
    for link_id, item in PATHWAY.rules.vocabulary.items.items():
        if item.normal is not None:
            (arm if link_id in inside else told).setdefault(link_id, item.normal)
    return in_play(PATHWAY.form, Answers(told, (Limb(LimbKind.ARM, Side.RIGHT, arm),)))


def draft_of(launch: Launch, answers: Answers, *, sequence: int = 1, draft_id: str = "") -> Draft:
    return Draft(
        id=draft_id or "0f8fad5b-d9cb-469f-a165-70867728950e",
        ehr=launch.ehr,
        patient=launch.patient,
        author=launch.user,
        pathway=PATHWAY.name,
        version=PATHWAY.version,
        checksum=PATHWAY.checksum,
        answers=answers.to_plain(),
        sequence=sequence,
        launch=launch.id,
        started_at=START,
        touched_at=START,
    )
