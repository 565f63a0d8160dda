"""Looks at one EHR from outside, without a patient: what it offers against what a launch will need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from triage_app.cli.finding import Finding, good, mend, note
from triage_app.delivery.plan import ORDER, plan
from triage_app.ehr import Connection, Endpoints, Gateway, SmartClient, Transport
from triage_app.ehr.identity import ALGORITHMS
from triage_app.errors import EHRUnavailable, TriageError
from triage_app.settings import EHR, ClientAuthentication, Settings
from triage_app.settings.checks import is_loopback
from triage_app.settings.scopes import CHART_USES, USES, covers

MOST_SKEW_SECONDS = 30


def look_at(ehr: EHR, settings: Settings, transport: Transport) -> Iterator[Finding]:
    """Yield every finding about one EHR; what depends on its answers is left out where there are none."""
    smart = SmartClient(settings, transport)
    yield _scopes(ehr)
    yield _addresses(ehr, settings)
    yield _cookies(ehr, settings)
    try:
        endpoints = smart.discover(ehr)
    except TriageError as error:
        how = _how_to_reach(ehr) if isinstance(error, EHRUnavailable) else _how_to_discover(ehr)
        yield mend(f"{ehr.key}, discovery", str(error), how)
        return
    yield good(f"{ehr.key}, discovery", f"issuer {endpoints.issuer}, PKCE with S256 or unsaid")
    yield _clock(ehr, transport)
    yield _authentication(ehr, endpoints)
    if ehr.authentication is ClientAuthentication.PRIVATE_KEY:
        yield _signing(ehr, endpoints, smart)
    yield _identity(ehr, endpoints)
    yield from _capabilities(ehr, endpoints)
    yield _writing(ehr, transport)


def _how_to_reach(ehr: EHR) -> str:
    return f"let this machine reach {ehr.fhir_base_url}, and see that its certificate is one it trusts"


def _how_to_discover(ehr: EHR) -> str:
    where = f"{ehr.fhir_base_url}/.well-known/smart-configuration"
    return f"compare {where} with ehr.{ehr.key}: hosts elsewhere go into authorization_hosts"


def _scopes(ehr: EHR) -> Finding:
    """Hold what will be asked for against what the pathways read and write."""
    needed = (*USES, *(CHART_USES if ehr.read_chart else ()))
    lacking = [use for use in needed if not covers(ehr.scopes, use.resource, use.letter)]
    if lacking:
        named = ", ".join(f"{use.resource}.{use.letter}" for use in lacking)
        how = f"remove ehr.{ehr.key}.scopes, so that the default is asked for, or add these"
        return mend(f"{ehr.key}, scopes", f"nothing asks for {named}", how)
    return good(f"{ehr.key}, scopes", "all that the pathways need is asked for")


def _addresses(ehr: EHR, settings: Settings) -> Finding:
    subject, address = f"{ehr.key}, addresses", settings.redirect_uri(ehr)
    if not settings.over_tls and not is_loopback(ehr.fhir_base_url):
        return mend(subject, f"{address} is not https", "set NERVE_TRIAGE_BASE_URL to an https address")
    says = f"register {settings.base_url}/launch and {address}, letter by letter"
    return note(subject, f"{says}; only a launch shows whether that was done")


def _cookies(ehr: EHR, settings: Settings) -> Finding:
    """A frame needs cookies that only travel over https; a page of its own does without."""
    subject = f"{ehr.key}, cookies and frames"
    if not ehr.frame_ancestors:
        return good(subject, "the app opens as a page of its own, and no page may frame it")
    named = " ".join(ehr.frame_ancestors)
    if not settings.over_tls and not is_loopback(settings.base_url):
        return mend(subject, "a frame's cookies need https", "set NERVE_TRIAGE_BASE_URL to an https address")
    wide = [source for source in ehr.frame_ancestors if "*" in source]
    if wide:
        how = f"name whole origins in ehr.{ehr.key}.frame_ancestors"
        return mend(subject, f"{' '.join(wide)} lets many pages frame the app", how)
    return good(subject, f"pages of {named} may frame the app, with a partitioned cookie")


def _clock(ehr: EHR, transport: Transport) -> Finding:
    """Compare the Date of an answer with our own: assertions and id_tokens live for minutes."""
    subject, url = f"{ehr.key}, clock", f"{ehr.fhir_base_url}/.well-known/smart-configuration"
    try:
        answer = transport.send("GET", url, who=ehr.name, headers={"Accept": "application/json"})
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (TriageError, KeyError, ValueError):
        return note(subject, "its answers carry no Date, so clocks cannot be compared")
    skew = (datetime.now(UTC) - theirs.astimezone(UTC)).total_seconds()
    if abs(skew) > MOST_SKEW_SECONDS:
        ahead = "ahead of" if skew > 0 else "behind"
        return mend(subject, f"ours is {abs(skew):.0f} s {ahead} theirs", "set this machine's time by NTP")
    return good(subject, f"within {MOST_SKEW_SECONDS} s of ours")


def _authentication(ehr: EHR, endpoints: Endpoints) -> Finding:
    subject, offered = f"{ehr.key}, authentication", endpoints.authentication_methods
    ours = "none" if ehr.authentication is ClientAuthentication.PUBLIC else str(ehr.authentication)
    if not offered:
        return note(subject, f"it does not say what it takes; {ehr.authentication} is tried")
    if ours in offered or (ours == "none" and "client-public" in endpoints.capabilities):
        return good(subject, f"it takes {ehr.authentication}")
    how = f"give ehr.{ehr.key} the credentials of one of these (docs/settings.md)"
    return mend(subject, f"it takes {', '.join(offered)}, and not {ehr.authentication}", how)


def _signing(ehr: EHR, endpoints: Endpoints, smart: SmartClient) -> Finding:
    subject, offered = f"{ehr.key}, signatures", endpoints.signing_algorithms
    ours = [key["alg"] for key in smart.published_keys(ehr)["keys"]]
    if offered and not set(ours) & set(offered):
        how = f"add a key for one of these to ehr.{ehr.key}.client_key_files"
        return mend(subject, f"it takes {', '.join(offered)}, our keys sign {', '.join(ours)}", how)
    if len(ours) < 2:
        return note(subject, f"one key ({ours[0]}): the next one should be published before it is needed")
    return good(subject, f"keys for {', '.join(ours)}, all published")


def _identity(ehr: EHR, endpoints: Endpoints) -> Finding:
    subject, offered = f"{ehr.key}, id_token", endpoints.identity_algorithms
    if offered and not set(ALGORITHMS) & set(offered):
        how = f"ask the EHR to sign id_tokens with one of {', '.join(ALGORITHMS)}"
        return mend(subject, f"it signs with {', '.join(offered)}", how)
    return good(subject, f"signed with {', '.join(offered) or 'RS256, as every server must'}")


def _capabilities(ehr: EHR, endpoints: Endpoints) -> Iterator[Finding]:
    """Yield what its list of capabilities lacks; a server without a list is only noted."""
    subject, has = f"{ehr.key}, capabilities", endpoints.capabilities
    if not has:
        yield note(subject, "it lists none; a launch will show")
        return
    needed = {"launch-ehr": "launches from the chart", "sso-openid-connect": "says who is there"}
    if ehr.standalone:
        needed["launch-standalone"] = "launches from outside"
    lacking = [f"{name} ({why})" for name, why in needed.items() if name not in has]
    if lacking:
        yield mend(subject, f"it does not list {', '.join(lacking)}", "ask the EHR's team to switch it on")
    else:
        yield good(subject, "it lists what a launch needs")
    version_2 = any(scope.rpartition(".")[2] not in ("read", "write", "*") for scope in _types(ehr))
    if version_2 and "permission-v1" in has and "permission-v2" not in has:
        how = f"name scopes such as patient/Patient.read in ehr.{ehr.key}.scopes"
        yield mend(f"{ehr.key}, scope spelling", "it knows only version 1, and version 2 is asked for", how)
    if endpoints.revocation_endpoint is None:
        says = "it has no revocation: after sign-out its tokens live on until they are over"
        yield note(f"{ehr.key}, sign-out", says)


def _types(ehr: EHR) -> list[str]:
    return [scope.partition("?")[0] for scope in ehr.scopes if scope.startswith(("patient/", "user/"))]


def _writing(ehr: EHR, transport: Transport) -> Finding:
    """The CapabilityStatement is public, so an empty token does."""
    try:
        found = plan(Gateway(transport).capabilities(Connection(ehr, "")), list(ORDER))
    except TriageError as error:
        return mend(f"{ehr.key}, writing", str(error), f"see that {ehr.fhir_base_url}/metadata is public")
    if found.possible:
        return good(f"{ehr.key}, writing", f"one guarded transaction (rung {found.rung})")
    how = "ask the EHR's team to allow these; until then answers wait here and people are told so"
    return mend(f"{ehr.key}, writing", "; ".join(found.why), how)
