"""The test suite's own PostgreSQL server, and the throw-away databases on it."""

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from dev.stack import binaries, identity, paths
from dev.stack.binaries import Binaries
from dev.stack.cluster import Cluster
from dev.stack.errors import StackError

OWNER = "postgres"
# PostgREST's login.
AUTHENTICATOR = "authenticator"
LOGINS = {"anon": "api_anon", "user": "api_user", "media": "api_media"}
SURFACE = paths.ROOT / "dev" / "supabase"

# Nothing here outlives the run, so nothing has to survive a power cut.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}
# Which lines of plpgsql ran is counted in shared memory, so a rolled back test counts too.
PROFILER = {
    "plpgsql_check.profiler": "on",
    "plpgsql_check.profiler_max_shared_chunks": "15000",
}

MEMORY = Path("/dev/shm")  # noqa: S108 - whose it is is looked at
NEEDED_BYTES = 4 * 2**30  # several runs at once, at less than 1 GiB each

_HOMES = count(1)  # one run may have more than one server


@dataclass(frozen=True)
class Database:
    """A database of the test server, with the address of everyone who may enter."""

    name: str
    server: "PostgresServer"

    @property
    def admin_url(self) -> str:
        """The superuser: for what only the platform's operator may do."""
        return self.server.cluster.admin_url(self.name)

    @property
    def owner_url(self) -> str:
        """The project's owner `postgres`, which is no superuser; deploys run as it."""
        return self.server.url(OWNER, self.name)

    @property
    def anon_url(self) -> str:
        """What the API serves strangers with."""
        return self.server.url(LOGINS["anon"], self.name)

    @property
    def user_url(self) -> str:
        """What the API serves signed-in people with."""
        return self.server.url(LOGINS["user"], self.name)

    @property
    def media_url(self) -> str:
        """What the API handles uploads with."""
        return self.server.url(LOGINS["media"], self.name)

    def environment(self) -> dict[str, str]:
        """Return the database's part of the API's environment."""
        return {
            "API_DATABASE_URL_ANON": self.anon_url,
            "API_DATABASE_URL_USER": self.user_url,
            "API_DATABASE_URL_MEDIA": self.media_url,
        }


Watcher = Callable[[Database], None]


class PostgresServer:
    """A private cluster with the Supabase surface in its database `postgres`.

    Databases are made from that one (`bare`) or from a deployed one (`clone`). Roles and their
    passwords belong to the whole cluster.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        names = (OWNER, AUTHENTICATOR, *LOGINS.values())
        self.passwords = {name: secrets.token_urlsafe(18) for name in names}
        self._numbers = count(1)
        self._databases: dict[str, Database] = {}
        self._watchers: list[Watcher] = []

    def has(self, extension: str) -> bool:
        """Tell whether the server can use `extension`; builds without packages lack some."""
        return self.cluster.binaries.has(extension)

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.cluster.binaries.major

    def url(self, user: str, database: str) -> str:
        """Return the address of `database` for one of the roles that log in."""
        return self.cluster.url(user, self.passwords[user], database)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Connect as the superuser, outside any transaction."""
        return psycopg.connect(self.cluster.admin_url(database), autocommit=True)

    def watch_drops(self, watcher: Watcher) -> None:
        """Have `watcher` look at each database once more before it is dropped."""
        self._watchers.append(watcher)

    def start(self) -> None:
        """Make and start the cluster with the surface in it."""
        self.cluster.create()
        self.cluster.start()
        with self.connect() as connection:
            for file in sorted(SURFACE.glob("*.sql")):
                connection.execute(file.read_bytes())
            password = sql.SQL("alter role {} password {}")
            for role in (OWNER, AUTHENTICATOR):
                connection.execute(password.format(sql.Identifier(role), self.passwords[role]))
            if self.has("pg_cron"):
                _end_cron_launcher(connection)

    def deployed(
        self, name: str, environment: dict[str, str], mutant: str | None = None
    ) -> Database:
        """Make the database that clones are made from: surface, then this checkout's deploy.

        A `mutant` is a statement that takes a rule away: to see which test misses it.
        """
        database = self._create(name, template="postgres")
        self.deploy(database, environment)
        if mutant:
            with psycopg.connect(database.owner_url) as owner:
                owner.execute(mutant.encode())
        with self.connect() as connection:
            statement = sql.SQL("alter database {} allow_connections false")
            connection.execute(statement.format(sql.Identifier(name)))
        # Nobody can look into it any more, the watchers neither.
        del self._databases[name]
        return database

    def deploy(self, database: Database, environment: dict[str, str]) -> None:
        """Deploy this checkout, as `make deploy` does."""
        done = subprocess.run(
            [sys.executable, "-m", "db.deploy", database.owner_url],
            cwd=paths.ROOT,
            env=self.cluster.binaries.child_environment() | database.environment() | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            message = f"python -m db.deploy failed ({done.returncode}):"
            raise StackError(message, advice=f"{done.stdout}\n{done.stderr}".strip())

    def bare(self, prefix: str = "bare") -> Database:
        """Make a database with the surface and nothing else."""
        return self._create(self._name(prefix), template="postgres")

    def clone(self, template: Database, prefix: str = "clone", *, big: bool = False) -> Database:
        """Make a copy of a deployed database that nobody is connected to.

        What is `big` is copied file by file instead of through the log.
        """
        strategy = "file_copy" if big else "wal_log"
        return self._create(self._name(prefix), template=template.name, strategy=strategy)

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"

    def _create(self, name: str, *, template: str, strategy: str = "wal_log") -> Database:
        create = sql.SQL("create database {} template {} owner {} strategy {}")
        words = (sql.Identifier(word) for word in (name, template, OWNER, strategy))
        # Settings made with `alter database` stay behind when a database is copied.
        limit = sql.SQL("alter database {} set statement_timeout = '2min'")
        with self.connect("template1") as connection:
            connection.execute(create.format(*words))
            connection.execute(limit.format(sql.Identifier(name)))
        self._databases[name] = Database(name, self)
        return self._databases[name]

    def drop(self, database: Database) -> None:
        """Drop a database, after the watchers have seen it."""
        for watcher in self._watchers:
            watcher(database)
        del self._databases[database.name]
        with self.connect("template1") as connection:
            statement = sql.SQL("drop database if exists {} with (force)")
            connection.execute(statement.format(sql.Identifier(database.name)))

    def stop(self) -> None:
        """Show the watchers what is left, then delete everything."""
        for database in list(self._databases.values()):
            for watcher in self._watchers:
                watcher(database)
        self.cluster.remove()


def _end_cron_launcher(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """End pg_cron's launcher: no job fires by itself, and its database can be copied.

    It stays away until the server is started again. In copies jobs never fire anyway.
    """
    query = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where backend_type = 'pg_cron launcher'"
    )
    was_there = False
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        ended = connection.execute(query).fetchall()
        if was_there and not ended:
            return
        was_there = was_there or bool(ended)
        time.sleep(0.02)
    message = "pg_cron's launcher does not end." if was_there else "pg_cron did not start."
    raise StackError(message)


@contextmanager
def running_server(
    folder: Path, settings: Callable[[Binaries], Mapping[str, str]] | None = None
) -> Iterator[PostgresServer]:
    """Run a server of its own below `folder`, and remove it at the end.

    `settings` takes the place of the suite's own, which are fast and forgetful.
    """
    servers = binaries.installed()
    if not servers:
        message = "There is no PostgreSQL server to test with."
        raise StackError(message, advice="`./dev/run install` brings one.")
    home = _new_home(folder)
    chosen = (settings or _forgetful)(servers[0])
    server = PostgresServer(Cluster(home, servers[0], settings=chosen))
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _forgetful(server: Binaries) -> Mapping[str, str]:
    return SETTINGS | (PROFILER if server.has("plpgsql_check") else {})


def fast_folder(fallback: Path) -> Path:
    """Return where the clusters of test runs go: memory where there is plenty, else `fallback`.

    The suite makes and drops some hundred databases. On a busy disk that is most of its time.
    """
    folder = MEMORY / f"ig-live-tests-{os.geteuid()}"
    try:
        if shutil.disk_usage(MEMORY).free < NEEDED_BYTES:
            return fallback
        folder.mkdir(exist_ok=True)
        # Everybody may write there, so the name may be somebody else's.
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return fallback
        # As root the server runs as another account, which has to get through.
        folder.chmod(0o711)
    except OSError:
        return fallback
    return folder


def _new_home(folder: Path) -> Path:
    """Make this run's folder, and clear away those of runs that were killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for old in folder.glob("*/"):
            if identity.recall(old / "owner") is None:
                Cluster(old, binaries.installed()[0]).remove()
        home = folder / f"{os.getpid()}-{next(_HOMES)}"
        home.mkdir()
        myself = identity.identify(os.getpid())
        if myself is not None:
            identity.remember(home / "owner", myself)
    return home
