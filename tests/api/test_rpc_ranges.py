"""How many rows there are, which of them an answer has, and how it says so."""

from __future__ import annotations

import pytest

from tests.api.laboratory import Laboratory
from tests.api.people import Person

COUNT = {"prefer": "count=exact"}


@pytest.fixture
def nobody(laboratory: Laboratory) -> Person:
    return laboratory.stranger()


@pytest.mark.parametrize(
    ("query", "status", "body", "content_range"),
    [
        ("n=5", 200, [1, 2, 3, 4, 5], "0-4/5"),
        ("n=5&limit=2", 206, [1, 2], "0-1/5"),
        ("n=5&limit=5", 200, [1, 2, 3, 4, 5], "0-4/5"),
        ("n=5&limit=99999999999999999999", 200, [1, 2, 3, 4, 5], "0-4/5"),
        ("n=5&offset=3", 206, [4, 5], "3-4/5"),
        ("n=5&offset=1&limit=2", 206, [2, 3], "1-2/5"),
        ("n=5&offset=5", 206, [], "*/5"),
        ("n=5&limit=0", 206, [], "*/5"),
        ("n=0", 200, [], "*/0"),
    ],
)
def test_a_part_of_the_rows_says_which_and_of_how_many(
    query: str, status: int, body: list[int], content_range: str, nobody: Person
) -> None:
    counted = nobody.get(f"/many?{query}", headers=COUNT)
    assert (counted.status_code, counted.json()) == (status, body)
    assert counted.headers["content-range"] == content_range
    assert counted.headers["preference-applied"] == "count=exact"
    uncounted = nobody.get(f"/many?{query}")
    assert (uncounted.status_code, uncounted.json()) == (200, body)
    assert uncounted.headers["content-range"] == content_range.split("/", maxsplit=1)[0] + "/*"
    assert "preference-applied" not in uncounted.headers


def test_all_rows_that_pass_the_filters_are_counted(nobody: Person) -> None:
    for answer in (
        nobody.get("/many_rows?n=10&half=gte.2&limit=3", headers=COUNT),
        nobody.post("/many_rows?half=gte.2&limit=3", json={"n": 10}, headers=COUNT),
    ):
        assert answer.status_code == 206
        assert [row["id"] for row in answer.json()] == [4, 5, 6]
        assert answer.headers["content-range"] == "0-2/7"


@pytest.mark.parametrize(("count", "total"), [("planned", "*"), ("estimated", "3")])
def test_other_counts_are_as_good_as_they_can_be(count: str, total: str, nobody: Person) -> None:
    answer = nobody.get("/many?n=3", headers={"prefer": f"count={count}"})
    assert answer.headers["content-range"] == f"0-2/{total}"
    assert answer.headers["preference-applied"] == f"count={count}"


def test_an_offset_beyond_the_last_row_is_refused_where_that_is_known(nobody: Person) -> None:
    answer = nobody.get("/many?n=3&offset=4", headers=COUNT)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "*/3"
    assert answer.json() == {
        "code": "PGRST103",
        "message": "Requested range not satisfiable",
        "details": "An offset of 4 was requested, but there are only 3 rows.",
        "hint": None,
    }
    assert nobody.get("/many?n=3&offset=4").json() == []


def test_a_negative_limit_is_refused(nobody: Person) -> None:
    answer = nobody.get("/many?n=3&limit=-1")
    assert (answer.status_code, answer.json()["code"]) == (416, "PGRST103")
    assert answer.json()["details"] == "Limit should be greater than or equal to zero."


@pytest.mark.parametrize(
    ("span", "query", "body", "content_range"),
    [
        ("0-0", "", [1], "0-0/5"),
        ("1-2", "", [2, 3], "1-2/5"),
        ("3-", "", [4, 5], "3-4/5"),
        ("0-99", "", [1, 2, 3, 4, 5], "0-4/5"),
        ("items=0-1", "", [1, 2, 3, 4, 5], "0-4/5"),
        ("1-3", "&offset=2&limit=9", [3, 4], "2-3/5"),
        ("0-3", "&limit=2", [1, 2], "0-1/5"),
        ("2-", "&limit=3", [3], "2-2/5"),
        ("2-3", "&limit=0", [], "*/5"),
    ],
)
def test_a_range_header_narrows_a_get(
    span: str, query: str, body: list[int], content_range: str, nobody: Person
) -> None:
    answer = nobody.get(f"/many?n=5{query}", headers=COUNT | {"range": span})
    assert answer.json() == body
    assert answer.headers["content-range"] == content_range


def test_a_range_that_ends_before_it_begins_is_refused(nobody: Person) -> None:
    answer = nobody.get("/many?n=5", headers={"range": "2-1"})
    assert (answer.status_code, answer.json()["code"]) == (416, "PGRST103")
    assert "lower boundary" in answer.json()["details"]
    apart = nobody.get("/many?n=5&limit=2", headers={"range": "3-4"})
    assert (apart.status_code, apart.json()["code"]) == (416, "PGRST103")


def test_a_range_header_says_nothing_about_a_post(nobody: Person) -> None:
    answer = nobody.post("/many", json={"n": 3}, headers={"range": "0-0"})
    assert answer.json() == [1, 2, 3]


def test_head_says_how_many_without_showing_any(nobody: Person) -> None:
    answer = nobody.send("HEAD", "/many?n=3&limit=1", headers=COUNT)
    assert (answer.status_code, answer.content) == (206, b"")
    assert answer.headers["content-range"] == "0-0/3"


def test_no_answer_has_more_than_a_thousand_rows(nobody: Person) -> None:
    whole = {"get": "/many?n=1200", "rows": "/many_rows?n=1200", "more": "/many?n=1200&limit=1100"}
    for path in whole.values():
        answer = nobody.get(path)
        assert (answer.status_code, len(answer.json())) == (200, 1000)
        assert answer.headers["content-range"] == "0-999/*"
        counted = nobody.get(path, headers=COUNT)
        assert (counted.status_code, len(counted.json())) == (206, 1000)
        assert counted.headers["content-range"] == "0-999/1200"
    assert len(nobody.post("/many", json={"n": 1200}).json()) == 1000
    assert len(nobody.get("/many?n=1200&offset=1000").json()) == 200
