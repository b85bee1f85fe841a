"""clients/database.types.ts says what the database says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from db import types
from db.typescript import known
from tests.supabase.cli import Cli, packages
from tests.supabase.conftest import CLIENTS, Compile, Deployed, on_one_server
from tests.support import pgtap
from tests.support.server import Database
from tests.support.sessions import Connection

HERE = Path(__file__).parent
# Statements, and what there is more of in the types after them.
CHANGES = {
    "grant update (likes_count) on public.videos to authenticated": "likes_count?: number",
    "grant insert (title) on public.videos to authenticated": "title?: string | null",
    "revoke update (username) on public.user_profiles from authenticated": "username?: never",
    "create table public.diary (entry text[]); grant select on public.diary to anon": (
        "entry: (string)[] | null"
    ),
    "create type public.mood as enum ('good', 'bad')": 'mood: "good" | "bad"',
    "create function public.moody() returns table (a int, b text)"
    " language sql as 'select 1, null'": "Returns: { a: number; b: string }[]",
    "comment on view public.video_feed is 'Another */ word.'": "/** Another * / word. */",
}


@pytest.fixture(scope="module")
def described(clone_database: Callable[[], Database]) -> Database:
    database = clone_database()
    pgtap.prepare(database.admin_url)
    return database


def test_the_committed_types_are_those_of_the_deployed_database(
    described: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    code = types.main(["--check", described.owner_url])
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[:40])
def test_a_change_in_the_database_makes_them_stale(described: Database, change: str) -> None:
    with psycopg.connect(described.admin_url) as admin:
        admin.execute("set local search_path = pg_catalog")
        before = types.TYPES.render(admin)
        admin.execute(change.encode())
        after = types.TYPES.render(admin)
        admin.rollback()
    assert before.count(CHANGES[change]) < after.count(CHANGES[change])


def test_what_is_closed_to_clients_is_in_no_type(described: Database) -> None:
    with psycopg.connect(described.admin_url) as admin:
        admin.execute("set local search_path = pg_catalog")
        admin.execute("create table public.secret_plans (entry text)")
        admin.execute("revoke select (title) on public.videos from anon, authenticated")
        admin.execute("revoke select on public.videos from anon, authenticated")
        text = types.TYPES.render(admin)
        admin.rollback()
    assert "secret_plans" not in text
    assert "      videos: {" not in text
    assert "      video_feed: {" in text


@pytest.fixture
def world(described: Database) -> Iterator[Connection]:
    """Videos and comments of people with and without a username, for the owner to read."""
    with psycopg.connect(described.admin_url) as admin:
        admin.execute("select tests.person('ada', 'ada')")
        admin.execute("select tests.video('ada'), tests.video('nameless')")
        admin.execute(
            "insert into public.video_comments (video_id, user_id, text)"
            " select v.id, v.user_id, 'Hello.' from public.videos as v"
        )
        admin.execute("select private.refresh_trending()")
        yield admin
        admin.rollback()


@pytest.mark.parametrize("view", known.NEVER_NULL)
def test_columns_said_to_have_a_value_have_one(world: Connection, view: str) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, known.NEVER_NULL[view]))
    rows = world.execute(sql.SQL("select {} from public.{}").format(columns, sql.Identifier(view)))
    values = rows.fetchall()
    assert len(values) == 2
    assert [row for row in values if None in row] == []


@pytest.mark.parametrize(("view", "column"), known.SHAPES)
def test_json_said_to_have_a_shape_has_it(world: Connection, view: str, column: str) -> None:
    fields = {"Writer": {"username", "avatar"}, "Owner": {"username", "avatar", "verified"}}
    query = sql.SQL("select {} from public.{}").format(sql.Identifier(column), sql.Identifier(view))
    values = [value for (value,) in world.execute(query).fetchall()]
    assert len(values) == 2
    for value in values:
        assert set(value) == fields[known.SHAPES[view, column]]
        assert isinstance(value["username"], str)


def test_functions_of_which_more_is_known_are_there(described: Database) -> None:
    text = types.describe(described.owner_url)
    for name in (*known.NULLABLE_RESULTS, *known.NULLABLE_ARGUMENTS):
        assert f"      {name}: {{" in text


@pytest.mark.slow
def test_the_example_compiles_and_its_mistakes_do_not(compile_program: Compile) -> None:
    example = (CLIENTS / "example.ts").read_text()
    done = compile_program(example=example)
    assert done.returncode == 0, done.stdout

    mistakes = example.count("// @ts-expect-error")
    blind = compile_program(example=example.replace("// @ts-expect-error", "//"))
    assert blind.returncode != 0
    assert len(lines_with_errors(blind.stdout)) == mistakes, blind.stdout


@pytest.mark.slow
@on_one_server
def test_they_agree_with_what_the_supabase_cli_makes(
    compile_program: Compile, deployed: Deployed, tmp_path: Path
) -> None:
    program = packages() / "node_modules" / ".bin" / "supabase"
    cli = Cli(program, tmp_path, deployed.database)
    made = cli.run("gen", "types", "--schema", "public")
    assert made.returncode == 0, made.stderr

    judge = (HERE / "judge.ts").read_text()
    done = compile_program(theirs=made.stdout, judge=judge)
    assert done.returncode == 0, done.stdout

    other = made.stdout.replace('"likes_count": number', '"likes_count": string')
    other = other.replace('"page_size"?: number', '"page_size"?: string')
    seen = compile_program(theirs=other, judge=judge)
    lines = judge.splitlines()
    # An error stands at the name of the constant that is a rule.
    broken = {lines[number - 1].split()[2].rstrip(":") for number in lines_with_errors(seen.stdout)}
    assert broken >= {"sameRows", "narrowerRows", "widerArguments", "narrowerResults"}


def lines_with_errors(said: str) -> set[int]:
    """The lines of a program that TypeScript complains of."""
    return {int(number) for number in re.findall(r"^\w+\.ts\((\d+),", said, re.MULTILINE)}
