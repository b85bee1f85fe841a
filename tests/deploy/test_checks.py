"""`--check` shows and changes nothing; `verify` finds what was changed by hand; `status` tells."""

from __future__ import annotations

import pytest

from tests.deploy.folders import AUTHOR, LATEST, NOTES, POLICIES, VIEW, Folder, dump

PENDING = "migrations/20260102000000_titles.sql"


def test_a_check_of_what_is_deployed_finds_no_difference(shared: Folder) -> None:
    before = dump(shared.url)

    answer = shared.run("--check")

    assert (answer.code, dump(shared.url)) == (0, before)
    assert answer.out.endswith("no differences\n")


def test_a_check_shows_every_difference_and_changes_nothing(shared: Folder) -> None:
    before = dump(shared.url)
    shared.write(PENDING, "alter table public.notes add column title text;")
    shared.edit(AUTHOR, "'nobody'", "'somebody'")
    shared.edit(LATEST, "to anon, authenticated;\n    ", "to authenticated;")
    shared.edit(POLICIES, "using (true)", "using (id > 0)")
    shared.edit(POLICIES, "grant select on public.notes to anon, authenticated;", "")
    shared.edit(VIEW, "'All notes.'", "'Some notes.'")
    shared.write("functions/ops/one.sql", "create schema ops;")

    answer = shared.run("--check")

    assert answer.code == 2
    assert dump(shared.url) == before
    for line in (
        f"migration {PENDING}",
        "CHANGED function private.author()",
        "ADDED schema ops",
        "CHANGED function public.latest_note()",
        "    -grant execute to anon",
        "CHANGED policy select_all on public.notes",
        "    -using true",
        "    +using (id > 0)",
        "CHANGED grants on public.notes",
        "    -grant select to anon",
        "    +column title text",
        "    +comment Some notes.",
    ):
        assert f"{line}\n" in answer.out


def test_a_check_shows_what_would_be_dropped(shared: Folder) -> None:
    before = dump(shared.url)
    shared.remove(LATEST)

    answer = shared.run("--check")

    assert "DROPPED function public.latest_note()\n" in answer.out
    assert (answer.code, dump(shared.url)) == (2, before)


def test_a_check_fails_where_the_deploy_would(shared: Folder) -> None:
    shared.edit(LATEST, "max(l.body)", "max(l.nobody)")
    assert shared.run("--check").code == 1


# What is done, what verify says about it, how it is undone.
DRIFT = {
    "a dropped policy": (
        "drop policy select_all on public.notes",
        "DROPPED policy select_all on public.notes",
        "create policy select_all on public.notes for select to anon, authenticated using (true)",
    ),
    "an added policy": (
        "create policy more on public.notes for delete to anon using (true)",
        "ADDED policy more on public.notes",
        "drop policy more on public.notes",
    ),
    "a changed policy": (
        "alter policy select_all on public.notes using (id > 1)",
        "CHANGED policy select_all on public.notes",
        "alter policy select_all on public.notes using (true)",
    ),
    "an added index": (
        "create index notes_body_idx on public.notes (body)",
        "ADDED index public.notes_body_idx on public.notes",
        "drop index public.notes_body_idx",
    ),
    "an altered function": (
        "alter function private.author() volatile",
        "CHANGED function private.author()",
        "alter function private.author() stable",
    ),
    "a dropped function": (
        "drop function public.latest_note()",
        "DROPPED function public.latest_note()",
        "",
    ),
    "an overload of ours": (
        "create function public.latest_note(a integer) returns text language sql return 'x'",
        "ADDED function public.latest_note(integer)",
        "drop function public.latest_note(integer)",
    ),
    "a function nobody declared": (
        "create function private.backdoor() returns text language sql return 'x'",
        "ADDED function private.backdoor()",
        "drop function private.backdoor()",
    ),
    "a grant on a function": (
        "grant execute on function private.author() to anon",
        "CHANGED function private.author()",
        "revoke execute on function private.author() from anon",
    ),
    "a grant on a table": (
        "grant delete on public.notes to anon",
        "CHANGED grants on public.notes",
        "revoke delete on public.notes from anon",
    ),
    "a grant on a column": (
        "grant update (body) on public.notes to authenticated",
        "CHANGED grants on public.notes",
        "revoke update (body) on public.notes from authenticated",
    ),
    "a grant on a schema": (
        "grant create on schema private to anon",
        "CHANGED schema private",
        "revoke create on schema private from anon",
    ),
    "a look into the ledger": (
        "grant select on deploy.migrations to anon",
        "ADDED grants on deploy.migrations",
        "revoke select on deploy.migrations from anon",
    ),
    "a disabled trigger": (
        "alter table public.notes disable trigger stamp_on_update",
        "CHANGED trigger stamp_on_update on public.notes",
        "alter table public.notes enable trigger stamp_on_update",
    ),
    "row level security switched off": (
        "alter table public.notes disable row level security",
        "CHANGED table public.notes",
        "alter table public.notes enable row level security",
    ),
    "a changed default": (
        "alter table public.notes alter column changes set default 1",
        "CHANGED table public.notes",
        "alter table public.notes alter column changes set default 0",
    ),
    "an added column": (
        "alter table public.notes add column extra text",
        "CHANGED table public.notes",
        "alter table public.notes drop column extra",
    ),
    "an added constraint": (
        "alter table public.notes add constraint short check (length(body) < 9) not valid",
        "ADDED constraint short on public.notes",
        "alter table public.notes drop constraint short",
    ),
    "a view that forgot its options": (
        "alter view public.note_list reset (security_invoker)",
        "CHANGED view public.note_list",
        "alter view public.note_list set (security_invoker = true)",
    ),
    "a rule": (
        "create rule quiet as on delete to public.notes do instead nothing",
        "ADDED rule quiet on public.notes",
        "drop rule quiet on public.notes",
    ),
    "a comment": (
        "comment on table public.notes is 'by hand'",
        "CHANGED table public.notes",
        "comment on table public.notes is null",
    ),
    "a table in a schema of ours": (
        "create table private.secrets (id integer)",
        "ADDED table private.secrets",
        "drop table private.secrets",
    ),
}


@pytest.mark.parametrize("drift", DRIFT)
def test_verify_finds(shared: Folder, drift: str) -> None:
    change, line, undo = DRIFT[drift]
    shared.query(change)

    answer = shared.run("verify")

    assert answer.code == 1
    assert line in answer.out.splitlines()
    if undo:
        shared.query(undo)
    else:
        shared.deploy()
    assert shared.run("verify").code == 0


def test_verify_has_no_interest_in_other_applications(shared: Folder) -> None:
    shared.query("create table public.orders (id integer primary key)")
    shared.query("create function public.place_order() returns integer language sql return 1")
    shared.query("create view public.order_list as select id from public.orders")

    assert shared.run("verify").code == 0


def test_verify_does_not_take_the_daily_leaves_for_drift(deployed: Folder) -> None:
    deployed.write(
        PENDING,
        "create schema partitions;"
        " create table public.days (day date primary key) partition by range (day);"
        " create table partitions.days_1 partition of public.days"
        " for values from ('2026-01-01') to ('2026-01-02');",
    )
    deployed.deploy()
    deployed.query(
        "create table partitions.days_2 (like public.days including all);"
        " alter table public.days attach partition partitions.days_2"
        " for values from ('2026-01-02') to ('2026-01-03'); drop table partitions.days_1"
    )

    answer = deployed.run("verify")
    assert (answer.code, "public.days" in answer.out) == (0, False)
    deployed.query("grant usage on schema partitions to anon")
    assert "CHANGED schema partitions" in deployed.run("verify").out


def test_verify_says_when_another_program_took_the_last_snapshot(deployed: Folder) -> None:
    deployed.query("update deploy.deploys set server_version = 140000")
    deployed.query("grant delete on public.notes to anon")

    assert "deploy once more before you look further" in deployed.run("verify").out


@pytest.mark.parametrize("command", ["verify", "status"])
def test_a_database_without_a_deploy_is_an_error(folder: Folder, command: str) -> None:
    answer = folder.run(command)
    assert answer.code == 1
    assert "nothing was ever deployed" in answer.err


def test_status_tells_what_is_deployed_and_what_is_not(shared: Folder) -> None:
    clean = shared.run("status")
    assert "migrations: 1 applied, 0 pending" in clean.out
    assert "files: 5, 0 not deployed as they are now" in clean.out

    shared.write(PENDING, "select 1;")
    shared.edit(AUTHOR, "'nobody'", "'somebody'")
    shared.edit(NOTES, "body text not null", "body text")
    shared.remove(LATEST)
    answer = shared.run("status")

    assert answer.code == 0
    assert "postgres, commit" in answer.out
    for line in (
        f"pending {PENDING}",
        f"changed {AUTHOR}",
        f"removed {LATEST}",
        f"{NOTES}: was edited after it ran here",
    ):
        assert line in answer.out


def test_a_wrong_command_line_is_refused(shared: Folder) -> None:
    with pytest.raises(SystemExit):
        shared.run("verify", "--check")
