"""What a bearer token lets its holder do with the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage_app.sandbox.auth.scopes import Scope
from triage_app.sandbox.store.matching import local_reference
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import values_at

Resolve = Callable[[str], Resource | None]
_COMPARTMENT = {
    "RelatedPerson": ("patient",),
    "Encounter": ("subject",),
    "Condition": ("subject",),
    "Procedure": ("subject",),
    "MedicationRequest": ("subject",),
    "QuestionnaireResponse": ("subject",),
    "Observation": ("subject",),
    "ServiceRequest": ("subject",),
    "Task": ("for",),
    "Communication": ("subject",),
    "DocumentReference": ("subject",),
}
_SHARED = frozenset({"Practitioner", "Organization", "Questionnaire", "CodeSystem", "ValueSet"})


def belongs_to(resource: Resource, patient: str, *, resolve: Resolve, base_url: str) -> bool:
    """Whether a resource is in the patient's compartment; a Provenance is where all its targets are."""
    resource_type = resource.get("resourceType", "")
    if resource_type == "Patient":
        return resource.get("id") == patient
    if resource_type == "Provenance":
        return _all_targets_belong(resource, patient, resolve=resolve, base_url=base_url)
    paths = _COMPARTMENT.get(resource_type, ())
    named = [value for path in paths for value in values_at(resource, f"{path}.reference")]
    return bool(named) and all(local_reference(text, base_url) == f"Patient/{patient}" for text in named)


def _all_targets_belong(resource: Resource, patient: str, *, resolve: Resolve, base_url: str) -> bool:
    targets = [local_reference(text, base_url) for text in values_at(resource, "target.reference")]
    found = [resolve(target) for target in targets if not target.startswith("Provenance/")]
    return bool(found) and all(
        one is not None and belongs_to(one, patient, resolve=resolve, base_url=base_url) for one in found
    )


@dataclass(frozen=True)
class Access:
    """A permit made of granted scopes and, where the launch had one, its patient."""

    scopes: tuple[Scope, ...]
    patient: str | None
    resolve: Resolve
    base_url: str

    def require_type(self, letter: str, resource_type: str) -> None:
        """403 where no granted scope speaks of this interaction with this type."""
        if not any(scope.covers_type(letter, resource_type) for scope in self.scopes):
            raise Refusal(403, "forbidden", f"no granted scope covers {resource_type}.{letter}")

    def require(self, letter: str, resource: Resource) -> None:
        """403 where the resource is another patient's, shared and to be written, or outside the scopes."""
        if not self.reaches(letter, resource):
            place = f"{resource.get('resourceType')}.{letter}"
            raise Refusal(
                403, "forbidden", f"{place}: this resource is outside the patient's record of this launch"
            )
        if not any(scope.covers(letter, resource) for scope in self.scopes):
            kind = resource.get("resourceType")
            raise Refusal(403, "forbidden", f"no granted scope covers {kind}.{letter} with these values")

    def sees(self, resource: Resource) -> bool:
        """Whether a search may show the resource."""
        return self.reaches("s", resource) and any(scope.covers("s", resource) for scope in self.scopes)

    def require_query(self, pairs: list[tuple[str, str]]) -> None:
        """403 where a search names another patient than the launch's."""
        for name, value in pairs:
            base, _, modifier = name.partition(":")
            names_one = base in {"patient", "subject"} and modifier in {"", "Patient"}
            for text in value.split(",") if names_one else []:
                wanted = local_reference(text, self.base_url).removeprefix("Patient/")
                if self.patient is not None and wanted != self.patient:
                    raise Refusal(403, "forbidden", f"{name} names another patient than that of this launch")

    def reaches(self, letter: str, resource: Resource) -> bool:
        """Whether the resource is in the record that was opened, or shared and only to be read."""
        if resource.get("resourceType") in _SHARED:
            return letter in "rs"
        if self.patient is None:
            return any(scope.context == "user" for scope in self.scopes)
        return belongs_to(resource, self.patient, resolve=self.resolve, base_url=self.base_url)
