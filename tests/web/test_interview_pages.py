"""The patient's pages: every answer is kept, nothing is assumed, nothing is asked twice."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from interview_walk import BASE_URL, Html, Walk, a_walk

FIRST_PAGE = {"g.sudden": "no", "g.speech": "no", "g.spread": "no", "g.breath": "no", "rf.chest": "no"}


@pytest.fixture
def alice(tmp_path: Path) -> Walk:
    return a_walk(tmp_path)


def test_the_landing_page_says_who_reads_and_what_this_is_not(alice: Walk) -> None:
    page = alice.page("")
    assert "Hand clinic" in page.text
    assert "within two working days" in page.text
    assert "does not tell you what illness you have" in page.text
    assert page.links["Start now"] == alice.url("q/screen.1")


def test_nothing_is_chosen_before_the_person_chooses(alice: Walk) -> None:
    for path in ("q/screen.1", "q/screen.3", "q/limb"):
        page = alice.page(path)
        assert not [name for name in page.fields if page.chosen(name)], path


def test_an_unanswered_page_is_an_error_and_never_a_none(alice: Walk) -> None:
    response = alice.post("q/screen.3")
    page = Html(response.text)
    assert response.status_code == 422
    assert page.title.startswith("Error:")
    assert page.text.count("Choose all that apply, or choose “None of these”") == 2
    assert "g.cut" not in alice.answers()["person"]


def test_an_error_keeps_what_was_typed_and_names_each_open_line(alice: Walk) -> None:
    response = alice.post("q/screen.1", {"g.sudden": "no", "g.speech": "unsure"})
    page = Html(response.text)
    assert page.chosen("g.sudden") == ["no"]
    assert page.chosen("g.speech") == ["unsure"]
    assert page.text.count("Choose an answer: Is a weak or numb feeling spreading") == 2
    assert "Choose an answer: Did your face" not in page.text


def test_an_error_leads_to_the_first_control_of_its_line(alice: Walk) -> None:
    html = alice.post("q/screen.1", {"g.sudden": "no"}).text
    targets = re.findall(r'href="#([^"]+)"', html)
    assert all(f'id="{target}"' in html for target in targets)
    assert "g-speech-yes" in targets


def test_a_wrong_number_says_what_was_found_and_what_is_expected(alice: Walk) -> None:
    response = alice.post("q/age", {"age": "forty"})
    page = Html(response.text)
    assert "You entered “forty”. Enter a whole number such as 3" in page.text
    assert page.values["age"] == "forty"


def test_none_of_these_writes_no_to_every_sign_of_its_page(alice: Walk) -> None:
    alice.post("q/screen.3", {"screen.3": "none"})
    person = alice.answers()["person"]
    assert {
        link_id: person[link_id] for link_id in ("g.cut", "g.injury", "g.procedure", "g.cast", "g.hot")
    } == {
        "g.cut": "no",
        "g.injury": "no",
        "g.procedure": "no",
        "g.cast": "no",
        "g.hot": "no",
    }


def test_a_tick_and_none_together_are_asked_about(alice: Walk) -> None:
    response = alice.post("q/screen.3", {"screen.3": "none", "g.cut": "yes"})
    assert response.status_code == 422
    assert "Choose the one that is right" in response.text


def test_not_sure_about_one_turns_the_page_into_one_line_for_each_sign(alice: Walk) -> None:
    response = alice.post("q/screen.3", {"screen.3": "unsure", "g.cut": "yes"})
    assert response.location == alice.url("q/screen.3?each=1")
    page = alice.page("q/screen.3?each=1")
    assert page.chosen("g.cut") == ["yes"]
    assert page.chosen("g.injury") == []
    assert {code for code, _ in page.fields["g.injury"]} == {"yes", "no", "unsure"}


def test_a_stored_not_sure_comes_back_as_one_line_for_each_sign(alice: Walk) -> None:
    signs = dict.fromkeys(("g.cut", "g.injury", "g.procedure", "g.cast", "g.hot", "g.pain"), "no")
    alice.post("q/screen.3?each=1", {**signs, "g.hot": "unsure"})
    assert alice.page("q/screen.3").chosen("g.hot") == ["unsure"]


def test_each_limb_has_pages_of_its_own_and_says_whose_it_is(alice: Walk) -> None:
    assert alice.post("q/limb", {"limb": ["right-arm", "left-leg"]}).location == alice.url(
        "q/right-arm/region"
    )
    page = alice.page("q/right-arm/region")
    assert "Your right arm" in page.text
    assert {code for code, _ in page.fields["region"]} == {"hand", "arm", "shoulder"}
    alice.post("q/right-arm/region", {"region": "hand"})
    alice.post("q/left-leg/region", {"region": "foot"})
    limbs = {(limb["kind"], limb["side"]): limb["answers"] for limb in alice.answers()["limbs"]}
    assert limbs == {("arm", "right"): {"region": "hand"}, ("leg", "left"): {"region": "foot"}}


def test_a_limb_that_is_taken_back_and_taken_up_again_keeps_its_answers(alice: Walk) -> None:
    alice.post("q/limb", {"limb": "right-arm"})
    alice.post("q/right-arm/region", {"region": "hand"})
    alice.post("q/limb", {"limb": "left-arm"})
    assert [limb["side"] for limb in alice.answers()["limbs"]] == ["left"]
    alice.post("q/limb", {"limb": "right-arm"})
    assert alice.page("q/right-arm/region").chosen("region") == ["hand"]


def test_a_page_that_the_answers_do_not_lead_to_goes_to_the_first_open_one(alice: Walk) -> None:
    response = alice.get("q/rf.stroke")
    assert (response.status_code, response.location) == (303, alice.url("q/screen.1"))


def test_a_path_outside_the_form_is_not_found(alice: Walk) -> None:
    assert alice.get("q/no.such.question").status_code == 404


def test_a_second_press_of_continue_changes_nothing(alice: Walk) -> None:
    alice.post("q/screen.1", FIRST_PAGE)
    before = alice.answers()["person"]
    alice.post("q/screen.1", FIRST_PAGE)
    assert alice.answers()["person"] == before


def test_two_tabs_on_two_pages_both_keep_their_answers(alice: Walk) -> None:
    one, two = alice.page("q/screen.1").hidden, alice.page("q/age").hidden
    alice.send("q/screen.1", {**one, **FIRST_PAGE})
    alice.send("q/age", {**two, "age": "52"})
    assert alice.answers()["person"]["age"] == {"number": "52"}
    assert alice.answers()["person"]["g.sudden"] == "no"


def test_the_next_launch_goes_on_where_the_last_one_stopped(alice: Walk) -> None:
    alice.post("q/screen.1", FIRST_PAGE)
    page = alice.page("")
    assert "go on where you stopped" in page.text
    assert page.links["Go on"] == alice.url("q/screen.2")


def test_after_a_day_the_warning_signs_are_asked_again_and_the_rest_is_kept(alice: Walk) -> None:
    alice.walk({"limb": "right-arm", "g.pain": "yes"})
    alice.clock.now += timedelta(hours=24, minutes=1)
    stale = a_new_launch(alice)
    page = stale.page("")
    assert "we ask the warning signs again" in page.text
    assert page.links["Go on"] == stale.url("q/screen.1")
    assert not stale.page("q/screen.1").chosen("g.sudden")
    stale.post("q/screen.1", FIRST_PAGE)
    assert [limb["side"] for limb in stale.answers()["limbs"]] == ["right"]
    assert {"path": "g.pain", "told": {"before": "yes"}} in [
        {"path": change["path"], "told": change["told"]} for change in stale.answers()["changes"]
    ]


def a_new_launch(walk: Walk) -> Walk:
    """The same person in a new session of the same app."""
    launch = replace(walk.launch, id="launch-9", created_at=walk.clock.now, last_seen_at=walk.clock.now)
    walk.services.storage.save_launch(launch)
    client = walk.app.test_client()
    client.set_cookie("nt-launch-9", "alice-s-browser", domain="127.0.0.1")
    return Walk(walk.app, client, launch, walk.clock)


def test_a_yes_that_becomes_a_no_is_kept_for_the_clinician(alice: Walk) -> None:
    alice.post("q/screen.2", {"rf.saddle": "unsure", "rf.bladder": "no", "rf.bowel": "no", "g.legs": "no"})
    alice.post("q/screen.2", {"rf.saddle": "no", "rf.bladder": "no", "rf.bowel": "no", "g.legs": "no"})
    (change,) = alice.answers()["changes"]
    assert (change["path"], change["told"]) == ("rf.saddle", {"before": "unsure", "after": "no"})


def test_a_person_with_nothing_reaches_the_check_page_in_few_pages(alice: Walk) -> None:
    assert alice.walk({"limb": "right-arm"}) == "check"
    assert len(alice.seen) <= 27, alice.seen


def test_a_child_stops_after_the_second_page(alice: Walk) -> None:
    assert alice.walk({"age": "12"}) == "check"
    assert alice.seen[-1] == "q/age"


def test_the_check_page_shows_every_answer_and_a_way_to_change_it(alice: Walk) -> None:
    alice.walk({"limb": "right-arm", "g.cut": "yes"})
    page = alice.page("check")
    assert "Your right arm" in page.text
    assert "A cut, a bite" in page.text
    assert "Not answered" not in page.text
    assert page.links["Change: How old are you?"] == alice.url("q/age?change=1")


def test_a_change_comes_back_to_the_check_page_with_any_new_question_first(alice: Walk) -> None:
    alice.walk({"limb": "right-arm"})
    assert alice.post("q/age?change=1", {"age": "41"}).location == alice.url("check")
    signs = dict.fromkeys(("g.cut", "g.injury"), "yes")
    response = alice.post("q/screen.3?change=1", signs)
    assert response.location.startswith(alice.url("q/"))
    assert response.location.endswith("change=1")


def test_an_open_question_is_named_and_send_is_not_offered(alice: Walk) -> None:
    alice.post("q/screen.1", FIRST_PAGE)
    page = alice.page("check")
    assert "Some questions are not answered yet" in page.text
    assert "Send my answers" not in page.text


def test_the_crisis_line_stands_on_the_page_about_ending_ones_life(alice: Walk) -> None:
    alice.walk({"limb": "right-arm"})
    path = next(path for path in alice.seen if "rf.self_harm" in alice.page(path).fields)
    assert "116 123" in alice.page(path).text


def test_save_and_finish_later_says_that_nothing_was_sent(alice: Walk) -> None:
    alice.post("q/screen.1", FIRST_PAGE)
    page = alice.page("later")
    assert "not yet in your record" in page.text
    assert "within 7 days" in page.text


def test_pages_are_small(alice: Walk) -> None:
    first = alice.get("")
    squeezed = alice.client.get(alice.url(""), headers={"Accept-Encoding": "gzip"}, base_url=BASE_URL)
    assert squeezed.content_encoding == "gzip"
    links = re.findall(r'(?:href|src)="(/assets/[^"]+)"', first.text)
    weight = len(gzip.compress(first.data)) + sum(
        len(alice.client.get(link, headers={"Accept-Encoding": "gzip"}).data) for link in links
    )
    assert weight <= 20 * 1024, weight
    alice.walk({"limb": ["right-arm", "left-arm", "right-leg", "left-leg"]})
    heavy = {path: len(gzip.compress(alice.get(path).data)) for path in {*alice.seen, "check"}}
    assert max(heavy.values()) <= 6 * 1024, max(heavy.items(), key=lambda item: item[1])


def test_pages_name_no_other_host_and_hold_no_inline_script(alice: Walk) -> None:
    for path in ("", "q/screen.1", "q/screen.3", "q/limb", "check", "later"):
        html = alice.get(path).text
        assert not re.findall(r'(?:href|src|action)="(?:https?:)?//', html), path
        assert not re.findall(r"<script(?![^>]*\bsrc=)", html), path
        assert " style=" not in html, path
        assert " on" + "click" not in html, path


def test_own_files_may_be_kept_for_ever(alice: Walk) -> None:
    link = re.findall(r'href="(/assets/[^"]+app\.css)"', alice.get("").text)[0]
    response = alice.client.get(link)
    assert response.cache_control.immutable
    assert response.cache_control.max_age >= 31_536_000


def test_a_none_that_a_failed_test_contradicts_is_asked_again_once(alice: Walk) -> None:
    assert alice.walk({"limb": "right-arm", "t.wrist_up": "cannot", "weak.since": "wk1_4"}) == "check"
    response = alice.get("check")
    assert response.status_code == 303
    path = response.location.removeprefix(alice.url(""))
    assert "again=1" in path
    page = alice.page(path)
    assert "Please look at this once more" in page.text
    alice.post(path, alice.least(page, path, {}))
    assert alice.get("check").location != response.location


def test_a_search_engine_is_told_to_stay_away_and_nothing_is_kept_by_the_browser(alice: Walk) -> None:
    response = alice.get("q/screen.1")
    assert response.headers["Cache-Control"] == "no-store"
    assert 'content="noindex"' in response.text


def test_an_answer_that_comes_after_the_session_is_kept(alice: Walk) -> None:
    fields = {**alice.page("q/screen.1").hidden, **FIRST_PAGE}
    alice.clock.now += timedelta(minutes=21)
    response = alice.send("q/screen.1", fields)
    assert response.status_code == 401
    assert alice.answers()["person"]["g.sudden"] == "no"


def test_the_trunk_and_the_face_can_be_the_place(alice: Walk) -> None:
    alice.post("q/limb", {"limb": "middle-trunk"})
    page = alice.page("q/middle-trunk/region")
    assert "Your body or face" in page.text
    assert {code for code, _ in page.fields["region"]} == {"trunk", "face"}


def test_a_missing_field_of_one_page_never_touches_another(alice: Walk) -> None:
    alice.post("q/age", {"age": "52"})
    alice.post("q/screen.3", {"screen.3": "none", "age": "7"})
    assert alice.answers()["person"]["age"] == {"number": "52"}


def test_what_a_person_types_is_shown_again_as_text_and_never_as_a_page(alice: Walk) -> None:
    evil = '"><script>alert(1)</script>'
    html = alice.post("q/age", {"age": evil}).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_number_says_its_unit_when_it_is_asked_and_when_it_is_checked(alice: Walk) -> None:
    alice.post("q/age", {"age": "52"})
    assert "years" in alice.page("q/age").text
    assert "52 years" in alice.page("check").text


def test_the_page_names_the_language_that_it_speaks(tmp_path: Path) -> None:
    walk = a_walk(tmp_path, language="xx")
    assert '<html lang="en">' in walk.get("").text
