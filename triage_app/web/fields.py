"""Shapes a page's questions as fields that a template can draw without thinking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from triage_app.clinical.answers import UNSURE, Limb, Value
from triage_app.clinical.form import LIMB, LIMB_KIND
from triage_app.clinical.pages import LIMB_ORDER, Page, limb_slug
from triage_app.clinical.questionnaire import Option, Question
from triage_app.clinical.terms import LimbKind
from triage_app.web.forms import NO, NONE, Posted, boxes_of, is_tick_list, offers_unsure

SHORT_LABEL = 13  # characters; three such answers fit side by side on the smallest phone
SCALE_END = 10
PLACES: Mapping[str, tuple[str, ...]] = {
    "hand": ("thumb", "index", "middle", "ring", "little"),
    "arm": ("palm", "thenar_skin", "fa_lat", "fa_med", "arm_out", "arm_in"),
}
"""What each picture shows: codes of ``digits``, and signs of the arm's tick list."""
PICTURES: Mapping[str, str] = {"digits": "hand", "limb.places_arm": "arm"}
"""The picture of a page, by the linkId of its question or group."""
REGION = "region"
REGIONS = {
    LimbKind.ARM: ("hand", "arm", "shoulder"),
    LimbKind.LEG: ("foot", "leg", "thigh", "buttock"),
    LimbKind.TRUNK: ("trunk", "face"),
}


@dataclass(frozen=True)
class Choice:
    """One tile. ``alone`` marks an answer that excludes the others; ``place`` is its place on the picture.

    ``record`` is what the chart says about it.
    """

    name: str
    value: str
    label: str
    id: str
    checked: bool
    alone: bool = False
    place: str = ""
    record: str = ""


@dataclass(frozen=True)
class Field:
    """One question as drawn: ``look`` is radios, boxes, number or text; ``record`` what the chart says."""

    name: str
    look: str
    legend: str
    hint: str
    id: str
    choices: tuple[Choice, ...] = ()
    value: str = ""
    error: str = ""
    unit: str = ""
    layout: str = ""  # row, scale, or nothing for full-width tiles
    record: str = ""


def fields_of(
    page: Page, values: Mapping[str, Value], posted: Posted | None, *, each: bool
) -> tuple[Field, ...]:
    """Return the fields of a page; what was posted stands before what is stored."""
    errors = {problem.name: problem.message for problem in posted.problems} if posted else {}
    typed = dict(posted.typed) if posted else _as_typed(page, values)
    if is_tick_list(page) and not each:
        return (_tick_list(page, values, typed, errors, fresh=posted is None),)
    return tuple(
        _field(_of_limb(question, page.limb), typed, errors.get(question.link_id, ""))
        for question in page.questions
    )


def limbs_field(page: Page, chosen: tuple[str, ...], error: str) -> Field:
    """Return the field on which a person chooses the arms, the legs, and what else the form takes."""
    kinds = {
        option.code for item in page.subject.items if item.link_id == LIMB_KIND for option in item.options
    }
    limbs = [Limb(kind, side) for kind, side in LIMB_ORDER if kind in kinds]
    tiles = [
        Choice(LIMB, limb_slug(limb), limb_words(limb), f"limb-{limb_slug(limb)}", limb_slug(limb) in chosen)
        for limb in limbs
    ]
    tiles.append(Choice(LIMB, NONE, "None of these", "limb-none", NONE in chosen, alone=True))
    legend = "Where do you have tingling, numbness, pain or weakness?"
    return Field(LIMB, "boxes", legend, "Choose all that apply.", tiles[0].id, tuple(tiles), error=error)


def limb_words(limb: Limb) -> str:
    """Return the limb in everyday words: "Right arm or hand"."""
    parts = {LimbKind.ARM: "arm or hand", LimbKind.LEG: "leg or foot", LimbKind.TRUNK: "body or face"}
    side = "" if limb.kind is LimbKind.TRUNK else f"{limb.side} "
    return f"{side}{parts[limb.kind]}".capitalize()


def limb_caption(limb: Limb) -> str:
    """Return whose limb a page asks about: "Your right arm"."""
    name = {LimbKind.ARM: "arm", LimbKind.LEG: "leg", LimbKind.TRUNK: "body or face"}[limb.kind]
    return f"Your {name}" if limb.kind is LimbKind.TRUNK else f"Your {limb.side} {name}"


def picture_of(page: Page, *, each: bool) -> str:
    """Return which picture shows the places of the page: ``hand``, ``arm``, or nothing."""
    found = PICTURES.get(page.subject.link_id, "") if page.limb and not page.is_details else ""
    return "" if each and is_tick_list(page) else found


def _place(link_id: str, code: str) -> str:
    """Return the place that a box stands for on a picture, or nothing."""
    name = code if link_id in PICTURES else link_id
    return name if any(name in places for places in PLACES.values()) else ""


def _of_limb(question: Question, limb: Limb | None) -> Question:
    """Return the question about where it is worst with the places of this limb alone."""
    if question.link_id != REGION or limb is None:
        return question
    here = tuple(option for option in question.options if option.code in REGIONS[limb.kind])
    return replace(question, options=here)


def _as_typed(page: Page, values: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    typed: dict[str, tuple[str, ...]] = {}
    for question in page.questions:
        value = values.get(question.link_id)
        if isinstance(value, Decimal):
            typed[question.link_id] = (str(value),)
        elif value is not None:
            typed[question.link_id] = (value,) if isinstance(value, str) else value
    return typed


def _tick_list(
    page: Page,
    values: Mapping[str, Value],
    typed: Mapping[str, tuple[str, ...]],
    errors: Mapping[str, str],
    *,
    fresh: bool,
) -> Field:
    name = page.subject.link_id
    choices: list[Choice] = []
    for question in page.questions:
        for option in boxes_of(question):
            label = option.display if question.repeats else question.text
            box_id = html_id(question.link_id, option.code if question.repeats else "")
            checked = option.code in typed.get(question.link_id, ())
            place = _place(question.link_id, option.code)
            choices.append(Choice(question.link_id, option.code, label, box_id, checked, place=place))
    none = _all_none(page, values) if fresh else NONE in typed.get(name, ())
    choices.append(Choice(name, NONE, "None of these", html_id(name, NONE), none, alone=True))
    if offers_unsure(page):
        unsure = UNSURE in typed.get(name, ())
        choices.append(
            Choice(name, UNSURE, "I am not sure about one of these", html_id(name, UNSURE), unsure)
        )
    hint = page.subject.help or "Choose all that apply."
    return Field(
        name, "boxes", page.subject.text, hint, choices[0].id, tuple(choices), error=errors.get(name, "")
    )


def _all_none(page: Page, values: Mapping[str, Value]) -> bool:
    signs = [question for question in page.questions if not question.repeats]
    return bool(signs) and all(values.get(question.link_id) == NO for question in signs)


def _field(question: Question, typed: Mapping[str, tuple[str, ...]], error: str) -> Field:
    given = typed.get(question.link_id, ())
    shown = _with_tiles(question)
    if shown.kind != "choice":
        return _written_field(shown, given, error)
    choices = tuple(
        Choice(
            question.link_id,
            option.code,
            option.display,
            html_id(question.link_id, option.code),
            option.code in given,
            option.exclusive,
            _place(question.link_id, option.code) if question.repeats else "",
        )
        for option in shown.options
    )
    look, hint = ("boxes", "Choose all that apply.") if question.repeats else ("radios", "")
    return Field(
        name=question.link_id,
        look=look,
        legend=question.text,
        hint=question.help or hint,
        id=choices[0].id,
        choices=choices,
        error=error,
        layout=_layout(shown),
    )


def _written_field(question: Question, given: tuple[str, ...], error: str) -> Field:
    return Field(
        name=question.link_id,
        look="number" if question.kind in ("integer", "decimal") else "text",
        legend=question.text,
        hint=question.help,
        id=html_id(question.link_id, ""),
        value=given[0] if given else "",
        error=error,
        unit=question.unit,
    )


def _with_tiles(question: Question) -> Question:
    """Return a short whole-number scale as a choice of its numbers."""
    low, high = question.minimum, question.maximum
    if question.kind != "integer" or low is None or high is None or not 0 <= low < high <= SCALE_END:
        return question
    numbers = tuple(Option(str(number), "", str(number)) for number in range(int(low), int(high) + 1))
    return replace(question, kind="choice", options=numbers)


def _layout(question: Question) -> str:
    labels = [option.display for option in question.options]
    if len(labels) > 7 and all(len(label) <= 2 for label in labels):
        return "scale"
    short = all(len(label) <= SHORT_LABEL for label in labels)
    return "row" if short and len(labels) in (2, 3) and not question.repeats else ""


def html_id(link_id: str, code: str) -> str:
    """Return an id for HTML that CSS can name without escapes."""
    return "-".join(filter(None, (link_id.replace(".", "-"), code)))


__all__ = [
    "Choice",
    "Field",
    "fields_of",
    "html_id",
    "limb_caption",
    "limb_words",
    "limbs_field",
    "picture_of",
]
