"""Drives LHC-Forms in Chromium: loads a form, fills in a response, tells what it shows and gives back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

Json = Mapping[str, Any]

PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>LHC-Forms</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="webcomponent/styles.css"><div id="form"></div>
<script src="webcomponent/assets/lib/zone.min.js"></script><script src="webcomponent/lhc-forms.js"></script>
<script src="fhir/R4/lformsFHIR.min.js"></script></html>"""

SHOW = """async ([questionnaire, response]) => {
    let form = LForms.Util.convertFHIRQuestionnaireToLForms(questionnaire, "R4");
    if (response) form = LForms.Util.mergeFHIRDataIntoLForms(response, form, "R4");
    await LForms.Util.addFormToPage(form, "form", {fhirVersion: "R4"});
}"""

ITEMS = """() => {
    const items = document.querySelector("wc-lhc-form").lhcFormData.itemList;
    const occurrences = items.filter(item => item.linkId === "limb");
    const occurrence = item => {
        while (item && item.linkId !== "limb") item = item._parentItem;
        return item ? occurrences.indexOf(item) : null;
    };
    return items.map(item => ({
        linkId: item.linkId,
        help: item.codingInstructionsLinkId || null,
        type: item.dataType,
        occurrence: item.linkId === "limb" ? null : occurrence(item),
        shown: document.getElementById("item-" + item._elementId) !== null,
    }));
}"""

EXPORT = "() => LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')"


class LostQuestions(Exception):
    """The renderer left items of the Questionnaire out."""


@dataclass(frozen=True)
class Item:
    """One item as LHC-Forms holds it; ``occurrence`` counts the group ``limb``, for what stands in it."""

    link_id: str
    help: str | None  # linkId of its help text, which has no place of its own
    type: str
    occurrence: int | None
    shown: bool


@dataclass
class LForms:
    """One page with LHC-Forms in it."""

    page: Page

    def show(self, questionnaire: Json, response: Json | None = None) -> Sequence[Item]:
        """Draw the form, with a response's answers; raise LostQuestions unless every linkId is there."""
        self.page.evaluate(SHOW, [questionnaire, response])
        items = [
            Item(found["linkId"], found["help"], found["type"], found["occurrence"], found["shown"])
            for found in self.page.evaluate(ITEMS)
        ]
        refuse_lost(questionnaire, items)
        return items

    def response(self) -> dict[str, Any]:
        """Return the QuestionnaireResponse of what stands in the form."""
        exported: dict[str, Any] = self.page.evaluate(EXPORT)
        return exported


def refuse_lost(questionnaire: Json, items: Sequence[Item]) -> None:
    """Raise LostQuestions, which names them, unless every linkId of the form is among the items."""
    have = {item.link_id for item in items} | {item.help for item in items}
    lost = sorted(set(link_ids(questionnaire)) - have)
    if lost:
        raise LostQuestions(f"found {len(lost)} items of the form missing, expected all: {', '.join(lost)}")


def link_ids(questionnaire: Json) -> Iterator[str]:
    """Yield the linkId of every item, groups and texts too."""
    for item in questionnaire.get("item", ()):
        yield item["linkId"]
        yield from link_ids(item)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve LHC-Forms' files and one page on loopback; yield the page's address."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/":
                super().do_GET()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a page asks for its files only."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()
