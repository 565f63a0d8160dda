"""Turns the facts of a case (or of a facts file) into Answers, and refuses unknown words by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from triage_app.catalogue.table import Table
from triage_app.clinical.answers import UNSURE, Answers, Limb, Value
from triage_app.clinical.terms import LimbKind, Side
from triage_app.clinical.vocabulary import Item, ItemType, Scope, Vocabulary
from triage_app.errors import ContentError

Facts = dict[str, Value]


def read_facts(table: Table, vocabulary: Vocabulary) -> Answers:
    """Return the answers that a table of facts states.

    ``answers`` are the person's; each ``limb`` has its region and side. ``others = "no"`` answers every
    other question that is in play with its normal answer (``"blank"``, the default, leaves it), but a detail
    that decides alone how urgent a bare yes to its flag is only where some detail of it is named; ``blank``
    names questions that are left out whatever ``others`` says. Raise ContentError naming the entry, key,
    found and expected.
    """
    others = table.text("others", "blank")
    if others not in ("no", "blank"):
        raise ContentError(f"{table.where}, others: found {others!r}, expected no or blank")
    blank = _known(table, "blank", table.texts("blank"), vocabulary)
    person = _facts(table.table("answers", {}), vocabulary, Scope.PERSON)
    limbs: dict[tuple[LimbKind, Side], Facts] = {}
    for index, row in enumerate(table.rows("limb"), start=1):
        _add_limb(limbs, person, Table(f"{table.where}, limb {index}", row), vocabulary)
    for gated in _asked(person, blank, vocabulary):
        _open_gate(gated, person, {kind for kind, _side in limbs}, vocabulary)
    if others == "no":
        _fill(person, _of(vocabulary, Scope.PERSON), blank, vocabulary)
        for (kind, _side), facts in limbs.items():
            _fill(facts, (i for i in _of(vocabulary, Scope.LIMB) if kind in i.limbs), blank, vocabulary)
    return Answers(person, tuple(Limb(kind, side, facts) for (kind, side), facts in limbs.items()))


def _of(vocabulary: Vocabulary, scope: Scope) -> Iterable[Item]:
    return (item for item in vocabulary.items.values() if item.scope is scope)


def _known(table: Table, key: str, names: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    found = frozenset(names)
    for name in found - vocabulary.items.keys():
        raise ContentError(f"{table.where}, {key}: found the unknown linkId {name}")
    return found


def _facts(table: Table, vocabulary: Vocabulary, scope: Scope | None) -> Facts:
    flat = dict(_flat("", {key: table.anything(key) for key in table}))
    return {
        link_id: _value(table.where, link_id, found, vocabulary, scope) for link_id, found in flat.items()
    }


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield linkId and value: TOML nests an unquoted dotted key, which means the same."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", value


def _value(where: str, link_id: str, found: Any, vocabulary: Vocabulary, scope: Scope | None) -> Value:
    item = vocabulary.items.get(link_id)
    if item is None or (scope is not None and item.scope is not scope):
        expected = "a linkId of vocabulary.toml" if item is None else f"one that is asked of the {scope}"
        raise ContentError(f"{where}: found {link_id}, expected {expected}")
    if item.is_number:
        return _number(where, item, found)
    if item.type is ItemType.TEXT and isinstance(found, str):
        return found
    codes = [str(code) for code in found] if isinstance(found, list) else [str(found)]
    for code in codes:
        if code not in (*item.options, UNSURE):
            raise ContentError(f"{where}, {link_id}: found {code}, expected one of {', '.join(item.options)}")
    if item.type is ItemType.MULTI:
        return tuple(codes) or (("none",) if "none" in item.options else ())
    if len(codes) != 1:
        raise ContentError(f"{where}, {link_id}: found {len(codes)} answers, expected one")
    return codes[0]


def _number(where: str, item: Item, found: Any) -> Value:
    if found == UNSURE and UNSURE in item.options:
        return UNSURE
    if isinstance(found, str) and found.isdecimal() and found.isascii():
        return Decimal(found)  # a number that counts steps is often taken for a code
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ContentError(f"{where}, {item.link_id}: found {found!r}, expected a number")
    return Decimal(str(found))


def _add_limb(
    limbs: dict[tuple[LimbKind, Side], Facts], person: Facts, row: Table, vocabulary: Vocabulary
) -> None:
    """Add one entry; two of the same limb are one, and the person's items in it are the person's."""
    region = row.text("region")
    if region not in vocabulary.regions:
        raise ContentError(
            f"{row.where}, region: found {region}, expected one of {', '.join(vocabulary.regions)}"
        )
    side = row.code("side", Side)
    kind = vocabulary.regions[region]
    if side is Side.MIDDLE and kind is not LimbKind.TRUNK:
        raise ContentError(f"{row.where}, side: found middle, expected left or right of the {region}")
    facts = limbs.setdefault((kind, side), {})
    rest = Table(row.where, {key: row.anything(key) for key in row if key not in ("region", "side")})
    said = {"region": region, **_facts(rest, vocabulary, None)}
    for link_id, value in said.items():
        item = vocabulary.items[link_id]
        if kind not in item.limbs:
            raise ContentError(f"{row.where}: found {link_id}, expected one that is asked of the {kind}")
        target = person if item.scope is Scope.PERSON else facts
        target[link_id] = _worse(item, target.get(link_id), value)


def _worse(item: Item, one: Value | None, other: Value) -> Value:
    """Return what two entries of one limb say together: all codes of a list, else the worse answer."""
    if one is None:
        return other
    if isinstance(one, tuple) and isinstance(other, tuple):
        return tuple(code for code in item.options if code in {*one, *other} - {"none"}) or ("none",)
    if not item.ordered:
        return one
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return max(one, other) if item.rising else min(one, other)
    return max(one, other, key=lambda code: item.rank(str(code)))


def _asked(person: Facts, blank: frozenset[str], vocabulary: Vocabulary) -> list[Item]:
    """Return the gated items that the facts show to have been asked: answered, or left blank on purpose."""
    gated = (item for item in vocabulary.items.values() if item.gates)
    return [
        item
        for item in gated
        if item.link_id in blank or person.get(item.link_id, item.unasked) not in (item.unasked, item.normal)
    ]


def _open_gate(item: Item, person: Facts, kinds: set[LimbKind], vocabulary: Vocabulary) -> None:
    """Open the first gate of an item that was asked, and that gate's own, unless one is open already."""
    open_already = kinds & item.gate_limbs or any(person.get(gate, "no") != "no" for gate in item.gates)
    if open_already or not item.gates:
        return
    gate = vocabulary.items[item.gates[0]]
    person[gate.link_id] = "yes"
    _open_gate(gate, person, kinds, vocabulary)


def _fill(facts: Facts, items: Iterable[Item], blank: frozenset[str], vocabulary: Vocabulary) -> None:
    detailed = {flag for link_id in facts if (flag := vocabulary.flag_of(link_id)) and flag != link_id}
    for item in items:
        link_id = item.link_id
        bare = item.bare_worst and vocabulary.flag_of(link_id) not in detailed
        if link_id in facts or link_id in blank or item.normal is None or bare:
            continue
        openers = [parent.link_id for parent in vocabulary.openers.get(link_id, ())]
        if not openers or any(_opens(facts.get(opener), item.when) for opener in openers):
            facts[link_id] = item.normal


def _opens(value: Value | None, when: tuple[str, ...]) -> bool:
    codes = value if isinstance(value, tuple) else (value,)
    return any(code in when for code in codes)
