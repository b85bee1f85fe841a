"""A server to measure on: with the settings of one that must not lose anything."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from dev.stack import paths
from dev.stack.binaries import Binaries
from dev.stack.errors import StackError
from tests.support.server import Database, PostgresServer, running_server

Connection = psycopg.Connection[tuple[object, ...]]

URL_ENDPOINT = "https://ik.example.com/bench"
BUSY = 1.0  # processes that were there before
PRELOADED = ("pg_cron", "pg_stat_statements")


def honest(server: Binaries) -> Mapping[str, str]:
    """Return the settings: those of a Supabase project that has some GB of memory.

    plpgsql_check, which only the tests want, is not loaded, and functions are not timed.
    """
    preload = ["plpgsql", *(name for name in PRELOADED if server.has(name))]
    return {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # Replication by row, as the platform has it: an update logs the whole new row.
        "wal_level": "logical",
        "autovacuum": "on",
        "jit": "off",
        "shared_buffers": "3GB",
        "effective_cache_size": "9GB",
        "maintenance_work_mem": "512MB",
        "max_wal_size": "4GB",
        "max_connections": "200",
        "track_functions": "none",
        "shared_preload_libraries": ",".join(preload),
    }


@dataclass(frozen=True)
class Laboratory:
    """A server and this checkout's deploy on it, to be copied."""

    server: PostgresServer
    template: Database


@contextmanager
def laboratory(slow_disk_ms: float = 0) -> Iterator[Laboratory]:
    """Run a server below `.local`, on disk, for as long as it is measured.

    `slow_disk_ms` keeps each flush of the log waiting, as a volume across a network does.
    """

    def settings(server: Binaries) -> Mapping[str, str]:
        slow = {"commit_delay": str(round(slow_disk_ms * 1000)), "commit_siblings": "0"}
        return {**honest(server), **(slow if slow_disk_ms else {})}

    warn_of_others()
    progress("a server, and this checkout deployed on it")
    with running_server(paths.local_folder("bench-pg"), settings) as server:
        environment = {"IMAGEKIT_URL_ENDPOINT": URL_ENDPOINT}
        yield Laboratory(server, server.deployed("template", environment))


def as_owner(database: Database) -> Connection:
    """Connect as the project's owner, in no hurry."""
    return psycopg.connect(database.owner_url, autocommit=True, options="-c statement_timeout=0")


def as_admin(database: Database) -> Connection:
    """Connect as the superuser, in no hurry."""
    return psycopg.connect(database.admin_url, autocommit=True, options="-c statement_timeout=0")


def value(connection: Connection, query: str, *parameters: object) -> int:
    """Return the one number a query gives."""
    row = connection.execute(query.encode(), parameters).fetchone()
    return int(str(row[0])) if row and row[0] is not None else 0


def written_wal(connection: Connection) -> int:
    """Return how many bytes of log the server has written since it was made."""
    return value(connection, "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")


def progress(text: str) -> None:
    """Tell whoever waits what goes on."""
    print(f"  {text}", flush=True)


def machine(server: PostgresServer) -> str:
    """Describe what was measured on."""
    version = server.cluster.binaries.version
    return f"PostgreSQL {version}, {os.cpu_count()} CPUs, {platform.machine()}"


def warn_of_others() -> None:
    """Say so when the machine has other work: its figures are then worth little."""
    load = os.getloadavg()[0]
    if load > BUSY:
        progress(f"note: the machine is busy (load {load:.1f}); ratios will do, figures will not")


def checkout() -> str:
    """Name the version that was measured."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--tags"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = "The figures cannot be dated: this is no git checkout, or git is missing."
        raise StackError(message, advice="Run the bench in a clone, with git installed.")
    return done.stdout.strip()
