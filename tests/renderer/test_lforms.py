"""Our form opens in a renderer that is not ours: nothing lost, the same questions asked, answers kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from interop.java_build import ROOT
from interop.submissions import Pathways
from playwright.sync_api import ConsoleMessage

from renderer.lforms import LForms, LostQuestions, refuse_lost
from renderer.people import CHILD, SEEDS, answers_of
from triage_app.clinical.answers import Answers
from triage_app.clinical.form import enabled_paths
from triage_app.fhir.exact_json import dumps
from triage_app.fhir.response import from_response, to_response

pytestmark = [pytest.mark.browser, pytest.mark.npm]
QUESTIONNAIRE = json.loads(
    (ROOT / "questionnaires/nerve-symptoms/1.0.0/questionnaire.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def pathways() -> Pathways:
    return Pathways(ROOT / "questionnaires")


@pytest.fixture(autouse=True)
def complaints(lforms: LForms) -> Iterator[list[str]]:
    """What the page complains of; a test that leaves any fails."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    lforms.page.on("console", note)
    lforms.page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    lforms.page.remove_listener("console", note)
    assert said == []


def written(pathways: Pathways, answers: Answers) -> dict[str, Any]:
    """The response that we send of these answers."""
    whole = pathways.submission(answers)
    response: dict[str, Any] = json.loads(
        dumps(to_response(whole.form, answers, whole.filing, shown=whole.form))
    )
    return response


def enabled(lforms: LForms, answers: Answers, response: Mapping[str, Any]) -> set[str]:
    """The paths of all questions and groups that LHC-Forms shows, but those of a limb that nobody named."""
    found = set()
    for item in lforms.show(QUESTIONNAIRE, response):
        if not item.shown or item.type in ("TITLE", "DISPLAY"):
            continue
        if item.occurrence is None:
            found.add(item.link_id)
        elif item.occurrence < len(answers.limbs):
            found.add(f"{answers.limbs[item.occurrence].code}/{item.link_id}")
    return found


def answers_in(resource: Mapping[str, Any]) -> list[tuple[str, object]]:
    """Each answer of a response in its order, with the linkId that it stands under."""
    found: list[tuple[str, object]] = []
    for item in resource.get("item", ()):
        if "answer" not in item:
            found += answers_in(item)
        for answer in item.get("answer", ()):
            found.append((item["linkId"], {key: answer[key] for key in answer if key != "item"}))
            found += answers_in(answer)
    return found


def test_every_item_of_the_form_is_there(lforms: LForms) -> None:
    items = lforms.show(QUESTIONNAIRE)
    assert len({item.link_id for item in items}) > 300


def test_a_load_that_lost_a_question_is_refused(lforms: LForms) -> None:
    items = lforms.show(QUESTIONNAIRE)
    fewer = [item for item in items if item.link_id != "rf.stroke"]
    with pytest.raises(LostQuestions, match=r"rf\.stroke"):
        refuse_lost(QUESTIONNAIRE, fewer)


def test_the_people_differ_in_limbs_and_in_what_they_are_asked(pathways: Pathways) -> None:
    everyone = {seed: answers_of(pathways.pathway.form, seed) for seed in SEEDS}
    assert {len(answers.limbs) for answers in everyone.values()} >= {0, 1, 2}
    assert any(limb.kind == "leg" for answers in everyone.values() for limb in answers.limbs)
    assert len(enabled_paths(pathways.pathway.form, everyone[CHILD])) < 60
    assert len({enabled_paths(pathways.pathway.form, answers) for answers in everyone.values()}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_ask_the_same_and_the_answers_come_back(lforms: LForms, pathways: Pathways, seed: int) -> None:
    form = pathways.pathway.form
    answers = answers_of(form, seed)
    response = written(pathways, answers)
    assert enabled(lforms, answers, response) == enabled_paths(form, answers)
    exported = lforms.response()
    assert answers_in(exported) == answers_in(response)
    assert from_response({**exported, "questionnaire": response["questionnaire"]}, form) == answers
