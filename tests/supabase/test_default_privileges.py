"""Projects older and newer than 30 October 2026 end with the very same rights.

Before that day every new table, sequence and function in `public` was born with all rights for
`anon`, `authenticated` and `service_role`, and older projects keep it so. The test databases are
like the newer ones.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from db import permissions
from tests.deploy.real import deploy
from tests.support.server import Database, PostgresServer

OLD_DEFAULTS = """
alter default privileges for role {maker} in schema public
    grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role {maker} in schema public
    grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role {maker} in schema public
    grant all on sequences to postgres, anon, authenticated, service_role;
"""


@pytest.fixture(scope="module")
def old_project(cluster: PostgresServer) -> Database:
    """A database with the defaults of a project made before, deployed."""
    database = cluster.bare("old_defaults")
    with psycopg.connect(database.admin_url) as admin:
        for maker in ("postgres", "supabase_admin"):
            admin.execute(OLD_DEFAULTS.format(maker=maker).encode())
    done = deploy(database.owner_url)
    assert done.returncode == 0, done.stdout + done.stderr
    return database


def test_the_old_defaults_open_what_nobody_closes(old_project: Database) -> None:
    with psycopg.connect(old_project.owner_url) as owner:
        owner.execute("create table public.open_to_all ()")
        row = owner.execute(
            "select has_table_privilege('anon', 'public.open_to_all', 'delete')"
        ).fetchone()
        owner.rollback()
    assert row == (True,)


def test_old_and_new_defaults_give_the_same_rights(
    old_project: Database, clone_database: Callable[[], Database]
) -> None:
    old = permissions.describe(old_project.owner_url)
    new = permissions.describe(clone_database().owner_url)
    assert old.splitlines() == new.splitlines()
