"""Reads all pathway folders, and refuses one that is incomplete, wrong or tampered with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from triage_app.catalogue.agreement import check_agreement
from triage_app.catalogue.chart_file import read_clues
from triage_app.catalogue.model import Pathway, Words
from triage_app.catalogue.rules_file import read_rules, rule_lines
from triage_app.catalogue.sources_file import check_sources, read_sources
from triage_app.catalogue.table import read_toml
from triage_app.catalogue.vocabulary_file import read_vocabulary
from triage_app.clinical.questionnaire import Questionnaire
from triage_app.clinical.rules import RuleSet
from triage_app.errors import ContentError, InvalidDocument, NotFound
from triage_app.fhir.chart_clue import Clues
from triage_app.fhir.questionnaire import to_form

FILES = ("questionnaire.json", "vocabulary.toml", "rules.toml", "sources.toml", "cases.toml", "words/en.toml")
PUBLISHED = "published.toml"
TERMINOLOGY = "terminology"


@dataclass(frozen=True)
class Catalogue:
    """Every pathway version, oldest first, the terminology of their forms, and what charts say of them."""

    pathways: tuple[Pathway, ...]
    code_systems: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    value_sets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    structure_definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    clues: Clues = field(default_factory=Clues)

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Return the catalogue of a ``questionnaires`` folder; raise ContentError on the first fault."""
        published = published_versions(folder)
        versions = sorted(
            (path for path in folder.glob("*/*/") if path.parent.name != TERMINOLOGY),
            key=lambda path: (path.parent.name, _version_order(path.name)),
        )
        if not versions:
            raise ContentError(f"{folder.name}: found no pathway, expected <pathway>/<version>/ folders")
        resources = _terminology(folder / TERMINOLOGY)
        return cls(
            pathways=tuple(load_pathway(path, published) for path in versions),
            code_systems=_by_id(resources, "CodeSystem"),
            value_sets=_by_id(resources, "ValueSet"),
            structure_definitions=_by_id(resources, "StructureDefinition"),
            clues=read_clues(folder / TERMINOLOGY),
        )

    def all(self) -> tuple[Pathway, ...]:
        """Return every version of every pathway."""
        return self.pathways

    def get(self, name: str, version: str) -> Pathway:
        """Return one version; raise NotFound."""
        for pathway in self.pathways:
            if (pathway.name, pathway.version) == (name, version):
                return pathway
        raise NotFound(f"there is no pathway {name} {version}")

    def newest(self, name: str) -> Pathway:
        """Return the newest version of a pathway; raise NotFound."""
        versions = [pathway for pathway in self.pathways if pathway.name == name]
        if not versions:
            raise NotFound(f"there is no pathway {name}")
        return versions[-1]

    def by_canonical(self, canonical: str) -> Pathway:
        """Return the version of ``url|version``, the newest for a bare url; raise NotFound."""
        url, _, version = canonical.partition("|")
        found = [
            pathway for pathway in self.pathways if pathway.url == url and version in ("", pathway.version)
        ]
        if not found:
            raise NotFound("there is no pathway of that canonical address")
        return found[-1]


def load_pathway(folder: Path, published: Mapping[str, str]) -> Pathway:
    """Return one version from its folder; raise ContentError naming the pathway, file and entry."""
    name, version = folder.parent.name, folder.name
    checksum = checksum_of(folder)
    try:
        for file in FILES:
            if not (folder / file).is_file():
                raise ContentError(f"{file}: is missing")
        return _read(folder, name, version, checksum, published)
    except ContentError as error:
        raise ContentError(f"{name}/{version}/{error}") from error


def _read(folder: Path, name: str, version: str, checksum: str, published: Mapping[str, str]) -> Pathway:
    promised = published.get(f"{name}/{version}")
    _check_unchanged(checksum, promised)
    rules = read_rules(
        read_toml(folder / "rules.toml"),
        read_vocabulary(read_toml(folder / "vocabulary.toml")),
        pathway=name,
        version=version,
        checksum=checksum,
        lines=rule_lines(folder / "rules.toml"),
    )
    sources = read_sources(read_toml(folder / "sources.toml"))
    check_sources(rules, sources)
    resource = _json(folder / "questionnaire.json")
    _check_resource(resource, version)
    form = _form(resource, rules)
    read_toml(folder / "cases.toml")
    return Pathway(
        name=name,
        version=version,
        checksum=checksum,
        url=resource["url"],
        resource=resource,
        form=form,
        rules=rules,
        words={path.stem: _words(path) for path in sorted((folder / "words").glob("*.toml"))},
        sources=sources,
        published=promised is not None,
        signed_off=all(source.signed_off_by for source in sources.values()),
    )


def _check_unchanged(checksum: str, promised: str | None) -> None:
    if promised not in (None, checksum):
        found = f"found SHA-256 {checksum}, published as {promised}"
        raise ContentError(f"(all files): {found}; a published version is never edited")


def checksum_of(folder: Path) -> str:
    """Return the SHA-256 (hex) over the names and contents of a version's files, in order of name."""
    total = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _version_order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else -1 for part in version.split("."))


def published_versions(folder: Path) -> dict[str, str]:
    """Return ``pathway/version`` -> SHA-256 of published.toml; {} while nothing is published.

    Raise ContentError when a published version is no longer there.
    """
    path = folder / PUBLISHED
    if not path.is_file():
        return {}
    table = read_toml(path)
    found = {}
    for name in table:
        versions = table.table(name)
        for version in versions:
            found[f"{name}/{version}"] = versions.text(version)
            if not (folder / name / version).is_dir():
                raise ContentError(f"{PUBLISHED}: {name} {version} is published, but its folder is missing")
    return found


def _words(path: Path) -> Words:
    table = read_toml(path)
    return Words(path.stem, {key: table.anything(key) for key in table})


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(f"{path.name}: {error}") from None
    if not isinstance(found, dict):
        raise ContentError(f"{path.name}: expected an object")
    return found


def _check_resource(resource: Mapping[str, Any], version: str) -> None:
    for key, expected in (("resourceType", "Questionnaire"), ("version", version)):
        if resource.get(key) != expected:
            raise ContentError(
                f"questionnaire.json, {key}: found {resource.get(key)!r}, expected {expected!r}"
            )
    if not isinstance(resource.get("url"), str):
        raise ContentError("questionnaire.json, url: is missing")


def _form(resource: Mapping[str, Any], rules: RuleSet) -> Questionnaire:
    try:
        form = to_form(resource)
    except InvalidDocument as error:
        raise ContentError(f"questionnaire.json: {error}") from None
    check_agreement(form, rules)
    return form


def _terminology(folder: Path) -> list[dict[str, Any]]:
    return list(_resources(_json(path) for path in sorted(folder.rglob("*.json"))))


def _by_id(resources: Iterable[dict[str, Any]], kind: str) -> dict[str, Mapping[str, Any]]:
    return {found["id"]: found for found in resources if found["resourceType"] == kind}


def _resources(found: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for resource in found:
        if resource.get("resourceType") == "Bundle":
            yield from (entry["resource"] for entry in resource["entry"])
        else:
            yield resource
