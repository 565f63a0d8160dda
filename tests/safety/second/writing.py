"""Writes a sentence back as the text of a condition."""

from __future__ import annotations

from safety.second.sentences import Sentence


def written(sentence: Sentence) -> str:
    kind, *rest = sentence
    if kind in ("and", "or"):
        return f"({written(rest[0])} {kind} {written(rest[1])})"
    if kind == "not":
        return f"not ({written(rest[0])})"
    if kind in ("limbs", "family"):
        return _quantity(sentence)
    if kind == "say":
        return _statement(*rest)
    if kind == "count":
        name, codes, sign, number = rest
        return f"count({name} in {{{', '.join(codes)}}}) {sign} {number}"
    if kind in ("unsure", "blank_flags"):
        return f"{kind}({', '.join(rest[0])}) {rest[1]} {rest[2]}"
    return f"{kind}({rest[0]})"


def _quantity(sentence: Sentence) -> str:
    kind, quantity, what, body = sentence
    if kind == "limbs" and quantity == "both":
        what = f"{what}s"
    return f"{quantity} {what}" + (f" ({written(body)})" if body else "")


def _statement(name: str, sign: str, wanted: tuple[str, ...]) -> str:
    if sign == "yes":
        return name
    return f"{name} in {{{', '.join(wanted)}}}" if sign == "in" else f"{name} {sign} {wanted[0]}"
