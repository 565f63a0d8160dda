"""Publishes forms and codes as FHIR: read-only, without launch, nothing about a patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from triage_app.catalogue.load import Catalogue
from triage_app.errors import InvalidDocument, NotFound
from triage_app.fhir.exact_json import dumps
from triage_app.fhir.publication import SEARCHED_BY, to_capability_statement, to_searchset
from triage_app.web.security import current_services
from triage_app.workflow.filing import APP_VERSION

blueprint = Blueprint("fhir_api", __name__, url_prefix="/fhir")

FHIR_JSON = "application/fhir+json"
_IGNORED = frozenset({"_format"})
_FORMATS = frozenset({"json", "application/json", FHIR_JSON})

Resource = Mapping[str, Any]


@blueprint.get("/metadata")
def metadata() -> Response:
    """Say what this endpoint can do."""
    newest = current_services().catalogue.all()[-1].resource
    return _answer(to_capability_statement(base=_base(), version=APP_VERSION, date=str(newest["date"])))


@blueprint.get("/<any(Questionnaire, CodeSystem, ValueSet, StructureDefinition):resource_type>/<resource_id>")
def read(resource_type: str, resource_id: str) -> Response:
    """Return one resource; a form's bare id is its newest version, ``<id>-<version>`` any other."""
    for resource in _published(resource_type):
        if resource["id"] == resource_id:
            return _answer(resource)
    raise NotFound(f"there is no {resource_type} of that id")


@blueprint.get("/<any(Questionnaire, CodeSystem, ValueSet, StructureDefinition):resource_type>")
def search(resource_type: str) -> Response:
    """Find by ``url`` (also ``url|version``) and ``version``; other parameters are refused by name."""
    wanted = _wanted(resource_type)
    found = [
        resource
        for resource in _published(resource_type)
        if all(str(resource.get(name)) == value for name, value in wanted.items())
    ]
    link = f"{_base()}/{resource_type}" + (f"?{urlencode(wanted)}" if wanted else "")
    return _answer(to_searchset(base=_base(), self_link=link, resources=found))


def _wanted(resource_type: str) -> dict[str, str]:
    known = {name for name, _ in SEARCHED_BY[resource_type]}
    wanted = {name: value for name, value in request.args.items() if name not in _IGNORED}
    for name in wanted:
        if name not in known:
            raise InvalidDocument(
                f"{resource_type}: found the parameter {name[:40]!r}, expected url or version"
            )
    if request.args.get("_format", "json") not in _FORMATS:
        raise InvalidDocument("_format: found another format, expected json")
    url, _, version = wanted.get("url", "").partition("|")
    return {**wanted, "url": url, "version": version} if version else wanted


def _published(resource_type: str) -> Iterable[Resource]:
    catalogue = current_services().catalogue
    if resource_type == "CodeSystem":
        return catalogue.code_systems.values()
    if resource_type == "ValueSet":
        return catalogue.value_sets.values()
    if resource_type == "StructureDefinition":
        return catalogue.structure_definitions.values()
    return [
        _with_id(catalogue, pathway.name, pathway.version, pathway.resource) for pathway in catalogue.all()
    ]


def _with_id(catalogue: Catalogue, name: str, version: str, resource: Resource) -> Resource:
    newest = catalogue.newest(name).version == version
    return {**resource, "id": name if newest else f"{name}-{version}"}


def _base() -> str:
    return f"{current_services().settings.base_url}/fhir"


def _answer(resource: Resource) -> Response:
    """Answer with the resource, or with 304 where the asker has it already."""
    body = dumps(resource)
    response = Response(body, content_type=FHIR_JSON)
    response.set_etag(sha256(body).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response
