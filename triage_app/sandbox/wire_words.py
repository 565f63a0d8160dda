"""What an exchange was about, in one plain sentence."""

from __future__ import annotations

from collections import Counter
from typing import Any

_THINGS = {
    "Patient": "patient record",
    "Practitioner": "clinician",
    "Encounter": "visit",
    "Condition": "problem",
    "QuestionnaireResponse": "set of answers",
    "Observation": "result",
    "ServiceRequest": "referral",
    "Task": "work item",
    "Provenance": "note of origin",
    "Questionnaire": "form",
    "Procedure": "procedure",
    "MedicationRequest": "prescription",
    "Communication": "message",
    "DocumentReference": "document",
    "RelatedPerson": "relative",
    "Organization": "organisation",
}
_OAUTH = {
    "/auth/authorize": "The browser came from the app to ask for permission",
    "/auth/decision": "The person answered the question for permission",
    "/auth/token": "The app exchanged a code or refresh token for an access token",
    "/auth/jwks": "The app fetched the keys that sign who is there",
    "/auth/introspect": "The app asked about a token",
    "/auth/revoke": "The app gave a token back",
    "/fhir/metadata": "The app asked what the record can do",
    "/fhir/.well-known/smart-configuration": "The app asked where to get permission",
    "/fhir/.well-known/openid-configuration": "The app asked where to check who is there",
}
_RESULTS = {
    0: "the connection was dropped",
    304: "nothing had changed",
    400: "it was not understood",
    401: "the token was refused",
    403: "it was forbidden",
    404: "there is no such thing",
    409: "it was in conflict",
    410: "it was deleted",
    412: "the condition was not met",
    415: "it was not JSON",
    422: "it was refused as not valid",
    429: "it was told to slow down",
    500: "the server failed",
    502: "the server behind did not answer",
    503: "the server was down",
}


def summarise(method: str, path: str, status: int, sent: Any, answered: Any) -> str:
    """One sentence: what was asked, and what came of it."""
    what = _OAUTH.get(path) or _fhir(method, path, sent)
    if status in _RESULTS:
        return f"{what}: {_RESULTS[status]}."
    return f"{what}{_came_of_it(method, status, answered, read=only_reads(sent))}."


def only_reads(sent: Any) -> bool:
    """Whether what was sent is a bundle that only reads."""
    asked = [entry.get("request") for entry in _entries(sent)]
    return bool(asked) and all(isinstance(one, dict) and one.get("method") == "GET" for one in asked)


def _thing(resource_type: str) -> str:
    return _THINGS.get(resource_type, resource_type)


def _fhir(method: str, path: str, sent: Any) -> str:
    parts = path.removeprefix("/fhir").strip("/").split("/")
    thing = _thing(parts[0])
    if not parts[0] and only_reads(sent):
        return f"The app read back {len(_entries(sent))} of what was stored in one {_kind(sent)}"
    if not parts[0]:
        return f"The app sent {_contents(sent)} in one {_kind(sent)}"
    if method == "GET" and len(parts) > 1:
        return f"The app read a {thing}"
    if method == "GET" or parts[-1] == "_search":
        return f"The app looked for: {thing}"
    verb = {"POST": "sent a new", "PUT": "sent a changed", "DELETE": "deleted a"}.get(
        method, "tried something with a"
    )
    return f"The app {verb} {thing}"


def _kind(sent: Any) -> str:
    return str(sent.get("type", "bundle")) if isinstance(sent, dict) else "bundle"


def _entries(bundle: Any) -> list[dict[str, Any]]:
    entries = bundle.get("entry", []) if isinstance(bundle, dict) else []
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _contents(sent: Any) -> str:
    kinds = Counter(
        str((entry.get("resource") or {}).get("resourceType", "entry")) for entry in _entries(sent)
    )
    return (
        ", ".join(f"{count} {_thing(kind)}{'s' if count > 1 else ''}" for kind, count in kinds.items())
        or "nothing"
    )


def _came_of_it(method: str, status: int, answered: Any, *, read: bool) -> str:
    if not isinstance(answered, dict):
        return ""
    if read:
        found = [one for one in _entries(answered) if isinstance(one.get("resource"), dict)]
        return f" and found {len(found)}"
    if answered.get("type") == "searchset":
        total = answered.get("total", len(_entries(answered)))
        return f" and found {total}"
    if str(answered.get("type", "")).endswith("-response"):
        return f": {_answers(answered)}"
    if method == "POST" and "resourceType" in answered:
        return ": it was stored" if status == 201 else ": it was there already"
    return ""


def _answers(bundle: dict[str, Any]) -> str:
    statuses = Counter(str(entry.get("response", {}).get("status", ""))[:3] for entry in _entries(bundle))
    words = {"201": "new", "200": "there already or changed", "204": "deleted"}
    return ", ".join(f"{count} {words.get(status, 'refused')}" for status, count in statuses.items())
