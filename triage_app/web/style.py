"""/l/<id>/style.css: the EHR's colours on the clinician's pages, where the registry wants them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import cast

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from triage_app.ehr.style import Style, vetted_style
from triage_app.errors import EHRError
from triage_app.storage.rows import Launch, Role
from triage_app.web.security import current_services, guarded

PAGE, TEXT, QUIET = "#f4f8f8", "#1d2b30", "#4a5f66"
"""Our own colours (app.css): what the EHR's stand beside."""

KEPT = 100
"""Documents remembered at once; an address is a version, so one is never read again."""

blueprint = Blueprint("style", __name__)


@blueprint.get("/l/<launch_id>/style.css")
@guarded(role=Role.CLINICIAN)
def style(launch: Launch) -> ResponseReturnValue:
    """Answer with what is good of the EHR's style; with nothing where there is none."""
    address = style_address(launch)
    rules = "" if address is None else _rules(_style(launch, address))
    return Response(rules, content_type="text/css; charset=utf-8")


def style_address(launch: Launch) -> str | None:
    """Return where the EHR describes its colours, when the registry wants them."""
    ehr = current_services().settings.registry[launch.ehr]
    address = launch.context.get("style_url")
    return str(address) if ehr.ehr_style and address else None


def _style(launch: Launch, address: str) -> Style:
    known = cast("OrderedDict[str, Style]", current_app.extensions.setdefault("styles", OrderedDict()))
    if address not in known:
        services = current_services()
        try:
            plain = services.smart.read_style(services.settings.registry[launch.ehr], address)
        except EHRError:
            return Style()
        known[address] = vetted_style(plain, own_background=PAGE, own_texts=(TEXT, QUIET))
        while len(known) > KEPT:
            known.popitem(last=False)
    return known[address]


def _rules(found: Style) -> str:
    told = "".join(_declarations(found))
    return f".rv{{{told}}}" if told else ""


def _declarations(found: Style) -> Iterator[str]:
    """Only these three; nothing that marks urgency is among them."""
    values = {"--app-page": found.background, "--app-text": found.text, "--app-brand": found.highlight}
    for name, value in values.items():
        if value:
            yield f"{name}:{value};"
