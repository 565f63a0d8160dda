"""Patients read no diagnosis, no probability, no reassurance, no order about a medicine, and no jargon."""

from __future__ import annotations

import re

import pytest
from patient_text import all_texts, patient_words, told_texts, vocabulary

REFUSED = {
    "diagnosis": (
        r"\byou (have|suffer from|are suffering from) (an? |the )?(carpal|cubital|radial|trapped|pinched)"
        r"|\byou (have|had) (an? |the )?(slipped|stroke|neuropathy|sciatica|compression|damage)"
        r"|\b(carpal|cubital|tarsal) tunnel\b|\bsyndrome\b|\bdiagnos|\bneuropathy\b"
        r"|\bthis (is|means) (that )?you\b"
    ),
    "probability": r"\d\s?%|\bper ?cent\b|\b(likely|unlikely|probabl|chances?|odds|risk of)\w*\b",
    "reassurance": (
        r"nothing serious|don.t worry|do not worry|no need to (worry|contact|call)|\bnot serious"
        r"|\bharmless\b"
        r"|\bno danger\b|\breassur|\bon track\b|recovering well|you are fine|all is well|\bnormal result"
        r"|perfectly normal|\bsafe to (wait|ignore)"
    ),
    "promise": (
        r"\bwill (get better|recover|heal|go away|help you)\b|avoid (an operation|surgery)|\bcured?\b"
        r"|\bpermanent\b|too late|another operation|you did not do your"
    ),
    "medicine order": (
        r"(?<!do not )(?<!never )\bstop (taking |your |the )+(tablet|medicine|blood thinner|insulin|steroid)"
        r"|\b\d+ ?(mg|ml|tablets?)\b|take the (dressing|cast) off|numb is expected"
    ),
    "ablation before it was done": r"\babla[td]|\bphenol\b.*nerve|\bradiofrequency\b",
    "jargon": (
        r"\b(paraesthesia|paresthesia|distal|proximal|bilateral|unilateral|exacerbate|radiate|onset)\b"
        r"|\b(affected limb|median|ulnar|peroneal|etiology|idiopathic)\b"
    ),
}
AFTER_TREATMENT = "/education_after_treatment/"
EXEMPT = {
    ("promise", "hx.cancer.help"): "names the word that makes people say no: cured",
}


@pytest.mark.parametrize("name", REFUSED)
def test_patient_text_never_says(name: str) -> None:
    found = {
        where: text
        for where, text in all_texts()
        if re.search(REFUSED[name], text, re.IGNORECASE)
        and (name, where) not in EXEMPT
        and not (name.startswith("ablation") and where.startswith(AFTER_TREATMENT))
    }
    assert not found


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("diagnosis", "You have carpal tunnel syndrome."),
        ("diagnosis", "This means you need rest."),
        ("probability", "It is 82 % likely to be a nerve."),
        ("probability", "You are unlikely to need care."),
        ("reassurance", "Don't worry, it is nothing serious."),
        ("promise", "It will get better."),
        ("medicine order", "Stop taking your tablets."),
        ("ablation before it was done", "Ablation could help."),
        ("jargon", "Is it worse in the distal part?"),
    ],
)
def test_the_phrase_test_refuses(name: str, sentence: str) -> None:
    assert re.search(REFUSED[name], sentence, re.IGNORECASE)


def test_a_pattern_is_told_as_a_similarity_with_other_causes() -> None:
    for code, text in patient_words()["pattern"].items():
        if code != "none":
            assert text.startswith("Your answers are similar to ")
            assert text.endswith("Other causes can feel the same.")


def test_patterns_of_emergencies_brain_and_cancer_have_no_words_for_patients() -> None:
    kinds = {code: pattern["kind"] for code, pattern in vocabulary()["pattern"].items()}
    shown = set(patient_words()["pattern"])
    assert shown <= set(kinds)
    assert not {code for code in shown if kinds[code] in ("emergency", "central", "cord", "vascular")}
    assert not shown & {"mnd", "mscc", "apex-mass", "mass", "ms", "amyotrophy", "vasculitis"}


def test_every_flag_has_a_phrase_and_every_phrase_a_flag() -> None:
    asked = {link_id for link_id, item in vocabulary()["item"].items() if "class" in item}
    assert set(patient_words()["flag"]) == asked | set(vocabulary()["finding"])


def test_every_route_but_ablation_has_words() -> None:
    assert set(patient_words()["route"]) == set(vocabulary()["route"]) - {"PAIN-ABLATION"}


def test_every_urgency_says_what_to_do() -> None:
    assert set(patient_words()["urgency"]) == {
        *("EMERGENCY_call", "EMERGENCY_go", "SAME_DAY", "URGENT_2W"),
        *("SOON", "ROUTINE", "SELF_CARE", "UNDETERMINED"),
    }
    for words in patient_words()["urgency"].values():
        assert words["heading"]
        assert words["lines"]


def test_an_emergency_names_the_local_number_and_never_says_to_drive() -> None:
    for mode in ("EMERGENCY_call", "EMERGENCY_go"):
        words = patient_words()["urgency"][mode]
        text = " ".join([words["heading"], *words["lines"]])
        assert "{emergency_number}" in text
        assert not re.search(r"(?<!not )\bdrive\b", text)


def test_only_known_placeholders_are_used() -> None:
    assert list(told_texts())  # raises KeyError on any other


def test_the_safety_net_holds_the_signs_of_stroke_cauda_equina_breath_and_limb() -> None:
    call = " ".join(patient_words()["safety_net"]["call"])
    signs = ("face", "speech", "breathe", "chest", "pee", "poo", "between your legs", "walk", "cold", "fever")
    for sign in (*signs, "{crisis_helpline}"):
        assert sign in call
