"""Cuts a form into pages, one idea a page, in the order in which a person meets them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.form import LIMB, LIMB_KIND, SIDE, enabled_paths, path_of
from triage_app.clinical.questionnaire import Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side

DETAILS = "details"
LIMB_ORDER: tuple[tuple[LimbKind, Side], ...] = (
    (LimbKind.ARM, Side.RIGHT),
    (LimbKind.ARM, Side.LEFT),
    (LimbKind.LEG, Side.RIGHT),
    (LimbKind.LEG, Side.LEFT),
    (LimbKind.TRUNK, Side.MIDDLE),
)


@dataclass(frozen=True)
class Page:
    """One page: its questions, its part of the whole (from 1), and the limb it asks about, if any.

    ``path`` is the linkId of its group or question, after the limb (``right-arm/night``); the details of a
    flag stand at ``<flag>/details``. ``subject`` is that group or question. The page on which the limbs are
    chosen has the path ``limb`` and no questions.
    """

    path: str
    part: int
    part_count: int
    caption: str
    questions: tuple[Question, ...]
    limb: Limb | None
    subject: Question

    @property
    def is_details(self) -> bool:
        """Return whether it asks for the details of an earlier answer."""
        return self.path.endswith(f"/{DETAILS}")

    def answers_path(self, question: Question) -> str:
        """Return where the answer to one of its questions is kept (``arm-right/night``)."""
        return path_of(question.link_id, self.limb)


def limb_slug(limb: Limb) -> str:
    """Return the limb as page paths name it: ``right-arm``."""
    return f"{limb.side}-{limb.kind}"


def pages(form: Questionnaire, answers: Answers) -> tuple[Page, ...]:
    """Return every page that these answers lead to, in order.

    In a part, a group is one page and a question is one page; the details in play below an answer are one
    more page.
    """
    enabled = enabled_paths(form, answers)
    parts = [part for part in form.items if part.link_id in enabled]
    found: list[Page] = []
    for number, part in enumerate(parts, start=1):
        frame = Page("", number, len(parts), part.text, (), None, part)
        found += (
            _limb_pages(frame, answers, enabled)
            if part.link_id == LIMB
            else _part_pages(frame, answers.person, enabled)
        )
    return tuple(found)


def page_for(form: Questionnaire, answers: Answers, path: str) -> Page | None:
    """Return the page at this path, or None where these answers do not lead there."""
    return next((page for page in pages(form, answers) if page.path == path), None)


def next_page(form: Questionnaire, answers: Answers, path: str) -> Page | None:
    """Return the page after this one, or None after the last."""
    return _neighbour(pages(form, answers), path, 1)


def previous_page(form: Questionnaire, answers: Answers, path: str) -> Page | None:
    """Return the page before this one, or None before the first."""
    return _neighbour(pages(form, answers), path, -1)


def whole_page(form: Questionnaire, path: str) -> Page | None:
    """Return the page at this path with all its questions, whatever has been answered; None when unknown.

    It needs the form alone, so a posted page can be read while nothing can be looked up.
    """
    limb, rest = _limb_of(path)
    link_id = rest.removesuffix(f"/{DETAILS}")
    for number, part in enumerate(form.items, start=1):
        if (part.link_id == LIMB) != (limb is not None or path == LIMB):
            continue
        frame = Page(path, number, len(form.items), part.text, (), limb, part)
        if path == LIMB:
            return frame
        subject = next((item for item in part.walk() if item.link_id == link_id), None)
        if subject is not None and subject is not part:
            questions = subject.items if rest.endswith(DETAILS) or subject.kind == "group" else (subject,)
            return replace(frame, questions=_asked(questions), subject=subject)
    return None


def _limb_of(path: str) -> tuple[Limb | None, str]:
    first, _, rest = path.partition("/")
    for kind, side in LIMB_ORDER:
        limb = Limb(kind, side)
        if rest and first == limb_slug(limb):
            return limb, rest
    return None, path


def _neighbour(all_pages: Sequence[Page], path: str, step: int) -> Page | None:
    paths = [page.path for page in all_pages]
    at = paths.index(path) + step if path in paths else -1
    return all_pages[at] if 0 <= at < len(all_pages) else None


def _limb_pages(frame: Page, answers: Answers, enabled: frozenset[str]) -> Iterator[Page]:
    yield replace(frame, path=LIMB)
    for kind, side in LIMB_ORDER:
        for limb in answers.limbs:
            if (limb.kind, limb.side) == (kind, side):
                yield from _part_pages(replace(frame, limb=limb), limb.answers, enabled)


def _part_pages(frame: Page, values: Mapping[str, Value], enabled: frozenset[str]) -> Iterator[Page]:
    for item in frame.subject.items:
        if path_of(item.link_id, frame.limb) in enabled:
            yield from _item_pages(item, frame, values, enabled)


def _item_pages(
    item: Question, frame: Page, values: Mapping[str, Value], enabled: frozenset[str]
) -> Iterator[Page]:
    """Yield the page of a group or a question, then the pages of details that its answers opened."""
    questions = tuple(
        question
        for question in _asked(item.items if item.kind == "group" else (item,))
        if path_of(question.link_id, frame.limb) in enabled
    )
    if not questions:
        return
    yield replace(frame, path=_path(item, frame.limb), questions=questions, subject=item)
    yield from _details_pages(questions, frame, values, enabled)


def _details_pages(
    questions: tuple[Question, ...], frame: Page, values: Mapping[str, Value], enabled: frozenset[str]
) -> Iterator[Page]:
    """Yield a page for each answered question that has details in play, and so on downwards."""
    for question in questions:
        details = tuple(
            detail
            for detail in _asked(question.items)
            if question.link_id in values and path_of(detail.link_id, frame.limb) in enabled
        )
        if details:
            path = f"{_path(question, frame.limb)}/{DETAILS}"
            yield replace(frame, path=path, questions=details, subject=question)
            yield from _details_pages(details, frame, values, enabled)


def _path(item: Question, limb: Limb | None) -> str:
    return f"{limb_slug(limb)}/{item.link_id}" if limb else item.link_id


def _asked(items: Iterable[Question]) -> tuple[Question, ...]:
    """Return the questions below, groups opened up, without what the page itself answers."""
    found: list[Question] = []
    for item in items:
        if item.kind == "group":
            found += _asked(item.items)
        elif item.kind != "display" and item.link_id not in (LIMB_KIND, SIDE):
            found.append(item)
    return tuple(found)
