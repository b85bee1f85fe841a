"""`dev/supabase` makes plain Postgres look like a Supabase database, and only that."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.server import SURFACE, Database, PostgresServer

# What the surface makes, row by row: a row written again with the same content is the same.
STATE = """
select 'role', r.rolname, to_jsonb(r) - 'oid' from pg_roles as r
union all
select 'member', m.member::regrole::text || m.roleid::regrole, to_jsonb(m.admin_option)
from pg_auth_members as m
union all
select 'schema', n.nspname, to_jsonb(n) - 'oid' from pg_namespace as n where n.nspname !~ '^pg_temp'
union all
select 'relation', c.oid::regclass::text, to_jsonb(array[c.relacl::text, c.relowner::text])
from pg_class as c where c.relnamespace not in (11, 'pg_toast'::regnamespace)
union all
select 'function', p.oid::regprocedure::text, to_jsonb(p) - 'prosqlbody' from pg_proc as p
where p.pronamespace <> 11
union all
select 'trigger', t.tgname, to_jsonb(t.tgfoid) from pg_trigger as t
union all
select 'extension', e.extname, to_jsonb(e.extversion) from pg_extension as e
union all
select 'database', d.datname, to_jsonb(d.datdba::regrole::text) from pg_database as d
where d.datname = current_database()
union all
select 'setting', s.setdatabase::text || s.setrole, to_jsonb(s.setconfig)
from pg_db_role_setting as s
order by 1, 2
"""


def run_surface(session: psycopg.Connection[Any]) -> None:
    for file in sorted(SURFACE.glob("*.sql")):
        session.execute(file.read_bytes())


def state(session: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return session.execute(STATE).fetchall()


@pytest.fixture
def bare(cluster: PostgresServer) -> Iterator[Database]:
    database = cluster.bare()
    yield database
    cluster.drop(database)


@pytest.fixture
def admin(bare: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(bare.admin_url, autocommit=True) as session:
        yield session


@pytest.fixture
def owner(bare: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(bare.owner_url, autocommit=True) as session:
        yield session


def test_a_second_run_changes_nothing(admin: psycopg.Connection[Any]) -> None:
    run_surface(admin)
    before = state(admin)
    run_surface(admin)
    assert state(admin) == before


def test_a_real_project_is_left_alone(admin: psycopg.Connection[Any]) -> None:
    admin.execute("drop schema auth cascade")
    admin.execute("drop schema realtime cascade")
    admin.execute("create schema auth")
    admin.execute("revoke pg_monitor from postgres")
    try:
        before = state(admin)
        run_surface(admin)
        assert state(admin) == before
    finally:
        admin.execute("grant pg_monitor to postgres")


def test_the_owner_is_no_superuser(owner: psycopg.Connection[Any]) -> None:
    for forbidden in (
        "alter system set work_mem = '1GB'",
        "copy (select 1) to program 'true'",
        "create role stronger superuser",
        "create table auth.mine ()",
        "create table realtime.mine ()",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(forbidden.encode())


def test_the_owner_may_do_what_a_hosted_project_lets_him(
    owner: psycopg.Connection[Any],
) -> None:
    for allowed in (
        "create table public.notes (id bigint primary key, written_by uuid references auth.users)",
        "create policy listen on realtime.messages for select to authenticated using (true)",
        "alter role authenticator set pgrst.db_schemas = 'public'",
        "alter role authenticator reset pgrst.db_schemas",
        "alter publication supabase_realtime add table public.notes",
        "create schema more",
        "grant anon to authenticator",
    ):
        owner.execute(allowed.encode())


def test_new_tables_and_functions_are_not_open_to_clients(
    owner: psycopg.Connection[Any],
) -> None:
    owner.execute("create table public.notes ()")
    owner.execute("set role anon")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("select from public.notes")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("create table public.mine ()")


def test_the_claims_of_the_token_say_who_calls(owner: psycopg.Connection[Any]) -> None:
    person = "0a8b1a2c-0000-4000-8000-000000000001"
    claims = {"sub": person, "role": "authenticated", "email": "ada@example.com"}
    owner.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps(claims)])
    row = owner.execute(
        "select auth.uid()::text, auth.role(), auth.email(), auth.jwt() ->> 'sub'"
    ).fetchone()
    assert row == (person, "authenticated", "ada@example.com", person)
    owner.execute("select set_config('request.jwt.claims', '', false)")
    assert owner.execute("select auth.uid(), auth.jwt()").fetchone() == (None, None)


def test_a_broadcast_is_stored_and_announced(owner: psycopg.Connection[Any]) -> None:
    owner.execute("listen realtime")
    owner.execute("select realtime.send('{\"likes\": 3}', 'counted', 'video:1')")
    (notice,) = owner.notifies(timeout=5, stop_after=1)
    told = json.loads(notice.payload)
    assert (told["topic"], told["event"], told["private"]) == ("video:1", "counted", True)
    assert told["payload"]["likes"] == 3
    row = owner.execute("select topic, event, extension from realtime.messages").fetchone()
    assert row == ("video:1", "counted", "broadcast")


def test_a_broadcast_too_long_for_a_notice_is_read_by_its_id(
    owner: psycopg.Connection[Any],
) -> None:
    owner.execute("listen realtime")
    owner.execute("select realtime.send(jsonb_build_object('text', repeat('x', 9000)), 'e', 't')")
    (notice,) = owner.notifies(timeout=5, stop_after=1)
    told = json.loads(notice.payload)
    assert "payload" not in told
    row = owner.execute(
        "select length(payload ->> 'text') from realtime.messages where id = %s", [told["id"]]
    ).fetchone()
    assert row == (9000,)


def test_a_broadcast_nobody_may_send_is_a_warning(owner: psycopg.Connection[Any]) -> None:
    warnings: list[str] = []
    owner.add_notice_handler(lambda notice: warnings.append(notice.message_primary or ""))
    owner.execute("set role anon")
    owner.execute("select realtime.send('{}', 'e', 't')")
    assert len(warnings) == 1
    assert "row-level security" in warnings[0]


def test_a_changed_row_is_broadcast_from_a_trigger(owner: psycopg.Connection[Any]) -> None:
    owner.execute(
        """
        create table public.notes (id bigint);
        create function public.tell() returns trigger language plpgsql as $$
        begin
            perform realtime.broadcast_changes(
                'notes', tg_op, tg_op, tg_table_name, tg_table_schema, new, old
            );
            return null;
        end $$;
        create trigger tell after insert on public.notes
        for each row execute function public.tell();
        insert into public.notes values (7);
        """
    )
    row = owner.execute(
        "select topic, event, payload -> 'record', payload -> 'old_record' from realtime.messages"
    ).fetchone()
    assert row == ("notes", "INSERT", {"id": 7}, None)


LISTEN_POLICY = """
create policy listen on realtime.messages for select to anon using (
    extension = 'broadcast' and private and topic = 'mine' and realtime.topic() = topic
)
"""


def one(session: psycopg.Connection[Any], query: str, *parameters: Any) -> Any:
    (row,) = session.execute(query.encode(), parameters).fetchall()
    return row[0]


def test_a_caller_may_listen_as_the_policies_say(owner: psycopg.Connection[Any]) -> None:
    owner.execute(LISTEN_POLICY)
    may_listen = "select realtime.may_listen(%s)"
    owner.execute("set role anon")
    assert one(owner, may_listen, "mine") is True
    assert one(owner, may_listen, "yours") is False
    owner.execute("set role authenticated")
    assert one(owner, may_listen, "mine") is False
    owner.execute("reset role")
    assert one(owner, "select count(*) from realtime.messages") == 0


def test_a_probe_is_heard_by_nobody_and_seen_by_no_client(
    owner: psycopg.Connection[Any],
) -> None:
    owner.execute("listen realtime")
    owner.execute("set role anon")
    probe = one(owner, "select realtime.insert_probe('t')")
    assert one(owner, "select count(*) from realtime.messages where id = %s", probe) == 0
    assert list(owner.notifies(timeout=0.2)) == []


def test_a_long_payload_is_read_by_who_may_listen(owner: psycopg.Connection[Any]) -> None:
    owner.execute(LISTEN_POLICY)
    ids = {}
    for topic, private in (("mine", True), ("yours", True), ("open", False)):
        owner.execute("select realtime.send('{\"a\": 1}', 'e', %s, %s)", (topic, private))
        ids[topic] = one(owner, "select id from realtime.messages where topic = %s", topic)
    owner.execute("set role anon")
    read = "select realtime.read_payload(%s, %s) ->> 'a'"
    read_public = "select realtime.read_public_payload(%s, %s) ->> 'a'"
    assert one(owner, read, ids["mine"], "mine") == "1"
    assert one(owner, read_public, ids["open"], "open") == "1"
    for query, topic, said in (
        (read, "yours", "yours"),
        # Whoever may listen to one topic may not read another's message by its id.
        (read, "yours", "mine"),
        (read, "open", "open"),
        (read_public, "mine", "mine"),
        (read_public, "open", "other"),
    ):
        assert one(owner, query, ids[topic], said) is None, (query, topic, said)


def test_messages_are_kept_for_three_days(
    cluster: PostgresServer, owner: psycopg.Connection[Any], admin: psycopg.Connection[Any]
) -> None:
    if not cluster.has("pg_cron"):
        pytest.skip("this server has no pg_cron")
    with cluster.connect() as session:
        (job,) = session.execute(
            "select command from cron.job where jobname = 'surface-prune-realtime-messages'"
        ).fetchall()
    for age in ("2 days 23 hours", "3 days 1 hour"):
        owner.execute(
            "insert into realtime.messages (topic, extension, inserted_at) "
            "values (%s, 'broadcast', (now() at time zone 'utc') - %s::interval)",
            (age, age),
        )
    admin.execute(str(job[0]).encode())
    assert one(owner, "select string_agg(topic, ',') from realtime.messages") == "2 days 23 hours"
