"""`make deploy` to a project of Supabase's, as its owner, who is no superuser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.supabase.conftest import Deployed, New, make
from tests.supabase.hosted import platform
from tests.support import pgtap
from tests.support.server import Database
from tests.support.sessions import Connection

pytestmark = pytest.mark.slow

# It takes realtime's own tables away, which nobody there can.
ELSEWHERE_ONLY = frozenset({"test_live_without.sql"})
FILES = sorted(
    path
    for path in (Path(__file__).parents[1] / "db").glob("test_*.sql")
    if path.name not in ELSEWHERE_ONLY
)

FORBIDDEN = (
    "alter system set work_mem = '1GB'",
    "copy (select 1) to program 'true'",
    "create role stronger superuser",
    "create table auth.mine ()",
    "create function auth.mine() returns int language sql return 1",
    "create table realtime.mine ()",
    "create table storage.mine ()",
    "alter table auth.users add column mine text",
    "alter table realtime.messages enable row level security",
    "alter table realtime.messages add column mine text",
    "create index on realtime.messages (event)",
    "create trigger mine after insert on realtime.messages execute function realtime.announce()",
    "alter function realtime.send(jsonb, text, text, boolean) owner to postgres",
    "create policy mine on realtime.messages_default for select using (true)",
    "create policy mine on auth.users for select using (true)",
    "drop table realtime.messages",
    "set role supabase_realtime_admin",
    "set role authenticator",
    "create extension postgres_fdw",
    "create event trigger mine on ddl_command_end execute function extensions.pgrst_ddl_watch()",
)
ALLOWED = (
    "create policy listen on realtime.messages for select to authenticated using (true)",
    "alter policy listen on realtime.messages using (false)",
    "drop policy listen on realtime.messages",
    "create table public.mine (id uuid references auth.users (id))",
    "create policy mine on public.mine for select using (true)",
    "select realtime.send('{}', 'event', 'topic')",
    "create role helper nologin",
    "grant anon to helper",
)


@pytest.fixture
def owner(new_project: New) -> Iterator[Connection]:
    with psycopg.connect(new_project().owner_url, autocommit=True) as session:
        yield session


def test_the_owner_may_not_do_what_a_hosted_one_may_not(owner: Connection) -> None:
    allowed = []
    for statement in FORBIDDEN:
        try:
            owner.execute(statement.encode())
            allowed.append(statement)
        except psycopg.errors.InsufficientPrivilege:
            pass
    assert allowed == []


def test_the_owner_may_do_what_a_hosted_one_may(owner: Connection) -> None:
    try:
        for statement in ALLOWED:
            owner.execute(statement.encode())
        member = "select pg_has_role('postgres', 'supabase_realtime_admin', 'member')"
        assert owner.execute(member.encode()).fetchone() == (False,)
    finally:
        owner.execute("drop role if exists helper")


@pytest.mark.parametrize(
    ("change", "back", "seen"),
    [
        (
            "alter role anon set lock_timeout = '1s'",
            "alter role anon reset lock_timeout",
            "setting",
        ),
        (
            "grant usage on schema auth to public",
            "revoke usage on schema auth from public",
            "schema",
        ),
        ("grant service_role to anon", "revoke service_role from anon", "member"),
        ("create table auth.mine ()", "drop table auth.mine", "relation"),
    ],
)
def test_a_change_of_the_platform_is_seen(
    project: Database, change: str, back: str, seen: str
) -> None:
    before = platform(project)
    with psycopg.connect(project.admin_url, autocommit=True) as admin:
        admin.execute(change.encode())
        try:
            after = platform(project)
        finally:
            admin.execute(back.encode())
    different = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {kind for kind, _ in different} == {seen}


def test_a_deploy_leaves_the_platform_as_it_was(deployed: Deployed) -> None:
    assert platform(deployed.database) == deployed.platform_before


def test_a_deploy_says_nothing_that_needs_somebody(deployed: Deployed) -> None:
    said = deployed.said.lower()
    assert "deployed in" in said
    assert [word for word in ("warning", "error", "denied", "must be owner") if word in said] == []


def test_a_second_deploy_finds_nothing_to_do(deployed: Deployed) -> None:
    check = make("check", deployed.database)
    assert check.returncode == 0, check.stdout
    assert "no differences" in check.stdout
    again = make("deploy", deployed.database)
    assert again.returncode == 0, again.stdout + again.stderr
    verified = make("verify", deployed.database)
    assert verified.returncode == 0, verified.stdout
    assert "all as the last deploy left them" in verified.stdout
    assert platform(deployed.database) == deployed.platform_before


def test_everything_belongs_to_the_owner(deployed: Deployed) -> None:
    with psycopg.connect(deployed.database.owner_url) as owner:
        others = owner.execute(
            """
            select c.oid::regclass::text
            from pg_class as c
            inner join pg_namespace as n on c.relnamespace = n.oid
            where
                n.nspname in ('public', 'private', 'partitions', 'ops', 'deploy')
                and c.relowner <> 'postgres'::regrole
            union all
            select p.oid::regprocedure::text
            from pg_proc as p
            inner join pg_namespace as n on p.pronamespace = n.oid
            where
                n.nspname in ('public', 'private', 'partitions', 'ops', 'deploy')
                and p.proowner <> 'postgres'::regrole
            """
        ).fetchall()
    assert others == []


def test_the_timetable_is_in_cron_as_the_owner(deployed: Deployed) -> None:
    if not deployed.database.server.has("pg_cron"):
        pytest.skip("this server has no pg_cron")
    with psycopg.connect(deployed.database.owner_url) as owner:
        listed = owner.execute("select job, command from ops.timetable order by 1").fetchall()
        scheduled = owner.execute(
            "select jobname::text, command from cron.job where username = 'postgres' order by 1"
        ).fetchall()
        assert scheduled == listed
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("update cron.job set active = false where true")


@pytest.fixture(scope="module")
def tested(deployed: Deployed) -> Database:
    """A copy to which the pgTAP files' own needs are added."""
    copy = deployed.database.server.clone(deployed.database, "tested")
    pgtap.prepare(copy.admin_url)
    return copy


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_product_works_there(tested: Database, path: Path) -> None:
    with pgtap.connect(tested.admin_url) as connection:
        lines = pgtap.TextRunner(connection).run(path.read_bytes())
        connection.rollback()
    assert any(line.startswith("ok") for line in lines)
    assert [line for line in lines if line.startswith("not ok")] == []
