"""``lint`` finds each kind of fault that was planted, and says where it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from triage_app.catalogue.fault import Fault
from triage_app.catalogue.lint import lint
from triage_app.catalogue.lint_codes import check_digit_is_right
from triage_app.catalogue.lint_pathways import differing_items
from triage_app.catalogue.load import Catalogue
from triage_app.clinical.terms import FlagClass

HERE = Path(__file__).parents[2] / "questionnaires"
PATHWAY = "nerve-symptoms/1.0.0"
NEW_RULE = """
[[rule]]
id = "X99"
scope = "person"
when = "hx.left_handed and met(E09)"
note = true
sources = ["P"]
"""
NEW_ITEMS = """
[item."hx.alone"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
normal = "no"
[item."hx.left_handed"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
normal = "no"
unread = "shown to the clinician"
"""


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def find(item: dict[str, Any], link_id: str) -> dict[str, Any]:
    """Return the item of that linkId below ``item``."""
    for child in item.get("item", ()):
        if child["linkId"] == link_id:
            return dict_of(child)
        try:
            return find(child, link_id)
        except LookupError:
            continue
    raise LookupError(link_id)


def dict_of(value: Any) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value


def coding(name: str, code: str) -> dict[str, str]:
    return {"system": f"https://w3id.org/nerve-triage/CodeSystem/{name}", "code": code, "display": code}


def edit_form(version: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = version / "questionnaire.json"
    form = json.loads(path.read_text("utf-8"))
    change(form)
    path.write_text(json.dumps(form, indent=1, ensure_ascii=False), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE, tmp_path / "questionnaires"))


@pytest.fixture
def version(folder: Path) -> Path:
    return folder / PATHWAY


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[Fault]:
    """Everything that is found where all faults that still can be read stand side by side."""
    folder = Path(shutil.copytree(HERE, tmp_path_factory.mktemp("planted") / "questionnaires"))
    version = folder / PATHWAY
    plant_words(version)
    plant_rules(version)
    edit_form(version, plant_questions)
    (folder / "terminology" / "valueset-site.json").write_text(
        json.dumps(
            {
                "resourceType": "ValueSet",
                "id": "site",
                "compose": {
                    "include": [{"system": "http://snomed.info/sct", "concept": [{"code": "394591007"}]}]
                },
            }
        ),
        "utf-8",
    )
    return lint(folder)


def plant_words(version: Path) -> None:
    words = version / "words" / "en.toml"
    edit(words, "[patient.flag]\n", '[patient.flag]\n"rf.dizzy" = "You feel dizzy"\n')
    edit(words, 'show_for = ["median-wrist"]', 'show_for = ["median-hand"]')
    edit(words, '"age < 18"', '"agee < 18"')
    edit(
        words,
        '"Do not eat or drink."',
        '"Refrain absolutely from consuming nutritional or alcoholic refreshments until evaluated."',
    )
    shutil.copy(words, version / "words" / "de.toml")
    for file in ("en", "de"):
        edit(version / "words" / f"{file}.toml", "E08 = ", "E99 = ")
    edit(version / "words" / "de.toml", "stop = ", "stopp = ")
    edit(words, "[reading.harder]\n", '[reading.harder]\n"rf.nobody" = "a text that was removed"\n')


def plant_rules(version: Path) -> None:
    rules = version / "rules.toml"
    edit(rules, 'when = "rf.compart"', 'when = "rf.compart and rf.compart = no"')
    rules.write_text(rules.read_text("utf-8") + NEW_RULE, "utf-8")
    words = version / "vocabulary.toml"
    edit(words, 'performer = "394591006"', 'performer = "394591007"')
    edit(words, 'performer = "394810000"', 'performer = "71388002"')
    edit(words, '[item."rf.cast"]', NEW_ITEMS + '[item."rf.cast"]')
    edit(words, 'gates = ["g.cast"]', 'gates = ["g.injury"]')


def plant_questions(form: dict[str, Any]) -> None:
    options = [{"valueCoding": coding("yes-no", code)} for code in ("no", "unsure", "yes")]
    diabetes = {"question": "hx.diabetes", "operator": "="}
    find(form, "history")["item"] += [
        {"linkId": "hx.alone", "text": "Do you live alone?", "type": "choice", "answerOption": options},
        {
            "linkId": "hx.left_handed",
            "text": "Are you left-handed?",
            "type": "choice",
            "answerOption": options,
            "enableBehavior": "all",
            "enableWhen": [
                {**diabetes, "answerCoding": coding("yes-no", "yes")},
                {**diabetes, "answerCoding": coding("yes-no", "no")},
            ],
        },
    ]
    night = find(form, "night")
    night["answerOption"] = [o for o in night["answerOption"] if o["valueCoding"]["code"] != "unsure"]


RULES, WORDS, FORM = "rules.toml", "vocabulary.toml", "questionnaire.json"


@pytest.mark.parametrize(
    ("file", "entry", "key", "says"),
    [
        (RULES, "rule E08", "when", "found a condition that no answers meet"),
        (
            RULES,
            "rule X99",
            "",
            "is promised by no case, expected one in cases.toml that names it in `rules`",
        ),
        (WORDS, "route NEURO", "performer", "found the SNOMED CT code 394591007, whose check digit is wrong"),
        (
            WORDS,
            "route RHEUM",
            "performer",
            "found http://snomed.info/sct|71388002, which is not on the allow-list",
        ),
        (
            WORDS,
            "hx.alone",
            "unread",
            "is read by no rule and no card; say in `unread` who wants it, or ask less",
        ),
        (WORDS, "hx.left_handed", "unread", "found a reason, expected none: a rule reads it"),
        (FORM, "hx.left_handed", "enableWhen", "found conditions that no answers meet, expected a question"),
        (
            FORM,
            "night",
            "answerOption",
            "found ge3, le2, none, vocabulary.toml expects ge3, le2, none, unsure",
        ),
        (
            FORM,
            "rf.cast",
            "enableWhen",
            "found g.cast = unsure, g.cast = yes, vocabulary.toml expects g.injury = unsure, g.injury = yes",
        ),
        ("words/en.toml", "clinician.rule", "E08", "is missing, expected a sentence"),
        ("words/en.toml", "clinician.rule", "X99", "is missing, expected a sentence"),
        ("words/en.toml", "clinician.rule", "E99", "found a sentence about nothing that the pathway knows"),
        (
            "words/en.toml",
            "patient.flag",
            "rf.dizzy",
            "found a sentence about nothing that the pathway knows",
        ),
        ("words/en.toml", "patient.advice.A1", "show_for", "found median-hand, which is no pattern"),
        ("words/en.toml", "patient.advice.A1", "withhold", "agee < 18: found agee, expected a linkId"),
        ("words/en.toml", "reading.harder", "rf.nobody", "found an excuse for a text that is not there"),
        ("words/en.toml", "patient.urgency.EMERGENCY_call.lines", "3", "found reading grade "),
        ("words/de.toml", "patient.advice.A1", "stop", "is missing, English has it"),
    ],
)
def test_a_planted_fault_is_named(planted: list[Fault], file: str, entry: str, key: str, says: str) -> None:
    found = [
        fault
        for fault in planted
        if (fault.file, fault.entry, fault.key) == (f"{PATHWAY}/{file}", entry, key)
        and fault.says.startswith(says)
    ]
    assert len(found) == 1, "\n".join(map(str, planted))
    assert found[0].line > 0


def test_a_mistyped_code_of_the_shared_terminology_is_named(planted: list[Fault]) -> None:
    (fault,) = (fault for fault in planted if fault.entry == "site")
    says = "found the SNOMED CT code 394591007, whose check digit is wrong"
    assert str(fault) == f"terminology/valueset-site.json: site, code: {says}"


def test_nothing_else_is_found(planted: list[Fault]) -> None:
    entries = {
        *("rule E08", "rule X99", "clinician.rule", "route NEURO", "route RHEUM", "site", "reading.harder"),
        *("hx.alone", "hx.left_handed", "night", "rf.cast", "patient.flag", "patient.advice.A1"),
        "patient.urgency.EMERGENCY_call.lines",
    }
    assert {fault.entry for fault in planted} == entries


def test_the_content_of_the_repository_has_no_fault() -> None:
    assert lint(HERE) == []


def test_the_line_of_a_fault_is_that_of_its_entry(planted: list[Fault]) -> None:
    (fault,) = (fault for fault in planted if fault.entry == "rule E08")
    lines = (HERE / PATHWAY / "rules.toml").read_text("utf-8").splitlines()
    assert lines[fault.line - 1] == 'id = "E08"'


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (RULES, 'sources = ["BOAST-COMPARTMENT"]', "sources = []", "rule E08: names no source"),
        (
            RULES,
            'sources = ["BOAST-COMPARTMENT"]',
            'sources = ["BOAST-9"]',
            "rule E08: the source BOAST-9 is not in",
        ),
        (
            RULES,
            'when = "rf.compart"',
            'when = "rf.comport"',
            "rule E08: found rf.comport, expected a linkId",
        ),
        (
            RULES,
            "rf.stroke.when >= d2_7",
            "rf.stroke.when >= d2_8",
            "rule E01: found rf.stroke.when with d2_8",
        ),
        (RULES, 'when = "rf.compart"', 'when = "met(E08)"', "rule E08: hangs on itself through E08 -> E08"),
        (WORDS, "[regions]", "[regions", "Expected ']'"),
        (FORM, '"linkId": "trend"', '"linkId": "trendy"', "trend.what: enableWhen.question: found 'trend'"),
        ("cases.toml", 'rules = ["E08"]', 'rules = ["E80"]', "case E08-a, expect, rules: found E80"),
    ],
)
def test_what_the_reader_refuses_is_named(
    folder: Path, version: Path, file: str, old: str, new: str, says: str
) -> None:
    edit(version / file, old, new)
    fault = lint(folder)[0]
    assert fault.file == f"{PATHWAY}/{file}"
    assert says in str(fault)


def test_questions_that_wait_for_each_other_are_named(folder: Path, version: Path) -> None:
    def wait(form: dict[str, Any]) -> None:
        when = {"operator": "=", "answerCoding": coding("yes-no", "yes")}
        find(form, "hx.diabetes")["enableWhen"] = [{"question": "hx.smoke", **when}]
        find(form, "hx.smoke")["enableWhen"] = [{"question": "hx.diabetes", **when}]

    edit_form(version, wait)
    said = [str(fault) for fault in lint(folder)]
    assert any(
        "hx.diabetes, enableWhen: found the circle hx.diabetes -> hx.smoke -> hx.diabetes" in one
        for one in said
    )
    assert any(
        "hx.smoke, enableWhen: found the circle hx.smoke -> hx.diabetes -> hx.smoke" in one for one in said
    )


@pytest.mark.parametrize(
    ("published", "says"),
    [
        (f'[nerve-symptoms]\n"1.0.0" = "{"0" * 64}"\n', "a published version is never edited"),
        (
            f'[nerve-symptoms]\n"0.9.0" = "{"0" * 64}"\n',
            "nerve-symptoms 0.9.0 is published, but its folder is",
        ),
    ],
)
def test_a_published_version_that_was_changed_or_removed_is_named(
    folder: Path, published: str, says: str
) -> None:
    (folder / "published.toml").write_text(published, "utf-8")
    (fault,) = lint(folder)
    assert says in str(fault)


def test_a_link_id_means_the_same_in_every_pathway() -> None:
    one = Catalogue.load(HERE).newest("nerve-symptoms")
    items = dict(one.rules.vocabulary.items)
    items["rf.crps"] = replace(items["rf.crps"], flag_class=FlagClass.T1)
    items["night"] = replace(items["night"], options=("none", "some"))
    vocabulary = replace(one.rules.vocabulary, items=items)
    other = replace(one, name="nerve-recovery", rules=replace(one.rules, vocabulary=vocabulary))
    file = "nerve-recovery/1.0.0/vocabulary.toml"
    assert {str(fault) for fault in differing_items((one, other))} == {
        f"{file}: night, options: found none, some, expected none, unsure, le2, ge3 as in nerve-symptoms",
        f"{file}: rf.crps, class: found T1, expected U as in nerve-symptoms",
    }


def test_the_check_digit_finds_a_wrong_digit_and_two_swapped_ones() -> None:
    code = "394591006"
    assert check_digit_is_right(code)
    wrong = [code[:n] + d + code[n + 1 :] for n in range(len(code)) for d in "0123456789" if d != code[n]]
    swapped = [code[:n] + code[n + 1] + code[n] + code[n + 2 :] for n in range(8) if code[n] != code[n + 1]]
    assert [found for found in (*wrong, *swapped) if check_digit_is_right(found)] == []


@pytest.mark.parametrize("code", ["", "12345", "1234567890123456789", "39459100x", "039459100"])
def test_what_is_no_identifier_has_no_right_check_digit(code: str) -> None:
    assert not check_digit_is_right(code)
