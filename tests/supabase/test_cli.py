"""The Supabase CLI and our deploy see one history, and its linters find nothing undecided."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from db import permissions
from db.audit import lints
from dev.stack import paths
from tests.supabase.cli import Cli, packages
from tests.supabase.conftest import Deployed, New, make
from tests.supabase.test_default_privileges import OLD_DEFAULTS
from tests.support.server import Database
from tests.support.sessions import Connection

pytestmark = pytest.mark.slow

VERSIONS = sorted(path.name[:14] for path in (paths.ROOT / "db" / "migrations").glob("*.sql"))
SNAPSHOT = "select kind, identity, definition from deploy.snapshot order by 1, 2"

Of = Callable[[Database], Cli]


@pytest.fixture(scope="session")
def program() -> Path:
    return packages() / "node_modules" / ".bin" / "supabase"


@pytest.fixture
def cli_of(program: Path, tmp_path: Path) -> Of:
    return lambda database: Cli(program, tmp_path, database)


@pytest.fixture
def cli(cli_of: Of, deployed: Deployed) -> Cli:
    return cli_of(deployed.database)


@pytest.fixture
def changed(deployed: Deployed) -> Iterator[Database]:
    """A copy of the deployed project that a test may spoil."""
    copy = deployed.database.server.clone(deployed.database, "changed")
    yield copy
    deployed.database.server.drop(copy)


def listed(cli: Cli) -> list[tuple[str, str]]:
    """The versions of `migration list`: in the folder, and in the database."""
    rows = re.findall(r"^\s+`([\d ]*)`\s*\|\s*`([\d ]*)`\s*\|", cli.says("migration", "list"), re.M)
    return [(here.strip(), there.strip()) for here, there in rows]


def test_it_lists_what_we_deployed_as_its_own(cli: Cli) -> None:
    assert listed(cli) == [(version, version) for version in VERSIONS]


def test_it_has_nothing_to_push_after_us(cli: Cli) -> None:
    assert "up to date" in cli.says("db", "push")


def test_it_sees_what_is_not_deployed(cli_of: Of, deployed: Deployed, tmp_path: Path) -> None:
    folder = tmp_path / "supabase" / "migrations"
    shutil.copytree(paths.ROOT / "db" / "migrations", folder)
    (folder / "20991231235959_more.sql").write_text("create table public.more ();")
    ours = cli_of(deployed.database)
    newer = Cli(ours.program, ours.home, ours.database, checkout=tmp_path)
    assert listed(newer)[-1] == ("20991231235959", "")
    assert "20991231235959_more.sql" in newer.says("db", "push", "--dry-run")


def test_we_take_over_what_it_pushed_before_us(
    cli_of: Of, deployed: Deployed, new_project: New
) -> None:
    project = new_project()
    pushed = cli_of(project).says("db", "push")
    assert [version for version in VERSIONS if f"migration {version}_" not in pushed] == []

    done = make("deploy", project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("applied by the Supabase CLI, taken over") == len(VERSIONS)
    assert make("check", project).returncode == 0
    assert make("verify", project).returncode == 0
    assert "up to date" in cli_of(project).says("db", "push")

    assert permissions.describe(project.owner_url) == permissions.describe(
        deployed.database.owner_url
    )
    # Jobs are in the one database that cron works for.
    assert without_jobs(project) == without_jobs(deployed.database)


def without_jobs(database: Database) -> list[tuple[str, str, str]]:
    with psycopg.connect(database.owner_url) as owner:
        rows = owner.execute(SNAPSHOT).fetchall()
    return [(kind, identity, text) for kind, identity, text in rows if kind != "job"]


def test_what_it_pushed_alone_is_closed_in_an_old_project_too(cli_of: Of, new_project: New) -> None:
    project = new_project()
    with psycopg.connect(project.admin_url) as admin:
        admin.execute(OLD_DEFAULTS.format(maker="postgres").encode())
    cli_of(project).says("db", "push")
    with psycopg.connect(project.owner_url) as owner:
        tables = owner.execute(
            "select oid::regclass::text, relrowsecurity from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        ).fetchall()
        assert ("videos", True) in tables
        assert [table for table, has_rls in tables if not has_rls] == []
        owner.execute("set role anon")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            owner.execute("insert into public.user_profiles (user_id) values ('mallory')")


def test_its_linter_finds_nothing(cli: Cli) -> None:
    if not cli.database.server.has("plpgsql_check"):
        pytest.skip("this server has no plpgsql_check, which the linter asks")
    assert cli.results("db", "lint", "--level", "warning") == []


def test_its_linter_can_find_something(cli_of: Of, changed: Database) -> None:
    if not changed.server.has("plpgsql_check"):
        pytest.skip("this server has no plpgsql_check, which the linter asks")
    with psycopg.connect(changed.owner_url) as owner:
        owner.execute(
            "create function private.broken() returns int language plpgsql"
            " as $$ begin return (select nothing from public.nowhere); end $$"
        )
    (found,) = cli_of(changed).results("db", "lint", "--level", "warning")
    assert found["function"] == "private.broken"


def undecided(cli: Cli) -> list[str]:
    """What the advisors find and nobody has decided on, a line each."""
    with psycopg.connect(cli.database.admin_url) as admin:
        decided = decisions(admin)
        admin.rollback()
    return [
        f"{one['name']}: {one['detail']}"
        for one in cli.results("db", "advisors", "--type", "all", "--level", "info")
        if not is_decided(one["name"], one["metadata"], decided)
    ]


def decisions(admin: Connection) -> set[str]:
    """The functions that may leave their search path open, each listed with its reason."""
    for path in lints.files():
        admin.execute(path.read_bytes())
    rows = admin.execute(
        "select function_name from lint.allowed_parsed_bodies"
        " union select function_name from lint.allowed_committers"
    )
    return {name for (name,) in rows}


def is_decided(lint: str, about: dict[str, str], open_paths: set[str]) -> bool:
    name = f"{about['schema']}.{about['name']}"
    match lint:
        case "unused_index":
            # Says how much a database was used, and this one was not.
            return True
        case "rls_enabled_no_policy":
            # Nobody's tables: no grant, and the second lock behind that. Clients' have policies.
            return about["schema"] in ("private", "partitions")
        case "no_primary_key":
            # Appended to and emptied by the fold; no row is ever looked for by itself.
            return name == "private.video_deltas"
        case "function_search_path_mutable":
            # A parsed body is bound to its objects; what commits may not pin it.
            return name in open_paths
    return False


def test_its_advisors_find_nothing_undecided(cli: Cli) -> None:
    assert undecided(cli) == []


def test_its_advisors_can_find_something(cli_of: Of, changed: Database) -> None:
    with psycopg.connect(changed.owner_url) as owner:
        owner.execute(
            """
            create table public.diary (entry text);
            grant select on public.diary to anon;
            create function public.peek() returns text language sql
            as 'select max(username) from public.user_profiles';
            create policy mine on public.videos for select to authenticated
            using (auth.uid()::text = user_id);
            """
        )
    found = {line.partition(":")[0] for line in undecided(cli_of(changed))}
    assert found >= {
        "rls_disabled_in_public",
        "no_primary_key",
        "function_search_path_mutable",
        "auth_rls_initplan",
        "multiple_permissive_policies",
    }
