"""The FHIR gateway: read, search and write, and every failure as an EHRError."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage_app.ehr import failures
from triage_app.ehr.addresses import checked_reference, is_fhir_id, next_page
from triage_app.ehr.transport import Answer, Transport
from triage_app.errors import EHRAmbiguous, EHRUnreadable
from triage_app.fhir import exact_json
from triage_app.settings import EHR

Resource = dict[str, Any]

FHIR_JSON = "application/fhir+json"
MOST_PAGES = 20
MOST_ENTRIES = 2000
CAPABILITIES_SECONDS = 3600
_LOCATION = re.compile(r"([A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?/?$")


@dataclass(frozen=True)
class Connection:
    """One EHR and the access token of one launch."""

    ehr: EHR
    access_token: str = field(repr=False)


class Gateway:
    """Speaks FHIR over HTTP. Numbers come back as Decimal. Reads retry shortly, writes never.

    The token goes to addresses under the EHR's FHIR base and nowhere else.
    """

    def __init__(self, transport: Transport, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._transport = transport
        self._seconds = seconds
        self._capabilities: dict[str, tuple[float, Resource]] = {}

    def read(self, connection: Connection, reference: str, *, seconds: float | None = None) -> Resource:
        """Return the resource at a relative reference such as ``Patient/1``; raise EHRError.

        ``seconds`` is for what can be done without: tried once, and given up after about so long.
        """
        path = checked_reference(reference, who=connection.ehr.name)
        resource_type, _, resource_id = path.partition("/")
        resource = self._get(connection, f"{connection.ehr.fhir_base_url}/{path}", seconds=seconds)
        if (resource.get("resourceType"), resource.get("id")) != (resource_type, resource_id):
            raise EHRUnreadable(
                f"{connection.ehr.name}: answered another resource than {resource_type} asked for"
            )
        return resource

    def search(
        self, connection: Connection, resource_type: str, params: Mapping[str, str | Sequence[str]]
    ) -> list[Resource]:
        """Return all matches and included resources over all pages; raise EHRError, never a part."""
        who, base = connection.ehr.name, connection.ehr.fhir_base_url
        page = self._get(connection, f"{base}/{resource_type}", params)
        resources = _resources(page, who=who)
        for _ in range(MOST_PAGES):
            link = _next_link(page)
            if link is None:
                return resources
            url = next_page(base, link)
            if url is None:
                raise EHRUnreadable(f"{who}: a next link leads outside the FHIR base; it is not followed")
            page = self._get(connection, url)
            resources += _resources(page, who=who)
            if len(resources) > MOST_ENTRIES:
                break
        raise EHRUnreadable(
            f"{who}: a search has no end: more than {MOST_PAGES} pages or {MOST_ENTRIES} entries"
        )

    def first_page(
        self,
        connection: Connection,
        resource_type: str,
        params: Mapping[str, str | Sequence[str]],
        *,
        seconds: float,
    ) -> list[Resource]:
        """Return the first page of a search alone, tried once and given up after about so long.

        For what can be done without: it may be a part of what there is. Raise EHRError.
        """
        url = f"{connection.ehr.fhir_base_url}/{resource_type}"
        return _resources(self._get(connection, url, params, seconds=seconds), who=connection.ehr.name)

    def transaction(self, connection: Connection, bundle: Mapping[str, Any]) -> Resource:
        """Post a transaction or batch and return the response Bundle; raise EHRError."""
        answer = self._write(connection, "POST", connection.ehr.fhir_base_url, bundle)
        response = answer.object(who=connection.ehr.name, is_write=True)
        if response.get("resourceType") != "Bundle":
            raise EHRAmbiguous(
                f"{connection.ehr.name}: answered a transaction with no Bundle", status=answer.status
            )
        return response

    def create(
        self, connection: Connection, resource: Mapping[str, Any], *, if_none_exist: str | None = None
    ) -> Resource:
        """Create the resource and return what is stored, at least its type and id; raise EHRError.

        ``if_none_exist`` is a search query: where it has one match, that one is returned and nothing is made.
        """
        url = f"{connection.ehr.fhir_base_url}/{resource['resourceType']}"
        extra = {"If-None-Exist": if_none_exist} if if_none_exist is not None else {}
        answer = self._write(connection, "POST", url, resource, extra)
        return _stored(answer, resource, who=connection.ehr.name)

    def update(
        self, connection: Connection, resource: Mapping[str, Any], *, if_match: str | None = None
    ) -> Resource:
        """Replace the resource; ``if_match`` is the versionId that it must still have. Raise EHRError."""
        path = checked_reference(f"{resource['resourceType']}/{resource['id']}", who=connection.ehr.name)
        extra = {"If-Match": f'W/"{if_match}"'} if if_match is not None else {}
        answer = self._write(connection, "PUT", f"{connection.ehr.fhir_base_url}/{path}", resource, extra)
        return _stored(answer, resource, who=connection.ehr.name)

    def capabilities(self, connection: Connection) -> Resource:
        """Return the CapabilityStatement, asked for at most once an hour; raise EHRError."""
        key, now = connection.ehr.key, self._seconds()
        kept = self._capabilities.get(key)
        if kept is None or now >= kept[0] + CAPABILITIES_SECONDS:
            statement = self._get(connection, f"{connection.ehr.fhir_base_url}/metadata")
            kept = self._capabilities[key] = (now, statement)
        return kept[1]

    def _get(
        self,
        connection: Connection,
        url: str,
        params: Mapping[str, str | Sequence[str]] | None = None,
        *,
        seconds: float | None = None,
    ) -> Resource:
        who, headers = connection.ehr.name, _headers(connection)
        answer = self._transport.send("GET", url, who=who, headers=headers, params=params, seconds=seconds)
        if not 200 <= answer.status < 300:
            raise failures.refused(answer.status, answer.headers, answer.json(), who=who, is_write=False)
        resource = answer.object(who=who)
        if not isinstance(resource.get("resourceType"), str):
            raise EHRUnreadable(
                f"{who}: answered {answer.status} with JSON that is not FHIR", status=answer.status
            )
        return resource

    def _write(
        self,
        connection: Connection,
        method: str,
        url: str,
        resource: Mapping[str, Any],
        extra: Mapping[str, str] | None = None,
    ) -> Answer:
        who = connection.ehr.name
        headers = {
            **_headers(connection),
            "Content-Type": FHIR_JSON,
            "Prefer": "return=representation",
            **(extra or {}),
        }
        body = exact_json.dumps(resource)
        answer = self._transport.send(method, url, who=who, headers=headers, data=body, is_write=True)
        if answer.status == 202:
            raise EHRAmbiguous(f"{who}: accepted a write without saying that it is stored", status=202)
        if not 200 <= answer.status < 300:
            raise failures.refused(answer.status, answer.headers, answer.json(), who=who, is_write=True)
        return answer


def _headers(connection: Connection) -> dict[str, str]:
    return {"Accept": FHIR_JSON, "Authorization": f"Bearer {connection.access_token}"}


def _resources(page: Resource, *, who: str) -> list[Resource]:
    if page.get("resourceType") != "Bundle":
        raise EHRUnreadable(f"{who}: answered a search with another resource, expected a Bundle")
    entries = page.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise EHRUnreadable(f"{who}: Bundle.entry: found another kind, expected a list of objects")
    found = [entry.get("resource") for entry in entries]
    return [resource for resource in found if _is_result(resource)]


def _is_result(resource: object) -> bool:
    """A search may carry an OperationOutcome about itself; that is no result."""
    return isinstance(resource, dict) and resource.get("resourceType") not in (None, "OperationOutcome")


def _next_link(page: Resource) -> str | None:
    links = page.get("link", [])
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return str(link["url"])
    return None


def _stored(answer: Answer, sent: Mapping[str, Any], *, who: str) -> Resource:
    """Return what the EHR says it stored: the resource itself, or type, id and version from Location."""
    body = answer.json()
    wanted = sent["resourceType"]
    if isinstance(body, dict) and body.get("resourceType") == wanted and is_fhir_id(body.get("id")):
        return body
    match = _LOCATION.search(answer.headers.get("Location", ""))
    if match and match[1] == wanted:
        version = {"meta": {"versionId": match[3]}} if match[3] else {}
        return {"resourceType": wanted, "id": match[2], **version}
    raise EHRAmbiguous(
        f"{who}: answered {answer.status} to a write without saying what is stored", status=answer.status
    )
