"""A small vocabulary and a way to write rules for it, so that each meaning can be tested alone."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from triage_app.catalogue.load import Catalogue
from triage_app.catalogue.rules_file import read_rules
from triage_app.catalogue.table import Table
from triage_app.catalogue.vocabulary_file import read_vocabulary
from triage_app.clinical.rules import RuleSet
from triage_app.clinical.vocabulary import Vocabulary

WORDS = """
version = "1"
[regions]
hand = "arm"
foot = "leg"
[finding]
"rf.lost" = { class = "S" }
[route.ED]
means = "Emergency"
[route.PC]
means = "Primary care"
[route.EDX]
means = "Tests"
[route.SURGERY]
means = "Surgery"
[route.SPINE]
means = "Spine"
[route.ABLATION]
means = "Ablation"
[pattern]
stroke = { label = "brain", kind = "central" }
root = { label = "root", kind = "root" }
median = { label = "median", kind = "compressive", self_care = true }
ulnar = { label = "ulnar", kind = "compressive", self_care = true }
[item."g.one"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
normal = "no"
[item."g.two"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
normal = "no"
[item."rf.stroke"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
class = "T1"
gates = ["g.one", "g.two"]
[item."rf.stroke.when"]
type = "choice"
options = ["older", "week", "today"]
scope = "patient"
parent = "rf.stroke"
[item."rf.stroke.hours"]
type = "integer"
concern = "down"
min = 0
max = 999
scope = "patient"
parent = "rf.stroke"
[item."rf.chest"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
class = "T2"
[item."rf.cold"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
class = "E"
[item."rf.cold.old"]
type = "yesno"
options = ["yes", "unsure", "no"]
scope = "patient"
parent = "rf.cold"
[item."rf.thin"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
class = "U"
[item."rf.scalp"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
class = "E"
age_from = 50
[item."rf.private"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
class = "S"
gates = ["g.two"]
gate_limbs = ["leg"]
[item.age]
type = "integer"
min = 0
max = 120
ordered = false
scope = "patient"
[item.trend]
type = "choice"
options = ["better", "same", "unsure", "worse"]
scope = "patient"
[item."hx.diabetes"]
type = "yesno"
options = ["no", "unsure", "yes"]
scope = "patient"
[item.region]
type = "choice"
options = ["hand", "foot"]
ordered = false
scope = "limb"
[item.digits]
type = "multi"
options = ["unsure", "thumb", "index", "middle", "little"]
ordered = false
scope = "limb"
limbs = ["arm"]
[item.feel]
type = "choice"
options = ["normal", "unsure", "less", "none"]
scope = "limb"
[item."t.spread"]
type = "choice"
options = ["ok", "unsure", "weak", "cannot"]
unsure_as = "open"
scope = "limb"
limbs = ["arm"]
[item."t.spread.reason"]
type = "choice"
options = ["pain", "unsure", "none"]
blank = "worst"
scope = "limb"
limbs = ["arm"]
parent = "t.spread"
when = ["unsure", "weak", "cannot"]
[item."t.walk"]
type = "choice"
options = ["ok", "unsure", "weak", "cannot"]
unsure_as = "open"
scope = "limb"
limbs = ["leg"]
[item."t.walk.reason"]
type = "choice"
options = ["pain", "unsure", "none"]
blank = "worst"
scope = "limb"
limbs = ["leg"]
parent = "t.walk"
when = ["unsure", "weak", "cannot"]
"""


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    """The small vocabulary."""
    return read_vocabulary(Table("vocabulary.toml", tomllib.loads(WORDS)))


@pytest.fixture(scope="session")
def rules_of(words: Vocabulary) -> Callable[[str], RuleSet]:
    """Turns the text of a rules.toml into rules; a rule without scope and sources gets them."""

    def read(text: str) -> RuleSet:
        table = tomllib.loads(text)
        table["rule"] = [{"scope": "person", **rule} for rule in table.get("rule", [])]
        return read_rules(
            Table("rules.toml", table), words, pathway="test", version="1", checksum="0", lines={}
        )

    return read


@pytest.fixture(scope="session")
def nerve_rules() -> RuleSet:
    """The rules of the nerve-symptoms pathway as they stand in this repository."""
    return Catalogue.load(Path(__file__).parents[2] / "questionnaires").newest("nerve-symptoms").rules
