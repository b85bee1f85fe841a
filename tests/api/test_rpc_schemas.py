"""Which schemas are open, what is in them now, and how long their functions may take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from api.settings import Settings, SettingsError
from tests.api.laboratory import Laboratory, eventually
from tests.api.people import Person, stranger
from tests.api.serving import environment, served

LISTENERS = "datname = current_database() and application_name = 'api listening (pgrst)'"


@pytest.fixture(scope="module")
def owner(laboratory: Laboratory) -> psycopg.Connection[Any]:
    return laboratory.owner


@pytest.fixture
def nobody(laboratory: Laboratory) -> Person:
    return laboratory.stranger()


@pytest.fixture(scope="module")
def shopper(laboratory: Laboratory, imagekit: Any) -> Iterator[Person]:
    """Somebody who meets two schemas, `public` the second, and answers of three rows."""
    given = environment(
        laboratory.database,
        imagekit,
        laboratory.jwt_secret,
        API_SCHEMAS="shop, public",
        API_MAX_ROWS="3",
    )
    with served(given) as url, httpx.Client(base_url=f"{url}/rest/v1/rpc") as http:
        yield stranger(http)


def test_the_schema_may_be_named_if_it_is_the_exposed_one(nobody: Person) -> None:
    posted = nobody.post("/answers_a_text", json={}, headers={"content-profile": "public"})
    assert posted.headers["content-profile"] == "public"
    got = nobody.get("/answers_a_text", headers={"accept-profile": "public"})
    assert got.headers["content-profile"] == "public"
    for answer in (
        nobody.get("/answers_a_text", headers={"accept-profile": "private"}),
        nobody.post("/answers_a_text", json={}, headers={"content-profile": "private"}),
    ):
        assert answer.status_code == 406
        assert answer.json() == {
            "code": "PGRST106",
            "message": "Invalid schema: private",
            "details": None,
            "hint": "Only the following schemas are exposed: public",
        }


def test_the_header_of_the_method_decides(nobody: Person) -> None:
    posted = nobody.post("/answers_a_text", json={}, headers={"accept-profile": "private"})
    assert posted.status_code == 200
    assert "content-profile" not in posted.headers


def test_of_several_schemas_the_first_need_not_be_named(shopper: Person) -> None:
    assert shopper.post("/goods", json={}).json() == [{"name": "a lute"}]
    assert shopper.get("/goods?select=n:name").json() == [{"n": "a lute"}]
    assert shopper.post("/echo", json={}).json() == "the shop's own"
    public = {"content-profile": "public", "accept-profile": "public"}
    echoed = shopper.post("/echo", json={"words": "x"}, headers=public)
    assert echoed.json()["words"] == "x"
    assert echoed.headers["content-profile"] == "public"
    missing = shopper.get("/goods", headers=public)
    assert (missing.status_code, missing.json()["code"]) == (404, "PGRST202")
    assert "public.goods" in missing.json()["message"]
    other = shopper.get("/goods", headers={"accept-profile": "ops"})
    assert other.json()["hint"] == "Only the following schemas are exposed: shop, public"


def test_the_most_rows_of_an_answer_are_a_setting(shopper: Person) -> None:
    public = {"accept-profile": "public", "prefer": "count=exact"}
    answer = shopper.get("/many?n=5&limit=4", headers=public)
    assert (answer.json(), answer.headers["content-range"]) == ([1, 2, 3], "0-2/5")


@pytest.mark.parametrize("value", ["private", "public,ops", "pg_catalog", ",", "public,public"])
def test_some_schemas_are_never_exposed(value: str, api_environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="API_SCHEMAS must list schemas"):
        Settings.from_environment(api_environment | {"API_SCHEMAS": value})
    with pytest.raises(SettingsError, match="API_MAX_ROWS must be"):
        Settings.from_environment(api_environment | {"API_MAX_ROWS": "0"})


def test_a_new_function_is_found_without_a_restart(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    """Looked for at most once a second, so it may take that long."""
    owner.execute("create function public.brand_new() returns integer language sql stable return 1")
    eventually(nobody, "brand_new", 1)
    owner.execute("drop function public.brand_new()")
    owner.execute(
        "create function public.brand_new() returns text language sql stable return 'text now'"
    )
    eventually(nobody, "brand_new", "text now")


def test_a_function_whose_arguments_change_is_found_again(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    create = "create function public.moving(a {}) returns text language sql stable return '{}'"
    owner.execute(create.format("integer", "old"))
    eventually(nobody, "moving", "old", a=1)
    owner.execute("drop function public.moving(integer)")
    owner.execute(create.format("uuid", "new"))
    eventually(nobody, "moving", "new", a="019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f")


def test_a_change_that_no_call_would_notice_is_noticed_when_it_is_said(
    nobody: Person, owner: psycopg.Connection[Any]
) -> None:
    redefine(owner, "integer")
    owner.execute("notify pgrst, 'reload schema'")
    eventually(nobody, "growing", 1)
    redefine(owner, "setof integer")
    owner.execute("notify pgrst, 'reload schema'")
    eventually(nobody, "growing", [1, 2])


def test_who_listens_comes_back_and_reads_what_was_said_meanwhile(
    nobody: Person, owner: psycopg.Connection[Any], laboratory: Laboratory
) -> None:
    redefine(owner, "integer")
    owner.execute("notify pgrst, 'reload schema'")
    eventually(nobody, "growing", 1)
    with psycopg.connect(laboratory.database.admin_url, autocommit=True) as admin:
        ended = admin.execute(
            f"select pg_terminate_backend(pid) from pg_stat_activity where {LISTENERS}"
        ).fetchall()
        assert ended
    redefine(owner, "setof integer")
    eventually(nobody, "growing", [1, 2])


def redefine(owner: psycopg.Connection[Any], returned: str) -> None:
    owner.execute("drop function if exists public.growing()")
    owner.execute(
        f"create function public.growing() returns {returned} "
        "language sql stable as 'select generate_series(1, 2)'"
    )


def test_a_function_has_the_time_it_gives_itself(nobody: Person) -> None:
    """The login of the laboratory gives a second."""
    cut = nobody.post("/nap", json={"seconds": 5})
    assert (cut.status_code, cut.json()["code"]) == (500, "57014")
    rested = nobody.post("/naps_longer", json={"seconds": 1.1})
    assert (rested.status_code, rested.json()) == (200, "rested")
    for hasty in (
        nobody.get("/naps_briefly?seconds=5"),
        nobody.post("/naps_briefly", json={"seconds": 5}),
    ):
        assert (hasty.status_code, hasty.json()["code"]) == (500, "57014")
        assert hasty.elapsed.total_seconds() < 0.9
    assert nobody.get("/naps_briefly?seconds=0").json() == "rested"
    # The limit went with its transaction.
    assert nobody.post("/nap", json={"seconds": 0.3}).json() == "rested"
