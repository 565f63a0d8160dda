"""Reads vocabulary.toml, whose grammar is explained at its top."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from triage_app.catalogue.table import Table
from triage_app.clinical.answers import Value
from triage_app.clinical.terms import FlagClass, LimbKind
from triage_app.clinical.vocabulary import Item, ItemType, Pattern, RouteTerm, Scope, Vocabulary
from triage_app.errors import ContentError

_FREE = ("labels", "text", "rules", "pathways", "floor")


def read_vocabulary(table: Table) -> Vocabulary:
    """Return the words; raise ContentError naming the entry and key that is wrong."""
    vocabulary = Vocabulary(
        version=table.text("version"),
        items={link_id: _item(link_id, entry) for link_id, entry in _entries(table, "item")},
        patterns={code: _pattern(code, entry) for code, entry in _entries(table, "pattern")},
        routes={code: _route(code, entry) for code, entry in _entries(table, "route")},
        regions=_regions(table.table("regions")),
        findings={code: _finding(entry) for code, entry in _entries(table, "finding", {})},
        aliases=_aliases(table.table("alias", {})),
    )
    table.anything("order")
    table.done()
    _check_references(vocabulary, table.where)
    return vocabulary


def _entries(table: Table, key: str, *default: Any) -> list[tuple[str, Table]]:
    entries = table.table(key, *default)
    return [(name, entries.table(name)) for name in entries]


def _item(link_id: str, entry: Table) -> Item:
    kind = entry.code("type", ItemType)
    item = Item(
        link_id=link_id,
        type=kind,
        options=entry.texts("options"),
        ordered=entry.yes("ordered", default=True),
        scope=_scope(entry.text("scope"), entry),
        flag_class=entry.code("class", FlagClass, None),
        gates=entry.texts("gates"),
        gate_limbs=_kinds(entry, "gate_limbs", frozenset()),
        age_from=entry.whole("age_from", None),
        parents=entry.texts("parent"),
        when=entry.texts("when", ("unsure", "yes")),
        limbs=_kinds(entry, "limbs", frozenset(LimbKind)),
        normal=_value(entry.anything("normal")),
        bare_worst=entry.text("bare", "") == "worst",
        worst_when_missing=entry.text("blank", "") == "worst",
        unsure_open=entry.text("unsure_as", "") == "open",
        calculated=entry.text("source", "") == "calculated" or not entry.yes("asked", default=True),
        private=entry.yes("private"),
        unread=entry.text("unread", ""),
        rising=entry.text("concern", "up") == "up",
        minimum=_number(entry.anything("min")),
        maximum=_number(entry.anything("max")),
        unit=entry.text("unit", ""),
    )
    _check_item(item, entry)
    return item


def _scope(text: str, entry: Table) -> Scope:
    return Scope.PERSON if text == "patient" else entry.member(text, Scope, "scope")


def _kinds(entry: Table, key: str, default: frozenset[LimbKind]) -> frozenset[LimbKind]:
    if key not in entry:
        return default
    return frozenset(entry.member(kind, LimbKind, key) for kind in entry.texts(key))


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _value(value: Any) -> Value | None:
    if isinstance(value, list):
        return tuple(str(code) for code in value)
    if isinstance(value, int | float):
        return Decimal(str(value))
    return None if value is None else str(value)


def _check_item(item: Item, entry: Table) -> None:
    for key in _FREE:
        entry.anything(key)
    entry.done()
    coded = item.type in (ItemType.YESNO, ItemType.CHOICE, ItemType.MULTI)
    if coded and len(item.answers) < 2:
        raise ContentError(f"{entry.where}: found the options {item.options}, expected two or more")
    if item.flag_class and (item.answers != ("no", "yes") or item.scope is not Scope.PERSON):
        raise ContentError(f"{entry.where}: a red flag is asked of the person, with no and yes")


def _pattern(code: str, entry: Table) -> Pattern:
    pattern = Pattern(code, entry.text("label"), entry.text("kind"), entry.yes("self_care"))
    entry.done()
    return pattern


def _route(code: str, entry: Table) -> RouteTerm:
    performer = entry.text("performer", "")
    route = RouteTerm(code, entry.text("means"), entry.text("performer_type", performer))
    entry.done()
    return route


def _finding(entry: Table) -> FlagClass:
    found: FlagClass = entry.code("class", FlagClass)
    entry.text("means", "")
    entry.done()
    return found


def _regions(entry: Table) -> dict[str, LimbKind]:
    return {region: entry.code(region, LimbKind) for region in entry}


def _aliases(entry: Table) -> dict[str, str]:
    return {name: entry.text(name) for name in entry}


def _check_references(vocabulary: Vocabulary, where: str) -> None:
    """Refuse gates, parents and aliases that name nothing, and items that open themselves."""
    for item in vocabulary.items.values():
        _check_openers(vocabulary, item, f"{where}, item {item.link_id}")
        _refuse_circle(vocabulary, item.link_id, (), where)
    for alias, code in vocabulary.aliases.items():
        if code not in vocabulary.patterns:
            raise ContentError(f"{where}, alias {alias}: found {code}, which is no pattern")


def _check_openers(vocabulary: Vocabulary, item: Item, where: str) -> None:
    for gate in item.gates:
        if gate not in vocabulary.items:
            raise ContentError(f"{where}: the gate {gate} is not an item")
    for parent in item.parents:
        if not vocabulary.family(parent):
            raise ContentError(f"{where}: the parent {parent} is not an item")
    if item.is_number and item.rising and item.maximum is None and vocabulary.flag_of(item.link_id):
        raise ContentError(f"{where}: a number that is read at its worst when blank needs max")


def _refuse_circle(vocabulary: Vocabulary, link_id: str, path: tuple[str, ...], where: str) -> None:
    if link_id in path:
        raise ContentError(
            f"{where}, item {link_id}: it opens itself through {' -> '.join([*path, link_id])}"
        )
    item = vocabulary.items[link_id]
    for opener in (*item.gates, *(found.link_id for found in vocabulary.openers.get(link_id, ()))):
        _refuse_circle(vocabulary, opener, (*path, link_id), where)
