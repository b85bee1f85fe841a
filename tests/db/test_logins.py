"""The API's three logins: each is one role, and cannot become another."""

import time
from contextlib import ExitStack, closing
from typing import Any

import psycopg
import pytest

from tests.support.server import Database

ROLES = {"anon": "anon", "user": "authenticated", "media": "media_worker"}
EVERYBODY = [*ROLES.values(), "service_role", "authenticator", "postgres", "supabase_admin"]
OTHERS = [(door, other) for door, own in ROLES.items() for other in EVERYBODY if other != own]


def address(database: Database, door: str) -> str:
    url: Any = getattr(database, f"{door}_url")
    return str(url)


@pytest.mark.parametrize("door", ROLES)
def test_a_session_is_its_role_from_the_start(database: Database, door: str) -> None:
    with psycopg.connect(address(database, door)) as session:
        row = session.execute("select current_user, current_setting('role')").fetchone()
    assert row == (ROLES[door], ROLES[door])


@pytest.mark.parametrize(("door", "other"), OTHERS)
def test_a_session_cannot_become_another_role(database: Database, door: str, other: str) -> None:
    with psycopg.connect(address(database, door)) as session:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(f"set role {other}".encode())
        session.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(f"set session authorization {other}".encode())


@pytest.mark.parametrize("door", ROLES)
def test_a_session_that_drops_its_role_can_do_nothing(database: Database, door: str) -> None:
    with psycopg.connect(address(database, door)) as session:
        session.execute("set role none")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("select from public.feed()")


@pytest.mark.parametrize(("door", "seconds"), [("anon", 3), ("user", 8), ("media", 8)])
def test_a_statement_ends_in_time(database: Database, door: str, seconds: int) -> None:
    with psycopg.connect(address(database, door)) as session:
        row = session.execute("select current_setting('statement_timeout')").fetchone()
    assert row == (f"{seconds}s",)


def test_only_the_media_login_calls_what_needs_imagekits_word(database: Database) -> None:
    for door in ("anon", "user"):
        with (
            psycopg.connect(address(database, door)) as session,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            session.execute("select private.open_upload('ada')")
    with psycopg.connect(address(database, "media")) as session:
        session.execute("select private.open_upload('ada')")
        session.rollback()


@pytest.mark.slow
@pytest.mark.parametrize(("door", "seconds"), [("anon", 3), ("user", 8), ("media", 8)])
def test_a_statement_that_does_not_end_is_ended(
    database: Database, door: str, seconds: int
) -> None:
    with psycopg.connect(address(database, door), autocommit=True) as session:
        began = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            session.execute("select pg_sleep(20)")
        assert seconds - 0.5 < time.monotonic() - began < seconds + 3


@pytest.mark.slow
def test_a_session_that_idles_in_a_transaction_is_ended(database: Database) -> None:
    with ExitStack() as stack:
        sessions = [
            stack.enter_context(closing(psycopg.connect(address(database, door)))) for door in ROLES
        ]
        for session in sessions:
            session.execute("select 1")
        time.sleep(11)
        for session in sessions:
            with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
                session.execute("select 1")


@pytest.mark.parametrize("door", ROLES)
def test_a_session_does_not_idle_in_a_transaction(database: Database, door: str) -> None:
    with psycopg.connect(address(database, door)) as session:
        row = session.execute(
            "select current_setting('idle_in_transaction_session_timeout')"
        ).fetchone()
    assert row == ("10s",)
