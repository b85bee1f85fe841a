"""Prepare a database for the pgTAP files in tests/db, and run them in it."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg.abc import Query
from pytest_pgtap.pgtap import Runner

from db.audit.lints import files as lint_files

SQL = Path(__file__).parent / "sql"
# Debian's script is plain SQL: servers unpacked from other builds can run it as well.
SCRIPTS = "/usr/share/postgresql/*/extension/pgtap--[0-9]*.sql"


class TextRunner(Runner):
    """A runner that takes whatever type a row has: a test may call `select tests.video(…)`."""

    def run(self, query: Query) -> list[str]:
        """Run a file and return its rows as lines of TAP."""
        rows: list[object] = [*super().run(query)]
        return [str(row) for row in rows if row is not None]


def prepare(admin_url: str) -> None:
    """Load pgTAP, the people of the tests and the lints, as the superuser of `admin_url`."""
    with psycopg.connect(admin_url) as connection:
        known = {
            name
            for (name,) in connection.execute("select name from pg_available_extensions").fetchall()
        }
        if "pgtap" not in known:
            _load_script(connection)
        for path in [*lint_files(), *sorted(SQL.glob("*.sql"))]:
            if "plpgsql_check" in known or "extensions.plpgsql_check" not in path.read_text():
                connection.execute(path.read_bytes())


def _load_script(connection: psycopg.Connection[Any]) -> None:
    scripts = [path for path in Path("/").glob(SCRIPTS[1:]) if path.name.count("--") == 1]
    if not scripts:
        message = f"The server has no pgTAP, and there is none at {SCRIPTS} to load."
        raise FileNotFoundError(message)
    connection.execute("create schema pgtap")
    connection.execute("set local search_path to pgtap")
    connection.execute(max(scripts).read_bytes())
    connection.execute("set local search_path to default")


def connect(admin_url: str) -> psycopg.Connection[Any]:
    """Connect as the pgTAP files expect it: any role can be spoken as, pgTAP is in the path."""
    return psycopg.connect(admin_url, options="-c search_path=public,pgtap")
