"""The gate before sending: structure by the R4B models, then the codes that those models do not check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from triage_app.errors import InvalidDocument
from triage_app.fhir.codes import ALLOWED

_REQUEST_STATUS = "draft active on-hold revoked completed entered-in-error unknown"
_REQUEST_INTENT = (
    "proposal plan directive order original-order reflex-order filler-order instance-order option"
)
_TASK_STATUS = (
    "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed "
    "entered-in-error"
)
_PRIORITY = "routine urgent asap stat"
CODES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        key: frozenset(codes.split())
        for key, codes in {
            "QuestionnaireResponse.status": "in-progress completed amended entered-in-error stopped",
            "Observation.status": "registered preliminary final amended corrected cancelled entered-in-error "
            "unknown",
            "ServiceRequest.status": _REQUEST_STATUS,
            "ServiceRequest.intent": _REQUEST_INTENT,
            "ServiceRequest.priority": _PRIORITY,
            "Task.status": _TASK_STATUS,
            "Task.intent": f"unknown {_REQUEST_INTENT}".replace(" directive", ""),
            "Task.priority": _PRIORITY,
            "Provenance.entity.role": "derivation revision quotation source removal",
            "Bundle.type": "document message transaction transaction-response batch batch-response history "
            "searchset collection",
            "Bundle.entry.request.method": "GET HEAD POST PUT DELETE PATCH",
            "*.text.status": "generated extensions additional empty",
        }.items()
    }
)
"""The codes that R4 requires at each path."""


def check(resource: Mapping[str, Any]) -> None:
    """Raise InvalidDocument where the resource, or an entry of a Bundle, is not sound R4.

    The resource itself is sent as it was built: the models judge it and are thrown away.
    """
    entries = resource.get("entry", ()) if resource.get("resourceType") == "Bundle" else ()
    for entry in entries:
        if "resource" in entry:
            check(entry["resource"])
    _check_structure({**resource, "entry": [_bare(e) for e in entries]} if entries else resource)
    for path, value in _leaves(resource, str(resource["resourceType"])):
        _check_code(path, value)
    for coding in _codings(resource):
        _check_coding(coding)


def is_sound(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource that was read has the structure of R4, so that it can be walked."""
    try:
        _check_structure(resource)
    except InvalidDocument:
        return False
    return True


def _bare(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a Bundle entry without its resource, which is checked by itself."""
    return {key: value for key, value in entry.items() if key != "resource"}


def _check_structure(resource: Mapping[str, Any]) -> None:
    resource_type = str(resource.get("resourceType"))
    try:
        get_fhir_model_class(resource_type).model_validate(dict(resource))
    except Exception as error:  # the models raise KeyError and others besides their own
        raise InvalidDocument(f"{resource_type}: found {_where(error)}, expected sound R4") from error


def _where(error: Exception) -> str:
    """Return the places that the models name, without the values."""
    errors = getattr(error, "errors", None)
    if not callable(errors):
        return type(error).__name__
    found = [f"{'.'.join(str(part) for part in one['loc'])} ({one['type']})" for one in errors()]
    return ", ".join(found[:5])


def _check_code(path: str, value: object) -> None:
    wildcard = "*" + path[path.index(".") :] if "." in path else path
    allowed = CODES.get(path) or CODES.get(wildcard)
    if allowed and value not in allowed:
        raise InvalidDocument(f"{path}: found {value!r}, expected one of {', '.join(sorted(allowed))}")


def _check_coding(coding: Mapping[str, Any]) -> None:
    known = ALLOWED.get(str(coding.get("system")))
    if known is None:
        return
    code, display = coding.get("code"), coding.get("display")
    if code not in known or known[str(code)] != display:
        raise InvalidDocument(f"{coding.get('system')}: found {code!r}, expected an allow-listed code")


def _leaves(node: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key != "resource":
                yield from _leaves(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, path)
    else:
        yield path, node


def _codings(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        if "system" in node and "code" in node:
            yield node
        for key, value in node.items():
            if key != "resource":
                yield from _codings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _codings(value)
