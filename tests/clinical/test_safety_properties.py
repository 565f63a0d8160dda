"""The safety properties of evidence §8.3, held against generated people and the rules of this repository.

SAFETY_EXAMPLES sets how many people are generated for each property (200 when it is not set).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache, cached_property

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from triage_app.clinical.answers import UNSURE, Answers, Limb, Value
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.changes import apply_edits, what_would_change
from triage_app.clinical.engine import assess
from triage_app.clinical.judging import Judging
from triage_app.clinical.logic import MET
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import LimbKind, Severity, Side, Urgency
from triage_app.clinical.vocabulary import Item, ItemType, Scope

EXAMPLES = int(os.environ.get("SAFETY_EXAMPLES", "200"))
people = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
seeds = st.integers(min_value=0, max_value=2 * EXAMPLES)
"""Every property looks at the same people, each made once."""
WORSE = (Severity.NONE, Severity.UNKNOWN, Severity.MILD, Severity.MODERATE, Severity.SEVERE)
ONLY_WORSE = ("hx.pregnant", "hx.immuno", "hx.cancer", "hx.anticoagulant", "hx.diabetes")
"""What SP16 says may only raise or annotate."""


class Crowd:
    """Makes people: mostly ordinary ones, each with a few answers that are not."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.items = [item for item in rules.vocabulary.items.values() if not item.calculated]
        self.regions = rules.vocabulary.regions
        self.person = cache(self.make)

    @cached_property
    def without_patterns(self) -> RuleSet:
        """The same rules, none of which weighs a pattern."""
        return replace(self.rules, rules=tuple(replace(rule, patterns={}) for rule in self.rules.rules))

    def make(self, seed: int) -> Answers:
        dice = random.Random(seed)
        limbs = tuple(self._limb(dice, kind, side) for kind, side in self._places(dice))
        base = Answers({"age": Decimal(dice.choice([16, 25, 49, 50, 64, 81]))}, limbs)
        odd = self._odd(dice, base)
        return self._filled(base, odd, dice, leave=dice.choice([0.0, 0.0, 0.02, 0.2]))

    def _places(self, dice: random.Random) -> list[tuple[LimbKind, Side]]:
        every = [(kind, side) for kind in (LimbKind.ARM, LimbKind.LEG) for side in (Side.LEFT, Side.RIGHT)]
        return dice.sample(every, dice.choice([0, 1, 1, 1, 2, 2, 3]))

    def _limb(self, dice: random.Random, kind: LimbKind, side: Side) -> Limb:
        regions = [region for region, of in self.regions.items() if of is kind]
        region = regions[0] if dice.random() < 0.5 else dice.choice(regions)
        return Limb(kind, side, {"region": region})

    def _odd(self, dice: random.Random, base: Answers) -> dict[tuple[str, int], Value]:
        """Choose a few items that are answered at random rather than normally."""
        wanted = dice.choice([0, 0, 1, 3, 6, 12, 40])
        if wanted == 0:
            return self._tingling(base)
        places = [(item, -1) for item in self.items if item.scope is Scope.PERSON]
        places += [
            (item, number)
            for number, limb in enumerate(base.limbs)
            for item in self.items
            if item.scope is Scope.LIMB and limb.kind in item.limbs
        ]
        chosen = dice.sample(places, min(wanted, len(places)))
        for item, _ in list(chosen):  # an odd detail comes with an odd parent, or it would never be asked
            chosen += [(parent, -1) for parent in self._parents(item) if parent.scope is Scope.PERSON]
        return {
            (item.link_id, place): value
            for item, place in chosen
            if (value := self.any_answer(dice, item)) is not None
        }

    def _tingling(self, base: Answers) -> dict[tuple[str, int], Value]:
        """Answer as somebody whose thumb-side fingers tingle now and then: the way to SELF_CARE."""
        tingling: dict[str, Value] = {"digits": ("thumb", "index"), "const": "intermittent"}
        return {
            (link_id, number): value
            for number in range(len(base.limbs))
            for link_id, value in tingling.items()
        }

    def _parents(self, item: Item) -> tuple[Item, ...]:
        return self.rules.vocabulary.openers.get(item.link_id, ())

    def any_answer(self, dice: random.Random, item: Item) -> Value | None:
        if item.is_number:
            low, high = int(item.minimum or 0), int(item.maximum or 100)
            return Decimal(dice.choice([low, high, dice.randint(low, high), min(high, low + 3)]))
        if item.type is ItemType.TEXT:
            return None
        if item.type is ItemType.MULTI:
            several = [code for code in item.answers if code != "none"]
            return tuple(dice.sample(several, dice.randint(1, min(4, len(several)))))
        return dice.choice([item.answers[-1], *item.options])

    def _filled(
        self, base: Answers, odd: dict[tuple[str, int], Value], dice: random.Random, *, leave: float
    ) -> Answers:
        """Answer whatever is in play, in form order: the odd ones oddly, others normally, some not at all."""
        judging = Judging(self.rules, base)
        of_limb = [next(found for found in judging.limbs if found.limb == limb.code) for limb in base.limbs]
        for meaning in (judging.person, *of_limb):
            meaning.given = dict(meaning.given)
        for item in self.items:
            places = [(-1, judging.person)] if item.scope is Scope.PERSON else list(enumerate(of_limb))
            for number, meaning in places:
                if item.link_id in meaning.given or meaning.in_play(item.link_id) != MET:
                    continue
                value = odd.get((item.link_id, number), item.normal)
                value = self._plain(item, dice) if value is None else value
                if value is not None and dice.random() >= leave:
                    meaning.given[item.link_id] = value  # type: ignore[index]
                    meaning.pop(item.link_id, None)
        limbs = zip(base.limbs, of_limb, strict=True)
        return Answers(
            judging.person.given, tuple(replace(limb, answers=found.given) for limb, found in limbs)
        )

    def _plain(self, item: Item, dice: random.Random) -> Value | None:
        return self.any_answer(dice, item) if item.parents else None


@pytest.fixture(scope="module")
def crowd(nerve_rules: RuleSet) -> Crowd:
    return Crowd(nerve_rules)


def spots(answers: Answers, rules: RuleSet) -> Iterator[tuple[str, Item, Value]]:
    """Yield the path, the item and the answer of everything that was answered."""
    for path, value in answers.paths():
        item = rules.vocabulary.items.get(path.rpartition("/")[2])
        if item is not None and not item.calculated:
            yield path, item, value


def a_spot(answers: Answers, crowd: Crowd, seed: int, wanted: object) -> tuple[str, Item, Value]:
    found = [spot for spot in spots(answers, crowd.rules) if wanted(*spot)]  # type: ignore[operator]
    assume(found)
    return random.Random(seed).choice(found)


def is_no(path: str, item: Item, value: Value) -> bool:
    if item.is_number or item.type is ItemType.MULTI or not item.ordered:
        return False
    return value == item.answers[0]


def without(answers: Answers, path: str) -> Answers:
    code, _, link_id = path.rpartition("/")
    if not code:
        gone = (link_id, f"{link_id}.")  # with a flag go its details, for a given detail speaks for it
        left = {
            key: value
            for key, value in answers.person.items()
            if key != gone[0] and not key.startswith(gone[1])
        }
        return Answers(left, answers.limbs)
    limbs = tuple(
        replace(limb, answers={key: value for key, value in limb.answers.items() if key != link_id})
        if limb.code == code
        else limb
        for limb in answers.limbs
    )
    return Answers(answers.person, limbs)


def worse_answers(item: Item, value: Value) -> list[Value]:
    if not item.ordered or item.type is ItemType.MULTI:
        return []
    if item.is_number:
        assert isinstance(value, Decimal)
        step = Decimal(1 if item.rising else -1)
        low, high = item.minimum or Decimal(0), item.maximum or Decimal(1000)
        return [n for n in (value + step, value + 7 * step) if low <= n <= high]
    assert isinstance(value, str)
    rank = item.rank(value) if value in item.options else 0
    return list(item.options[rank + 1 :])


@people
@given(seed=seeds, pick=seeds)
def test_sp1_a_worse_answer_never_lowers_the_urgency(crowd: Crowd, seed: int, pick: int) -> None:
    answers = crowd.person(seed)
    path, item, value = a_spot(answers, crowd, pick, lambda p, i, v: bool(worse_answers(i, v)))
    worse = random.Random(pick).choice(worse_answers(item, value))
    before, after = (
        assess(found, crowd.rules) for found in (answers, apply_edits(answers, ((path, worse),)))
    )
    assert after.urgency >= before.urgency, (path, value, worse, before.decided_by)


@people
@given(seed=seeds, pick=seeds)
def test_sp1_no_is_at_most_unsure_is_at_most_yes_for_every_flag(crowd: Crowd, seed: int, pick: int) -> None:
    answers = crowd.person(seed)
    flag = random.Random(pick).choice(crowd.rules.vocabulary.flags).link_id
    found = [assess(apply_edits(answers, ((flag, value),)), crowd.rules) for value in ("no", UNSURE, "yes")]
    blank = assess(without(answers, flag), crowd.rules)
    assert found[0].urgency <= found[1].urgency <= found[2].urgency, (flag, found[1].decided_by)
    assert found[0].urgency <= blank.urgency <= found[1].urgency, (flag, blank.decided_by)


@people
@given(seed=seeds, pick=seeds)
def test_sp2_a_blank_in_place_of_a_no_never_lowers_the_urgency(crowd: Crowd, seed: int, pick: int) -> None:
    answers = crowd.person(seed)
    path, item, _ = a_spot(answers, crowd, pick, is_no)
    before, after = (assess(found, crowd.rules) for found in (answers, without(answers, path)))
    assert after.urgency >= before.urgency, (path, before.decided_by)
    if item.flag_class in ("T1", "T2", "E", "S") and not item.gates:
        assert after.incomplete


@people
@given(seed=seeds, pick=seeds)
def test_sp2_a_blank_or_unsure_detail_of_a_flag_never_lowers_at_all(
    crowd: Crowd, seed: int, pick: int
) -> None:
    answers = crowd.person(seed)
    details = crowd.rules.reader.flag_details
    path, item, _ = a_spot(answers, crowd, pick, lambda p, i, v: i.link_id in details)
    before = assess(answers, crowd.rules)
    assert assess(without(answers, path), crowd.rules).urgency >= before.urgency, path
    if not item.is_number and item.type is not ItemType.MULTI:
        unsure = apply_edits(answers, ((path, UNSURE),))
        assert assess(unsure, crowd.rules).urgency >= before.urgency, path


@people
@given(seed=seeds)
def test_sp3_every_yes_and_every_unsure_flag_is_listed(crowd: Crowd, seed: int) -> None:
    answers = crowd.person(seed)
    listed = {finding.flag: finding.state for finding in assess(answers, crowd.rules).flags}
    for flag in crowd.rules.vocabulary.flags:
        value = answers.person.get(flag.link_id)
        if value == "yes":
            assert listed.get(flag.link_id) in ("raised", "past")
        elif value == UNSURE:
            assert listed.get(flag.link_id) in ("unsure", "raised")


@people
@given(seed=seeds)
def test_sp4_the_urgency_is_the_highest_floor_of_the_trace(crowd: Crowd, seed: int) -> None:
    found = assess(crowd.person(seed), crowd.rules)
    floors = [outcome.urgency for outcome in found.trace if outcome.urgency is not None]
    assert found.urgency == max(floors, default=Urgency.ROUTINE)
    for outcome in found.trace:
        if outcome.truth.value != "met":
            assert outcome.urgency is None


@people
@given(seed=seeds)
def test_sp5_no_pattern_can_reduce_an_urgency(crowd: Crowd, seed: int) -> None:
    answers = crowd.person(seed)
    with_patterns, bare = assess(answers, crowd.rules), assess(answers, crowd.without_patterns)
    if with_patterns.urgency is not Urgency.SELF_CARE:
        assert with_patterns.urgency >= bare.urgency, with_patterns.decided_by


@people
@given(seed=seeds)
def test_sp6_self_care_needs_every_flag_answered_no(crowd: Crowd, seed: int) -> None:
    answers = crowd.person(seed)
    found = assess(answers, crowd.rules)
    if found.urgency is Urgency.SELF_CARE:
        assert found.flags == ()
        assert Judging(crowd.rules, answers).all_flags_no()
        assert found.determined
        assert found.severity in (Severity.NONE, Severity.MILD)


@people
@given(seed=seeds, other=seeds)
def test_sp8_another_limb_lowers_neither_severity_nor_urgency(crowd: Crowd, seed: int, other: int) -> None:
    answers = crowd.person(seed)
    taken = {limb.code for limb in answers.limbs}
    more = [limb for limb in crowd.person(other).limbs if limb.code not in taken]
    assume(more and answers.limbs)
    before = assess(answers, crowd.rules)
    after = assess(Answers(answers.person, (*answers.limbs, more[0])), crowd.rules)
    assert WORSE.index(after.severity) >= WORSE.index(before.severity)
    assert after.urgency >= before.urgency
    assert WORSE.index(after.severity) >= max(WORSE.index(limb.severity) for limb in after.limbs)


@people
@given(seed=seeds)
def test_sp9_ablation_is_never_suggested_from_answers_of_the_person_alone(crowd: Crowd, seed: int) -> None:
    found = assess(crowd.person(seed), crowd.rules)
    assert "PAIN-ABLATION" not in [route.code for route in found.routes]


@people
@given(seed=seeds)
def test_sp10_and_sp11_the_same_answers_in_any_order_give_the_same_result(crowd: Crowd, seed: int) -> None:
    answers = crowd.person(seed)
    dice = random.Random(seed)
    shuffled = Answers(
        dict(dice.sample(list(answers.person.items()), len(answers.person))),
        tuple(
            replace(limb, answers=dict(dice.sample(list(limb.answers.items()), len(limb.answers))))
            for limb in dice.sample(list(answers.limbs), len(answers.limbs))
        ),
    )
    found = assess(answers, crowd.rules)
    assert found == assess(shuffled, crowd.rules)
    assert (found.pathway, found.version, found.checksum) == (
        crowd.rules.pathway,
        crowd.rules.version,
        crowd.rules.checksum,
    )


@people
@given(seed=seeds)
def test_sp15_swapping_left_and_right_changes_no_urgency(crowd: Crowd, seed: int) -> None:
    answers = crowd.person(seed)
    swap = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.MIDDLE: Side.MIDDLE}
    swapped = Answers(answers.person, tuple(replace(limb, side=swap[limb.side]) for limb in answers.limbs))
    before, after = assess(answers, crowd.rules), assess(swapped, crowd.rules)
    assert summary(before) == summary(after)


def summary(found: Assessment) -> tuple[object, ...]:
    return found.urgency, found.mode, found.due_days, found.severity, [route.code for route in found.routes]


@people
@given(seed=seeds, pick=seeds)
def test_sp16_age_and_illness_only_raise(crowd: Crowd, seed: int, pick: int) -> None:
    answers = crowd.person(seed)
    history = random.Random(pick).choice(
        [name for name in ONLY_WORSE if name in crowd.rules.vocabulary.items]
    )
    options = crowd.rules.vocabulary.items[history].options
    healthy = assess(apply_edits(answers, ((history, options[0]),)), crowd.rules)
    for option in options[1:]:
        assert assess(apply_edits(answers, ((history, option),)), crowd.rules).urgency >= healthy.urgency
    adult = assess(apply_edits(answers, (("age", Decimal(30)),)), crowd.rules)
    child = assess(apply_edits(answers, (("age", Decimal(17)),)), crowd.rules)
    assert child.urgency >= adult.urgency or adult.urgency < Urgency.SOON


@people
@given(seed=seeds)
def test_sp21_every_yes_to_a_flag_gives_a_floor(crowd: Crowd, seed: int) -> None:
    found = assess(crowd.person(seed), crowd.rules)
    for finding in found.flags:
        assert finding.urgency is not None, finding
        if finding.state == "past":
            assert "C-PAST" in [outcome.rule_id for outcome in found.trace if outcome.urgency]


@people
@given(seed=seeds)
def test_sp23_a_lost_movement_is_never_less_than_soon(crowd: Crowd, seed: int) -> None:
    answers = crowd.person(seed)
    found = assess(answers, crowd.rules)
    for limb in answers.limbs:
        for link_id, value in limb.answers.items():
            reason = limb.answers.get(f"{link_id}.reason", "none")
            if link_id.startswith("t.") and value == "cannot" and reason != "always":
                assert found.urgency >= Urgency.SOON
                if reason != "pain" and limb.answers.get("weak.since") in ("wk1_4", "d2_7", "today"):
                    assert found.urgency >= Urgency.SAME_DAY


@people
@given(seed=seeds, code=st.sampled_from(["t.wrist_up", "t.heel_walk"]))
def test_sp12_a_contradiction_is_asked_again_and_cancels_nothing(crowd: Crowd, seed: int, code: str) -> None:
    answers = crowd.person(seed)
    limb = next((found for found in answers.limbs if code in found.answers), None)
    assume(limb is not None)
    assert limb is not None
    said_no = apply_edits(answers, (("g.movement", "no"), ("rf.drop", "no")))
    before = assess(said_no, crowd.rules)
    after = assess(apply_edits(said_no, ((f"{limb.code}/{code}", "cannot"),)), crowd.rules)
    assert after.urgency >= before.urgency
    reason = limb.answers.get(f"{code}.reason", "none")
    if reason not in ("always", "pain"):
        assert {"rf.drop", "g.movement"} & set(after.contradictions)


@people
@given(
    seed=seeds, who=st.sampled_from(["unknown", "proxy", "patient"]), language=st.sampled_from(["xx", "ar"])
)
def test_sp17_who_answers_and_in_which_language_changes_nothing(
    crowd: Crowd, seed: int, who: str, language: str
) -> None:
    answers = crowd.person(seed)
    told = Answers({**answers.person, "respondent": who, "language": language}, answers.limbs)
    assert assess(told, crowd.rules) == assess(answers, crowd.rules)


@people
@given(seed=seeds)
def test_the_change_that_is_named_would_have_lowered_the_urgency_as_said(crowd: Crowd, seed: int) -> None:
    answers = crowd.person(seed)
    before = assess(answers, crowd.rules)
    changes = what_would_change(answers, crowd.rules)
    assert [change.rule_id for change in changes] == [
        outcome.rule_id for outcome in before.trace if outcome.urgency == before.urgency
    ]
    for change in changes:
        edits = tuple((path, value) for path, _, value in change.answers)
        if edits:
            assert assess(apply_edits(answers, edits), crowd.rules).urgency == change.urgency
            assert change.urgency is not None
            assert change.urgency < before.urgency
