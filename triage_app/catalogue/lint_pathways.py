"""Looks for linkIds that do not mean the same in every pathway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage_app.catalogue.fault import Fault
from triage_app.catalogue.model import Pathway


def differing_items(pathways: Sequence[Pathway]) -> Iterator[Fault]:
    """Yield what differs between the newest versions of two pathways that ask the same linkId."""
    newest = list({pathway.name: pathway for pathway in pathways}.values())
    for number, pathway in enumerate(newest):
        for earlier in newest[:number]:
            yield from _differing(earlier, pathway)


def _differing(one: Pathway, other: Pathway) -> Iterator[Fault]:
    file = f"{other.name}/{other.version}/vocabulary.toml"
    texts = [{question.link_id: question.text for question in p.form.walk()} for p in (one, other)]
    items = one.rules.vocabulary.items
    for link_id, item in other.rules.vocabulary.items.items():
        same = items.get(link_id)
        if same is None:
            continue
        pairs = (
            ("type", item.type, same.type),
            ("options", ", ".join(item.options), ", ".join(same.options)),
            ("class", item.flag_class, same.flag_class),
            ("text", texts[1].get(link_id), texts[0].get(link_id)),
        )
        for key, found, expected in pairs:
            if found != expected and None not in (found, expected):
                yield Fault(file, link_id, key, f"found {found}, expected {expected} as in {one.name}")
