"""Answer: puts each page's answers on disk before the next page is shown, and finds them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from triage_app.clinical.answers import Answers, Limb, Value
from triage_app.clinical.pages import LIMB_ORDER, Page, limb_slug
from triage_app.errors import StorageError
from triage_app.fhir.chart import Fact
from triage_app.storage.rows import Draft, Launch
from triage_app.workflow.interview import (
    PATHWAY,
    Interview,
    changed_signs,
    read_interview,
    screen_link_ids,
)
from triage_app.workflow.services import Services

_TRIES = 5


def open_interview(services: Services, launch: Launch) -> Interview:
    """Return what this person has answered so far, read with the version it was begun with."""
    draft = _fetch(services, launch)
    return read_interview(services.catalogue, draft, services.clock())


def answer(
    services: Services,
    launch: Launch,
    page: Page,
    posted: Mapping[str, Value],
    *,
    again: bool = False,
    unfinished: bool = False,
) -> Interview:
    """Store the answers of one page and return where the person stands.

    A question of the page that is not in ``posted`` is blank from now on. ``again`` settles a contradiction;
    ``unfinished`` keeps what was said although the page must be answered further. Raise StorageError when the
    answers could not be put on disk.
    """
    now = services.clock()

    def with_answers(interview: Interview) -> Interview:
        merged = _merge(interview, page, posted, now, keep_blank=unfinished)
        settled = {page.answers_path(question) for question in page.questions} if again else set()
        visited = merged.visited - {page.path} if unfinished else merged.visited | {page.path}
        return replace(merged, asked_again=merged.asked_again | settled, visited=visited)

    return _store(services, launch, with_answers, now)


def choose_limbs(services: Services, launch: Launch, page: Page, slugs: Iterable[str]) -> Interview:
    """Store which arms and legs are affected (``right-arm``); those taken back are kept aside."""
    wanted = set(slugs)

    def with_limbs(interview: Interview) -> Interview:
        known = {limb_slug(limb): limb for limb in (*interview.aside, *interview.answers.limbs)}
        fresh = {limb_slug(Limb(kind, side)): Limb(kind, side) for kind, side in LIMB_ORDER}
        limbs = tuple(known.get(slug, limb) for slug, limb in fresh.items() if slug in wanted)
        aside = tuple(limb for slug, limb in known.items() if slug not in wanted)
        return replace(
            interview,
            answers=Answers(interview.answers.person, limbs),
            aside=aside,
            visited=interview.visited | {page.path},
        )

    return _store(services, launch, with_limbs, services.clock())


def keep_chart(services: Services, launch: Launch, facts: tuple[Fact, ...]) -> Interview:
    """Store what the chart says beside the answers; what another tab has stored before stands."""

    def with_facts(interview: Interview) -> Interview:
        return replace(interview, chart=facts) if interview.chart is None else interview

    return _store(services, launch, with_facts, services.clock())


def with_posted(interview: Interview, page: Page, posted: Mapping[str, Value]) -> Answers:
    """Return all answers as they would stand with this page's, without storing anything."""
    if page.limb is None:
        return Answers({**interview.answers.person, **posted}, interview.answers.limbs)
    limbs = tuple(
        Limb(limb.kind, limb.side, {**limb.answers, **posted}) if limb.code == page.limb.code else limb
        for limb in interview.answers.limbs
    )
    return Answers(interview.answers.person, limbs)


def _store(
    services: Services, launch: Launch, change: Callable[[Interview], Interview], now: datetime
) -> Interview:
    """Change and save the newest draft; when another tab was quicker, begin again with its draft."""
    for _ in range(_TRIES):
        draft = _fetch(services, launch)
        interview = change(read_interview(services.catalogue, draft, now))
        if services.storage.save_draft(_written(services, launch, draft, interview, now)):
            return interview
    raise StorageError(f"draft: found another writer {_TRIES} times in a row, expected a free moment")


def _fetch(services: Services, launch: Launch) -> Draft | None:
    return services.storage.fetch_draft(
        ehr=launch.ehr, patient=launch.patient, author=launch.user, pathway=PATHWAY
    )


def _merge(
    interview: Interview, page: Page, posted: Mapping[str, Value], now: datetime, *, keep_blank: bool
) -> Interview:
    asked = {question.link_id for question in page.questions}
    before = _values(interview, page)
    kept = {key: value for key, value in before.items() if keep_blank or key not in asked}
    after = {**kept, **posted}
    changed = {key: value for key, value in before.items() if key in asked}
    is_screen = page.limb is None and bool(asked & screen_link_ids(interview.pathway.form))
    return replace(
        interview,
        answers=_replaced(interview.answers, page, after),
        changes=interview.changes + (changed_signs(changed, after, now) if is_screen else ()),
        screened_at=interview.screened_at or (now if is_screen else None),
        stale=interview.stale and not is_screen,
    )


def _values(interview: Interview, page: Page) -> Mapping[str, Value]:
    if page.limb is None:
        return interview.answers.person
    code = page.limb.code
    return next((limb.answers for limb in interview.answers.limbs if limb.code == code), {})


def _replaced(answers: Answers, page: Page, values: Mapping[str, Value]) -> Answers:
    if page.limb is None:
        return Answers(values, answers.limbs)
    code = page.limb.code
    limbs = (Limb(limb.kind, limb.side, values) if limb.code == code else limb for limb in answers.limbs)
    return Answers(answers.person, tuple(limbs))


def _written(
    services: Services, launch: Launch, draft: Draft | None, interview: Interview, now: datetime
) -> Draft:
    return Draft(
        id=draft.id if draft else services.new_id(),
        ehr=launch.ehr,
        patient=launch.patient,
        author=launch.user,
        pathway=PATHWAY,
        version=interview.pathway.version,
        checksum=interview.pathway.checksum,
        answers=interview.to_plain(),
        sequence=draft.sequence + 1 if draft else 1,
        launch=launch.id,
        started_at=draft.started_at if draft else now,
        touched_at=now,
    )
