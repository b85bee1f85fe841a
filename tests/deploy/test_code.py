"""Functions, views and what hangs on tables: replaced, re-attached, dropped, healed."""

from __future__ import annotations

import time

import psycopg
import pytest

from tests.deploy.folders import AUTHOR, LATEST, NOTES, POLICIES, STAMP, VIEW, Folder, dump
from tests.support.server import Database

POLICY_NAMES = "select polname from pg_policy where polrelid = 'public.notes'::regclass order by 1"


def may_execute(folder: Folder, role: str, function: str) -> bool:
    allowed = folder.value(f"select has_function_privilege('{role}', '{function}', 'execute')")
    return bool(allowed)


def test_a_first_deploy_creates_everything_the_files_say(folder: Folder) -> None:
    answer = folder.deploy()

    assert NOTES in answer.out
    assert folder.value("select public.latest_note()") is None
    assert folder.query(POLICY_NAMES) == [
        ("insert_own",),
        ("select_all",),
    ]
    assert may_execute(folder, "anon", "public.latest_note()")
    assert not may_execute(folder, "anon", "private.author()")


def test_a_deploy_of_the_same_files_changes_nothing_and_takes_less_than_a_second(
    deployed: Folder,
) -> None:
    before = dump(deployed.url, history=False)

    begun = time.perf_counter()
    answer = deployed.deploy()

    assert time.perf_counter() - begun < 1
    assert dump(deployed.url, history=False) == before
    assert "by hand" not in answer.out
    assert deployed.value("select count(*) from deploy.deploys") == 2


def test_a_changed_function_is_replaced_in_place(deployed: Folder) -> None:
    oid = deployed.value("select 'public.latest_note()'::regprocedure::oid")

    deployed.edit(LATEST, "max(l.body)", "'first: ' || min(l.body)")
    deployed.deploy()

    assert deployed.value("select 'public.latest_note()'::regprocedure::oid") == oid
    assert "first: " in deployed.value("select pg_get_functiondef('public.latest_note'::regproc)")


def test_a_function_altered_by_hand_is_put_right_and_the_deploy_says_so(deployed: Folder) -> None:
    deployed.query("alter function private.author() volatile")

    answer = deployed.deploy()

    change = "by hand since the last deploy: CHANGED function private.author()"
    assert f"{change}: put right" in answer.out
    assert deployed.value("select provolatile from pg_proc where proname = 'author'") == "s"


def test_what_a_deploy_cannot_put_right_is_told_of(deployed: Folder) -> None:
    deployed.query("create index notes_body_idx on public.notes (body)")

    answer = deployed.deploy()

    change = "by hand since the last deploy: ADDED index public.notes_body_idx on public.notes"
    assert f"{change}: stays" in answer.out


def test_a_function_that_was_there_before_is_taken_over_aloud(folder: Folder) -> None:
    folder.query("create function public.latest_note() returns text language sql return 'mine'")

    answer = folder.deploy()

    taken_over = "function public.latest_note() was there before and is ours from now on"
    assert taken_over in answer.out
    assert taken_over not in folder.deploy().out


def test_a_view_that_did_not_change_is_not_created_again(deployed: Folder) -> None:
    version = "select ctid::text from pg_rewrite where ev_class = 'public.note_list'::regclass"
    before = deployed.value(version)

    answer = deployed.deploy()

    assert "1 view left alone" in answer.out
    assert deployed.value(version) == before


@pytest.mark.parametrize(
    "change",
    [
        "alter view public.note_list set (security_invoker = false)",
        "create or replace view public.note_list as select 1 as id, 'same'::text as body",
        "grant insert on public.note_list to anon",
        "grant select (body) on public.note_list to service_role",
        "comment on view public.note_list is 'changed'",
    ],
)
def test_a_view_changed_by_hand_is_put_right(shared: Folder, change: str) -> None:
    wanted = shared.query("select definition from deploy.snapshot where kind = 'view'")
    shared.query(change)

    shared.deploy()

    assert shared.query("select definition from deploy.snapshot where kind = 'view'") == wanted
    assert shared.run("verify").code == 0


def test_grants_made_by_hand_on_functions_are_taken_back(deployed: Folder) -> None:
    deployed.query("grant execute on function private.author() to public, anon")
    deployed.query("grant execute on function private.stamp() to authenticated with grant option")

    deployed.deploy()

    assert not may_execute(deployed, "anon", "private.author()")
    assert not may_execute(deployed, "authenticated", "private.stamp()")
    assert may_execute(deployed, "authenticated", "private.author()")


def test_a_grant_whose_line_is_removed_is_taken_back(deployed: Folder) -> None:
    deployed.edit(LATEST, "to anon, authenticated;\n    ", "to authenticated;")
    deployed.deploy()

    assert not may_execute(deployed, "anon", "public.latest_note()")
    assert may_execute(deployed, "authenticated", "public.latest_note()")


def test_a_function_whose_file_is_removed_is_dropped(deployed: Folder) -> None:
    deployed.remove(LATEST)

    answer = deployed.deploy()

    assert "function public.latest_note()" in answer.out
    assert deployed.value("select to_regproc('public.latest_note')") is None
    assert deployed.query("select from deploy.objects where identity like '%latest_note%'") == []


def test_a_new_argument_leaves_no_old_overload_behind(deployed: Folder) -> None:
    deployed.edit(
        LATEST,
        "function public.latest_note() returns",
        "function public.latest_note(\nwanted integer default 1) returns",
    )
    deployed.edit(
        LATEST, "on function public.latest_note()", "on function public.latest_note(integer)"
    )

    deployed.deploy()

    signatures = "select oid::regprocedure::text from pg_proc where proname = 'latest_note'"
    assert deployed.query(signatures) == [("latest_note(integer)",)]


def test_functions_and_views_that_use_each_other_are_dropped_together(deployed: Folder) -> None:
    # The view begins to use a function that is newer than itself: newest first is not enough.
    deployed.write(
        "functions/private/shout.sql",
        "create or replace function private.shout(words text) returns text language sql immutable"
        " begin atomic select upper(words); end;",
    )
    deployed.edit(VIEW, "n.id, n.body", "n.id, private.shout(n.body) as body")
    deployed.deploy()
    for path in ("functions/private/shout.sql", VIEW, LATEST):
        deployed.remove(path)

    deployed.deploy()

    assert deployed.value("select to_regclass('public.note_list')") is None
    assert deployed.value("select to_regproc('private.shout')") is None


def test_a_removed_function_that_is_in_use_stops_the_deploy_and_names_its_users(
    deployed: Folder,
) -> None:
    deployed.remove(AUTHOR)

    deployed.refused(
        AUTHOR,
        "function private.author()",
        "policy insert_own on table public.notes depends on function private.author()",
    )


def test_functions_of_other_applications_stay(folder: Folder) -> None:
    folder.query("create function public.other() returns integer language sql return 1")
    folder.query("grant execute on function public.other() to anon")
    folder.deploy()
    folder.query("create view public.other_list as select public.other() as n")
    folder.query("create function public.third() returns integer language sql return 3")

    folder.deploy()

    assert folder.value("select public.other() + n + public.third() from public.other_list") == 5
    assert may_execute(folder, "anon", "public.other()")


def test_a_function_that_a_file_only_grants_is_not_taken_over(folder: Folder) -> None:
    folder.query("create function public.other() returns integer language sql return 1")
    folder.edit(
        LATEST,
        "grant execute on function public.latest_note() to anon, authenticated;",
        "grant execute on function public.other() to service_role;",
    )
    folder.deploy()
    folder.edit(LATEST, "grant execute on function public.other() to service_role;", "")

    folder.deploy()

    assert folder.value("select public.other()") == 1


def test_what_a_migration_created_is_not_swept(folder: Folder) -> None:
    folder.write(
        "migrations/20260101000001_helper.sql",
        "create function private.helper() returns integer language sql return 7;",
    )
    folder.deploy()
    folder.deploy()

    assert folder.value("select private.helper()") == 7


def test_only_tables_whose_file_changed_are_attached_again(deployed: Folder) -> None:
    attached = "select max(oid) from pg_policy where polrelid = 'public.notes'::regclass"
    before = deployed.value(attached)
    deployed.edit(LATEST, "max(", "min(")
    deployed.deploy()
    assert deployed.value(attached) == before

    deployed.edit(POLICIES, "using (true)", "using (id > 0)")
    answer = deployed.deploy()

    assert "public.notes (changed)" in answer.out
    assert deployed.value(attached) > before
    assert deployed.query(POLICY_NAMES) == [
        ("insert_own",),
        ("select_all",),
    ]


def test_what_leaves_a_policies_file_leaves_the_table(deployed: Folder) -> None:
    deployed.edit(POLICIES, "grant insert (body) on public.notes to authenticated;", "")
    deployed.edit(
        POLICIES, "alter table public.notes alter column author set default private.author();", ""
    )
    text = (deployed.root / POLICIES).read_text()
    deployed.write(POLICIES, text[: text.index("create policy insert_own")])

    deployed.deploy()

    assert deployed.query(POLICY_NAMES) == [("select_all",)]
    assert deployed.query("select from pg_trigger where not tgisinternal") == []
    assert (
        deployed.query(
            "select from pg_attrdef where adrelid = 'public.notes'::regclass"
            " and pg_get_expr(adbin, adrelid) like '%author%'"
        )
        == []
    )
    assert not deployed.value(
        "select has_column_privilege('authenticated', 'public.notes', 'body', 'insert')"
    )
    # A default that calls nothing of ours belongs to the migration.
    assert (
        deployed.value(
            "select pg_get_expr(adbin, adrelid) from pg_attrdef"
            " where adrelid = 'public.notes'::regclass and adnum = 4"
        )
        == "0"
    )


def test_a_removed_policies_file_takes_everything_off_its_table(deployed: Folder) -> None:
    deployed.remove(POLICIES)
    deployed.remove(AUTHOR)
    deployed.remove(STAMP)

    answer = deployed.deploy()

    assert "public.notes (file removed)" in answer.out
    assert deployed.query(POLICY_NAMES) == []
    assert deployed.query("select from pg_trigger where not tgisinternal") == []
    assert not deployed.value("select has_table_privilege('anon', 'public.notes', 'select')")
    assert deployed.value("select relrowsecurity from pg_class where relname = 'notes'")


@pytest.mark.parametrize(
    "change",
    [
        "drop policy select_all on public.notes",
        "alter policy insert_own on public.notes with check (true)",
        "grant delete on public.notes to anon",
        "grant update (body) on public.notes to authenticated",
        "alter table public.notes disable trigger stamp_on_update",
        "alter table public.notes alter column author set default 'mallory'",
    ],
)
def test_what_hangs_on_a_table_is_put_right_after_a_change_by_hand(
    shared: Folder, change: str
) -> None:
    wanted = dump(shared.url)["deploy.snapshot"]
    shared.query(change)

    answer = shared.deploy()

    assert "public.notes (not as it was left)" in answer.out
    assert dump(shared.url)["deploy.snapshot"] == wanted
    assert shared.run("verify").code == 0


def test_a_policies_file_without_a_table_is_refused(folder: Folder) -> None:
    folder.write("policies/nothing.sql", "select 1;")
    folder.refused("policies/nothing.sql: there is no table public.nothing or private.nothing")


def test_files_are_loaded_after_those_their_headers_name(folder: Folder) -> None:
    folder.write(
        "functions/private/a_first.sql",
        "-- depends: z_last, note_list\n"
        "create or replace function private.a_first(note public.note_list) returns text\n"
        "language sql immutable return private.z_last(note.body);",
    )
    folder.write(
        "functions/private/z_last.sql",
        "create or replace function private.z_last(words text) returns text"
        " language sql immutable return words;",
    )
    folder.deploy()

    assert folder.value("select private.a_first(row(1, 'hello')::public.note_list)") == "hello"


def test_the_last_loaded_file_may_schedule_jobs_and_raise_notices(folder: Folder) -> None:
    folder.write("functions/jobs/hello.sql", "do $$ begin raise notice '% jobs', 0; end $$;")

    assert "notice: 0 jobs" in folder.deploy().out


def test_a_deploy_needs_no_superuser(folder: Folder, bare: Database) -> None:
    folder.deploy()
    with psycopg.connect(bare.admin_url) as admin:
        deployer = admin.execute(
            "select r.rolname, r.rolsuper from pg_namespace as n"
            " inner join pg_roles as r on r.oid = n.nspowner where n.nspname = 'deploy'"
        ).fetchone()
    assert deployer == ("postgres", False)


def test_nobody_else_may_look_into_the_ledger_and_it_explains_itself(deployed: Folder) -> None:
    assert (
        deployed.query(
            "select r.rolname from pg_roles as r"
            " where r.rolname in ('anon', 'authenticated', 'service_role')"
            " and has_schema_privilege(r.oid, 'deploy', 'usage')"
        )
        == []
    )
    assert (
        deployed.query(
            "select relname from pg_class where relnamespace = 'deploy'::regnamespace"
            " and relkind = 'r' and obj_description(oid, 'pg_class') is null"
        )
        == []
    )


def test_the_api_of_the_project_is_told_to_look_again(deployed: Folder) -> None:
    with psycopg.connect(deployed.url, autocommit=True) as conn:
        conn.execute("listen pgrst")
        deployed.deploy()
        heard = [note.payload for note in conn.notifies(timeout=5, stop_after=1)]
    assert heard == ["reload schema"]


FOREIGN = "policies/realtime.messages.sql"
LISTEN = """
create policy ig_live_select_some on realtime.messages
for select to authenticated using (topic = 'some');
"""
OTHERS = "create policy others on realtime.messages for select to anon using (true)"
POLICIES_THERE = """
select polname::text from pg_policy where polrelid = 'realtime.messages'::regclass order by 1
"""


def test_policies_on_a_table_of_others_are_ours_and_those_of_others_stay(folder: Folder) -> None:
    folder.query(OTHERS)
    folder.write(FOREIGN, LISTEN)
    assert "realtime.messages (new)" in folder.deploy().out
    assert folder.query(POLICIES_THERE) == [("ig_live_select_some",), ("others",)]
    assert "re-attached" not in folder.deploy().out
    assert folder.run("verify").code == 0

    folder.query("alter policy ig_live_select_some on realtime.messages using (true)")
    assert folder.run("verify").code == 1
    assert "realtime.messages (not as it was left)" in folder.deploy().out
    assert folder.run("verify").code == 0

    folder.write(FOREIGN, LISTEN.replace("some", "other"))
    assert "realtime.messages (changed)" in folder.deploy().out
    assert folder.query(POLICIES_THERE) == [("ig_live_select_other",), ("others",)]

    folder.remove(FOREIGN)
    assert "realtime.messages (file removed)" in folder.deploy().out
    assert folder.query(POLICIES_THERE) == [("others",)]
    assert folder.run("verify").code == 0


def test_policies_on_a_table_of_others_wait_until_it_is_there(
    folder: Folder, bare: Database
) -> None:
    with psycopg.connect(bare.admin_url, autocommit=True) as admin:
        admin.execute("alter table realtime.messages rename to away")
    folder.write(FOREIGN, LISTEN)
    assert "realtime.messages" not in folder.deploy().out
    assert folder.run("verify").code == 0
    with psycopg.connect(bare.admin_url, autocommit=True) as admin:
        admin.execute("alter table realtime.away rename to messages")
    assert "realtime.messages (there is a table now)" in folder.deploy().out
    assert folder.query(POLICIES_THERE) == [("ig_live_select_some",)]
    assert "re-attached" not in folder.deploy().out
