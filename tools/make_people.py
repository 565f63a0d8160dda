"""Makes triage_app/sandbox/people.json, once: five invented people out of carebundle, renamed and trimmed.

Run it by hand with carebundle 0.5 installed; the small file that it writes is committed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import carebundle

Resource = dict[str, Any]
TARGET = Path(__file__).parent.parent / "triage_app" / "sandbox" / "people.json"
REFERENCE_DATE = date(2026, 11, 2)
KEPT = ("Condition", "MedicationRequest")
ORGANISATION: Resource = {
    "resourceType": "Organization",
    "id": "riverside",
    "active": True,
    "name": "Riverside Hospital",
}
BOB: Resource = {
    "resourceType": "Practitioner",
    "id": "bob",
    "active": True,
    "identifier": [{"system": "https://riverside.example/staff", "value": "B-1001"}],
    "name": [{"use": "official", "family": "Feld", "given": ["Bob"], "prefix": ["Dr"]}],
}


@dataclass(frozen=True)
class Person:
    """Whom to make, from which carebundle profile, and what carebundle does not know about them."""

    id: str
    given: str
    family: str
    profile: str
    seed: int
    sex: str
    ages: tuple[int, int]
    number: str
    extra: tuple[Resource, ...] = field(default=())


def problem(text: str, since: str) -> Resource:
    base = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": f"{base}/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{base}/condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{base}/condition-category", "code": "problem-list-item"}]}],
        "code": {"text": text},
        "recordedDate": since,
    }


RELEASE: Resource = {
    "resourceType": "Procedure",
    "status": "completed",
    "code": {"text": "Open carpal tunnel release, right"},
    "performedDateTime": "2026-08-24",
}
DAUGHTER: Resource = {
    "resourceType": "RelatedPerson",
    "active": True,
    "name": [{"family": "Haddad", "given": ["Lina"]}],
    "relationship": [{"text": "Daughter"}],
}
PEOPLE = (
    Person("alice", "Alice", "Moreno", "type2_diabetes", 7, "F", (56, 60), "R-1001"),
    Person("charlie", "Charlie", "Reyes", "healthy", 3, "M", (38, 44), "R-1002"),
    Person(
        "dora",
        "Dora",
        "Lindqvist",
        "hypertension",
        4,
        "F",
        (62, 68),
        "R-1003",
        (problem("Carpal tunnel syndrome of the right hand", "2026-03-09"), RELEASE),
    ),
    Person(
        "emil",
        "Emil",
        "Novak",
        "healthy",
        11,
        "M",
        (30, 36),
        "R-1004",
        (problem("Low back pain", "2026-10-19"),),
    ),
    Person("farah", "Farah", "Haddad", "ckd_stage3", 5, "F", (68, 72), "R-1005", (DAUGHTER,)),
)


def trimmed(resource: Resource) -> Resource:
    """Without narrative, profiles and what points to resources that are not kept."""
    unwanted = {"text", "meta", "encounter", "requester", "recorder", "asserter", "reasonReference"}
    security = resource.get("meta", {}).get("security")
    kept = {name: value for name, value in resource.items() if name not in unwanted}
    return kept | ({"meta": {"security": security}} if security else {})


def resources_of(person: Person) -> list[Resource]:
    bundle = carebundle.generate_bundle(
        profile=person.profile,
        seed=person.seed,
        sex=person.sex,
        age_range=person.ages,
        reference_date=REFERENCE_DATE,
    )
    made = [entry["resource"] for entry in json.loads(carebundle.to_json(bundle))["entry"]]
    patient = next(trimmed(one) for one in made if one["resourceType"] == "Patient")
    patient |= {
        "id": person.id,
        "active": True,
        "identifier": [{"system": "https://riverside.example/mrn", "value": person.number}],
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "managingOrganization": {"reference": "Organization/riverside"},
    }
    others = [trimmed(one) for one in made if one["resourceType"] in KEPT] + [
        dict(one) for one in person.extra
    ]
    return [patient, visit(person), *numbered(others, person)]


def visit(person: Person) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": f"{person.id}-visit",
        "status": "in-progress",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
            "display": "ambulatory",
        },
        "type": [{"text": "Hand and nerve clinic"}],
        "subject": {"reference": f"Patient/{person.id}"},
        "participant": [{"individual": {"reference": "Practitioner/bob"}}],
        "period": {"start": "2026-11-02T09:00:00+00:00"},
    }


def numbered(resources: list[Resource], person: Person) -> list[Resource]:
    counts: dict[str, int] = {}
    for resource in resources:
        kind = resource["resourceType"]
        counts[kind] = counts.get(kind, 0) + 1
        resource["id"] = f"{person.id}-{kind.lower()}-{counts[kind]}"
        resource["patient" if kind == "RelatedPerson" else "subject"] = {"reference": f"Patient/{person.id}"}
    return resources


def main() -> None:
    entry = [ORGANISATION, BOB, *(one for person in PEOPLE for one in resources_of(person))]
    for resource in entry:
        if resource["resourceType"] == "MedicationRequest":
            resource["requester"] = {"reference": "Practitioner/bob"}
    TARGET.write_text(json.dumps({"entry": entry}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(entry)} resources written to {TARGET.name}")


if __name__ == "__main__":
    main()
