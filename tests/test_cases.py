"""Every person of every pathway's case file is a test, told by the sentence that the person says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from triage_app.catalogue.cases import Case, judge, read_cases
from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.model import Pathway
from triage_app.clinical.answers import Answers
from triage_app.clinical.terms import Urgency

QUESTIONNAIRES = Path(__file__).parents[1] / "questionnaires"
TWIN = re.compile(r"^(?P<rule>.+?)-(?:(?P<letter>[a-z])-)?near$")


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(QUESTIONNAIRES)


def cases_of(pathway: Pathway) -> tuple[Case, ...]:
    return read_folder(pathway.name, pathway.version)


@cache
def read_folder(name: str, version: str) -> tuple[Case, ...]:
    file = QUESTIONNAIRES / name / version / "cases.toml"
    return read_cases(file, catalogue(), catalogue().get(name, version))


def every_case() -> Iterator[Case]:
    for pathway in catalogue().all():
        yield from cases_of(pathway)


def twins(pathway: Pathway) -> Iterator[tuple[str, Case, Case]]:
    """Yield (rule, who meets it, who nearly does)."""
    cases = {case.case_id: case for case in cases_of(pathway)}
    for case_id, near in cases.items():
        if found := TWIN.match(case_id):
            yield found["rule"], cases[f"{found['rule']}-{found['letter'] or 'a'}"], near


def each_twin() -> list[tuple[str, Case, Case]]:
    return [pair for pathway in catalogue().all() for pair in twins(pathway)]


@pytest.mark.parametrize("case", list(every_case()), ids=lambda case: case.who)
def test_what_comes_out_for_somebody_who_says(case: Case) -> None:
    verdict = judge(case)
    sentences = "\n".join(verdict.broken)
    assert verdict.passed, f"{case.case_id}: “{case.who}”\n{sentences}"


@pytest.mark.parametrize(
    "pathway", catalogue().all(), ids=lambda pathway: f"{pathway.name} {pathway.version}"
)
def test_every_rule_is_met_by_somebody(pathway: Pathway) -> None:
    promised = {rule for case in cases_of(pathway) for rule in case.expect.rules}
    assert pathway.rules.by_id.keys() - promised == set()


@pytest.mark.parametrize(
    "pathway", catalogue().all(), ids=lambda pathway: f"{pathway.name} {pathway.version}"
)
def test_every_rule_that_hurries_has_somebody_who_nearly_meets_it(pathway: Pathway) -> None:
    hurries = {
        rule.rule_id
        for rule in pathway.rules.rules
        if rule.urgency is not None and rule.urgency >= Urgency.URGENT_2W
    }
    assert hurries - {rule for rule, _met, _near in twins(pathway)} == set()


@pytest.mark.parametrize(
    ("rule", "met", "near"),
    each_twin(),
    ids=[f"{near.case_id}: {near.who}" for _rule, _met, near in each_twin()],
)
def test_a_near_miss_differs_in_one_fact_and_stays_below_the_floor(rule: str, met: Case, near: Case) -> None:
    assert met.pathway is not None
    floor = met.pathway.rules.by_id[rule].urgency
    assert floor is not None
    assert rule in met.expect.rules
    assert rule not in near.expect.rules
    assert max(near.expect.urgency) < floor <= max(met.expect.urgency)
    assert len(differing_facts(met, near)) == 1


def differing_facts(one: Case, other: Case) -> set[str]:
    """Return the paths that differ, without the details that hang on another one of them."""
    assert one.pathway is not None
    vocabulary = one.pathway.rules.vocabulary
    left, right = facts_of(one), facts_of(other)
    differ = {path for path in left | right if left.get(path) != right.get(path)}
    links = {path.rpartition("/")[2] for path in differ}
    return {
        path
        for path in differ
        if not links & {item.link_id for item in vocabulary.openers.get(path.rpartition("/")[2], ())}
    }


def facts_of(case: Case) -> dict[str, object]:
    assert case.answers is not None
    return dict(case.answers.paths())


def test_nobody_speaks_twice() -> None:
    said = [case.who for case in every_case()]
    assert sorted(said) == sorted(set(said))


def test_half_of_the_probes_are_ordinary_people() -> None:
    file = QUESTIONNAIRES / "nerve-symptoms" / "1.0.0" / "cases.toml"
    hurried, ordinary = re.findall(
        r"(?s)# ---- New probes: (?:people who must not wait|ordinary people)\n(.*?)(?=# ----)",
        file.read_text("utf-8"),
    )
    assert ordinary.count("[[case]]") >= 0.7 * hurried.count("[[case]]")


def test_no_promise_is_empty() -> None:
    assert [case.case_id for case in every_case() if not (case.expect.urgency or case.expect.rules)] == []


def test_all_people_of_the_file_are_of_an_installed_pathway() -> None:
    assert [case.case_id for case in every_case() if case.answers is None] == []
    assert all(isinstance(case.answers, Answers) for case in every_case())
