"""Refuses what is not an R4 resource: unknown types and elements, wrong shapes, wrong codes, empty values."""

from __future__ import annotations

import json
from typing import Any

from triage_app.sandbox.store.codes import REQUIRED_CODES
from triage_app.sandbox.store.elements import Element, elements_of
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.parameters import TYPES
from triage_app.sandbox.store.primitives import PRIMITIVES, is_primitive


def parse_json(body: bytes) -> Resource:
    """The JSON object in a request body; 400 for anything that is not exactly one."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "structure", f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refusal(400, "structure", f"the body is a JSON {type(value).__name__}, expected an object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object names the same member twice")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def require_type(resource_type: str) -> None:
    """404 where the record keeps no such type."""
    if resource_type not in TYPES:
        raise Refusal(404, "not-supported", f"{resource_type} is not a resource type of this server")


def check_resource(resource: Resource, expected_type: str) -> None:
    """Refuse (400 or 422) a body that cannot be stored as the expected type."""
    found = resource.get("resourceType")
    if found != expected_type:
        text = f"resourceType: found {found!r}, expected {expected_type!r}"
        raise Refusal(400, "structure", text, at=expected_type)
    _check_node(resource, expected_type, expected_type)


def _check_node(node: Any, type_name: str, at: str) -> None:
    """Hold one object against the elements of its type, and so on downwards."""
    if not isinstance(node, dict) or not node:
        raise _wrong(at, f"found {node!r}, expected a {type_name}")
    known = elements_of(type_name)
    for name, value in node.items():
        if name == "resourceType" and type_name in TYPES:
            continue
        element = known.get(name.removeprefix("_"))
        if element is None or (name.startswith("_") and element.type not in PRIMITIVES):
            raise _wrong(f"{at}.{name}", f"{type_name} has no such element")
        _check_element(value, element, f"{at}.{name}", shadow=name.startswith("_"))
    _check_presence(node, known, at)
    _check_codes(node, type_name, at)
    _check_invariants(node, type_name, at)


def _check_element(value: Any, element: Element, at: str, *, shadow: bool) -> None:
    if element.many != isinstance(value, list) or value == []:
        wanted = "a list with something in it" if element.many else "one value"
        raise _wrong(at, f"found {type(value).__name__}, expected {wanted}")
    for index, one in enumerate(value if element.many else [value]):
        place = f"{at}[{index}]" if element.many else at
        if one is None and element.many and element.type in PRIMITIVES:
            continue
        _check_value(one, "Element" if shadow else element.type, place)


def _check_value(value: Any, type_name: str, at: str) -> None:
    if type_name == "Resource":
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if kind in TYPES:
            check_resource(value, kind)
    elif type_name in PRIMITIVES:
        if not is_primitive(value, type_name):
            raise _wrong(at, f"found {value!r}, expected a {type_name}", code="value")
    else:
        _check_node(value, "Extensible" if type_name == "Element" else type_name, at)


def _check_presence(node: Resource, known: dict[str, Element], at: str) -> None:
    present = {name.removeprefix("_") for name in node}
    for element in known.values():
        if element.required and not element.choice and element.name not in present:
            raise _wrong(f"{at}.{element.name}", "it is missing", code="required")
    for choice in {element.choice for element in known.values() if element.choice}:
        group = [element for element in known.values() if element.choice == choice]
        standing = sorted(element.name for element in group if element.name in present)
        if len(standing) > 1:
            raise _wrong(f"{at}.{choice}[x]", f"only one may stand, found {', '.join(standing)}")
        if not standing and any(element.required for element in group):
            raise _wrong(f"{at}.{choice}[x]", "it is missing", code="required")


def _check_codes(node: Resource, type_name: str, at: str) -> None:
    for name, value in node.items():
        allowed = REQUIRED_CODES.get(f"{type_name}.{name}")
        if allowed is not None and value not in allowed.split():
            raise _wrong(f"{at}.{name}", f"found {value!r}, expected one of {allowed}", code="code-invalid")


def _check_invariants(node: Resource, type_name: str, at: str) -> None:
    """The R4 invariants that clients break most easily."""
    valued = any(name.startswith("value") for name in node)
    if type_name in {"Observation", "ObservationComponent"} and valued and "dataAbsentReason" in node:
        raise _wrong(at, "obs-6: dataAbsentReason stands only where there is no value", code="invariant")
    if type_name == "QuestionnaireResponseItem" and "item" in node and "answer" in node:
        raise _wrong(at, "qrs-1: an item has answers or items, not both", code="invariant")
    if type_name == "Extension" and valued == ("extension" in node):
        raise _wrong(at, "ext-1: an extension has a value or extensions, not both", code="invariant")


def _wrong(at: str, text: str, *, code: str = "structure") -> Refusal:
    return Refusal(422, code, f"{at}: {text}", at=at)
