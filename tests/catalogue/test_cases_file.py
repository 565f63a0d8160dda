"""A case file says who must come out how; a wrong word in it is refused by file, case and key."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from triage_app.catalogue.cases import Case, Verdict, judge, read_cases
from triage_app.catalogue.load import Catalogue
from triage_app.clinical.terms import Severity, Urgency
from triage_app.errors import ContentError

HERE = Path(__file__).parents[2] / "questionnaires"
Read = Callable[[str], tuple[Case, ...]]


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(HERE)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reader(toml: str) -> tuple[Case, ...]:
        path = tmp_path / "people.toml"
        path.write_text(toml, "utf-8")
        return read_cases(path, catalogue(), catalogue().newest("nerve-symptoms"))

    return reader


@pytest.fixture
def refusal(read: Read) -> Callable[[str], str]:
    def refused(toml: str) -> str:
        with pytest.raises(ContentError) as caught:
            read(toml)
        return str(caught.value)

    return refused


@pytest.fixture
def verdict(read: Read) -> Callable[[str], Verdict]:
    def judged(expect: str) -> Verdict:
        (case,) = read(alice(expect=expect))
        return judge(case)

    return judged


def alice(top: str = "", expect: str = 'urgency = ["EMERGENCY"]') -> str:
    """Alice's calf is tight and ever more painful: an EMERGENCY to go to, by E08, with a severe limb."""
    return f"""
        [[case]]
        id = "Alice"
        who = "My calf is like wood"
        others = "no"
        answers = {{ "rf.compart" = "yes" }}
        {top}
        [[case.limb]]
        region = "leg"
        side = "left"
        [case.expect]
        {expect}
        """


def test_a_case_reads_as_its_person(read: Read) -> None:
    (case,) = read(alice())
    assert (case.case_id, case.who, case.pathway_name) == ("Alice", "My calf is like wood", "nerve-symptoms")
    assert case.answers is not None
    assert case.answers.person["rf.compart"] == "yes"
    assert case.expect.urgency == {Urgency.EMERGENCY}
    assert case.expect.severity == frozenset()


@pytest.mark.parametrize(
    "promise",
    [
        'urgency = ["EMERGENCY"]',
        'urgency = "EMERGENCY"',
        'urgency = ["SAME_DAY", "EMERGENCY"]',
        'mode = ["go"]',
        'severity = ["severe"]',
        'pattern = ["compartment", "cauda"]',
        'routes = ["ED"]',
        'never_routes = ["PAIN-ABLATION"]',
        'flags = ["rf.compart"]',
        'rules = ["E08", "SV06"]',
        "incomplete = false",
        "",
    ],
)
def test_a_kept_promise_passes(verdict: Callable[[str], Verdict], promise: str) -> None:
    found = verdict(promise)
    assert found.passed
    assert (found.under_triage, found.over_triage) == (False, False)


@pytest.mark.parametrize(
    ("promise", "sentence"),
    [
        ('urgency = ["SOON", "ROUTINE"]', "urgency is EMERGENCY, promised ROUTINE or SOON"),
        ('mode = ["call"]', "mode is go, promised call"),
        ('severity = ["mild", "none"]', "severity is severe, promised none or mild"),
        ('pattern = ["none"]', "first pattern is compartment, promised none"),
        ('routes = ["ED", "VASC"]', "the route VASC is promised and missing"),
        ('never_routes = ["ED"]', "the route ED is promised never to be suggested"),
        ('flags = ["rf.wasting"]', "the flag rf.wasting is promised and missing"),
        ('rules = ["E09"]', "the rule E09 is promised to be met and is not"),
        ("incomplete = true", "incomplete is false, promised true"),
    ],
)
def test_a_broken_promise_is_told_as_a_sentence(
    verdict: Callable[[str], Verdict], promise: str, sentence: str
) -> None:
    found = verdict(promise)
    assert found.broken == (sentence,)
    assert not found.passed


def test_too_low_and_too_high_are_told_apart(verdict: Callable[[str], Verdict]) -> None:
    high = verdict('urgency = ["SOON", "ROUTINE"]')
    assert (high.under_triage, high.over_triage) == (False, True)


def test_too_low_is_under_triage(read: Read) -> None:
    (case,) = read(alice(expect='urgency = ["EMERGENCY"]').replace('"rf.compart" = "yes"', "age = 30"))
    found = judge(case)
    assert (found.under_triage, found.over_triage) == (True, False)


def test_another_name_of_a_pattern_is_that_pattern(read: Read) -> None:
    (case,) = read(alice(expect='pattern = ["sciatic"]'))
    assert case.expect.pattern == {"deep-gluteal"}


def test_unknown_severity_may_be_promised(read: Read) -> None:
    (case,) = read(alice(expect='severity = ["unknown"]'))
    assert case.expect.severity == {Severity.UNKNOWN}


@pytest.mark.parametrize("name", ["nerve-symptoms", "nerve-symptoms 1.0.0", "nerve-symptoms|1.0.0"])
def test_a_pathway_may_be_named_with_its_version(read: Read, name: str) -> None:
    (case,) = read(alice(top=f'pathway = "{name}"'))
    assert case.pathway is not None
    assert case.pathway.version == "1.0.0"


def test_a_case_of_a_pathway_that_is_not_installed_is_not_run(read: Read) -> None:
    (case,) = read(alice(top='pathway = "knee-pain"'))
    found = judge(case)
    assert (case.answers, found.assessment, found.passed) == (None, None, False)


def test_a_version_that_is_not_there_is_refused(refusal: Callable[[str], str]) -> None:
    assert refusal(alice(top='pathway = "nerve-symptoms 9.9.9"')) == (
        "people.toml, case Alice, pathway: found nerve-symptoms 9.9.9, expected a version of 1.0.0"
    )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (alice() + alice(), "people.toml: the case Alice stands twice"),
        (
            alice(top='other = "no"'),
            "people.toml, case Alice: found the unknown key other, expected one of answers,",
        ),
        (alice().replace('id = "Alice"', ""), "people.toml, case 1: the key id is missing, expected a text"),
        (
            alice().replace('who = "My calf is like wood"', ""),
            "people.toml, case Alice: the key who is missing",
        ),
        (alice().split("[case.expect]")[0], "people.toml, case Alice: the key expect is missing"),
        (
            alice(expect='urgensy = ["SOON"]'),
            "people.toml, case Alice, expect: found the unknown key urgensy,",
        ),
        (
            alice(expect='urgency = ["NOW"]'),
            "people.toml, case Alice, expect, urgency: found 'NOW', expected one of SELF_CARE, ROUTINE,",
        ),
        (
            alice(expect='severity = ["bad"]'),
            "people.toml, case Alice, expect, severity: found 'bad', expected one of unknown, none, mild,",
        ),
        (
            alice(expect='mode = ["run"]'),
            "people.toml, case Alice, expect, mode: found 'run', expected one of go, call",
        ),
        (
            alice(expect='routes = ["GP"]'),
            "people.toml, case Alice, expect, routes: found GP, expected a code of nerve-symptoms",
        ),
        (
            alice(expect='never_routes = ["GP"]'),
            "people.toml, case Alice, expect, never_routes: found GP, expected a code",
        ),
        (
            alice(expect='pattern = ["cts"]'),
            "people.toml, case Alice, expect, pattern: found cts, expected a code",
        ),
        (
            alice(expect='flags = ["rf.x"]'),
            "people.toml, case Alice, expect, flags: found rf.x, expected a code",
        ),
        (
            alice(expect='rules = ["E99"]'),
            "people.toml, case Alice, expect, rules: found E99, expected a code",
        ),
        (
            alice(expect='incomplete = "no"'),
            "people.toml, case Alice, expect, incomplete: found 'no', expected true",
        ),
        ('case = "Alice"', "people.toml, case: found 'Alice', expected a list"),
        ("case = [1]", "people.toml, case 1: found 1, expected a table"),
        ('people = "Alice"', "people.toml: found the unknown key people, expected one of case, version"),
        ("[[case]", "people.toml: Expected"),
    ],
)
def test_a_wrong_file_is_refused_by_file_case_and_key(
    refusal: Callable[[str], str], toml: str, message: str
) -> None:
    assert refusal(toml).startswith(message)
