"""Run each migration once, in the order of their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Connection

from db.deployment import ledger
from db.deployment.errors import DeployError
from db.deployment.loading import load
from db.deployment.objects import KnownObjects, live_objects
from db.deployment.tree import Migration


@dataclass(frozen=True)
class Plan:
    """What is to be done with the migrations of a folder."""

    adopt: list[Migration]
    """Applied by the Supabase CLI; only to be written down."""
    run: list[Migration]


def plan(migrations: Sequence[Migration], applied: dict[str, str], supabase: set[str]) -> Plan:
    """Compare the folder with what the database has: digests by version, and the CLI's versions.

    DeployError where history would have to be rewritten.
    """
    _refuse_another_history(migrations, applied)
    pending = [one for one in migrations if one.version not in applied]
    adopt = [one for one in pending if one.version in supabase]
    run = [one for one in pending if one.version not in supabase]
    newest = max([*applied, *(one.version for one in adopt)], default="")
    if run and run[0].version < newest:
        raise DeployError(
            f"{run[0].path}: is numbered below {newest}, which this database has already; give it"
            " a higher number, so that it runs after it everywhere"
        )
    return Plan(adopt, run)


def _refuse_another_history(migrations: Sequence[Migration], applied: dict[str, str]) -> None:
    files = {one.version: one for one in migrations}
    for version, digest in applied.items():
        if version not in files:
            raise DeployError(
                f"migrations/{version}_*.sql has vanished: the database has this migration and the"
                " folder has not; deploy a checkout that knows it"
            )
        if files[version].sha256 != digest:
            raise DeployError(
                f"{files[version].path}: was edited after it ran here; put it back as it was and"
                " write a new migration"
            )


def carry_out(conn: Connection, todo: Plan, known: KnownObjects) -> None:
    """Run what is to run, and write down all of it and what it created."""
    for migration in todo.adopt:
        ledger.record_migration(conn, migration, "supabase")
    live = live_objects(conn) if todo.run else {}
    for migration in todo.run:
        load(conn, [migration])
        ledger.record_migration(conn, migration, "deploy")
        before, live = live, live_objects(conn)
        known.follow(before, live, migration.path)
