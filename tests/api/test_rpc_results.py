"""What a client chooses of a function's result: `select`, `order` and filters, as PostgREST has it.

The expected answers are a PostgREST's own.
"""

from __future__ import annotations

import json
import time
from typing import Any

import psycopg
import pytest

from api.catalogue import RELOAD_EVERY_S
from tests.api.laboratory import Laboratory, eventually
from tests.api.people import Person


@pytest.fixture
def nobody(laboratory: Laboratory) -> Person:
    return laboratory.stranger()


@pytest.fixture(scope="module")
def owner(laboratory: Laboratory) -> psycopg.Connection[Any]:
    return laboratory.owner


def both(who: Person, query: str) -> str:
    """Return what GET and POST answer alike."""
    got = who.get(f"/instruments?{query}")
    posted = who.post(f"/instruments?{query}", json={})
    assert (got.status_code, posted.status_code) == (200, 200), (got.text, posted.text)
    assert got.text == posted.text
    assert got.headers["content-range"] == posted.headers["content-range"]
    return got.text


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("id=eq.1", [1]),
        ("id=neq.1", [2, 3, 4]),
        ("id=gt.2", [3, 4]),
        ("id=gte.2", [2, 3, 4]),
        ("id=lt.2", [1]),
        ("id=lte.2", [1, 2]),
        ("id=gt.1&id=lt.4", [2, 3]),
        ("id=not.eq.1", [2, 3, 4]),
        ("id=in.(1,3)", [1, 3]),
        ("id=not.in.(1,3)", [2, 4]),
        ("id=in.()", []),
        ("id=eq(any).{1,2}", [1, 2]),
        ("id=gt(all).{1,2}", [3, 4]),
        ("name=like.viol*", [1, 3]),
        ("name=not.like.viol*", [2, 4]),
        ("name=ilike.t*", [2]),
        ("name=like(any).{t*,o*}", [4]),
        ("name=match.^v", [1, 3]),
        ("name=imatch.^T", [2]),
        ("name=eq.viol_a*", [3]),
        ('name=in.("viola","Tuba")', [1, 2]),
        (r'name=in.("a,b","q\"x",oud)', [4]),
        ("price=is.null", [2]),
        ("price=is.NULL", [2]),
        ("price=is.not_null", [1, 3, 4]),
        ("price=not.is.null", [1, 3, 4]),
        ("price=isdistinct.3", [1, 2]),
        ('"odd, one"=is.true', [1, 4]),
        ('"odd, one"=is.unknown', [3]),
        ("tags=eq.{wood,bow}", [1]),
        ("doc->>n=eq.7", [2]),
        ("doc->a->b->1->>c=eq.deep", [1]),
        ("doc->n=gt.5", [2, 4]),
    ],
)
def test_rows_are_filtered(query: str, ids: list[int], nobody: Person) -> None:
    assert [row["id"] for row in json.loads(both(nobody, query))] == ids


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("order=id.desc", [4, 3, 2, 1]),
        ("order=price,id", [3, 4, 1, 2]),
        ("order=price.desc,id.desc", [2, 1, 4, 3]),
        ("order=price.nullsfirst,id", [2, 3, 4, 1]),
        ("order=price.desc.nullslast,name.asc", [1, 4, 3, 2]),
        ('order="odd, one".desc.nullslast,id.desc', [4, 1, 2, 3]),
        ("order=doc->n.desc.nullslast", [2, 4, 1, 3]),
        ("order=id.desc&limit=2&offset=1", [3, 2]),
    ],
)
def test_rows_are_sorted(query: str, ids: list[int], nobody: Person) -> None:
    assert [row["id"] for row in json.loads(both(nobody, query))] == ids


@pytest.mark.parametrize(
    ("selected", "row"),
    [
        ("id", '{"id":1}'),
        (" id , name ", '{"id":1,"name":"viola"}'),
        ("n:name,id", '{"n":"viola","id":1}'),
        ('"odd, one"', '{"odd, one":true}'),
        ('"so: named":id', '{"so: named":1}'),
        ("id::text", '{"id":"1"}'),
        ("x:id::TEXT,id", '{"x":"1","id":1}'),
        ("price::int", '{"price":13}'),
        ("doc->a", '{"a":{"b": [10, {"c": "deep"}]}}'),
        ("doc->a->b->0", '{"b":10}'),
        ("doc->a->b->-1", '{"b":{"c": "deep"}}'),
        ("doc->>n", '{"n":"5"}'),
        ("k:doc->n::int", '{"k":5}'),
        ("doc->a->b->1->>c", '{"c":"deep"}'),
        ('doc->"n"', '{"n":5}'),
        ("raw->z,raw", '{"z":1,"raw":{"z": 1, "a":2}}'),
        ("tags->0", '{"tags":"wood"}'),
    ],
)
def test_columns_are_selected(selected: str, row: str, nobody: Person) -> None:
    assert both(nobody, f"select={selected}&id=eq.1") == f"[{row}]"


def test_all_columns_and_one_again(nobody: Person) -> None:
    (row,) = json.loads(both(nobody, "select=*,number:id&id=eq.4"))
    assert list(row) == ["id", "name", "price", "doc", "raw", "tags", "odd, one", "number"]
    whole = both(nobody, "id=eq.4")
    for everything in ("select=*", "select=", "select=%20*"):
        assert both(nobody, f"{everything}&id=eq.4") == whole


def test_a_single_row_is_shaped_too(nobody: Person) -> None:
    assert nobody.get("/answers_outs?select=b").text == '{"b":"one"}'
    assert nobody.get("/answers_outs?a=eq.1").text == '{"a":1,"b":"one"}'
    missed = nobody.get("/answers_outs?a=eq.5", headers={"prefer": "count=exact"})
    assert (missed.text, missed.headers["content-range"]) == ("null", "*/0")


def test_what_looks_like_a_filter_is_an_argument_where_it_names_one(nobody: Person) -> None:
    assert nobody.get("/echo?words=eq.a").json()["words"] == "eq.a"
    assert nobody.get("/many_rows?n=4&half=gt.1").json() == [{"id": 4, "half": 2}]
    again = nobody.get("/echo_rows?id=3&id=gt.1&select=id")
    assert again.json() == [{"id": 2}, {"id": 3}]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("select=id,", "select parameter (id,)"),
        ("select=id id->", "select parameter (id id->)"),
        ("select=*:x", "select parameter (*:x)"),
        ("order=", "order ()"),
        ("order=id,", "order (id,)"),
        ("order=name.sideways", "order (name.sideways)"),
        ("order=id.nullsfirst.desc", "order (id.nullsfirst.desc)"),
        ("id=is.nope", "filter (is.nope)"),
        ("id=in.1", "filter (in.1)"),
        ("id=in.(1,2", "filter (in.(1,2)"),
        ("id=in(any).(1)", "filter (in(any).(1))"),
        ("limit=x", "limit (x)"),
        ("offset=1.5", "offset (1.5)"),
        ("offset=-1", "offset (-1)"),
    ],
)
def test_what_does_not_parse_is_said_with_its_place(query: str, place: str, nobody: Person) -> None:
    for answer in (
        nobody.get(f"/instruments?{query}"),
        nobody.post(f"/instruments?{query}", json={}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "PGRST100"), answer.text
        assert answer.json()["message"].startswith(f'"failed to parse {place}" (line 1, column ')


def test_a_post_has_no_arguments_in_its_query(nobody: Person) -> None:
    answer = nobody.post("/many?n=3", json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST100")


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("select=nope", "nope"),
        ("order=nope", "nope"),
        ("nope=eq.1", "nope"),
        ('select="id\\" from pg_authid --"', 'id" from pg_authid --'),
    ],
)
def test_a_column_must_be_one_of_the_result(query: str, column: str, nobody: Person) -> None:
    answer = nobody.get(f"/instruments?{query}")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "42703",
        "message": f"column instruments.{column} does not exist",
        "details": None,
        "hint": None,
    }


def test_whatever_a_client_writes_is_a_name_or_a_value(nobody: Person) -> None:
    evil = "x\"'; drop table scratch; --"
    selected = json.dumps(evil)
    (row,) = nobody.get("/instruments", params={"select": f"{selected}:id", "id": "eq.1"}).json()
    assert row == {evil: 1}
    for query in (
        {"name": f"eq.{evil}"},
        {"name": f"in.({json.dumps(evil)})"},
        {f"doc->>{selected}": "eq.1"},
        {"select": f"doc->{selected}", "id": "eq.9"},
    ):
        answer = nobody.get("/instruments", params=query)
        assert (answer.status_code, answer.json()) == (200, []), query
    assert nobody.get("/instruments", params={"name": f"is.{evil}"}).status_code == 400
    assert nobody.get("/instruments", params={"order": f"id.{evil}"}).status_code == 400


def test_what_does_not_compare_is_refused_as_postgrest_does(nobody: Person) -> None:
    for query, status, code in (
        ("id=eq.x", 400, "22P02"),
        ("id=like.1", 404, "42883"),
        ("id=is.true", 400, "42804"),
        ("order=raw", 404, "42883"),
    ):
        answer = nobody.get(f"/instruments?{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_columns_that_changed_are_found_again(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    create = "create function public.shifting() returns table ({0} int) language sql as 'select 1'"
    owner.execute(create.format("a"))
    eventually(nobody, "shifting?a=eq.1", [{"a": 1}])
    owner.execute("drop function public.shifting()")
    owner.execute(create.format("b"))
    eventually(nobody, "shifting?b=eq.1", [{"b": 1}])
    owner.execute("drop function public.shifting()")
    owner.execute(create.format("c"))
    time.sleep(RELOAD_EVERY_S)
    gone = nobody.post("/shifting?b=eq.1", json={})
    assert (gone.status_code, gone.json()["code"]) == (400, "42703")
    assert gone.json()["message"] == "column shifting.b does not exist"
