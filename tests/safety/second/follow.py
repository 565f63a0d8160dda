"""Works out what follows from answers though nobody gave it: floors, grades, patterns, what stands open."""

from __future__ import annotations

from collections import defaultdict

from safety.second.bits import GRADES, LADDER, SIGNS, Bits, Many, Triple, at_least, members
from safety.second.meaning import BLANK
from safety.second.sentences import Line, Sentence, counts_unsure, names_in, renamed, rules_asked
from safety.second.words import several

LOWER = {"severe": "moderate", "moderate": "mild", "mild": "none", "none": "none"}
WHOLE = ("none", "unknown", "mild", "moderate", "severe")


class Following(Many):
    """People side by side, and what the rules make of them."""

    # ---- rules

    def places(self, line: Line) -> list[int]:
        return list(self.slots) if line.of_limb else [0]

    def rule(self, line: Line, slot: int) -> Triple:
        return self.once(("rule", line.name, slot), lambda: self._rule(line, slot))  # type: ignore[no-any-return]

    def _rule(self, line: Line, slot: int) -> Triple:
        if counts_unsure(line.when):
            firm, met, perhaps = self._graded(line, slot)
        else:
            when = renamed(line.when, "urgency", f"urgency before {self.lateness(line)}")
            firm, met, perhaps = self.hold(when, slot)
        if line.floor == "SELF_CARE":
            met = firm
        there = self.exists[slot]
        return firm & there, met & there, perhaps & there

    def _graded(self, line: Line, slot: int) -> Triple:
        """At the highest level for which enough flags count, and by that level is the floor."""
        firm = met = perhaps = 0
        floors = {}
        top = LADDER.index(line.floor or "ROUTINE")
        for level in reversed(LADDER[1 : top + 1]):
            held = self._hold_at(line.when, slot, level)
            floors[level] = held[1] & ~met
            firm, met, perhaps = firm | held[0], met | held[1], perhaps | held[2]
        self._worked["floors", line.name, slot] = floors if line.floor else {}
        return firm, met, perhaps

    def _hold_at(self, sentence: Sentence, slot: int, level: str) -> Triple:
        """As ``hold``, with the unsure flags that would reach the level."""
        if sentence[0] == "unsure":
            return self._count_unsure(sentence, level)
        if not counts_unsure(sentence):
            return self.hold(sentence, slot)
        a, b = (self._hold_at(part, slot, level) for part in sentence[1:])
        if sentence[0] == "and":
            return a[0] & b[0], a[1] & b[1], a[2] & b[2]
        return a[0] | b[0], a[1] | b[1], a[2] | b[2]

    def _count_unsure(self, sentence: Sentence, level: str) -> Triple:
        _, names, sign, number = sentence
        assert sign == ">="
        bits = (
            at_least((self._reaching(flag, level) for flag in self.chosen_flags(names)), number)
            & self.everybody
        )
        return bits, bits, bits

    def _reaching(self, flag: str, level: str) -> Bits:
        """Who is unsure of the flag and would get at least the level with a yes."""
        return self.once(("reach", flag, level), lambda: self._reach(flag, level))  # type: ignore[no-any-return]

    def _reach(self, flag: str, level: str) -> Bits:
        twins = self.twins.get(flag, {})
        if not twins:
            return 0
        if level in ("ROUTINE", "SELF_CARE"):
            return sum(1 << number for number in twins.values())
        high = LADDER.index(level)
        there = 0
        for line in self.readers(flag):
            if LADDER.index(line.floor or "") >= high:
                for slot in self.places(line):
                    there |= self.rule(line, slot)[1]
        return sum(1 << number for twin, number in twins.items() if there >> twin & 1)

    def own(self, flag: str) -> set[str]:
        return {flag, *self._details[flag]}

    def readers(self, flag: str) -> list[Line]:
        """The rules with a floor that name the flag or one of its details."""
        return self.once(  # type: ignore[no-any-return]
            ("readers", flag),
            lambda: [line for line in self.book.lines if line.floor and self._read(line) & self.own(flag)],
        )

    def _read(self, line: Line) -> set[str]:
        return self.once(("reads", line.name), lambda: self.reads(line))  # type: ignore[no-any-return]

    def floors(self, line: Line, slot: int) -> dict[str, Bits]:
        """Who gets which floor from the rule there."""
        met = self.rule(line, slot)[1]
        graded = self._worked.get(("floors", line.name, slot))
        if graded is not None:
            return {level: bits & met for level, bits in graded.items()}
        return {line.floor: met} if line.floor else {}

    # ---- why a rule is met

    def because(self, sentence: Sentence, slot: int, it: str, answers: frozenset[str]) -> Bits:
        """Who meets the sentence with one of these answers among what makes it true."""
        kind = sentence[0]
        if kind == "and":
            both = self.hold(sentence[1], slot, it)[1] & self.hold(sentence[2], slot, it)[1]
            return both & self._because_either(sentence, slot, it, answers)
        if kind == "or":
            return self._because_either(sentence, slot, it, answers)
        if kind in ("say", "count", "blank", "answered"):
            return self.hold(sentence, slot, it)[1] if self._named(sentence[1], it) in answers else 0
        if kind == "met":
            line = self.lines[sentence[1]]
            place = slot if line.of_limb else 0
            return self.rule(line, place)[1] & self.because(line.when, place, "", answers)
        if kind == "limbs" and sentence[3]:
            return self._because_limbs(sentence, slot, it, answers)
        return 0

    def _because_either(self, sentence: Sentence, slot: int, it: str, answers: frozenset[str]) -> Bits:
        return self.because(sentence[1], slot, it, answers) | self.because(sentence[2], slot, it, answers)

    def _because_limbs(self, sentence: Sentence, slot: int, it: str, answers: frozenset[str]) -> Bits:
        found = 0
        for place in self.slots:
            there = (
                self.exists[place]
                if sentence[2] == "limb"
                else self.column(place, "limb.kind").get(sentence[2], 0)
            )
            found |= there & self.because(sentence[3], place, "", answers)
        return found & self.hold(sentence, slot, it)[1]

    def raised(self, flag: str) -> Bits:
        """Who said yes to the flag and meets a rule with a floor because of it."""
        return self.once(("raised", flag), lambda: self._raised(flag))  # type: ignore[no-any-return]

    def _raised(self, flag: str) -> Bits:
        own, found = frozenset(self.own(flag)), 0
        for line in self.readers(flag):
            for slot in self.places(line):
                found |= self.rule(line, slot)[1] & self.because(line.when, slot, "", own)
        return found & self.flag_is(flag, "yes")

    # ---- grades

    def grade(self, slot: int) -> dict[str, Bits]:
        """Who has which grade in that limb; in slot 0, altogether."""
        return self.once(("grade", slot), lambda: self._limb_grade(slot) if slot else self._whole_grade())  # type: ignore[no-any-return]

    def _anchored(self, slot: int) -> tuple[dict[str, Bits], Bits]:
        found: dict[str, Bits] = defaultdict(int)
        open_ = 0
        for line in self.book.lines:
            grade = line.row.get("severity") or ("moderate" if line.row.get("motor") else None)
            if grade is None or line.of_limb is (slot == 0):
                continue
            firm, met, perhaps = self.rule(line, slot)
            found[grade] |= firm
            found[LOWER[grade]] |= met & ~firm
            open_ |= perhaps & ~met
        return found, open_

    def _limb_grade(self, slot: int) -> dict[str, Bits]:
        anchored, open_ = self._anchored(slot)
        found, left = {}, self.exists[slot]
        for grade in reversed(GRADES):
            found[grade] = anchored.get(grade, 0) & left
            left &= ~found[grade]
        found["unknown"] = left & open_
        found["none"] |= left & ~open_
        for line in self.book.lines:
            if "severity_step" in line.row:
                found = self._stepped(found, line.row["severity_step"], self.rule(line, 0)[1], slot)
        return found

    def _stepped(self, found: dict[str, Bits], step: dict[str, str], met: Bits, slot: int) -> dict[str, Bits]:
        after: dict[str, Bits] = defaultdict(int)
        for grade, bits in found.items():
            marked = self.motor(slot) if grade == "moderate" and "motor" in step else 0
            after[step.get(grade, grade)] |= bits & met & ~marked
            after[step.get("motor", grade)] |= bits & met & marked
            after[grade] |= bits & ~met
        return after

    def motor(self, slot: int) -> Bits:
        """Who bears the motor mark there; in slot 0, anywhere."""
        places = [slot] if slot else list(self.slots)
        found = 0
        for line in self.book.lines:
            for place in places if line.of_limb and line.row.get("motor") else ():
                found |= self.rule(line, place)[0]
        return found

    def _whole_grade(self) -> dict[str, Bits]:
        anchored, _ = self._anchored(0)
        limbs = [self.grade(slot) for slot in self.slots]
        found, left = {}, self.everybody
        for grade in reversed(WHOLE):
            bits = anchored.get(grade, 0)
            for limb in limbs:
                bits |= limb.get(grade, 0)
            found[grade] = bits & left
            left &= ~found[grade]
        found["unknown"] |= left
        return found

    # ---- floors together

    def lateness(self, line: Line) -> int:
        """0; 1 when it reads the urgency; 2 when it shuts a route by it."""
        return self.once(("lateness", line.name), lambda: self._lateness(line))  # type: ignore[no-any-return]

    def _lateness(self, line: Line) -> int:
        own = (2 if line.row.get("blocks") else 1) if "urgency" in names_in(line.when) else 0
        return max([own, *(self.lateness(self.lines[name]) for name in rules_asked(line.when))])

    def highest(self, before: int) -> dict[str, Bits]:
        """Whose highest floor of the rules so early is which level; ROUTINE without any."""
        return self.once(("highest", before), lambda: self._highest(before))  # type: ignore[no-any-return]

    def _highest(self, before: int) -> dict[str, Bits]:
        reached: dict[str, Bits] = defaultdict(int)
        for line in self.book.lines:
            if self.lateness(line) < before:
                for slot in self.places(line):
                    for level, bits in self.floors(line, slot).items():
                        reached[level] |= bits
        found, left = {}, self.everybody
        for level in reversed(LADDER):
            found[level] = reached[level] & left
            left &= ~found[level]
        found["ROUTINE"] |= left
        return found

    # ---- names that nobody answered

    def follow(self, name: str, sign: str, wanted: tuple[str, ...], slot: int) -> Triple:
        if name == "severity" or name.startswith("urgency before "):
            return self._ladder(name, sign, wanted, slot)
        if name in ("self_care_pattern", "one_pattern"):
            return self.pattern_alone(name, slot)
        if sign == "yes":
            bits = getattr(self, f"is_{name}")(slot) & self.everybody
            return bits, bits, bits
        bits = sum(b for value, b in self.number(name, slot).items() if SIGNS[sign](value, int(wanted[0])))
        return bits, bits, bits

    def _ladder(self, name: str, sign: str, wanted: tuple[str, ...], slot: int) -> Triple:
        steps = GRADES if name == "severity" else LADDER
        column = self.grade(slot) if name == "severity" else self.highest(int(name.split()[-1]))
        firm = perhaps = 0
        for value, bits in column.items():
            if "unknown" in (value, wanted[0]):
                alike = value == wanted[0]
                firm |= bits * (alike is (sign != "!="))
                perhaps |= bits * (alike or value == "unknown")
            elif sign == "in":
                firm |= bits * (value in wanted)
            else:
                firm |= bits * SIGNS[sign](steps.index(value), steps.index(wanted[0]))
        return firm, firm, firm | perhaps

    def is_motor(self, slot: int) -> Bits:
        return self.motor(slot)

    def is_all_flags_no(self, slot: int) -> Bits:
        found = self.everybody
        for flag in self.words.flags:
            found &= self.flag_is(flag.name, "no")
        return found

    def is_past_flags(self, slot: int) -> Bits:
        return at_least((self.past(flag.name) for flag in self.words.flags), 1)

    def past(self, flag: str) -> Bits:
        return self.flag_is(flag, "yes") & ~self.raised(flag)

    def is_everything_answered(self, slot: int) -> Bits:
        read: set[str] = set()
        for line in self.book.lines:
            read |= self._read(line)
        asked = [
            w for w in self.words.items.values() if w.name in read and not w.never_asked and w.type != "text"
        ]
        missing = 0
        for word in asked:
            if word.flag:
                missing |= self.flag_is(word.name, BLANK)
                continue
            for place in self.slots if word.of_limb else (0,):
                missing |= (
                    self.in_play(place, word.name) & self.unanswered(place, word.name) & self.exists[place]
                )
        return self.everybody & ~missing

    # ---- patterns: person by person, for weights are sums

    def weights(self, slot: int) -> dict[int, dict[str, int]]:
        """The patterns of each person's limb, with weights above nothing."""
        return self.once(("weights", slot), lambda: self._weights(slot))  # type: ignore[no-any-return]

    def _weights(self, slot: int) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for line in self.book.lines:
            if not line.row.get("patterns") or (not line.of_limb and line.floor):
                continue
            kinds = self.column(slot, "limb.kind")
            there = sum(kinds.get(kind, 0) for kind in several(line.row.get("limbs", list(kinds))))
            for number in members(self.rule(line, slot if line.of_limb else 0)[0] & there & ~self._silent):
                for code, weight in line.row["patterns"].items():
                    found[number][code] += weight
        return {n: {c: w for c, w in weights.items() if w > 0} for n, weights in found.items()}

    @property
    def _silent(self) -> Bits:
        found = 0
        for line in self.book.lines:
            if line.row.get("no_patterns"):
                found |= self.rule(line, 0)[1]
        return found

    def number(self, name: str, slot: int) -> dict[int, Bits]:
        """Who has which number of what the name says."""
        return self.once(("number", name, slot), lambda: self._numbers(name, slot))  # type: ignore[no-any-return]

    def _numbers(self, name: str, slot: int) -> dict[int, Bits]:
        weights = self.weights(slot)
        found: dict[int, Bits] = defaultdict(int)
        for number in members(self.exists[slot]):
            found[self._number_of(name, weights.get(number, {}))] |= 1 << number
        return found

    def _number_of(self, name: str, weights: dict[str, int]) -> int:
        if name == "compressive_weight":
            weights = {code: w for code, w in weights.items() if self.words.kind_of[code] == "compressive"}
        first, second, *_ = [*sorted(weights.values(), reverse=True), 0, 0]
        return {
            "leading_weight": first,
            "compressive_weight": first,
            "next_weight": second,
            "lead": first - second,
        }[name]

    def is_flag_pattern(self, slot: int) -> Bits:
        sums: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for line in self.book.lines:
            if line.of_limb or not line.floor or not line.row.get("patterns"):
                continue
            for number in members(self.rule(line, 0)[0] & ~self._silent):
                for code, weight in line.row["patterns"].items():
                    sums[code][number] += weight
        return sum(
            1 << n for n in {n for found in sums.values() for n, weight in found.items() if weight > 0}
        )

    def leading_kinds(self, number: int, slot: int) -> set[str]:
        """The kinds of the patterns that weigh most, in that limb or (slot 0) anywhere."""
        places = [slot] if slot else list(self.slots)
        found = [
            (w, self.words.kind_of[c]) for p in places for c, w in self.weights(p).get(number, {}).items()
        ]
        return {kind for weight, kind in found if weight == max(found)[0]}

    # ---- whether one pattern alone is named

    def pattern_alone(self, name: str, slot: int) -> Triple:
        return self.once(("alone", name, slot), lambda: self._pattern_alone(name, slot))  # type: ignore[no-any-return]

    def _pattern_alone(self, name: str, slot: int) -> Triple:
        firm = perhaps = 0
        for number in members(self.exists[0]):
            places = [slot] if slot else [p for p in self.slots if self.exists[p] >> number & 1]
            named = [self._names(place).get(number, ("", False)) for place in places]
            codes = {code for code, _ in named}
            fine = len(codes) == 1 if name == "one_pattern" else codes <= self.words.self_care
            if not codes or "" in codes or not fine:
                continue
            perhaps |= 1 << number
            firm |= (1 << number) * all(sure for _, sure in named)
        return firm, firm, perhaps

    def _names(self, slot: int) -> dict[int, tuple[str, bool]]:
        return self.once(("names", slot), lambda: self._work_out_names(slot))  # type: ignore[no-any-return]

    def _work_out_names(self, slot: int) -> dict[int, tuple[str, bool]]:
        """The one pattern that each person's limb is named by, and whether no other may be."""
        named: dict[int, set[str]] = defaultdict(set)
        met: dict[int, set[str]] = defaultdict(set)
        maybe: dict[int, set[str]] = defaultdict(set)
        for line in self.book.lines:
            heavy = {code: weight for code, weight in line.row.get("patterns", {}).items() if weight >= 2}
            if not heavy:
                continue
            held = self.rule(line, slot if line.of_limb else 0)
            for found, bits in ((met, held[1]), (maybe, held[2])):
                for number in members(bits & self.exists[slot]):
                    found[number] |= heavy.keys()
            for number in members(held[0] & self.exists[slot]):
                named[number] |= {code for code, weight in heavy.items() if weight >= 3}
        return {
            number: (next(iter(codes)), maybe[number] == codes)
            for number, codes in named.items()
            if len(codes) == 1 and met[number] <= codes
        }
