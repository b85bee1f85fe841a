"""`/rest/v1/rpc` speaks as PostgREST does: choosing, converting, answering, refusing."""

from __future__ import annotations

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


def test_what_a_function_gives_is_shown_whatever_return_is_preferred(nobody: Person) -> None:
    """So PostgREST has it; supabase-js sends it with `head: true` and an argument of many parts."""
    for shown in ("minimal", "headers-only", "representation"):
        prefer = {"prefer": f"count=exact,return={shown}"}
        answer = nobody.post("/answers_rows", json={}, headers=prefer)
        assert (answer.status_code, len(answer.json())) == (200, 2)
        assert answer.headers["content-range"] == "0-1/2"


@pytest.mark.parametrize(
    ("status", "headers", "wanted"),
    [
        ("", "", (200, {"content-type": JSON_UTF8})),
        ("418", '[{"X-A": "b"}, {"Content-Type": "text/x"}]', (418, {"x-a": "b"})),
        ("201", '[{"Content-Type": "text/x"}]', (201, {"content-type": "text/x"})),
        ("204", "", (204, {})),
    ],
)
def test_a_function_may_say_its_status_and_headers(
    status: str, headers: str, wanted: tuple[int, dict[str, str]], nobody: Person
) -> None:
    answer = nobody.post("/says_how", json={"status": status, "headers": headers})
    assert answer.status_code == wanted[0]
    assert wanted[1].items() <= answer.headers.items()
    assert answer.text == ("" if wanted[0] == 204 else '"said"')
    # Nothing of it is left for the next.
    assert nobody.post("/answers_a_text", json={}).headers["content-type"] == JSON_UTF8


@pytest.mark.parametrize(
    ("status", "headers", "code"),
    [
        ("x", "", "PGRST112"),
        ("99", "", "PGRST112"),
        ("200 OK", "", "PGRST112"),
        ("", '{"a": "b"}', "PGRST111"),
        ("", '[{"a": 1}]', "PGRST111"),
        ("", '[{"a": "b", "c": "d"}]', "PGRST111"),
        ("", '[{"a b": "c"}]', "PGRST111"),
        ("", '[{"a": "b\\r\\nc: d"}]', "PGRST111"),
        ("", '[{"Content-Length": "1"}]', "PGRST111"),
    ],
)
def test_what_it_says_badly_is_its_own_fault(
    status: str, headers: str, code: str, nobody: Person
) -> None:
    answer = nobody.post("/says_how", json={"status": status, "headers": headers})
    assert (answer.status_code, answer.json()["code"]) == (500, code)


def test_an_object_is_answered_as_one_where_it_is_one(nobody: Person) -> None:
    accept = {"accept": "application/vnd.pgrst.object+json"}
    answer = nobody.post("/answers_outs", json={}, headers=accept)
    assert answer.json() == {"a": 1, "b": "one"}
    assert answer.headers["content-type"] == "application/vnd.pgrst.object+json; charset=utf-8"
    one = nobody.post("/many", json={"n": 1}, headers=accept)
    assert (one.status_code, one.text) == (200, '{"pgrst_scalar":1}')
    row = nobody.get("/answers_rows?a=eq.1", headers=accept)
    assert (row.status_code, row.text) == (200, '{"a":1,"b":"one"}')


@pytest.mark.parametrize("function", ["answers_rows", "answers_nothing"])
def test_any_other_number_of_rows_is_no_object(function: str, nobody: Person) -> None:
    refused = nobody.get(f"/{function}", headers={"accept": "application/vnd.pgrst.object+json"})
    assert refused.status_code == 406
    rows = 2 if function == "answers_rows" else 0
    assert refused.json() == {
        "code": "PGRST116",
        "message": "Cannot coerce the result to a single JSON object",
        "details": f"The result contains {rows} rows",
        "hint": None,
    }
    assert refused.headers["content-type"] == JSON_UTF8


def test_what_wrote_and_is_no_object_has_written_nothing(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    accept = {"accept": "application/vnd.pgrst.object+json"}
    before = owner.execute("select count(*) from public.scratch").fetchone()
    assert nobody.post("/writes_rows", json={"n": 3}, headers=accept).status_code == 406
    assert owner.execute("select count(*) from public.scratch").fetchone() == before
    written = nobody.post("/writes_rows", json={"n": 1}, headers=accept)
    assert (written.status_code, written.json()) == (200, {"n": 1})
    assert owner.execute("select count(*) from public.scratch").fetchone() != before
    owner.execute("delete from public.scratch where true")


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
        "details": "Searched for the function public.nowhere with parameters a, b "
        "or with a single unnamed json/jsonb parameter, "
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


def test_options_says_by_which_methods_a_function_is_called(nobody: Person) -> None:
    reads = nobody.send("OPTIONS", "/answers_a_text")
    assert (reads.status_code, reads.content) == (200, b"")
    assert reads.headers["allow"] == "OPTIONS,GET,HEAD,POST"
    assert nobody.send("OPTIONS", "/writes").headers["allow"] == "OPTIONS,POST"
    assert nobody.send("OPTIONS", "/nowhere").json()["code"] == "PGRST202"


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
