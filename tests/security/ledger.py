"""Keeps its own books of who was told what, and compares them with the database and both hospitals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from security.world import World
from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import LIMB, in_play
from triage_app.clinical.pages import LIMB_ORDER, Page, limb_slug
from triage_app.clinical.questionnaire import Questionnaire
from triage_app.web.forms import Posted

WRITTEN = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "Provenance")

Flat = frozenset[tuple[str, Any]]


class Broken(AssertionError):
    """A promise did not hold."""


@dataclass(frozen=True)
class Who:
    """The one who answers, and about whom, and where."""

    ehr: str
    patient: str
    author: str


@dataclass
class Told:
    """One draft as it must stand."""

    person: dict[str, Value] = field(default_factory=dict)
    limbs: dict[str, dict[str, Value]] = field(default_factory=dict)
    aside: dict[str, dict[str, Value]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)

    @property
    def answers(self) -> Answers:
        order = {limb_slug(Limb(kind, side)): (kind, side) for kind, side in LIMB_ORDER}
        limbs = tuple(Limb(*order[slug], self.limbs[slug]) for slug in order if slug in self.limbs)
        return Answers(self.person, limbs)

    def note(self, page: Page, posted: Posted) -> None:
        """Write one posted page down."""
        finished = not posted.problems and not posted.ask_each
        if page.path == LIMB:
            if finished:
                self._choose(posted.typed.get(LIMB, ()))
                self.passed.add(page.path)
            return
        values = self.person if page.limb is None else self.limbs[limb_slug(page.limb)]
        if finished:
            for question in page.questions:
                values.pop(question.link_id, None)
        values.update(posted.values)
        self.passed = (self.passed | {page.path}) if finished else (self.passed - {page.path})

    def _choose(self, slugs: tuple[str, ...]) -> None:
        known = {**self.aside, **self.limbs}
        self.limbs = {slug: known.get(slug, {}) for slug in slugs if slug != "none"}
        self.aside = {slug: values for slug, values in known.items() if slug not in self.limbs}


@dataclass
class Ledger:
    """Everything that was acknowledged to somebody."""

    world: World
    drafts: dict[Who, Told] = field(default_factory=dict)
    sent: list[tuple[Who, Flat]] = field(default_factory=list)
    decided: Counter[tuple[str, str]] = field(default_factory=Counter)
    checks: int = 0

    @property
    def form(self) -> Questionnaire:
        return self.world.services.catalogue.newest("nerve-symptoms").form

    def told(self, who: Who) -> Told:
        return self.drafts.setdefault(who, Told())

    def send(self, who: Who) -> None:
        """Note that somebody was told that their answers are sent."""
        self.sent.append((who, frozenset(flat(in_play(self.form, self.told(who).answers)))))
        self.drafts[who] = Told()

    def compare_drafts(self, *, only: Collection[Who] | None = None) -> None:
        """Hold drafts of the database against the books, all or only these."""
        for who, told in self.drafts.items():
            if only is not None and who not in only:
                continue
            self.checks += 1
            stored = self.world.services.storage.fetch_draft(
                ehr=who.ehr, patient=who.patient, author=who.author, pathway="nerve-symptoms"
            )
            plain: Mapping[str, Any] = (
                stored.answers if stored else {"person": {}, "limbs": [], "visited": []}
            )
            if set(flat(Answers.from_plain(plain))) != set(flat(told.answers)):
                raise Broken(f"the draft of {who} holds other answers than were given")
            if set(plain["visited"]) != told.passed:
                raise Broken(f"the draft of {who} has passed other pages")

    def compare_hospitals(self) -> None:
        """Hold what both hospitals store against what was acknowledged: none lost, doubled or misfiled."""
        for ehr in self.world.hospitals:
            store = self.world.store(ehr)
            held = {kind: [one for one in store.all(kind) if is_ours(one)] for kind in WRITTEN}
            stored = Counter(map(signed, held["QuestionnaireResponse"]))
            owed = Counter((who.patient, who.author, told) for who, told in self.sent if who.ehr == ehr)
            if stored != owed:
                lost, more = owed - stored, stored - owed
                raise Broken(
                    f"{ehr}: {lost.total()} lost or changed, {more.total()} that nobody sent, "
                    f"of {[key[:2] for key in lost]} and {[key[:2] for key in more]}"
                )
            self._compare_parts(ehr, held)
            self.checks += len(owed)

    def _compare_parts(self, ehr: str, held: Mapping[str, list[Mapping[str, Any]]]) -> None:
        subjects = {
            f"{one['resourceType']}/{one['id']}": subject(one) for many in held.values() for one in many
        }
        seen: Counter[str] = Counter()
        for many in held.values():
            for one in many:
                self.checks += 1
                mine = subject(one)
                others = {subjects[link] for link in links(one) if link in subjects} - {mine}
                if mine and others - {""}:
                    raise Broken(f"{ehr}: a {one['resourceType']} of {mine} rests on what is {others}'s")
                seen.update(f"{one['resourceType']} {key}" for key in keys(one))
        if seen and max(seen.values()) > 1:
            raise Broken(f"{ehr}: stored twice: {[key for key, many in seen.items() if many > 1][:3]}")
        made = Counter(
            (ehr, subject(one).removeprefix("Patient/"))
            for one in held["ServiceRequest"]
            if one["intent"] != "proposal" or one["status"] == "revoked"
        )
        asked = Counter({key: count for key, count in self.decided.items() if key[0] == ehr})
        if made != asked:
            raise Broken(f"{ehr}: decisions in the charts {dict(made)}, made by clinicians {dict(asked)}")


def flat(answers: Answers) -> Iterator[tuple[str, Any]]:
    """Yield every answer by its path: a number, or the set of codes."""
    for path, value in answers.paths():
        yield (
            path,
            value if isinstance(value, Decimal) else frozenset([value] if isinstance(value, str) else value),
        )
    for limb in answers.limbs:
        yield f"{limb.code}", "chosen"


def signed(response: Mapping[str, Any]) -> tuple[str, str, Flat]:
    """Return a stored QuestionnaireResponse as patient, author and answers."""
    answers = frozenset(_flat_items(response.get("item", ()), ""))
    return subject(response).removeprefix("Patient/"), response["author"]["reference"], answers


def _flat_items(items: list[Mapping[str, Any]], limb: str) -> Iterator[tuple[str, Any]]:
    for item in items:
        here = limb
        if item["linkId"] == "limb":
            inside = {one["linkId"]: one for one in item.get("item", ())}
            here = f"{_codes(inside['limb.kind'])[0]}-{_codes(inside['side'])[0]}"
            yield here, "chosen"
        if item.get("answer") and item["linkId"] not in ("limb.kind", "side"):
            yield f"{here}/{item['linkId']}" if here else item["linkId"], _value(item)
        for answer in item.get("answer", ()):
            yield from _flat_items(answer.get("item", []), here)
        yield from _flat_items(item.get("item", []), here)


def _codes(item: Mapping[str, Any]) -> list[str]:
    return [answer["valueCoding"]["code"] for answer in item["answer"] if "valueCoding" in answer]


def _value(item: Mapping[str, Any]) -> object:
    first = item["answer"][0]
    for kind in ("valueInteger", "valueDecimal"):
        if kind in first:
            return Decimal(str(first[kind]))
    if "valueQuantity" in first:
        return Decimal(str(first["valueQuantity"]["value"]))
    return frozenset(_codes(item))


def subject(resource: Mapping[str, Any]) -> str:
    """Return whom a resource is about."""
    about = resource.get("subject") or resource.get("for") or {}
    return "/".join(str(about.get("reference", "")).split("/")[-2:])


def keys(resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield its business keys."""
    found = resource.get("identifier", ())
    for one in [found] if isinstance(found, dict) else found:
        yield f"{one.get('system')}|{one.get('value')}"


def is_ours(resource: Mapping[str, Any]) -> bool:
    """Return whether the app wrote it."""
    return "nerve-triage" in str(resource.get("identifier", "")) or resource["resourceType"] == "Provenance"


def links(value: object) -> Iterator[str]:
    """Yield every relative reference inside."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield "/".join(value["reference"].split("/")[-2:])
        for one in value.values():
            yield from links(one)
    elif isinstance(value, list):
        for one in value:
            yield from links(one)
