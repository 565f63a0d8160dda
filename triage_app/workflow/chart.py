"""Reads from the chart what we wrote there: answers, results, suggestions and work, and nothing of others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from triage_app.delivery.reconcile import keys_of
from triage_app.ehr.gateway import Connection, Gateway
from triage_app.fhir.check import is_sound
from triage_app.fhir.codes import BASE, IDENTIFIER, system

Json = Mapping[str, Any]
WITHDRAWN = "entered-in-error"


@dataclass(frozen=True)
class Chart:
    """Everything of ours in one patient's chart, as FHIR.

    ``responses`` are to our forms, whichever app they come from; ``withdrawn`` were entered in error.
    """

    responses: tuple[Json, ...]
    observations: tuple[Json, ...]
    requests: tuple[Json, ...]
    tasks: tuple[Json, ...]
    withdrawn: tuple[Json, ...] = ()

    def overall_of(self, response: str) -> Json | None:
        """Return the Observation of the whole that is derived from the response."""
        found = [one for one in self.derived_from(response) if code_of(one) == "triage-overall"]
        return found[0] if found else None

    def severities_of(self, response: str) -> dict[str, str | None]:
        """Return the severity written for each limb of the response; None where it was not known."""
        return {
            first_code(one.get("bodySite", {})): first_code(one.get("valueCodeableConcept", {})) or None
            for one in self.derived_from(response)
            if code_of(one) == "severity"
        }

    def proposals_of(self, response: str) -> tuple[Json, ...]:
        """Return the suggestions that rest on the response, in the server's order."""
        return tuple(
            one
            for one in self.requests
            if one.get("intent") == "proposal" and response in set(references(one.get("supportingInfo", ())))
        )

    def made_from(self, proposal: str) -> Json | None:
        """Return the request that a clinician made from the suggestion."""
        return next(
            (one for one in self.requests if proposal in set(references(one.get("basedOn", ())))), None
        )

    def task_of(self, response: str) -> Json | None:
        """Return the review Task that has the response among its inputs."""
        for task in self.tasks:
            inputs = (one.get("valueReference", {}) for one in task.get("input", ()))
            if response in set(references(inputs)):
                return task
        return None

    def derived_from(self, response: str) -> Iterator[Json]:
        """Return the Observations that rest on the response."""
        return (o for o in self.observations if response in set(references(o.get("derivedFrom", ()))))


def read_chart(gateway: Gateway, connection: Connection, patient: str) -> Chart:
    """Return what is ours in the chart, newest response first; raise EHRError rather than a part of it."""
    mine = {"patient": patient}
    found = _about(gateway.search(connection, "QuestionnaireResponse", mine), patient)
    forms = [one for one in found if str(one.get("questionnaire", "")).startswith(f"{BASE}/Questionnaire/")]
    newest_first = sorted(forms, key=lambda one: str(one.get("authored", "")), reverse=True)
    observations = gateway.search(connection, "Observation", {**mine, "category": "survey"})
    requests = gateway.search(connection, "ServiceRequest", mine)
    tasks = gateway.search(connection, "Task", mine)
    return Chart(
        responses=tuple(one for one in newest_first if one.get("status") != WITHDRAWN),
        observations=tuple(_ours_of(observations, patient)),
        requests=tuple(_ours_of(requests, patient)),
        tasks=tuple(_ours_of(tasks, patient)),
        withdrawn=tuple(one for one in newest_first if one.get("status") == WITHDRAWN and is_ours(one)),
    )


def open_series(gateway: Gateway, connection: Connection, patient: str) -> frozenset[str]:
    """Return the limbs whose newest severity of ours is not ``none``; raise EHRError."""
    found = gateway.search(connection, "Observation", {"patient": patient, "category": "survey"})
    newest = {
        first_code(one.get("bodySite", {})): first_code(one.get("valueCodeableConcept", {}))
        for one in sorted(_ours_of(found, patient), key=lambda one: str(one.get("effectiveDateTime", "")))
        if code_of(one) == "severity"
    }
    return frozenset(limb for limb, severity in newest.items() if severity != "none")


def reference_of(resource: Json) -> str:
    """Return the relative reference of a resource that the server keeps."""
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def references(found: Iterable[Json]) -> Iterator[str]:
    """Yield references in their relative form, whatever base the server put before them."""
    for one in found:
        parts = str(one.get("reference", "")).split("/_history/")[0].split("/")
        yield "/".join(parts[-2:])


def code_of(observation: Json) -> str:
    """Return the finding that an Observation of ours is about, or an empty text."""
    codings = observation.get("code", {}).get("coding", ())
    return next((str(c.get("code")) for c in codings if c.get("system") == system("finding")), "")


def first_code(concept: Json) -> str:
    """Return the first of our own codes in a CodeableConcept, or an empty text."""
    codings = concept.get("coding", ())
    return next((str(c.get("code")) for c in codings if str(c.get("system", "")).startswith(BASE)), "")


def is_ours(resource: Json) -> bool:
    """Return whether this app wrote it: it carries a key of ours."""
    return any(key.startswith(f"{IDENTIFIER}|") for key in keys_of(resource))


def _ours_of(found: Iterable[Json], patient: str) -> list[Json]:
    """Keep what this app wrote about this patient and nobody withdrew."""
    return [one for one in _about(found, patient) if is_ours(one) and one.get("status") != WITHDRAWN]


def _about(found: Iterable[Json], patient: str) -> list[Json]:
    """Keep what is sound R4 and about this patient, whatever the server sent.

    The items of a response are left to the one who reads them, who refuses by name.
    """
    wanted = f"Patient/{patient}"
    return [
        one
        for one in found
        if is_sound({key: value for key, value in one.items() if key != "item"})
        and wanted in set(references([one.get("subject") or one.get("for") or {}]))
    ]
