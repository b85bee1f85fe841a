"""Migrations: once, in order, frozen, shared with the Supabase CLI; and files that fail."""

from __future__ import annotations

import psycopg

from tests.deploy.folders import LATEST, NOTES, Folder

NEXT = "migrations/20260102000000_titles.sql"
ADD_TITLE = "alter table public.notes add column title text;"


def test_a_migration_runs_once_and_only_the_new_one(deployed: Folder) -> None:
    deployed.write(NEXT, ADD_TITLE)

    answer = deployed.deploy()

    assert NEXT in answer.out
    assert NOTES not in answer.out
    assert deployed.query("select version, title, origin from deploy.migrations order by 1") == [
        ("20260101000000", "notes", "deploy"),
        ("20260102000000", "titles", "deploy"),
    ]
    assert "migrations   nothing to do" in deployed.deploy().out


def test_an_edited_migration_is_refused(deployed: Folder) -> None:
    deployed.edit(NOTES, "body text not null", "body text")
    deployed.refused(f"{NOTES}: was edited after it ran here")


def test_a_vanished_migration_is_refused(deployed: Folder) -> None:
    deployed.remove(NOTES)
    deployed.refused("migrations/20260101000000_*.sql has vanished")


def test_a_migration_numbered_below_the_newest_is_refused(deployed: Folder) -> None:
    late = "migrations/20251231000000_late.sql"
    deployed.write(late, "select 1;")
    deployed.refused(f"{late}: is numbered below 20260101000000")


def test_a_failing_migration_names_file_and_line_and_takes_all_back(deployed: Folder) -> None:
    deployed.write("migrations/20260102000000_fine.sql", "create table public.fine (id integer);")
    deployed.write(
        "migrations/20260102000001_bad.sql",
        "-- It takes a while to fail.\nselect ';';\n\ninsert into public.fine\nvalues (1, 2);\n",
    )
    deployed.refused("migrations/20260102000001_bad.sql:5:", "(42601)", "more expressions")


def test_an_error_without_a_position_is_found_by_its_statement(deployed: Folder) -> None:
    deployed.write(
        NEXT,
        "select $$;$$, ';', 1 /* ; /* ; */ ; */; -- ;\n"
        "create function private.twice() returns integer begin atomic\n"
        "    select case when true then 1 else 2 end;\n"
        "end;\n"
        "\n"
        "create table public.notes (id integer);\n",
    )
    deployed.refused(f"{NEXT}:6: relation", "already exists", "(42P07)")


def test_an_error_in_a_block_is_found_inside_it(deployed: Folder) -> None:
    deployed.write(
        NEXT,
        "select 1;\n\ndo $$\nbegin\n    perform 1;\n    raise exception 'no %', 'luck'\n"
        "    using errcode = 'PT400', detail = 'Some detail.', hint = 'Some hint.';\nend\n$$;\n",
    )
    deployed.refused(f"{NEXT}:6: no luck (PT400)", "detail: Some detail.", "hint: Some hint.")


def test_an_error_in_a_function_file_is_found_among_all_of_them(deployed: Folder) -> None:
    deployed.edit(LATEST, "max(l.body)", "max(l.nobody)")
    deployed.refused(f"{LATEST}:5: column l.nobody does not exist (42703)")


def test_a_new_result_type_is_refused_with_advice(deployed: Folder) -> None:
    deployed.edit(LATEST, "returns text", "returns text[]")
    deployed.edit(LATEST, "max(l.body)", "array_agg(l.body)")
    deployed.refused(f"{LATEST}:2: cannot change return type", "Let a migration drop the old one")


def test_percent_signs_and_unusual_characters_arrive_as_they_are(deployed: Folder) -> None:
    deployed.edit(LATEST, "max(l.body)", "max(l.body) || format('%s %% %1$s', 'ä√')")
    deployed.deploy()

    assert "%s %% %1$s" in deployed.value(
        "select pg_get_functiondef('public.latest_note'::regproc)"
    )
    assert "ä√" in deployed.value("select pg_get_functiondef('public.latest_note'::regproc)")


def test_a_renamed_table_stays_ours(deployed: Folder) -> None:
    deployed.write(
        NEXT,
        "drop function public.latest_note(); drop view public.note_list;"
        " alter table public.notes rename to remarks;",
    )
    for path in ("functions/views/note_list.sql", LATEST):
        deployed.remove(path)
    text = (deployed.root / "policies/notes.sql").read_text()
    deployed.write("policies/remarks.sql", text.replace("public.notes", "public.remarks"))
    deployed.remove("policies/notes.sql")

    deployed.deploy()

    assert deployed.query("select identity, file from deploy.objects where kind = 'table'") == [
        ("public.remarks", NOTES)
    ]


def test_the_supabase_cli_finds_our_migrations_in_its_table(deployed: Folder) -> None:
    rows = deployed.query(
        "select version, name, statements from supabase_migrations.schema_migrations"
    )
    (version, name, statements) = rows[0]
    assert (len(rows), version, name) == (1, "20260101000000", "notes")
    assert [statement.split()[0] for statement in statements] == [
        "create",
        "grant",
        "create",
        "alter",
    ]


def push_with_supabase_cli(folder: Folder, path: str) -> None:
    """What `supabase db push` leaves in the database."""
    version, _, title = path.removeprefix("migrations/").removesuffix(".sql").partition("_")
    with psycopg.connect(folder.url) as conn:
        conn.execute("create schema if not exists supabase_migrations")
        conn.execute(
            "create table if not exists supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        text = (folder.root / path).read_text()
        conn.execute(text.encode())
        conn.execute(
            "insert into supabase_migrations.schema_migrations values (%s, %s, %s)",
            (version, [text], title),
        )


def test_migrations_applied_by_the_supabase_cli_are_taken_over(folder: Folder) -> None:
    push_with_supabase_cli(folder, NOTES)

    answer = folder.deploy()

    assert f"{NOTES}: applied by the Supabase CLI, taken over" in answer.out
    assert folder.query("select version, origin from deploy.migrations") == [
        ("20260101000000", "supabase")
    ]
    assert folder.run("verify").code == 0
    folder.query("grant delete on public.notes to anon")
    assert folder.run("verify").code == 1


def test_the_supabase_cli_may_go_first_later_too(deployed: Folder) -> None:
    deployed.write(NEXT, ADD_TITLE)
    push_with_supabase_cli(deployed, NEXT)

    answer = deployed.deploy()

    assert f"{NEXT}: applied by the Supabase CLI" in answer.out
    assert "by hand" not in answer.out


def test_migrations_of_other_applications_in_the_cli_s_table_do_no_harm(deployed: Folder) -> None:
    deployed.query(
        "insert into supabase_migrations.schema_migrations (version) values ('20270101000000')"
    )
    deployed.write(NEXT, ADD_TITLE)
    deployed.deploy()
    assert deployed.value("select count(*) from deploy.migrations") == 2


def test_a_database_that_cannot_be_reached_is_an_error_without_a_traceback(
    deployed: Folder,
) -> None:
    lost = Folder(deployed.root, "postgresql://postgres@127.0.0.1:1/none", deployed.capture)
    answer = lost.run()
    assert answer.code == 1
    assert answer.err.startswith("error: cannot connect:")
