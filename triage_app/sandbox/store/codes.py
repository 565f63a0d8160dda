"""The codes that R4 requires for the elements that decide what a resource means."""

from __future__ import annotations

_PUBLICATION = "draft active retired unknown"
_EVENT = "preparation in-progress not-done on-hold stopped completed entered-in-error unknown"
_INTENT = "proposal plan order original-order reflex-order filler-order instance-order option"
_PRIORITY = "routine urgent asap stat"
_TASK = "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed"
_ENCOUNTER = "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"
_OBSERVATION = "registered preliminary final amended corrected cancelled entered-in-error unknown"
_ITEM = (
    "group display question boolean decimal integer date dateTime time string text url choice open-choice "
    "attachment reference quantity"
)

REQUIRED_CODES = {
    "Patient.gender": "male female other unknown",
    "Encounter.status": _ENCOUNTER,
    "Procedure.status": _EVENT,
    "Communication.status": _EVENT,
    "MedicationRequest.status": "active on-hold cancelled completed entered-in-error stopped draft unknown",
    "MedicationRequest.intent": _INTENT,
    "Questionnaire.status": _PUBLICATION,
    "CodeSystem.status": _PUBLICATION,
    "ValueSet.status": _PUBLICATION,
    "CodeSystem.content": "not-present example fragment complete supplement",
    "QuestionnaireResponse.status": "in-progress completed amended entered-in-error stopped",
    "Observation.status": _OBSERVATION,
    "ServiceRequest.status": "draft active on-hold revoked completed entered-in-error unknown",
    "ServiceRequest.intent": f"{_INTENT} directive",
    "ServiceRequest.priority": _PRIORITY,
    "Task.status": f"{_TASK} entered-in-error",
    "Task.intent": f"{_INTENT} unknown",
    "Task.priority": _PRIORITY,
    "DocumentReference.status": "current superseded entered-in-error",
    "DocumentReference.docStatus": "preliminary final amended entered-in-error",
    "Narrative.status": "generated extensions additional empty",
    "QuestionnaireItem.type": _ITEM,
    "QuestionnaireItem.enableBehavior": "all any",
    "QuestionnaireItemEnableWhen.operator": "exists = != > < >= <=",
    "ProvenanceEntity.role": "derivation revision quotation source removal",
    "Quantity.comparator": "< <= >= >",
    "Identifier.use": "usual official temp secondary old",
}
