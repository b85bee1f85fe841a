"""The pool: prepared statements come and go, limits of time are the stricter ones."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest

from api import database as connections
from api.database import PsycopgPool, QueryError, Row, Transaction
from tests.support.server import Database


@pytest.fixture(scope="module")
def scratch(clone_database: Any) -> Database:
    cloned: Database = clone_database()
    return cloned


@pytest.fixture
def login(scratch: Database) -> Iterator[tuple[str, psycopg.Connection[Any], str]]:
    """A login that works as another role, which is gone afterwards."""
    name, password = f"tester_{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    with psycopg.connect(scratch.admin_url, autocommit=True) as admin:
        admin.execute(f"create role {name}_role")
        admin.execute(f"create role {name} login password '{password}' in role {name}_role")
        admin.execute(f"alter role {name} set role = '{name}_role'")
        admin.execute(f"alter role {name} set statement_timeout = '5s'")
        url = scratch.anon_url.split("@")[1]
        try:
            yield name, admin, f"postgresql://{name}:{password}@{url}"
        finally:
            admin.execute(f"drop owned by {name}_role")
            admin.execute(f"drop role {name}")
            admin.execute(f"drop role {name}_role")


def answers(
    url: str, statements: Sequence[str], transaction: Transaction | None = None
) -> list[Row]:
    """Run statements one after the other on one connection."""

    async def run() -> list[Row]:
        pool = PsycopgPool(url, 1, "anon")
        await pool.open()
        try:
            return [await pool.run(statement, (), transaction) for statement in statements]
        finally:
            await pool.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("of_the_role", "holds"),
    [
        (None, "5s"),
        ("321ms", "321ms"),
        ("1234", "1234ms"),
        ("2s", "2s"),
        ("1min", "5s"),
        ("0", "5s"),
    ],
)
def test_the_stricter_limit_of_time_holds(
    of_the_role: str | None, holds: str, login: tuple[str, psycopg.Connection[Any], str]
) -> None:
    name, admin, url = login
    if of_the_role is not None:
        admin.execute(f"alter role {name}_role set statement_timeout = '{of_the_role}'")
    ((limit,),) = answers(url, ["select current_setting('statement_timeout')"])
    assert limit == holds.encode()


def test_what_was_used_last_stays_prepared(
    scratch: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_PREPARED", 2)
    count = (
        "select (select string_agg(name, ' ' order by name) from pg_prepared_statements "
        "where name like 'api%') as n{}"
    )
    first, second, third = (count.format(n) for n in range(3))
    seen = answers(scratch.anon_url, [first, second, first, third, first, second])
    assert [names for (names,) in seen] == [
        b"api_0",
        b"api_0 api_1",
        b"api_0 api_1",
        b"api_0 api_2",
        b"api_0 api_2",
        b"api_0 api_3",
    ]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_row_that_is_not_accepted_is_rolled_back(
    accepted: bool, login: tuple[str, psycopg.Connection[Any], str]
) -> None:
    name, admin, url = login
    admin.execute("create table public.noted (n int)")
    admin.execute(f"grant usage on schema public to {name}_role")
    admin.execute(f"grant select, insert on public.noted to {name}_role")
    note = (
        "with noted as (insert into public.noted values (1) returning n) "
        "select n::text, current_setting('work_mem') from noted"
    )
    try:
        transaction = Transaction("begin; set local work_mem = '123kB'", lambda _: accepted)
        assert answers(url, [note], transaction) == [(b"1", b"123kB")]
        assert admin.execute("select count(*) from public.noted").fetchone() == (int(accepted),)
    finally:
        admin.execute("drop table public.noted")


def test_a_connection_survives_an_error_in_a_transaction(scratch: Database) -> None:
    async def run() -> tuple[Row, Row]:
        pool = PsycopgPool(scratch.anon_url, 1, "anon")
        await pool.open()
        backend = "select pg_backend_pid()::text"
        try:
            before = await pool.run(backend, ())
            with pytest.raises(QueryError):
                await pool.run("select (1 / 0)::text", (), Transaction("begin", lambda _: True))
            return before, await pool.run(backend, ())
        finally:
            await pool.close()

    before, after = asyncio.run(run())
    assert before == after


def test_a_refusal_in_a_transaction_is_no_lost_identity(scratch: Database) -> None:
    """Who the session is, is asked after it; a failed transaction would answer nothing."""
    forbidden = "select (select count(*) from private.settings)::text"
    with pytest.raises(QueryError) as refused:
        answers(scratch.anon_url, [forbidden], Transaction("begin", lambda _: True))
    assert refused.value.sqlstate == "42501"
