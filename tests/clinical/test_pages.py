"""How the form is cut into pages."""

from decimal import Decimal

import pytest

from triage_app.clinical.answers import Answers, Limb
from triage_app.clinical.pages import next_page, page_for, pages, previous_page, whole_page
from triage_app.clinical.questionnaire import EnableWhen, Option, Question, Questionnaire
from triage_app.clinical.terms import LimbKind, Side

YES_NO = tuple(Option(code, "s", code) for code in ("no", "yes", "unsure"))


def choice(link_id: str, *items: Question, when: str = "") -> Question:
    """A yes-no question, in play when ``when`` is answered yes."""
    conditions = (EnableWhen(when, "=", "yes"),) if when else ()
    return Question(link_id, "choice", link_id, options=YES_NO, enable_when=conditions, items=items)


def group(link_id: str, *items: Question, when: tuple[EnableWhen, ...] = ()) -> Question:
    """A group of questions."""
    return Question(link_id, "group", f"Group {link_id}", items=items, enable_when=when)


ARM = (EnableWhen("limb.kind", "=", "arm"),)
DEEP = choice("rf.c.deep", when="rf.c.more")
HAND = group("limb.hand", choice("palm"), when=ARM)
FORM = Questionnaire(
    "https://example.org/Questionnaire/q",
    "1.0.0",
    "A form",
    "en",
    (
        group(
            "screen",
            group("screen.1", choice("g.a"), choice("rf.b", choice("rf.b.when", when="rf.b"))),
            choice(
                "rf.c", choice("rf.c.more", choice("rf.c.deep", when="rf.c.more"), when="rf.c"), when="g.a"
            ),
            Question("age", "integer", "Age"),
        ),
        group(
            "limb",
            choice("limb.kind"),
            choice("side"),
            choice("region"),
            group("limb.hand", choice("palm"), when=ARM),
        ),
        group("course", group("course.time", choice("trend")), choice("later", when="palm")),
    ),
)
RIGHT_ARM = Limb(LimbKind.ARM, Side.RIGHT)
LEFT_LEG = Limb(LimbKind.LEG, Side.LEFT)


def paths(answers: Answers) -> list[str]:
    return [page.path for page in pages(FORM, answers)]


def test_a_group_is_one_page_and_a_question_is_one_page():
    assert paths(Answers()) == ["screen.1", "age", "limb", "course.time"]


def test_the_details_of_a_yes_are_one_further_page_right_behind_it():
    assert paths(Answers({"rf.b": "yes"}))[:3] == ["screen.1", "rf.b/details", "age"]


def test_an_opened_question_brings_its_details_and_theirs():
    answers = Answers({"g.a": "yes", "rf.c": "yes", "rf.c.more": "yes"})
    assert paths(answers)[1:4] == ["rf.c", "rf.c/details", "rf.c.more/details"]


def test_each_limb_gets_its_own_pages_right_before_left_and_arm_before_leg():
    found = paths(Answers({}, (LEFT_LEG, RIGHT_ARM)))
    assert found[2:6] == ["limb", "right-arm/region", "right-arm/limb.hand", "left-leg/region"]


def test_a_page_says_whose_limb_it_asks_about_and_where_its_answer_is_kept():
    page = page_for(FORM, Answers({}, (RIGHT_ARM,)), "right-arm/limb.hand")
    assert page is not None
    assert page.limb == RIGHT_ARM
    assert page.answers_path(page.questions[0]) == "arm-right/palm"


def test_kind_and_side_are_never_asked_of_a_limb_that_was_chosen():
    asked = [
        question.link_id for page in pages(FORM, Answers({}, (RIGHT_ARM,))) for question in page.questions
    ]
    assert "limb.kind" not in asked
    assert "side" not in asked


def test_parts_are_counted_from_one():
    found = pages(FORM, Answers())
    assert [(page.part, page.part_count) for page in found] == [(1, 3), (1, 3), (2, 3), (3, 3)]


def test_next_and_previous_are_neighbours_and_end_at_the_ends():
    assert next_page(FORM, Answers(), "screen.1").path == "age"
    assert previous_page(FORM, Answers(), "age").path == "screen.1"
    assert previous_page(FORM, Answers(), "screen.1") is None
    assert next_page(FORM, Answers(), "course.time") is None
    assert next_page(FORM, Answers(), "no.such.page") is None


def test_a_page_that_the_answers_do_not_lead_to_is_not_found():
    assert page_for(FORM, Answers(), "rf.c") is None


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("screen.1", ["g.a", "rf.b"]),
        ("rf.c", ["rf.c"]),
        ("rf.c/details", ["rf.c.more"]),
        ("right-arm/limb.hand", ["palm"]),
        ("left-leg/region", ["region"]),
        ("limb", []),
    ],
)
def test_a_posted_page_can_be_read_from_the_form_alone(path, asked):
    page = whole_page(FORM, path)
    assert page is not None
    assert [question.link_id for question in page.questions] == asked


@pytest.mark.parametrize("path", ["", "nothing", "right-arm/age", "region", "up-arm/region", "screen"])
def test_a_path_that_no_answers_could_lead_to_is_no_page(path):
    assert whole_page(FORM, path) is None


def test_numbers_do_not_open_what_waits_for_a_code():
    assert "rf.c" not in paths(Answers({"g.a": Decimal(1)}))
