"""PostgREST itself behind the API: who it takes callers for, when it stops, what it may say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from dev.stack.tokens import project_key, user_token
from tests.api.serving import environment, served
from tests.support.postgrest import RunningPostgrest, running_postgrest
from tests.support.server import Database

pytestmark = pytest.mark.slow

SECRET = "a project's secret, which is long enough for HS256"
VIEWS = """
create view public.slow with (security_invoker = true) as
select pg_catalog.pg_sleep(10)::text as slept;
create view public.caller with (security_invoker = true) as
select
    current_user::text as role,
    pg_catalog.current_setting('request.jwt.claims', true)::json as claims,
    pg_catalog.current_setting('request.headers', true)::json as headers,
    pg_catalog.current_setting('request.jwt.claims', true)::json ->> 'sub' as sub;
grant select on public.slow, public.caller to anon, authenticated;
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """The API, what is behind it, and the database's owner."""

    http: httpx.Client
    postgrest: RunningPostgrest
    database: Database
    owner: psycopg.Connection[Any]

    def get(self, path: str, user: str | None = None, **headers: str) -> httpx.Response:
        token = {} if user is None else {"authorization": f"Bearer {user_token(user, SECRET)}"}
        return self.http.get(f"/rest/v1/{path}", headers=token | headers)


@pytest.fixture(scope="module")
def behind(
    clone_database: Any, imagekit: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    database = clone_database()
    log = tmp_path_factory.mktemp("postgrest") / "log"
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(VIEWS)
        with (
            running_postgrest(database, log) as postgrest,
            served(environment(database, imagekit, SECRET) | postgrest.environment()) as url,
            httpx.Client(base_url=url, timeout=30) as http,
        ):
            yield Behind(http, postgrest, database, owner)


def test_the_caller_is_who_the_token_says(behind: Behind) -> None:
    (nobody,) = behind.get("caller").json()
    (ada,) = behind.get("caller", "ada").json()
    assert (nobody["role"], nobody["claims"]) == ("anon", {"role": "anon"})
    assert (ada["role"], ada["claims"]["sub"]) == ("authenticated", "ada")
    mine = {"host", "connection", "accept-encoding", "user-agent", "accept"}
    assert nobody["headers"].keys() - mine == {"x-client-address"}
    assert nobody["headers"]["x-client-address"] == "127.0.0.1"
    assert ada["headers"].keys() - mine == {"authorization"}
    assert user_token("ada", SECRET) not in str(ada["headers"])


def test_the_anonymous_key_brings_no_claims(behind: Behind) -> None:
    key = user_token("ada", SECRET, role="anon", aud=None)
    (nobody,) = behind.get("caller", authorization=f"Bearer {key}").json()
    assert (nobody["role"], nobody["sub"]) == ("anon", None)


def test_callers_never_meet(behind: Behind) -> None:
    people = ["ada", None, "bob", "carol", None]
    for user in people * 20:
        assert [one["sub"] for one in behind.get("caller?select=sub", user).json()] == [user]


@pytest.mark.parametrize("role", ["service_role", "authenticated"])
def test_whoever_goes_around_the_api_is_nobody(role: str, behind: Behind) -> None:
    """Not even the project's own keys open anything there."""
    token = project_key(role, SECRET)
    headers = {"authorization": f"Bearer {token}"}
    answer = httpx.get(f"{behind.postgrest.url}/videos", headers=headers)
    assert answer.status_code == 401


def test_a_statement_takes_no_longer_than_its_role_may(behind: Behind) -> None:
    began = time.monotonic()
    answer = behind.get("slow")
    assert 2.5 < time.monotonic() - began < 6
    assert (answer.status_code, answer.json()["code"]) == (500, "57014")
    assert answer.json()["message"] == "timed_out"


def test_the_schema_is_read_again_when_a_deploy_says_so(behind: Behind) -> None:
    behind.owner.execute(
        "create table public.later (video_id uuid primary key references public.videos (id));"
        "grant select on public.later to anon"
    )
    # Embedding needs what PostgREST knows of the schema.
    embedding = "later?select=video_id,videos(id)"
    assert behind.get(embedding).json()["code"] == "PGRST200"
    behind.owner.execute("notify pgrst, 'reload schema'")
    deadline = time.monotonic() + 10
    while behind.get(embedding).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_database_that_is_gone_says_nothing_of_itself(
    clone_database: Any, imagekit: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = clone_database()
    log = tmp_path_factory.mktemp("postgrest") / "log"
    with (
        running_postgrest(database, log) as postgrest,
        served(environment(database, imagekit, SECRET) | postgrest.environment()) as url,
        psycopg.connect(database.server.cluster.admin_url("template1"), autocommit=True) as admin,
    ):
        admin.execute(f"alter database {database.name} allow_connections false".encode())
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = %s and usename = 'authenticator'",
            (database.name,),
        )
        try:
            answers = [httpx.get(f"{url}/rest/v1/videos") for _ in range(6)]
        finally:
            admin.execute(f"alter database {database.name} allow_connections true".encode())
    assert {answer.status_code for answer in answers} == {503}
    for answer in answers:
        assert set(answer.json()) == {"code", "message", "details", "hint"}
        assert answer.json()["message"] == "unavailable"
        for secret in (database.name, "authenticator", "FATAL", "127.0.0.1", "terminat"):
            assert secret not in answer.text
