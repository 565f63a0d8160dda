"""Makes triage_app/sandbox/store/elements.json, once: the elements of the R4 types that the sandbox keeps.

One string per type: ``name:type`` words; ``!`` is required, ``*`` a list, ``@value`` one of value[x].
Run it by hand with fhir.resources 8.3 installed; the file that it writes is committed.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

TARGET = Path(__file__).parent.parent / "triage_app" / "sandbox" / "store" / "elements.json"
RESOURCES = (
    "Patient Practitioner RelatedPerson Organization Encounter Condition Procedure MedicationRequest "
    "Questionnaire QuestionnaireResponse Observation ServiceRequest Task Provenance Communication "
    "DocumentReference CodeSystem ValueSet"
)
PRIMITIVES = {
    "bool": "boolean",
    "Integer": "integer",
    "UnsignedInt": "unsignedInt",
    "PositiveInt": "positiveInt",
    "Decimal": "decimal",
    "String": "string",
    "Markdown": "markdown",
    "Code": "code",
    "Id": "id",
    "Uri": "uri",
    "Url": "url",
    "Canonical": "canonical",
    "Oid": "oid",
    "UUID": "uuid",
    "Date": "date",
    "DateTime": "dateTime",
    "Instant": "instant",
    "Time": "time",
    "Base64Binary": "base64Binary",
    "Xhtml": "xhtml",
}
NOT_IN_R4 = {"valueCodeableReference", "valueRatioRange"}


def element_type(annotation: object) -> str:
    text = str(annotation)
    found = re.search(r"abc\.(\w+?)Type\b", text)
    if found:
        return found[1]
    names = re.findall(r"\b(" + "|".join(PRIMITIVES) + r")\b(?:\(|\s|,|\]|'|$)", text)
    if not names:
        raise ValueError(text)
    return PRIMITIVES[names[-1]]


def word(name: str, field: Any) -> str:
    extra = field.json_schema_extra or {}
    choice = extra.get("one_of_many")
    required = field.is_required() or extra.get("element_required") or extra.get("one_of_many_required")
    text = f"{name}:{element_type(field.annotation)}" + ("!" if required else "")
    return text + ("*" if "List[" in str(field.annotation) else "") + (f"@{choice}" if choice else "")


def describe(name: str, table: dict[str, str]) -> None:
    """Add a type and, one after another, all the types that it is made of."""
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in table or current in {"Resource", "Element"} | set(PRIMITIVES.values()):
            continue
        fields = {
            field.alias or key: field
            for key, field in model(current).model_fields.items()
            if (field.json_schema_extra or {}).get("element_property") and key not in NOT_IN_R4
        }
        table[current] = " ".join(word(alias, field) for alias, field in fields.items())
        waiting += [element_type(field.annotation) for field in fields.values()]


def model(name: str) -> Any:
    try:
        return get_fhir_model_class(name)
    except KeyError:
        for owner in RESOURCES.split():
            found = getattr(import_module(f"fhir.resources.R4B.{owner.lower()}"), name, None)
            if found:
                return found
        raise


def main() -> None:
    table: dict[str, str] = {}
    for name in RESOURCES.split():
        describe(name, table)
    TARGET.write_text(json.dumps(dict(sorted(table.items())), indent=1) + "\n", "utf-8")
    print(f"{len(table)} types written to {TARGET.name}")


if __name__ == "__main__":
    main()
