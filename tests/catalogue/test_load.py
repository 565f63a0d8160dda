"""The catalogue takes a whole folder, and refuses an incomplete, wrong or tampered one by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage_app.catalogue.load import FILES, Catalogue, checksum_of
from triage_app.errors import ContentError, NotFound

HERE = Path(__file__).parents[2] / "questionnaires"
Change = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the repository's questionnaires, to be broken."""
    return Path(shutil.copytree(HERE, tmp_path / "questionnaires"))


@pytest.fixture
def version(folder: Path) -> Path:
    return folder / "nerve-symptoms" / "1.0.0"


def refusal(folder: Path) -> str:
    with pytest.raises(ContentError) as caught:
        Catalogue.load(folder)
    return str(caught.value)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_pathway_is_found_by_name_by_version_and_by_canonical_address() -> None:
    catalogue = Catalogue.load(HERE)
    pathway = catalogue.newest("nerve-symptoms")
    assert pathway.name == "nerve-symptoms"
    assert catalogue.get("nerve-symptoms", pathway.version) is pathway
    assert catalogue.by_canonical(pathway.canonical) is pathway
    assert catalogue.by_canonical(pathway.url) is pathway
    assert pathway in catalogue.all()
    assert (pathway.rules.pathway, pathway.rules.checksum) == (pathway.name, pathway.checksum)
    assert catalogue.code_systems["finding"]["resourceType"] == "CodeSystem"


@pytest.mark.parametrize(
    "find", [("get", ("nerve-symptoms", "9.9.9")), ("newest", ("hair",)), ("by_canonical", ("x|1",))]
)
def test_what_is_not_there_is_not_found(find: tuple[str, tuple[str, ...]]) -> None:
    method, arguments = find
    with pytest.raises(NotFound):
        getattr(Catalogue.load(HERE), method)(*arguments)


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(folder: Path, version: Path, file: str) -> None:
    (version / file).unlink()
    assert refusal(folder) == f"nerve-symptoms/1.0.0/{file}: is missing"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "found no pathway" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'when = "rf.compart"',
            'when = "rf.compar"',
            "found rf.compar, expected a linkId of vocabulary.toml",
        ),
        (
            'when = "rf.compart"',
            'when = "rf.compart and"',
            "when, position 15: found 'the end', expected a name",
        ),
        (
            'when = "rf.compart"\n',
            'when = "rf.compart"\nurgent = 1\n',
            "rule E08: found the unknown key urgent",
        ),
        ('when = "rf.compart"\n', "", "rule E08: the key when is missing"),
        ('id = "E09"', 'id = "E08"', "rule E08: stands twice"),
        ('mode = "call"', 'mode = "fly"', "rule E01, mode: found 'fly', expected one of go, call"),
        ('mode = "call"\n', "", "rule E01: an EMERGENCY, and nothing else, has a mode"),
        (
            'routes = ["ED"]',
            'routes = ["EDD"]',
            "rule E01: found the route EDD, expected one of vocabulary.toml",
        ),
        ('sources = ["NG128"', 'sources = ["NG1"', "rule E01: the source NG1 is not in sources.toml"),
        ("{ central = 3 }", "{ center = 3 }", "rule E01, patterns: found center, which is no pattern"),
        (
            "{ central = 3 }",
            '{ central = "3" }',
            "rule E01, patterns, central: found '3', expected a whole number",
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(
    folder: Path, version: Path, old: str, new: str, message: str
) -> None:
    edit(version / "rules.toml", old, new)
    found = refusal(folder)
    assert found.startswith("nerve-symptoms/1.0.0/rules.toml line ")
    assert message in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('type = "yesno"', 'type = "maybe"', "type: found 'maybe', expected one of yesno, choice"),
        ('gates = ["', 'gates = ["g.nowhere", "', "the gate g.nowhere is not an item"),
        ('parent = "rf.', 'parent = "xx.', "is not an item"),
        ('class = "T1"', 'class = "T9"', "class: found 'T9', expected one of T1, T2, E, S, U, O"),
    ],
)
def test_a_wrong_item_is_refused_with_its_link_id(
    folder: Path, version: Path, old: str, new: str, message: str
) -> None:
    edit(version / "vocabulary.toml", old, new)
    found = refusal(folder)
    assert found.startswith("nerve-symptoms/1.0.0/vocabulary.toml, item")
    assert message in found


def test_what_is_not_toml_is_refused_with_its_line(folder: Path, version: Path) -> None:
    with (version / "sources.toml").open("a", encoding="utf-8") as file:
        file.write("\n= broken\n")
    assert "nerve-symptoms/1.0.0/sources.toml: " in refusal(folder)
    assert "at line" in refusal(folder)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("version", "2.0.0", "questionnaire.json, version: found '2.0.0', expected '1.0.0'"),
        (
            "resourceType",
            "Patient",
            "questionnaire.json, resourceType: found 'Patient', expected 'Questionnaire'",
        ),
        ("url", None, "questionnaire.json, url: is missing"),
    ],
)
def test_a_questionnaire_of_another_version_is_refused(
    folder: Path, version: Path, key: str, value: str | None, message: str
) -> None:
    path = version / "questionnaire.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), key: value}), "utf-8")
    assert refusal(folder).endswith(message)


def publish(folder: Path, checksum: str) -> None:
    (folder / "published.toml").write_text(f'[nerve-symptoms]\n"1.0.0" = "{checksum}"\n', "utf-8")


def test_a_published_version_says_so_while_its_files_are_as_they_were(folder: Path, version: Path) -> None:
    assert not Catalogue.load(folder).newest("nerve-symptoms").published or (HERE / "published.toml").exists()
    publish(folder, checksum_of(version))
    assert Catalogue.load(folder).newest("nerve-symptoms").published


def test_a_published_version_that_was_edited_stops_the_start(folder: Path, version: Path) -> None:
    publish(folder, checksum_of(version))
    with (version / "words" / "en.toml").open("a", encoding="utf-8") as file:
        file.write("\n# one more line\n")
    assert "a published version is never edited" in refusal(folder)


def test_a_published_version_that_was_removed_stops_the_start(folder: Path, version: Path) -> None:
    shutil.copytree(version, version.parent / "1.1.0")
    publish(folder, checksum_of(version))
    shutil.rmtree(version)
    assert refusal(folder) == "published.toml: nerve-symptoms 1.0.0 is published, but its folder is missing"


def test_the_checksum_tells_names_and_contents_apart(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    first = checksum_of(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    second = checksum_of(tmp_path)
    (tmp_path / "b").write_text("two")
    assert len({first, second, checksum_of(tmp_path)}) == 3


def test_words_fall_back_to_the_parent_language_and_then_to_english() -> None:
    pathway = Catalogue.load(HERE).newest("nerve-symptoms")
    assert pathway.words_in("en-GB") is pathway.words["en"]
    assert pathway.words_in("xx") is pathway.words["en"]
    assert isinstance(pathway.words_in("en").find("patient"), dict)
    assert pathway.words_in("en").find("patient", "nothing", "there") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"linkId": "trend"', '"linkId": "trent"', "questionnaire.json: trend.what: enableWhen.question"),
        (
            '"linkId": "relief.shake"',
            '"linkId": "relief.shaking"',
            "questionnaire.json: found relief.shaking, which vocabulary.toml does not know",
        ),
        (
            '"code": "ge3"',
            '"code": "ge4"',
            "questionnaire.json, night: found the option ge4, expected none, unsure, le2, ge3",
        ),
    ],
)
def test_a_form_that_does_not_ask_what_the_rules_read_is_refused(
    folder: Path, version: Path, old: str, new: str, message: str
) -> None:
    edit(version / "questionnaire.json", old, new)
    assert message in refusal(folder)


def test_a_question_that_the_rules_read_must_be_asked(folder: Path, version: Path) -> None:
    path = version / "questionnaire.json"
    form = json.loads(path.read_text("utf-8"))
    course = next(part for part in form["item"] if part["linkId"] == "course")
    remove(course, "trend")
    path.write_text(json.dumps(form), "utf-8")
    assert "trend is missing, which the rules read" in refusal(folder)


def remove(item: dict[str, Any], link_id: str) -> None:
    kept = [child for child in item.get("item", []) if child["linkId"] != link_id]
    for child in kept:
        remove(child, link_id)
    if "item" in item:
        item["item"] = kept
