"""`/rest/v1/rpc` speaks as PostgREST does: choosing, converting, answering, refusing."""

from __future__ import annotations

import json
import time
from typing import Any

import psycopg
import pytest

from tests.api.laboratory import Laboratory
from tests.api.people import Person

JSON_UTF8 = "application/json; charset=utf-8"


@pytest.fixture(scope="module")
def owner(laboratory: Laboratory) -> psycopg.Connection[Any]:
    return laboratory.owner


@pytest.fixture
def nobody(laboratory: Laboratory) -> Person:
    return laboratory.stranger()


@pytest.fixture
def carol(laboratory: Laboratory) -> Person:
    return laboratory.person("carol")


@pytest.mark.parametrize(
    ("function", "body", "content_range"),
    [
        ("answers_a_text", '"a \\"text\\""', "0-0/*"),
        ("answers_a_number", "1.50", "0-0/*"),
        ("answers_null", "null", "0-0/*"),
        ("answers_json", '{"a": [1, 2]}', "0-0/*"),
        ("answers_numbers", "[1, 2, 3]", "0-2/*"),
        ("answers_nothing", "[]", "*/*"),
        ("answers_rows", '[{"a":1,"b":"one"}, \n {"a":2,"b":null}]', "0-1/*"),
        ("answers_outs", '{"a":1,"b":"one"}', "0-0/*"),
        ("answers_one_out", '{"a":1}', "0-0/*"),
    ],
)
def test_an_answer_is_what_postgres_made_of_the_result(
    function: str, body: str, content_range: str, nobody: Person
) -> None:
    for answer in (nobody.post(f"/{function}", json={}), nobody.get(f"/{function}")):
        assert answer.status_code == 200, answer.text
        assert answer.text == body
        assert answer.headers["content-type"] == JSON_UTF8
        assert answer.headers["content-range"] == content_range


def test_a_row_of_nulls_shows_its_columns(nobody: Person) -> None:
    answer = nobody.post("/answers_a_row", json={})
    assert set(answer.json().values()) == {None}
    assert "user_id" in answer.json()


def test_void_is_204_without_a_body(nobody: Person) -> None:
    answer = nobody.post("/answers_void", json={})
    assert answer.status_code == 204
    assert answer.content == b""
    assert "content-type" not in answer.headers


def test_head_has_the_headers_of_get(nobody: Person) -> None:
    answer = nobody.send("HEAD", "/answers_rows", headers={"prefer": "count=exact"})
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-range"] == "0-1/2"


def test_the_number_of_rows_is_told_on_request(nobody: Person) -> None:
    prefer = {"prefer": "return=representation, count=exact"}
    answer = nobody.post("/answers_rows", json={}, headers=prefer)
    assert answer.headers["content-range"] == "0-1/2"
    assert answer.headers["preference-applied"] == "count=exact"
    assert nobody.get("/answers_nothing", headers=prefer).headers["content-range"] == "*/0"


def test_an_object_is_answered_as_one_where_it_is_one(nobody: Person) -> None:
    accept = {"accept": "application/vnd.pgrst.object+json"}
    answer = nobody.post("/answers_outs", json={}, headers=accept)
    assert answer.json() == {"a": 1, "b": "one"}
    assert answer.headers["content-type"] == "application/vnd.pgrst.object+json; charset=utf-8"
    refused = nobody.post("/answers_rows", json={}, headers=accept)
    assert (refused.status_code, refused.json()["code"]) == (406, "PGRST107")


def test_postgres_itself_converts_the_arguments(nobody: Person) -> None:
    given = {
        "small": 7,
        "big": 9007199254740993,
        "exact": 1.10,
        "truth": True,
        "words": "ünï ☂ \\ ' \" $1",
        "numbers": [1, 2, None],
        "document": {"deep": [{"er": None}]},
        "moment": "2026-11-24T08:15:30+02:00",
        "id": "019A8F2E-5B00-7C3E-9D52-0A1B2C3D4E5F",
        "letters": "abc",
    }
    answer = nobody.post("/echo", json=given)
    assert answer.status_code == 200, answer.text
    assert answer.json() == given | {
        "moment": "2026-11-24T06:15:30+00:00",
        "id": "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f",
    }
    assert '"big" : 9007199254740993' in answer.text


def test_a_query_string_is_converted_from_postgres_own_notation(nobody: Person) -> None:
    answer = nobody.get(
        "/echo",
        params={
            "small": "7",
            "truth": "t",
            "words": "a+b & c",
            "numbers": "{1,2,NULL}",
            "document": '{"a": 1}',
        },
    )
    told = {name: value for name, value in answer.json().items() if value is not None}
    assert told == {
        "small": 7,
        "truth": True,
        "words": "a+b & c",
        "numbers": [1, 2, None],
        "document": {"a": 1},
    }


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"small": 40_000}, 400),
        ({"small": "x"}, 400),
        ({"numbers": 5}, 400),
        ({"id": "nonsense"}, 400),
        ({"moment": "yesterday-ish"}, 400),
    ],
)
def test_what_does_not_convert_is_refused_without_the_databases_words(
    given: dict[str, Any], status: int, nobody: Person
) -> None:
    answer = nobody.post("/echo", json=given)
    assert answer.status_code == status
    assert answer.json()["message"] == "value_invalid"
    assert answer.json()["hint"] is None


def test_the_overload_is_chosen_by_the_names_of_the_arguments(nobody: Person) -> None:
    assert nobody.post("/overloaded", json={"a": 1, "b": 2}).json() == "two integers"
    assert nobody.post("/overloaded", json={"a": "x", "c": "y"}).json() == "text xy"
    ambiguous = nobody.post("/overloaded", json={"a": 1})
    assert (ambiguous.status_code, ambiguous.json()["code"]) == (300, "PGRST203")
    assert "public.overloaded(a => integer)" in ambiguous.json()["message"]
    missing = nobody.post("/overloaded", json={"b": 1})
    assert (missing.status_code, missing.json()["code"]) == (404, "PGRST202")


def test_a_function_that_is_not_there_is_named(nobody: Person) -> None:
    answer = nobody.post("/nowhere", json={"b": 1, "a": 2})
    assert answer.status_code == 404
    assert answer.json() == {
        "code": "PGRST202",
        "message": "Could not find the function public.nowhere(a, b) in the schema cache",
        "details": "Searched for the function public.nowhere with parameter(s) a, b, "
        "but no matches were found in the schema cache.",
        "hint": None,
    }
    without = nobody.get("/nowhere").json()["message"]
    assert without == (
        "Could not find the function public.nowhere without parameters in the schema cache"
    )


def test_trigger_functions_and_other_schemas_are_not_there(nobody: Person) -> None:
    for name in ("viewer_id", "private.viewer_id", "pg_sleep", "prepare_video", "nameless"):
        answer = nobody.post(f"/{name}", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "PGRST202")


def test_odd_names_are_only_names(nobody: Person) -> None:
    assert nobody.post('/Odd "name"', json={"an Arg": 1}).json() == 2
    assert nobody.get('/Odd "name"', params={"an Arg": "1"}).json() == 2
    injected = nobody.post("/answers_a_text", json={'a"); drop table x; --': 1})
    assert injected.status_code == 404


def test_a_variadic_function_takes_an_array(nobody: Person) -> None:
    assert nobody.post("/adds_up", json={"numbers": [1, 2, 3]}).json() == 6


def test_grants_are_the_list_of_what_one_may_call(nobody: Person, carol: Person) -> None:
    for who, status in ((nobody, 401), (carol, 403)):
        answer = who.post("/not_for_anybody", json={})
        assert answer.status_code == status
        assert answer.json() == {
            "code": "42501",
            "message": "permission_denied",
            "details": "You may not do this.",
            "hint": None,
        }
    assert nobody.post("/not_for_anybody", json={}).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_pgrst101(method: str, nobody: Person) -> None:
    answer = nobody.send(method, "/answers_a_text")
    assert (answer.status_code, answer.json()["code"]) == (405, "PGRST101")
    assert answer.json()["message"] == f"Cannot use the {method} method on RPC"


def test_nothing_is_written_by_a_get_or_by_what_says_it_only_reads(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    for answer in (
        nobody.get("/writes"),
        nobody.send("HEAD", "/writes"),
        nobody.get("/writes_though_stable"),
        nobody.post("/writes_though_stable", json={}),
    ):
        assert answer.status_code == 405
    assert nobody.get("/writes").json()["code"] == "25006"
    assert owner.execute("select count(*) from public.scratch").fetchone() == (0,)
    assert nobody.post("/writes", json={}).json() == 1


def test_the_schema_may_be_named_if_it_is_the_exposed_one(nobody: Person) -> None:
    posted = nobody.post("/answers_a_text", json={}, headers={"content-profile": "public"})
    assert posted.headers["content-profile"] == "public"
    got = nobody.get("/answers_a_text", headers={"accept-profile": "public"})
    assert got.headers["content-profile"] == "public"
    refused = nobody.get("/answers_a_text", headers={"accept-profile": "private"})
    assert refused.status_code == 406
    assert refused.json() == {
        "code": "PGRST106",
        "message": "Invalid schema: private",
        "details": None,
        "hint": "Only the following schemas are exposed: public",
    }


@pytest.mark.parametrize(
    "query", ["select=a", "order=a.desc", "limit=1", "offset=1", "a=eq.1", "or=(a.eq.1,a.eq.2)"]
)
def test_a_modifier_is_refused_rather_than_ignored(query: str, nobody: Person) -> None:
    for answer in (nobody.get(f"/answers_rows?{query}"), nobody.post(f"/answers_rows?{query}")):
        assert (answer.status_code, answer.json()["code"]) == (400, "PGRST100")
    assert nobody.post("/answers_rows?select=*").status_code == 200


@pytest.mark.parametrize(
    "accept", ["text/csv", "application/vnd.pgrst.array+json;nulls=stripped", "image/png"]
)
def test_another_kind_of_answer_is_refused(accept: str, nobody: Person) -> None:
    answer = nobody.get("/answers_rows", headers={"accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST107")


@pytest.mark.parametrize(
    ("state", "anonymous", "signed_in"),
    [
        ("PT404", 404, 404),
        ("PT429", 429, 429),
        ("PT418", 418, 418),
        ("PTXYZ", 500, 500),
        ("PT999", 500, 500),
        ("P0001", 400, 400),
        ("P0002", 500, 500),
        ("22012", 400, 400),
        ("23503", 409, 409),
        ("23505", 409, 409),
        ("23514", 400, 400),
        ("42501", 401, 403),
        ("42883", 404, 404),
        ("42P01", 404, 404),
        ("25006", 405, 405),
        ("28000", 403, 403),
        ("40P01", 500, 500),
        ("53300", 503, 503),
        ("53400", 500, 500),
        ("54001", 500, 500),
        ("55P03", 500, 500),
        ("57014", 500, 500),
        ("57P01", 503, 503),
        ("58030", 500, 500),
        ("XX000", 500, 500),
        ("0A000", 400, 400),
        ("ZZ123", 400, 400),
    ],
)
def test_an_sqlstate_is_a_status_and_only_our_own_words_pass(
    state: str, anonymous: int, signed_in: int, nobody: Person, carol: Person
) -> None:
    for who, status in ((nobody, anonymous), (carol, signed_in)):
        answer = who.post("/fail", json={"state": state, "said": "the words"})
        assert answer.status_code == status
        body = answer.json()
        assert set(body) == {"code", "message", "details", "hint"}
        assert body["code"] == state
        ours = state.startswith("PT") or state == "P0001"
        passed = (body["message"], body["details"], body["hint"])
        assert (passed == ("the words", "a detail", "a hint")) == ours
        assert ("retry-after" in answer.headers) == (status in {429, 503})


def test_an_error_may_say_the_whole_answer(nobody: Person) -> None:
    said = '{"code": "PT429", "message": "enough", "details": "A sentence.", "hint": null}'
    around = '{"status": 429, "headers": {"Retry-After": "7", "X-Why": "so"}}'
    answer = nobody.post("/answer_whole", json={"said": said, "around": around})
    assert answer.status_code == 429
    assert answer.json() == json.loads(said)
    assert (answer.headers["retry-after"], answer.headers["x-why"]) == ("7", "so")


@pytest.mark.parametrize(
    ("said", "around"),
    [
        ("no json", '{"status": 429, "headers": {}}'),
        ('{"code": "PT429"}', '{"status": 429, "headers": {}}'),
        ('{"code": "PT429", "message": "enough"}', None),
        ('{"code": "PT429", "message": "enough"}', '{"status": 429}'),
        ('{"code": "PT429", "message": "enough"}', '{"status": 42, "headers": {}}'),
        ('{"code": "PT429", "message": "enough"}', '{"status": 429, "headers": {"a": 1}}'),
        ('{"code": "a", "message": "b"}', '{"status": 429, "headers": {"a": "b\\r\\nc: d"}}'),
        ('{"code": "a", "message": "b"}', '{"status": 429, "headers": {"a b": "c"}}'),
    ],
)
def test_an_error_that_says_it_badly_is_our_own_fault(
    said: str, around: str | None, nobody: Person
) -> None:
    answer = nobody.post("/answer_whole", json={"said": said, "around": around})
    assert answer.status_code == 500
    assert answer.json()["code"] == "PGRST121"
    assert answer.json()["message"] == "internal_error"


def test_a_new_function_is_found_without_a_restart(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    """Looked for at most once a second, so it may take that long."""
    owner.execute("create function public.brand_new() returns integer language sql stable return 1")
    assert _eventually(nobody, "brand_new") == 1
    owner.execute("drop function public.brand_new()")
    owner.execute(
        "create function public.brand_new() returns text language sql stable return 'text now'"
    )
    assert _eventually(nobody, "brand_new") == "text now"


def test_a_function_whose_arguments_change_is_found_again(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(
        "create function public.moving(a integer) returns text language sql stable return 'old'"
    )
    assert _eventually(nobody, "moving", a=1) == "old"
    owner.execute("drop function public.moving(integer)")
    owner.execute(
        "create function public.moving(a uuid) returns text language sql stable return 'new'"
    )
    assert _eventually(nobody, "moving", a="019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f") == "new"


def _eventually(who: Person, function: str, **arguments: Any) -> Any:
    answer = who.post(f"/{function}", json=arguments)
    for _ in range(30):
        if answer.status_code == 200:
            break
        time.sleep(0.1)
        answer = who.post(f"/{function}", json=arguments)
    return answer.json()
