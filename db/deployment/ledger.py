"""Read and write the ledger: the schema deploy, which also exists for people to read."""

import getpass
import os
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from psycopg import Connection

from db.deployment.tree import Migration, SqlFile

_SCHEMA = (Path(__file__).parent / "ledger.sql").read_bytes()
# As the Supabase CLI makes it, so that either may come first.
_SUPABASE_SCHEMA = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
    version text primary key,
    statements text[],
    name text
);
"""
_RECORD_FILE = """
insert into deploy.files (path, sha256) values (%s, %s)
on conflict (path) do update set sha256 = excluded.sha256, changed_at = now()
where files.sha256 <> excluded.sha256
"""


def exists(conn: Connection) -> bool:
    """Whether this database was ever deployed to."""
    row = conn.execute("select to_regclass('deploy.snapshot') is not null").fetchone()
    return bool(row and row[0])


def ensure(conn: Connection) -> None:
    """Create the ledger, and the Supabase CLI's table of migrations, where they are missing."""
    if not exists(conn):
        conn.execute(_SCHEMA)
    row = conn.execute("select to_regclass('supabase_migrations.schema_migrations')").fetchone()
    if not row or row[0] is None:
        conn.execute(_SUPABASE_SCHEMA)


def migrations(conn: Connection) -> dict[str, str]:
    """The digest of each migration this database has, by version, in order."""
    query = "select version, sha256 from deploy.migrations order by version"
    return dict(conn.execute(query).fetchall())


def supabase_versions(conn: Connection) -> set[str]:
    """What the Supabase CLI believes to be applied."""
    return {
        version
        for (version,) in conn.execute("select version from supabase_migrations.schema_migrations")
    }


def record_migration(conn: Connection, migration: Migration, origin: str) -> None:
    """Note, here and for the Supabase CLI, that a migration is applied."""
    conn.execute(
        "insert into deploy.migrations (version, title, sha256, origin) values (%s, %s, %s, %s)",
        (migration.version, migration.title, migration.sha256, origin),
    )
    conn.execute(
        """
        insert into supabase_migrations.schema_migrations (version, statements, name)
        values (%s, %s, %s) on conflict (version) do nothing
        """,
        (
            migration.version,
            [migration.text[one.start : one.end] for one in migration.statements],
            migration.title,
        ),
    )


def file_digests(conn: Connection) -> dict[str, str]:
    """The digest of each function and policy file of the last deploy, by path."""
    return dict(conn.execute("select path, sha256 from deploy.files").fetchall())


def record_files(conn: Connection, files: Sequence[SqlFile], vanished: Iterable[str]) -> None:
    """Note the content of the files that are deployed now."""
    with conn.cursor() as cursor:
        cursor.executemany(_RECORD_FILE, [(file.path, file.sha256) for file in files])
        cursor.executemany("delete from deploy.files where path = %s", [(one,) for one in vanished])


def record_deploy(conn: Connection, git_commit: str | None, snapshot_format: str) -> None:
    """Add the line that says who deployed what."""
    conn.execute(
        """
        insert into deploy.deploys (deployed_by, git_commit, snapshot_format)
        values (%s || ' as ' || current_user, %s, %s)
        """,
        (_person(), git_commit, snapshot_format),
    )


def took_snapshot_like(conn: Connection, snapshot_format: str) -> bool:
    """Whether the last deploy's snapshot came from the same queries on the same major version."""
    row = conn.execute(
        """
        select
            d.snapshot_format = %s
            and d.server_version / 10000 = current_setting('server_version_num')::integer / 10000
        from deploy.deploys as d
        order by d.id desc
        limit 1
        """,
        (snapshot_format,),
    ).fetchone()
    return bool(row and row[0])


def _person() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a container may run under a number that has no name
        return f"uid {os.getuid()}@{socket.gethostname()}"
