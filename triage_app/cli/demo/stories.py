"""What two of the hospital's people said over a year, told through the app's own front door."""

from __future__ import annotations

from dataclasses import dataclass

Said = dict[str, str | list[str]]


@dataclass(frozen=True)
class Visit:
    """One time that a person filled in the form: how long ago, and what was not harmless."""

    patient: str
    days_ago: int
    said: Said


def _hand(**answers: str | list[str]) -> Said:
    return {f"right-arm/{link_id.replace('__', '.')}": answer for link_id, answer in answers.items()}


_ALICE: Said = {"limb": ["right-arm"], "hx.diabetes": "yes", "onset": "gradual"}
_MEDIAN = ["thumb", "index", "middle"]

VISITS = (
    Visit(
        "alice",
        330,
        {
            **_ALICE,
            **_hand(region="hand", digits=_MEDIAN, const="intermittent", night="le2", relief__shake="yes"),
            "dur": "2",
            "pain": "2",
        },
    ),
    Visit(
        "alice",
        200,
        {
            **_ALICE,
            **_hand(region="hand", digits=_MEDIAN, const="daily", night="le2", relief__shake="yes"),
            "dur": "6",
            "pain": "3",
            "adl": "1",
        },
    ),
    Visit(
        "alice",
        90,
        {
            **_ALICE,
            **_hand(region="hand", digits=_MEDIAN, const="daily", night="ge3", drops="seldom"),
            "dur": "10",
            "pain": "4",
            "adl": "1",
        },
    ),
    Visit(
        "alice",
        2,
        {
            **_ALICE,
            **_hand(
                region="hand",
                digits=_MEDIAN,
                const="constant",
                feel="less",
                night="ge3",
                drops="weekly",
                t__thumb_up="weak",
                t__thumb_up__reason="none",
                weak__since="wk8_12",
                weak__trend="worse",
                waste__thumb_base="yes",
            ),
            "g.thin": "yes",
            "rf.wasting": "yes",
            "dur": "13",
            "pain": "5",
            "trend": "worse",
            "trend.what": ["feeling", "strength"],
            "adl": "2",
        },
    ),
    Visit(
        "dora",
        240,
        {
            "limb": ["right-arm"],
            **_hand(region="hand", digits=_MEDIAN, const="daily", night="ge3", drops="weekly"),
            "dur": "14",
            "pain": "5",
            "adl": "2",
        },
    ),
    Visit(
        "dora",
        5,
        {
            "limb": ["right-arm"],
            **_hand(
                region="hand",
                digits=_MEDIAN,
                const="daily",
                night="le2",
                hx__surgery_site="release",
                hx__surgery_course="returned",
                hx__symptoms_after_surgery_gap="2",
                scar_near="yes",
            ),
            "dur": "20",
            "pain": "4",
            "adl": "1",
        },
    ),
)
