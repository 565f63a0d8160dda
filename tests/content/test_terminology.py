"""Our CodeSystems are complete, named as their files, and agree with the vocabulary."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.codesystem import CodeSystem
from patient_text import QUESTIONNAIRES, options, questions, vocabulary

FOLDER = QUESTIONNAIRES / "terminology"
BASE = "https://w3id.org/nerve-triage"
SYSTEMS: dict[str, dict[str, Any]] = {
    file.stem.removeprefix("codesystem-"): json.loads(file.read_text("utf-8"))
    for file in sorted(FOLDER.glob("codesystem-*.json"))
}
RESULTS = {
    *("answer-origin", "finding", "flag", "limb", "override-reason", "pathway", "pattern", "route"),
    *("severity", "urgency", "workflow"),
}


def codes(name: str) -> list[str]:
    return [concept["code"] for concept in SYSTEMS[name]["concept"]]


def properties(concept: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["code"]: entry for entry in concept.get("property", ())}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_code_system_is_r4_complete_and_counted(name: str) -> None:
    system = SYSTEMS[name]
    CodeSystem.model_validate(system)
    assert system["url"] == f"{BASE}/CodeSystem/{name}"
    assert system["content"] == "complete"
    assert system["count"] == len(codes(name)) == len(set(codes(name)))


@pytest.mark.parametrize("name", SYSTEMS)
def test_not_sure_is_marked_as_asked_and_unknown(name: str) -> None:
    for concept in SYSTEMS[name]["concept"]:
        marks = [p.get("valueCode") for p in concept.get("property", ()) if p["code"] == "absent"]
        assert marks == (["asked-unknown"] if concept["code"] == "unsure" else [])


def test_each_code_system_has_its_value_set() -> None:
    bundle = json.loads((FOLDER / "valuesets.json").read_text("utf-8"))
    Bundle.model_validate(bundle)
    found = {entry["resource"]["compose"]["include"][0]["system"] for entry in bundle["entry"]}
    assert found == {system["url"] for system in SYSTEMS.values()}
    assert {entry["resource"]["url"] for entry in bundle["entry"]} == {
        s["valueSet"] for s in SYSTEMS.values()
    }


def test_every_code_system_is_an_answer_list_or_a_result() -> None:
    lists = {option["system"].rsplit("/", 1)[-1] for item in questions() for option in options(item)}
    assert set(SYSTEMS) == lists | RESULTS


def test_every_code_of_an_answer_list_is_offered_somewhere() -> None:
    offered = {(o["system"].rsplit("/", 1)[-1], o["code"]) for item in questions() for o in options(item)}
    assert offered == {(name, code) for name in set(SYSTEMS) - RESULTS for code in codes(name)}


def test_flags_patterns_and_routes_cover_the_vocabulary() -> None:
    flags = {k for k, item in vocabulary()["item"].items() if "class" in item} | set(vocabulary()["finding"])
    assert flags <= set(codes("flag"))
    assert set(codes("pattern")) == set(vocabulary()["pattern"])
    assert set(codes("route")) == set(vocabulary()["route"])


def test_urgency_and_severity_are_ranked_as_the_vocabulary_orders_them() -> None:
    for name in ("urgency", "severity"):
        rank = {
            concept["code"]: properties(concept)["rank"]["valueInteger"]
            for concept in SYSTEMS[name]["concept"]
        }
        assert sorted(rank, key=lambda code: int(rank[code])) == vocabulary()["order"][name]


def test_a_pattern_is_displayed_as_a_similarity() -> None:
    displays = {c["code"]: c["display"] for c in SYSTEMS["pattern"]["concept"]}
    assert displays.pop("none") == "No pattern fits"
    assert all(display.startswith("Similar to: ") for display in displays.values())
