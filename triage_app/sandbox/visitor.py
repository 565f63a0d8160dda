"""A pretend person in front of the app: fills in its pages over HTTP, form by form, without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

Said = Mapping[str, str | Sequence[str]]
HARMLESS = ("no", "ok", "normal", "none", "never", "same", "0")
MOST_PAGES = 200


@dataclass
class Field:
    """One control of a form."""

    name: str
    kind: str
    value: str
    checked: bool = False


@dataclass
class Form:
    """One form of a page, as a browser without JavaScript sees it."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def names(self) -> list[str]:
        """Return the names of the controls, in page order, each once."""
        return list(dict.fromkeys(control.name for control in self.fields))

    def named(self, name: str) -> list[Field]:
        """Return the controls of that name."""
        return [control for control in self.fields if control.name == name]


class _Forms(HTMLParser):
    """Collects the forms of a page, and the links that look like buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ways: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "a" and got.get("role") == "button":
            self.ways.append(got.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(got.get("action", ""), got.get("method", "get").lower()))
        elif tag in ("input", "textarea", "button", "select") and self.forms and got.get("name"):
            kind = got.get("type", "text" if tag != "button" else "submit").lower()
            self.forms[-1].fields.append(Field(got["name"], kind, got.get("value", ""), "checked" in got))


def read_forms(html: str) -> list[Form]:
    """Return the forms of a page, in order."""
    return _read(html).forms


def _read(html: str) -> _Forms:
    parser = _Forms()
    parser.feed(html)
    return parser


class Visitor:
    """One person with one browser session.

    ``said`` holds their answers: by linkId for the person, ``right-arm/const`` for a limb, ``limb`` for the
    limbs that are affected. What is not said is answered with the most harmless option that the page offers.
    """

    def __init__(self, said: Said) -> None:
        self.said = said
        self.session = requests.Session()
        self.visited: list[str] = []

    def launch(self, address: str) -> requests.Response:
        """Follow a launch link, agree on the hospital's consent page, and return the app's first page."""
        page = self.session.get(address, timeout=30)
        for _ in range(3):
            forms = [form for form in read_forms(page.text) if form.method == "post"]
            if page.status_code != 200 or "/auth/" not in urlsplit(page.url).path or not forms:
                return page
            page = self.send(page, forms[0], {"decision": "allow"})
        return page

    def answer_all(self, page: requests.Response, *, until: str = "/result") -> requests.Response:
        """Answer page after page until one ends with ``until`` or has nothing left to send; return it.

        Raise RuntimeError when a page comes back, or the pages do not end.
        """
        for _ in range(MOST_PAGES):
            content = _read(page.text)
            forms = [form for form in content.forms if self.is_question(page.url, form)]
            ways = [way for way in content.ways if "/q/" in way or way.endswith("/check")]
            self.visited.append(urlsplit(page.url).path)
            if urlsplit(page.url).path.endswith(until):
                return page
            if forms:
                following = self.send(page, forms[0], self.answers_to(page.url, forms[0]))
            elif ways:
                following = self.session.get(urljoin(page.url, ways[0]), timeout=30)
            else:
                return page
            if following.status_code >= 400:
                raise RuntimeError(f"{urlsplit(page.url).path} was not taken: {following.status_code}")
            page = following
        raise RuntimeError("the pages do not end")

    @staticmethod
    def is_question(address: str, form: Form) -> bool:
        """Return whether this form of the page at that address asks for answers, or for Send."""
        here = urlsplit(address).path
        action = urlsplit(urljoin(address, form.action)).path
        ends = ("/sign-out", "/finish", "/language")
        return form.method == "post" and not action.endswith(ends) and not here.endswith("/result")

    def answers_to(self, address: str, form: Form) -> dict[str, object]:
        """Return what this person fills in on the page at that address, by the name of the control."""
        limb = next(
            (part for part in urlsplit(address).path.split("/") if part.endswith(("-arm", "-leg"))), ""
        )
        tiles = {name for name in form.names() if self._is_tile(form, name)}
        answers: dict[str, object] = {}
        for name in form.names():
            controls = form.named(name)
            if name in tiles or controls[0].kind in ("hidden", "submit"):
                continue
            wanted = self.said.get(f"{limb}/{name}" if limb else name)
            chosen = self._choose(controls, wanted)
            if chosen is not None:
                answers[name] = chosen
        boxes = [
            name for name in form.names() if form.named(name)[0].kind == "checkbox" and name not in tiles
        ]
        if tiles and not any(name in answers for name in boxes):
            answers.update(dict.fromkeys(tiles, "none"))
        return answers

    @staticmethod
    def _is_tile(form: Form, name: str) -> bool:
        """Return whether the control is a page's own "none of these", not an answer of a question."""
        values = {control.value for control in form.named(name)}
        return (
            form.named(name)[0].kind in ("checkbox", "radio")
            and values <= {"none", "unsure"}
            and bool(values)
        )

    @staticmethod
    def _choose(controls: list[Field], wanted: str | Sequence[str] | None) -> object | None:
        if controls[0].kind == "radio":
            offered = [control.value for control in controls]
            if wanted is not None:
                return wanted
            return next((code for code in HARMLESS if code in offered), offered[0])
        if controls[0].kind == "checkbox":
            codes = [wanted] if isinstance(wanted, str) else list(wanted or [])
            offered = [control.value for control in controls]
            if not codes and len(offered) > 1 and "none" in offered:
                return ["none"]
            return [code for code in codes if code in offered] or None
        return wanted

    def send(self, page: requests.Response, form: Form, answers: Mapping[str, object]) -> requests.Response:
        """Send a form of the page with these answers and its own hidden fields; return what follows."""
        hidden = {control.name: control.value for control in form.fields if control.kind == "hidden"}
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        return self.session.post(
            urljoin(page.url, form.action),
            data={**hidden, **answers},
            headers={"Origin": origin, "Referer": page.url},
            timeout=30,
        )
