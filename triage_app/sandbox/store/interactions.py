"""The R4 interactions with one type or resource, for one caller; HTTP and Bundles both use them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from triage_app.sandbox.store.abilities import Abilities
from triage_app.sandbox.store.database import Store, Stored
from triage_app.sandbox.store.outcome import Refusal, Resource
from triage_app.sandbox.store.permit import Permit
from triage_app.sandbox.store.references import check_references
from triage_app.sandbox.store.search import Pairs, find, parse_query, searchset
from triage_app.sandbox.store.structure import check_resource, require_type


@dataclass(frozen=True)
class Done:
    """What an interaction came to: its HTTP status and the version that it wrote or found."""

    status: int
    stored: Stored | None = None


@dataclass(frozen=True)
class Interactions:
    """Create, read, update, delete, search and history, as far as the caller's permit goes."""

    store: Store
    permit: Permit
    base_url: str
    abilities: Abilities = field(default_factory=Abilities)

    def create(self, resource_type: str, resource: Resource, *, if_none_exist: str | None = None) -> Done:
        """201 with the new version; with a condition, 200 with the one match or 412 for several."""
        self.check_create(resource_type, resource)
        with self.store.transaction():
            found = self.matching(resource_type, if_none_exist)
            if found:
                return Done(200, found)
            done = Done(201, self.write(resource, self.store.new_id(), method="POST"))
            self.settle(done)
            return done

    def check_create(self, resource_type: str, resource: Resource) -> None:
        """Refuse what this server does not take, this caller may not create, or is no such resource."""
        require_type(resource_type)
        self.abilities.require_create(resource_type)
        self.permit.require_type("c", resource_type)
        check_resource(resource, resource_type)

    def matching(self, resource_type: str, condition: str | None) -> Stored | None:
        """The one resource that meets a condition, or None; a 412 refusal where several do."""
        if condition is None or not self.abilities.conditional_create:
            return None
        pairs = parse_qsl(condition.removeprefix("?"), keep_blank_values=True)
        query = parse_query(resource_type, pairs, strict=True, base_url=self.base_url)
        if not query.criteria:
            raise Refusal(412, "processing", f"the condition {condition!r} names no search parameter")
        matches = [body for body in find(self.store, query) if self.permit.reaches("c", body)]
        if len(matches) > 1:
            raise Refusal(
                412, "multiple-matches", f"{len(matches)} {resource_type} meet the condition {condition!r}"
            )
        return self.store.read(resource_type, matches[0]["id"]) if matches else None

    def read(self, resource_type: str, resource_id: str, version: str | None = None) -> Stored:
        """One resource, current or of one version."""
        require_type(resource_type)
        self.permit.require_type("r", resource_type)
        if version is None:
            stored = self.store.read(resource_type, resource_id)
        else:
            stored = self.store.read_version(resource_type, resource_id, version)
        self.permit.require("r", stored.body or {})
        return stored

    def update(
        self,
        resource_type: str,
        resource_id: str,
        resource: Resource,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Done:
        """200 with the next version, 201 for an id not used so far; 412 where If-Match is out of date."""
        with self.store.transaction():
            done = self.put(
                resource_type, resource_id, resource, if_match=if_match, if_none_match=if_none_match
            )
            self.settle(done)
            return done

    def put(
        self,
        resource_type: str,
        resource_id: str,
        resource: Resource,
        *,
        if_match: str | None,
        if_none_match: str | None,
    ) -> Done:
        """An update that is still to be settled."""
        require_type(resource_type)
        self.permit.require_type("u", resource_type)
        check_resource(resource, resource_type)
        self._check_id(resource, resource_id)
        with self.store.transaction():
            held = self.store.newest(resource_type, resource_id)
            check_preconditions(held, if_match=if_match, if_none_match=if_none_match)
            live = held is not None and held.body is not None
            self.abilities.require_update(resource_type, live=live)
            if held and held.body:
                self.permit.require("u", held.body)
            else:
                self.permit.require_type("c", resource_type)
            return Done(200 if live else 201, self.write(resource, resource_id, method="PUT"))

    @staticmethod
    def _check_id(resource: Resource, resource_id: str) -> None:
        if resource.get("id") != resource_id:
            raise Refusal(
                400, "value", f"id: found {resource.get('id')!r}, expected that of the URL, {resource_id!r}"
            )

    def delete(self, resource_type: str, resource_id: str, *, if_match: str | None = None) -> Done:
        """204; deleting what is not there is no error."""
        require_type(resource_type)
        self.permit.require_type("d", resource_type)
        with self.store.transaction():
            held = self.store.newest(resource_type, resource_id)
            check_preconditions(held, if_match=if_match, if_none_match=None)
            if held and held.body:
                self.permit.require("d", held.body)
            return Done(204, self.store.delete(resource_type, resource_id))

    def history(self, resource_type: str, resource_id: str) -> Resource:
        """All versions, newest first, as a history Bundle."""
        require_type(resource_type)
        self.permit.require_type("r", resource_type)
        versions = self.store.history(resource_type, resource_id)
        if not versions:
            raise Refusal(404, "not-found", f"{resource_type}/{resource_id} is not here")
        for stored in versions:
            self.permit.require("r", stored.body or {"resourceType": resource_type, "id": resource_id})
        entries = [self._history_entry(stored) for stored in versions]
        return {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries}

    def _history_entry(self, stored: Stored) -> Resource:
        place = f"{stored.type}/{stored.id}"
        status = {"POST": "201", "PUT": "200", "DELETE": "204"}[stored.method]
        entry: Resource = {"fullUrl": f"{self.base_url}/{place}"}
        if stored.body:
            entry["resource"] = stored.body
        url = stored.type if stored.method == "POST" else place
        response = {"status": status, "etag": stored.etag, "lastModified": stored.at}
        return entry | {"request": {"method": stored.method, "url": url}, "response": response}

    def search(self, resource_type: str, pairs: Pairs, *, strict: bool) -> Resource:
        """A page of matches that the caller may see."""
        require_type(resource_type)
        self.permit.require_type("s", resource_type)
        query = parse_query(resource_type, pairs, strict=strict, base_url=self.base_url)
        matches = [body for body in find(self.store, query) if self.permit.sees(body)]
        return searchset(query, matches, base_url=self.base_url)

    def write(self, resource: Resource, resource_id: str, *, method: str) -> Stored:
        """Store without looking at references and rights: ``settle`` does, once all is written."""
        return self.store.write(resource, resource_id, method=method)

    def settle(self, done: Done) -> None:
        """Hold what was written against the references and the caller's rights."""
        body = done.stored.body if done.stored else None
        if body is None:
            return
        self.permit.require("u" if done.status == 200 else "c", body)
        check_references(body, exists=self._exists, base_url=self.base_url)

    def _exists(self, resource_type: str, resource_id: str) -> bool:
        held = self.store.newest(resource_type, resource_id)
        return held is not None and held.body is not None


def check_preconditions(held: Stored | None, *, if_match: str | None, if_none_match: str | None) -> None:
    """Refuse (412) where the version held is not the one that the caller wrote for."""
    live = held if held and held.body else None
    if if_match is not None and (live is None or live.version != etag_version(if_match)):
        found = f"version {live.version}" if live else "nothing"
        raise Refusal(412, "conflict", f"If-Match: found {found} here, expected {if_match}")
    if if_none_match == "*" and live is not None:
        raise Refusal(412, "conflict", f"If-None-Match: {live.type}/{live.id} is here already")


def etag_version(etag: str) -> int:
    """The version that an entity tag names. Refuses (400) what is none."""
    found = re.fullmatch(r'(?:W/)?"(\d{1,9})"', etag.strip())
    if not found:
        raise Refusal(400, "value", f'found {etag!r}, expected an entity tag such as W/"1"')
    return int(found[1])
