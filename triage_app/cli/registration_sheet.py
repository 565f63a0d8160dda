"""The sheet for an EHR's team: every address, credential and scope of this app, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from triage_app.ehr import SmartClient, Transport
from triage_app.settings import EHR, ClientAuthentication, Settings
from triage_app.settings.scopes import CHART_USES, USES, covers

_IDENTITY = {
    "launch": "takes over the patient whose chart is open",
    "launch/patient": "asks for the patient where a launch begins outside the chart",
    "openid": "proves who is there",
    "fhirUser": "tells patient, relative and clinician apart",
    "online_access": "stays connected while the person is logged in, and no longer",
}
_KINDS = {
    ClientAuthentication.PUBLIC: "public",
    ClientAuthentication.PRIVATE_KEY: "confidential, asymmetric",
}


def sheet_of(ehr: EHR, settings: Settings) -> dict[str, Any]:
    """Return the sheet as plain values."""
    keys = SmartClient(settings, Transport(settings)).published_keys(ehr)["keys"]
    return {
        "app": "Nerve Triage",
        "hospital": ehr.name,
        "fhir_base_url": ehr.fhir_base_url,
        "client_id": ehr.client_id,
        "client_type": _KINDS.get(ehr.authentication, "confidential, symmetric"),
        "token_endpoint_auth_method": str(ehr.authentication),
        "launch_url": f"{settings.base_url}/launch",
        "redirect_uris": [settings.redirect_uri(ehr)],
        "jwks_uri": f"{settings.base_url}/.well-known/jwks.json" if keys else None,
        "signing_algorithms": sorted({key["alg"] for key in keys}),
        "grant_types": ["authorization_code", "refresh_token"],
        "pkce": "S256",
        "framed_by": list(ehr.frame_ancestors),
        "scopes": [{"scope": scope, "why": _why(scope)} for scope in _asked(ehr)],
    }


def sheet_text(sheet: dict[str, Any]) -> str:
    """Return the sheet as lines to be printed or mailed."""
    return "\n".join(_lines(sheet))


def _lines(sheet: dict[str, Any]) -> Iterator[str]:
    yield f"Registration of {sheet['app']} at {sheet['hospital']}"
    yield ""
    for name, value in sheet.items():
        if name in ("app", "hospital", "scopes") or value in (None, []):
            continue
        shown = ", ".join(value) if isinstance(value, list) else value
        yield f"  {name.replace('_', ' '):<28} {shown}"
    yield ""
    yield "Scopes, and what each is for:"
    for row in sheet["scopes"]:
        yield f"  {row['scope']:<36} {row['why']}"


def _asked(ehr: EHR) -> list[str]:
    scopes = list(ehr.scopes) if "launch" in ehr.scopes else ["launch", *ehr.scopes]
    return [*scopes, "launch/patient"] if ehr.standalone else scopes


def _why(scope: str) -> str:
    """Return the reasons of what a scope covers, each once."""
    if scope in _IDENTITY:
        return _IDENTITY[scope]
    uses = (use for use in (*USES, *CHART_USES) if covers([scope], use.resource, use.letter))
    return "; ".join(dict.fromkeys(use.why for use in uses)) or "nothing that this app does: leave it out"
