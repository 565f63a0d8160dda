"""One person's browser window: from the hospital's chart through the app, and what it asked of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from journeys.people import Said
from triage_app.cli.demo.running import RunningDemo
from triage_app.sandbox.visitor import Form, Visitor, read_forms

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
MOST_PAGES = 80
MOST_TABS = 120

_FOCUSED = """() => {
  const { name, value, type, innerText } = document.activeElement;
  return { name: name || "", value: value || "", type: type || "", text: (innerText || "").trim() };
}"""


@dataclass
class Screen:
    """A window at one size, with or without scripts.

    ``asked`` are the hosts that it spoke to, ``seen`` the pages shown, ``told`` the answers by linkId.
    """

    page: Page
    demo: RunningDemo
    patient: str
    asked: set[str] = field(default_factory=set)
    answered: list[Response] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.on("request", lambda request: self.asked.add(urlsplit(request.url).hostname or ""))
        self.page.on("response", lambda response: self.answered.append(response))

    @property
    def path(self) -> str:
        """Where the window is, below the launch: ``q/screen.1``, ``check``; elsewhere the whole path."""
        path = urlsplit(self.page.url).path
        return path.split("/", 3)[3] if path.startswith("/l/") else path

    @property
    def heading(self) -> str:
        """The page's first heading."""
        return " ".join(self.page.locator("h1").first.inner_text().split())

    def chart(self) -> dict[str, list[dict[str, Any]]]:
        """What the hospital holds of this window's patient, by type."""
        return self.demo.hospital.hospital.chart(self.patient)

    def open_chart(self) -> None:
        """Go to the patient's chart page at the hospital."""
        self.page.goto(f"{self.demo.hospital.base_url}/chart/{self.patient}")

    def launch(self, who: str = "patient", *, decision: str = "Allow") -> None:
        """Press the chart page's button for ``patient`` or ``clinician``, then decide on the consent page."""
        self.open_chart()
        self.follow(f"As the {who}")
        self.press(decision)

    def open(self, path: str) -> None:
        """Go to a page of this launch."""
        start = "/".join(self.page.url.split("/")[:5])
        self.page.goto(f"{start}/{path}")

    def follow(self, name: str) -> None:
        """Follow the first link or link-like button of that name."""
        roles = self.page.get_by_role("link", name=name).or_(self.page.get_by_role("button", name=name))
        with self.page.expect_navigation():
            roles.first.click()

    def press(self, name: str) -> None:
        """Press a button that leads to another page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()

    def question(self, said: Said) -> tuple[Form, dict[str, object]] | None:
        """Return the page's form and this person's answers to it; None when it asks nothing."""
        visitor = Visitor(said)
        for form in read_forms(self.page.content()):
            if visitor.is_question(self.page.url, form):
                return form, visitor.answers_to(self.page.url, form)
        return None

    def fill(self, said: Said) -> None:
        """Tick and type this person's answers to the page."""
        found = self.question(said)
        assert found, f"{self.path} asks nothing"
        form, answers = found
        for name, value in answers.items():
            for code in [value] if isinstance(value, str) else value:  # type: ignore[attr-defined]
                if form.named(name)[0].kind in ("radio", "checkbox"):
                    self.page.locator(f'[name="{name}"][value="{code}"]').check()
                else:
                    self.page.locator(f'[name="{name}"]').fill(code)
        self.told.update(meant_by(form, answers))

    def answer(self, said: Said) -> None:
        """Fill in the page and go on."""
        self.seen.append(self.path)
        self.fill(said)
        self.press("Continue")

    def walk(self, said: Said, *, until: str = "check") -> None:
        """Answer page after page until one whose path starts with ``until``."""
        for _ in range(MOST_PAGES):
            if self.path.startswith(until):
                return
            assert self.path.startswith("q/"), f"came to {self.path} instead of {until}"
            self.answer(said)
        raise AssertionError(f"the pages never came to {until}")

    def tab_to(self, name: str) -> None:
        """Press Tab until a link or button of that name has the focus, then Enter."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if name in str(self.page.evaluate(_FOCUSED)["text"]):
                with self.page.expect_navigation():
                    self.page.keyboard.press("Enter")
                return
        raise AssertionError(f"{self.path}: Tab never came to {name}")

    def type_answers(self, said: Said) -> None:
        """Answer the page with Tab, arrows, Space and digits, and press Enter on Continue."""
        found = self.question(said)
        assert found, f"{self.path} asks nothing"
        wanted = dict(found[1])
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused["text"] == "Continue":
                assert not wanted, f"{self.path}: Tab never came to {wanted}"
                with self.page.expect_navigation():
                    self.page.keyboard.press("Enter")
                return
            self._type(focused, wanted)
        raise AssertionError(f"{self.path}: Tab never came to Continue")

    def _type(self, focused: dict[str, str], wanted: dict[str, object]) -> None:
        name, value = focused["name"], wanted.get(focused["name"])
        if value is None:
            return
        if focused["type"] == "radio":
            self.page.keyboard.press("Space")
            for _ in range(MOST_TABS):
                if self.page.evaluate(_FOCUSED)["value"] == value:
                    break
                self.page.keyboard.press("ArrowDown")
            del wanted[name]
        elif focused["type"] == "checkbox":
            left = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
            if focused["value"] in left:
                self.page.keyboard.press("Space")
                left.remove(focused["value"])
            wanted[name] = left
            if not left:
                del wanted[name]
        else:
            self.page.keyboard.type(str(value))
            del wanted[name]

    def weights(self) -> dict[str, int]:
        """How many bytes each page and file of the app had on the wire, by path."""
        ours = [one for one in self.answered if one.url.startswith(self.demo.app_url) and one.status == 200]
        sizes = {urlsplit(one.url).path: int(one.request.sizes()["responseBodySize"]) for one in ours}
        return {path: size for path, size in sizes.items() if size > 0}  # from the cache: below zero

    def violations(self) -> list[str]:
        """What axe finds wrong on the page."""
        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]

    def overflow(self) -> int:
        """How many pixels of the page stand out to the right of the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def meant_by(form: Form, answers: Mapping[str, object]) -> dict[str, list[str]]:
    """Return what a filled-in form says, by linkId: a tick is yes, a box left empty is no."""
    meant: dict[str, list[str]] = {}
    for name in form.names():
        controls = form.named(name)
        values = {control.value for control in controls}
        kind, given = controls[0].kind, answers.get(name)
        if kind in ("hidden", "submit") or name == "limb" or values <= {"none", "unsure"}:
            continue
        if kind == "checkbox" and values == {"yes"}:
            meant[name] = ["yes" if given else "no"]
        elif given is not None:
            meant[name] = [given] if isinstance(given, str) else sorted(given)  # type: ignore[call-overload]
    return meant
