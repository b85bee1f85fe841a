"""A server whose database `postgres` gives its owner a hosted project's rights and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dev.stack import paths
from tests.support.server import Database, fast_folder, running_server

HERE = Path(__file__).parent
NAME = "postgres"
"""A project's database is called so, and it is the one that pg_cron works in."""

State = dict[tuple[str, str], Any]


@contextmanager
def hosted_project(programs: Path | None = None) -> Iterator[Database]:
    """Run a server for it: roles and what they are members of belong to a whole cluster.

    `programs` is the folder of a server other than this machine's best.
    """
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        if programs:
            patch.setenv("PG_BINDIR", str(programs))
        folder = fast_folder(paths.local_folder("hosted-pg"))
        server = stack.enter_context(running_server(folder))
        with server.connect(NAME) as admin:
            admin.execute((HERE / "hosted.sql").read_bytes())
        yield Database(NAME, server)


def platform(database: Database) -> State:
    """What there belongs to Supabase, and how it is."""
    with psycopg.connect(database.admin_url) as admin:
        rows = admin.execute((HERE / "platform.sql").read_bytes()).fetchall()
    return {(kind, name): state for kind, name, state in rows}
