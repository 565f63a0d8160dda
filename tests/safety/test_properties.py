"""What must hold for everybody, held against generated people and those of the case file.

SAFETY_PEOPLE sets how many people are made (10,000 when it is not set). Each meets every property of the
result as it is, and in turn two of those that change something; ``make safety PART=properties`` holds all.
"""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal

import pytest

from safety.holding import case_people, changes_of, generated, windows
from safety.properties import CHANGING, LOOKING, Subject, World
from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.terms import LimbKind, Side

PEOPLE = int(os.environ.get("SAFETY_PEOPLE", "10000"))
GROUPS = 10


@pytest.mark.parametrize("group", range(GROUPS))
def test_what_must_hold_for_everybody_holds_for_generated_people(world: World, group: int) -> None:
    size = PEOPLE // GROUPS
    held: Counter[str] = Counter()
    seeds = range(group * size, (group + 1) * size)
    assert list(generated(world, seeds, held, every=len(CHANGING) // 2)) == []
    assert set(held) == {check.__name__ for check in (*LOOKING, *CHANGING)}


def test_no_change_for_the_worse_lowers_what_somebody_of_the_case_file_gets(world: World) -> None:
    failures = []
    for number, case in enumerate(case_people()):
        failures += changes_of(world, case, Counter(), turn=number % 97, every=97)
    assert failures == []


def test_whatever_a_yes_says_about_itself_it_stands_in_a_window_or_is_past(world: World) -> None:
    assert list(windows(world, Counter())) == []


def test_a_property_notices_a_rule_that_loses_its_floor(world: World) -> None:
    """The properties are not blind: without the rules for a lost movement, SP23 fails."""
    limb = Limb(LimbKind.ARM, Side.RIGHT, {"region": "hand", "t.spread": "cannot", "weak.since": "today"})
    who = Subject(world, Answers({"age": Decimal(50)}, (limb,)), 1)
    sp23 = next(check for check in LOOKING if check.__name__.startswith("sp23"))
    assert sp23(who) == ""
    object.__setattr__(who.found, "urgency", type(who.found.urgency).ROUTINE)
    assert "arm-right/t.spread lost" in sp23(who)
