"""Create, read, update, delete and history, with their conditions and their headers."""

from __future__ import annotations

import pytest

from triage_app.sandbox import Hospital

from .conftest import FHIR, Caller, Clock, body_of, observation, said

KEY = "identifier=https://example.org/id|one"


def make(caller: Caller, **changes: object) -> dict[str, object]:
    answer = caller.post("/Observation", observation(**changes))
    assert answer.status_code == 201
    return body_of(answer)


class TestCreate:
    """POST."""

    def test_the_answer_says_where_and_which_version(self, alice: Caller) -> None:
        answer = alice.post(
            "/Observation", observation(id="mine", meta={"versionId": "7", "tag": [{"code": "t"}]})
        )
        made = body_of(answer)
        assert answer.status_code == 201
        assert answer.content_type == "application/fhir+json; charset=utf-8"
        assert answer.headers["ETag"] == 'W/"1"'
        assert answer.headers["Last-Modified"] == "Fri, 20 Nov 2026 12:00:00 GMT"
        assert answer.location == f"{FHIR}/Observation/{made['id']}/_history/1"
        assert made["id"] != "mine"
        assert made["meta"] == {
            "versionId": "1",
            "lastUpdated": "2026-11-20T12:00:00.000+00:00",
            "tag": [{"code": "t"}],
        }

    def test_what_was_sent_is_what_is_stored(self, alice: Caller, hospital: Hospital) -> None:
        made = make(alice, note=[{"text": "Übung – 日本 🖐 \\u0041"}], valueInteger=0)
        assert hospital.store.all("Observation") == [made]
        assert {name: made[name] for name in observation() if name != "valueInteger"}.items() <= made.items()
        assert made["note"] == [{"text": "Übung – 日本 🖐 \\u0041"}]

    @pytest.mark.parametrize(
        ("wish", "body"), [("return=minimal", ""), ("RETURN=minimal; handling=lenient", "")]
    )
    def test_minimal_is_nothing_but_headers(self, alice: Caller, wish: str, body: str) -> None:
        answer = alice.post("/Observation", observation(), Prefer=wish)
        assert (answer.status_code, answer.text) == (201, body)
        assert answer.location

    def test_an_outcome_comes_where_it_is_preferred(self, alice: Caller) -> None:
        answer = alice.post("/Observation", observation(), Prefer="return=OperationOutcome")
        assert said(answer).endswith("is stored as version 1")

    def test_a_condition_that_nothing_meets_creates(self, alice: Caller) -> None:
        assert alice.post("/Observation", observation(), If_None_Exist=KEY).status_code == 201

    def test_a_condition_that_one_meets_answers_with_that_one(
        self, alice: Caller, hospital: Hospital
    ) -> None:
        made = make(alice)
        again = alice.post("/Observation", observation(valueInteger=9), If_None_Exist=f"?{KEY}")
        assert (again.status_code, body_of(again)) == (200, made)
        assert again.location.endswith(f"{made['id']}/_history/1")
        assert len(hospital.store.all("Observation")) == 1

    def test_a_condition_that_several_meet_is_not_decided(self, alice: Caller, hospital: Hospital) -> None:
        make(alice)
        make(alice)
        assert alice.post("/Observation", observation(), If_None_Exist=KEY).status_code == 412
        assert len(hospital.store.all("Observation")) == 2

    @pytest.mark.parametrize("condition", ["", "nonsense=1", "_count=1", "identifier="])
    def test_a_condition_that_says_nothing_is_refused(self, alice: Caller, condition: str) -> None:
        answer = alice.post("/Observation", observation(), If_None_Exist=condition)
        assert answer.status_code in {400, 412}

    def test_another_patients_match_is_no_match(self, alice: Caller, hospital: Hospital) -> None:
        theirs = observation(subject={"reference": "Patient/charlie"})
        hospital.store.write(theirs, "theirs", method="PUT")  # type: ignore[union-attr]
        assert alice.post("/Observation", observation(), If_None_Exist=KEY).status_code == 201

    def test_a_repeat_after_a_deletion_creates_again(self, alice: Caller) -> None:
        made = make(alice)
        alice.call("DELETE", f"/Observation/{made['id']}")
        assert alice.post("/Observation", observation(), If_None_Exist=KEY).status_code == 201


class TestRead:
    """GET."""

    def test_a_version_stays_readable(self, alice: Caller, clock: Clock) -> None:
        made = make(alice)
        clock.go_on(seconds=5)
        alice.put(f"/Observation/{made['id']}", made | {"valueInteger": 8})
        old = alice.get(f"/Observation/{made['id']}/_history/1")
        assert body_of(old) == made
        assert old.headers["ETag"] == 'W/"1"'
        new = body_of(alice.get(f"/Observation/{made['id']}"))
        assert (new["valueInteger"], new["meta"]["versionId"]) == (8, "2")

    def test_a_version_that_the_caller_has_is_not_sent_again(self, alice: Caller) -> None:
        made = make(alice)
        answer = alice.get(f"/Observation/{made['id']}", If_None_Match='W/"1"')
        assert (answer.status_code, answer.text) == (304, "")

    @pytest.mark.parametrize(
        "path", ["/Observation/none", "/Observation/none/_history", "/Patient/alice/_history/2"]
    )
    def test_what_is_not_there_is_not_found(self, alice: Caller, path: str) -> None:
        assert alice.get(path).status_code == 404

    @pytest.mark.parametrize(
        "path", ["/Account/1", "/Account", "/observation/1", "/$export", "/Patient/alice/$everything"]
    )
    def test_what_is_not_kept_here_gets_a_fhir_answer(self, alice: Caller, path: str) -> None:
        answer = alice.get(path)
        assert answer.status_code == 404
        assert said(answer)

    def test_an_xml_answer_is_not_to_be_had(self, alice: Caller) -> None:
        assert alice.get("/Patient/alice", Accept="application/fhir+xml").status_code == 406
        assert alice.get("/Patient/alice?_format=xml").status_code == 406
        assert alice.get("/Patient/alice?_format=json").status_code == 200


class TestUpdate:
    """PUT."""

    def test_if_match_with_the_current_version_is_stored(self, alice: Caller) -> None:
        made = make(alice)
        answer = alice.put(f"/Observation/{made['id']}", made | {"status": "amended"}, If_Match='W/"1"')
        assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')

    def test_if_match_with_an_older_version_changes_nothing(self, alice: Caller, hospital: Hospital) -> None:
        made = make(alice)
        alice.put(f"/Observation/{made['id']}", made | {"valueInteger": 7}, If_Match='W/"1"')
        late = alice.put(f"/Observation/{made['id']}", made | {"valueInteger": 8}, If_Match='W/"1"')
        assert late.status_code == 412
        assert said(late) == 'If-Match: found version 2 here, expected W/"1"'
        assert [one["valueInteger"] for one in hospital.store.all("Observation")] == [7]

    @pytest.mark.parametrize("tag", ["1", "W/1", "*", 'W/"one"', ""])
    def test_if_match_must_be_an_entity_tag(self, alice: Caller, tag: str) -> None:
        made = make(alice)
        assert alice.put(f"/Observation/{made['id']}", made, If_Match=tag).status_code == 400

    def test_an_id_of_the_callers_choice_is_taken_once_with_if_none_match(self, alice: Caller) -> None:
        mine = observation(id="my-own-id")
        first = alice.put("/Observation/my-own-id", mine, If_None_Match="*")
        assert (first.status_code, first.headers["ETag"]) == (201, 'W/"1"')
        assert alice.put("/Observation/my-own-id", mine, If_None_Match="*").status_code == 412

    def test_the_id_in_the_body_is_that_of_the_url(self, alice: Caller) -> None:
        made = make(alice)
        assert alice.put(f"/Observation/{made['id']}", observation(id="other")).status_code == 400
        assert alice.put(f"/Observation/{made['id']}", observation()).status_code == 400
        assert alice.put("/Observation/not_an_id", observation(id="not_an_id")).status_code == 422

    def test_the_type_in_the_body_is_that_of_the_url(self, alice: Caller) -> None:
        assert alice.put("/Task/x", observation(id="x")).status_code == 400

    def test_a_patch_is_not_among_the_interactions(self, alice: Caller) -> None:
        assert alice.call("PATCH", "/Patient/alice", {"active": False}).status_code in {404, 405}


class TestDeleteAndHistory:
    """DELETE and _history."""

    def test_what_was_deleted_is_gone_and_its_versions_are_not(self, alice: Caller) -> None:
        made = make(alice)
        path = f"/Observation/{made['id']}"
        assert alice.call("DELETE", path).status_code == 204
        assert alice.get(path).status_code == 410
        assert alice.get(f"{path}/_history/1").status_code == 200
        assert alice.get(f"{path}/_history/2").status_code == 410
        assert alice.found("/Observation") == []

    def test_deleting_twice_is_no_error(self, alice: Caller) -> None:
        made = make(alice)
        alice.call("DELETE", f"/Observation/{made['id']}")
        assert alice.call("DELETE", f"/Observation/{made['id']}").status_code == 204
        assert alice.call("DELETE", "/Observation/never-there").status_code == 204

    def test_deleting_an_older_version_is_refused(self, alice: Caller) -> None:
        made = make(alice)
        assert alice.call("DELETE", f"/Observation/{made['id']}", If_Match='W/"3"').status_code == 412
        assert alice.get(f"/Observation/{made['id']}").status_code == 200

    def test_a_deleted_id_may_live_again(self, alice: Caller) -> None:
        mine = observation(id="again")
        alice.put("/Observation/again", mine)
        alice.call("DELETE", "/Observation/again")
        back = alice.put("/Observation/again", mine)
        assert (back.status_code, back.headers["ETag"]) == (201, 'W/"3"')

    def test_the_history_tells_every_version_newest_first(self, alice: Caller) -> None:
        made = make(alice)
        alice.put(f"/Observation/{made['id']}", made | {"valueInteger": 8})
        history = body_of(alice.get(f"/Observation/{made['id']}/_history"))
        assert (history["type"], history["total"]) == ("history", 2)
        assert [entry["request"]["method"] for entry in history["entry"]] == ["PUT", "POST"]
        assert [entry["response"]["etag"] for entry in history["entry"]] == ['W/"2"', 'W/"1"']


class TestHostileBodies:
    """Bodies that no honest app would send."""

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not json",
            b"[]",
            b"null",
            b"1",
            b'"x"',
            b'{"resourceType":"Observation"',
            b"\xff\xfe{}",
            b'{"resourceType":"Observation","resourceType":"Task"}',
            b'{"a": NaN}',
            b'{"a": "\\ud800"}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
        ],
        ids=range(13),
    )
    def test_a_body_that_is_no_json_object_is_refused(self, alice: Caller, body: bytes) -> None:
        answer = alice.post("/Observation", body)
        assert answer.status_code == 400
        assert said(answer).startswith("the body is")

    def test_another_content_type_is_refused(self, alice: Caller) -> None:
        for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "text/html"):
            assert alice.post("/Observation", observation(), Content_Type=kind).status_code == 415

    def test_a_body_beyond_five_mebibytes_is_refused(self, alice: Caller) -> None:
        answer = alice.post("/Observation", b" " * (5 * 1024 * 1024 + 1))
        assert answer.status_code == 413
        assert body_of(answer)["resourceType"] == "OperationOutcome"

    def test_sql_in_an_id_is_only_an_id(self, alice: Caller) -> None:
        assert alice.get("/Observation/x' or '1'='1").status_code == 404
        assert alice.found("/Patient?identifier=x' or 1=1 --") == []
        assert alice.found("/Patient?_id=alice") == ["alice"]
