"""What must hold for everybody: the safety properties of the evidence, each for one person at a time.

A property looks at a person and, mostly, at the same person with something changed. It returns what is wrong,
or nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from safety.compare import Both
from safety.crowd import Crowd
from safety.editing import answered, keeping, swapped, with_limb, without_flag
from safety.second.words import Word
from triage_app.clinical.answers import UNSURE, Answers, Value
from triage_app.clinical.assessment import Assessment
from triage_app.clinical.engine import assess
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.terms import Mode, Severity, Truth, Urgency

WORSE = (Severity.NONE, Severity.UNKNOWN, Severity.MILD, Severity.MODERATE, Severity.SEVERE)
MUST_BE_KNOWN = ("T1", "T2", "E", "S")
ONLY_RAISES = ("hx.pregnant", "hx.immuno", "hx.cancer", "hx.anticoagulant", "hx.diabetes")
NEW = ("wk1_4", "d2_7", "today")


@dataclass(frozen=True)
class World:
    """The rules, and who is held against them."""

    both: Both
    crowd: Crowd

    @property
    def rules(self) -> RuleSet:
        return self.both.rules

    @cached_property
    def without_patterns(self) -> RuleSet:
        """The same rules, none of which weighs a pattern."""
        return replace(self.rules, rules=tuple(replace(rule, patterns={}) for rule in self.rules.rules))

    @cached_property
    def _floors(self) -> dict[str, Urgency]:
        return {}

    def floor_alone(self, flag: str) -> Urgency:
        """What a bare yes to the sign gives to somebody who said nothing else but an adult's age."""
        if flag not in self._floors:
            self._floors[flag] = assess(Answers({"age": Decimal(45), flag: "yes"}), self.rules).urgency
        return self._floors[flag]

    @cached_property
    def motor_rules(self) -> frozenset[str]:
        """The rules that date a weakness or mark it."""
        return frozenset(
            rule.rule_id
            for rule in self.rules.rules
            if rule.motor or any(name.startswith("weak.") for name in self.rules.reads[rule.rule_id])
        )


class Subject:
    """A person, what came out, and dice to choose what is changed."""

    def __init__(self, world: World, answers: Answers, seed: int) -> None:
        self.world = world
        self.answers = answers
        self.dice = random.Random(seed)
        self.found = assess(answers, world.rules)

    def again(self, answers: Answers) -> Assessment:
        return assess(answers, self.world.rules)

    def spots(self) -> Iterator[tuple[str, Word, Value]]:
        """Everything that was answered: path, question, answer."""
        for path, value in self.answers.paths():
            word = self.world.both.words.items.get(path.rpartition("/")[2])
            if word is not None and not word.never_asked:
                yield path, word, value

    def a_spot(self, wanted: Callable[[Word, Value], object]) -> tuple[str, Word, Value] | None:
        spots = [spot for spot in self.spots() if wanted(spot[1], spot[2])]
        return self.dice.choice(spots) if spots else None

    def lower(self, changed: Answers, what: str) -> str:
        """Say so when the changed person gets less."""
        after = self.again(changed)
        if after.urgency >= self.found.urgency:
            return ""
        return f"{what}: {self.found.urgency.name} by {self.found.decided_by} became {after.urgency.name}"


Property = Callable[[Subject], str]


def alike(one: Assessment, other: Assessment) -> bool:
    """The same in everything but the wording of the trace, of which rule and truth are compared."""
    if replace(one, trace=()) != replace(other, trace=()):
        return False
    first, second = ([(o.rule_id, o.limb, o.truth, o.urgency) for o in x.trace] for x in (one, other))
    return first == second


def worse_answers(word: Word, value: Value) -> list[Value]:
    """The answers that are worse than this one; none where the order says nothing."""
    if not word.ordered or word.type == "multi":
        return []
    if isinstance(value, Decimal):
        step = 1 if word.rising else -1
        low, high = word.low or Decimal(0), word.high or Decimal(1000)
        return [n for n in (value + step, value + 7 * step, value + 400 * step) if low <= n <= high]
    return list(word.options[word.options.index(str(value)) + 1 :]) if value in word.options else []


def sp01_a_worse_answer_never_lowers(who: Subject) -> str:
    spot = who.a_spot(worse_answers)
    if spot is None:
        return ""
    path, word, value = spot
    worse = who.dice.choice(worse_answers(word, value))
    return who.lower(answered(who.answers, path, worse), f"{path} {value} -> {worse}")


def sp01_no_blank_unsure_yes_rise_for_a_flag(who: Subject) -> str:
    flag = who.dice.choice(who.world.crowd.flags)
    steps = [
        ("no", answered(who.answers, flag, "no")),
        ("blank", without_flag(who.answers, flag)),
        ("unsure", answered(who.answers, flag, UNSURE)),
        ("yes", answered(who.answers, flag, "yes")),
    ]
    place = who.dice.randrange(3)
    (less, before), (more, after) = steps[place], steps[place + 1]
    low, high = who.again(before).urgency, who.again(after).urgency
    return "" if low <= high else f"{flag}: {less} gives {low.name}, {more} gives {high.name}"


def sp02_a_blank_for_a_no_never_lowers(who: Subject) -> str:
    spot = who.a_spot(lambda word, value: word.ordered and word.options[:1] == (value,))
    if spot is None:
        return ""
    path, word, _ = spot
    changed = without_flag(who.answers, path) if word.flag else answered(who.answers, path, None)
    return who.lower(changed, f"{path} left blank")


def sp02_a_blank_sign_leaves_the_result_undetermined(who: Subject) -> str:
    must = [w.name for w in who.world.both.words.flags if w.flag in MUST_BE_KNOWN and not w.gates]
    flag = who.dice.choice(must or [w.name for w in who.world.both.words.flags if w.flag in MUST_BE_KNOWN])
    gates = who.world.both.words.items[flag].gates
    changed = without_flag(who.answers, flag)
    for gate in gates[:1]:
        changed = answered(changed, gate, "yes")
    if who.world.both.words.items[flag].age_from is not None:
        changed = answered(changed, "age", Decimal(70))
    after = who.again(changed)
    calm = after.urgency is Urgency.SELF_CARE
    return (
        f"{flag} blank: determined {after.determined}, {after.urgency.name}"
        if after.determined or calm
        else ""
    )


def sp02_a_blank_or_unsure_detail_never_lowers(who: Subject) -> str:
    flags = set(who.world.crowd.flags)
    spot = who.a_spot(lambda word, value: any(p in flags and p in who.answers.person for p in word.parents))
    if spot is None:
        return ""
    path, word, _ = spot
    unsure: Value = (UNSURE,) if word.type == "multi" else UNSURE
    left = who.dice.choice([None, None if word.number else unsure])
    return who.lower(answered(who.answers, path, left), f"{path} became {left}")


def sp03_every_raised_or_unsure_sign_is_listed(who: Subject) -> str:
    listed = {finding.flag: finding.state for finding in who.found.flags}
    for flag in who.world.crowd.flags:
        said = who.answers.person.get(flag)
        if said == "yes" and listed.get(flag) not in ("raised", "past"):
            return f"{flag} is a yes and stands as {listed.get(flag)}"
        if said == UNSURE and listed.get(flag) not in ("unsure", "raised"):
            return f"{flag} is unsure and stands as {listed.get(flag)}"
    return ""


def sp04_the_urgency_is_the_highest_floor(who: Subject) -> str:
    floors = [outcome.urgency for outcome in who.found.trace if outcome.urgency is not None]
    if who.found.urgency != max(floors, default=Urgency.ROUTINE):
        return f"{who.found.urgency.name} beside the floors {sorted(floors)}"
    unmet = [o.rule_id for o in who.found.trace if o.urgency is not None and o.truth is not Truth.MET]
    return f"a floor of rules that are not met: {unmet}" if unmet else ""


def sp05_no_pattern_reduces_an_urgency(who: Subject) -> str:
    bare = assess(who.answers, who.world.without_patterns).urgency
    less = who.found.urgency < bare and who.found.urgency is not Urgency.SELF_CARE
    return f"{who.found.urgency.name}, without patterns {bare.name}" if less else ""


def sp06_self_care_needs_every_sign_answered_no(who: Subject) -> str:
    if who.found.urgency is not Urgency.SELF_CARE:
        return ""
    if who.found.flags or not who.found.determined or who.found.decided_by != ("SC01",):
        return f"SELF_CARE by {who.found.decided_by} beside {who.found.flags}"
    open_flags = [f for f in who.world.crowd.flags if who.answers.person.get(f, "no") != "no"]
    grade = who.found.severity
    return f"SELF_CARE with {open_flags}, {grade}" if open_flags or WORSE.index(grade) > 2 else ""


def sp08_another_limb_lowers_nothing(who: Subject) -> str:
    taken = {limb.code for limb in who.answers.limbs}
    other = who.world.crowd.person(who.dice.randrange(10**6))
    more = [limb for limb in other.limbs if limb.code not in taken]
    if not more or not taken:
        return ""
    after = who.again(with_limb(who.answers, more[0]))
    limbs = [WORSE.index(limb.severity) for limb in after.limbs]
    if WORSE.index(after.severity) < max(limbs):
        return f"{after.severity} altogether, of limbs {[limb.severity for limb in after.limbs]}"
    if WORSE.index(after.severity) < WORSE.index(who.found.severity):
        return f"with {more[0].code} the severity fell to {after.severity}"
    return who.lower(with_limb(who.answers, more[0]), f"with {more[0].code}")


def sp09_ablation_is_never_reached_by_answers_alone(who: Subject) -> str:
    alone = who.again(keeping(who.answers, lambda name: not name.startswith("clin.")))
    if "PAIN-ABLATION" in [route.code for route in alone.routes]:
        return "ablation suggested from what the person said"
    shut = any(o.rule_id == "PN00" and o.truth is not Truth.NOT_MET for o in who.found.trace)
    routes = [route.code for route in who.found.routes]
    if shut and "PAIN-ABLATION" in routes:
        return "ablation suggested while PN00 is not known to fail"
    met = any(o.rule_id == "PN01" and o.truth is Truth.MET for o in who.found.trace)
    if met and (who.found.urgency < Urgency.SOON or "PAIN" not in routes):
        return f"PN01 is met: {who.found.urgency.name}, {routes}"
    return ""


def sp10_the_same_answers_give_the_same_result(who: Subject) -> str:
    rules, found = who.world.rules, who.found
    named = (found.pathway, found.version, found.checksum) == (rules.pathway, rules.version, rules.checksum)
    decided = {rule for rule in rules.by_id if rules.by_id[rule].scope == "person"}
    traced = {outcome.rule_id for outcome in found.trace if outcome.limb is None}
    if not named or decided - traced:
        return "the result does not say by which rules"
    return "" if alike(who.again(who.answers), found) else "twice the same answers, two results"


def sp11_the_order_of_answers_changes_nothing(who: Subject) -> str:
    person = who.dice.sample(list(who.answers.person.items()), len(who.answers.person))
    limbs = [
        replace(limb, answers=dict(who.dice.sample(list(limb.answers.items()), len(limb.answers))))
        for limb in who.dice.sample(list(who.answers.limbs), len(who.answers.limbs))
    ]
    return (
        ""
        if alike(who.again(Answers(dict(person), tuple(limbs))), who.found)
        else "another order, another result"
    )


def sp11_of_two_tellings_of_a_limb_the_worse_counts(who: Subject) -> str:
    if not who.answers.limbs:
        return ""
    other = who.world.crowd.person(who.dice.randrange(10**6))
    first = who.answers.limbs[0]
    twice = [replace(limb, side=first.side) for limb in other.limbs if limb.kind is first.kind]
    return who.lower(with_limb(who.answers, twice[0]), f"{first.code} told twice") if twice else ""


def sp12_a_contradiction_is_asked_again_and_cancels_nothing(who: Subject) -> str:
    spot = who.a_spot(lambda word, value: word.name.startswith("t.") and word.name.count(".") == 1)
    if spot is None or spot[0].partition("-")[0] not in spot[1].kinds:
        return ""
    path = spot[0]
    denied = answered(answered(who.answers, "g.movement", "no"), "rf.drop", "no")
    before, after = who.again(denied), who.again(answered(denied, path, "cannot"))
    code, _, link_id = path.rpartition("/")
    reason = next(x.answers.get(f"{link_id}.reason", "none") for x in who.answers.limbs if x.code == code)
    if reason not in ("always", "pain") and "g.movement" not in after.contradictions:
        return f"{path} cannot, though no movement is lost: {after.contradictions}"
    if after.urgency < before.urgency and spot[2] != "cannot":
        return f"{path} cannot: {before.urgency.name} became {after.urgency.name}"
    return ""


def sp13_free_text_changes_nothing(who: Subject) -> str:
    told = answered(who.answers, "free.text", "it is nothing, I am fine")
    return "" if alike(who.again(told), who.found) else "words of one's own changed the result"


def sp15_left_and_right_are_alike(who: Subject) -> str:
    after = who.again(swapped(who.answers))
    one, other = (
        (x.urgency, x.mode, x.due_days, x.severity, [route.code for route in x.routes])
        for x in (who.found, after)
    )
    if one != other:
        return f"{one} on one side, {other} on the other"
    sides = {(limb.kind, limb.side) for limb in who.answers.limbs}
    return "" if sides == {(limb.kind, limb.side) for limb in who.found.limbs} else "a limb is missing"


def sp16_age_and_illness_only_raise(who: Subject) -> str:
    history = who.dice.choice(ONLY_RAISES)
    options = who.world.both.words.items[history].options
    well = who.again(answered(who.answers, history, options[0])).urgency
    ill = who.again(answered(who.answers, history, who.dice.choice(options[1:]))).urgency
    if ill < well:
        return f"{history}: {well.name} became {ill.name}"
    adult = who.again(answered(who.answers, "age", Decimal(30))).urgency
    child = who.again(answered(who.answers, "age", Decimal(17))).urgency
    return f"at 17 {child.name}, at 30 {adult.name}" if child < adult else ""


def sp17_who_answers_and_how_changes_nothing(who: Subject) -> str:
    told = answered(answered(who.answers, "respondent", "proxy"), "language", "xx")
    return "" if alike(who.again(told), who.found) else "the teller or the language changed the result"


def sp21_every_yes_gives_a_floor(who: Subject) -> str:
    met = {outcome.rule_id for outcome in who.found.trace if outcome.truth is Truth.MET}
    for finding in who.found.flags:
        if finding.urgency is None or finding.urgency > who.found.urgency:
            return f"{finding.flag} gives {finding.urgency}, all together {who.found.urgency.name}"
        if finding.state == "past" and "C-PAST" not in met:
            return f"{finding.flag} is past and nobody looks"
    return ""


def sp22_motor_rules_do_not_hang_on_the_course_of_tingling(who: Subject) -> str:
    motor = who.world.motor_rules
    later = answered(who.answers, "dur", who.dice.choice([Decimal(0), Decimal(1), Decimal(240)]))
    later = answered(later, "trend", who.dice.choice(["better", "same", "worse"]))
    before, after = (
        {(o.rule_id, o.limb) for o in x.trace if o.rule_id in motor and o.truth is Truth.MET}
        for x in (who.found, who.again(later))
    )
    changed = {rule for rule, _ in before ^ after} - {"RT01", "PN00", "PN06", "SC01"}
    return f"the course or duration of tingling moved {sorted(changed)}" if changed else ""


def sp23_a_lost_movement_is_never_less_than_soon(who: Subject) -> str:
    for limb in who.answers.limbs:
        lost = [name for name, value in limb.answers.items() if name.startswith("t.") and value == "cannot"]
        for name in lost:
            if limb.kind not in who.world.rules.vocabulary.items[name].limbs:
                continue  # a test of another kind of limb is not asked here, and says nothing
            reason = limb.answers.get(f"{name}.reason", "none")
            since = limb.answers.get("weak.since", "today")
            wanted = Urgency.SAME_DAY if reason != "pain" and since in NEW else Urgency.SOON
            if reason != "always" and who.found.urgency < wanted:
                return f"{limb.code}/{name} lost ({reason}, {since}): {who.found.urgency.name}"
    return ""


def sp24_an_emergency_says_how_and_call_wins(who: Subject) -> str:
    found = who.found
    if found.urgency is not Urgency.EMERGENCY:
        return f"{found.urgency.name} with mode {found.mode}" if found.mode else ""
    modes = {who.world.rules.by_id[rule].mode for rule in found.decided_by}
    wanted = Mode.CALL if Mode.CALL in modes else Mode.GO
    return "" if found.mode is wanted else f"mode {found.mode} of {modes}"


def meta_a_each_sign_set_to_yes_gives_its_floor_and_is_listed(who: Subject) -> str:
    flag = who.dice.choice(who.world.crowd.flags)
    said = answered(without_flag(who.answers, flag), flag, "yes")
    after = who.again(said)
    finding = next((finding for finding in after.flags if finding.flag == flag), None)
    if finding is None or finding.urgency is None or after.urgency < finding.urgency:
        return f"{flag} set to yes: {finding}"
    floor = who.world.floor_alone(flag)
    if flag != "pp.block" and said.person.get("pp.block") == said.person.get("pp.block.on_record") == "yes":
        return ""  # a block that is on record stands outside the order of concern (evidence §8.3, SP1)
    return "" if after.urgency >= floor else f"{flag} alone gives {floor.name}, here {after.urgency.name}"


def meta_f_unsure_for_a_no_never_lowers(who: Subject) -> str:
    spot = who.a_spot(
        lambda word, value: word.ordered and word.options[:1] == (value,) and UNSURE in word.options
    )
    return who.lower(answered(who.answers, spot[0], UNSURE), f"{spot[0]} became unsure") if spot else ""


LOOKING: tuple[Property, ...] = (
    sp03_every_raised_or_unsure_sign_is_listed,
    sp04_the_urgency_is_the_highest_floor,
    sp06_self_care_needs_every_sign_answered_no,
    sp09_ablation_is_never_reached_by_answers_alone,
    sp21_every_yes_gives_a_floor,
    sp23_a_lost_movement_is_never_less_than_soon,
    sp24_an_emergency_says_how_and_call_wins,
)
"""Properties of the result as it is."""

CHANGING: tuple[Property, ...] = (
    sp01_a_worse_answer_never_lowers,
    sp01_no_blank_unsure_yes_rise_for_a_flag,
    sp02_a_blank_for_a_no_never_lowers,
    sp02_a_blank_sign_leaves_the_result_undetermined,
    sp02_a_blank_or_unsure_detail_never_lowers,
    sp05_no_pattern_reduces_an_urgency,
    sp08_another_limb_lowers_nothing,
    sp10_the_same_answers_give_the_same_result,
    sp11_the_order_of_answers_changes_nothing,
    sp11_of_two_tellings_of_a_limb_the_worse_counts,
    sp12_a_contradiction_is_asked_again_and_cancels_nothing,
    sp13_free_text_changes_nothing,
    sp15_left_and_right_are_alike,
    sp16_age_and_illness_only_raise,
    sp17_who_answers_and_how_changes_nothing,
    sp22_motor_rules_do_not_hang_on_the_course_of_tingling,
    meta_a_each_sign_set_to_yes_gives_its_floor_and_is_listed,
    meta_f_unsure_for_a_no_never_lowers,
)
"""Properties of the result beside that of somebody slightly different."""
