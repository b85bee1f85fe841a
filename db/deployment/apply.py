"""The deploy itself: one transaction that brings the database to what the folder says."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import Connection

from db.deployment import environment, leaf_indexes, ledger, migrate, snapshot
from db.deployment.attach import attach, targets
from db.deployment.console import count, show_notices, step
from db.deployment.errors import DeployError
from db.deployment.loading import use_plain_search_path
from db.deployment.objects import KnownObjects
from db.deployment.replace import replace_code, sweep, unchanged_views
from db.deployment.snapshot import Difference, Snapshot, differences
from db.deployment.tree import Tree

# Any number will do that no other program takes an advisory lock on in this database.
_LOCK = 7_232_406_318_811_001
# Below deadlock_timeout, which is one second: we give way before a client can be made to.
_SETTINGS = """
set local lock_timeout = '500ms';
set local statement_timeout = 0;
set local idle_in_transaction_session_timeout = 0;
set local client_min_messages = notice;
set local check_function_bodies = on;
"""


@dataclass(frozen=True)
class Source:
    """What is deployed, and where its passwords and settings come from."""

    tree: Tree
    environ: Mapping[str, str]
    git_commit: str | None = None


@dataclass
class Outcome:
    """What a deploy changed, or, as a check, would have changed."""

    differences: list[Difference] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    """Changes that no object of the catalog shows: migrations, passwords, settings."""

    @property
    def changes_something(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.differences or self.events)


def deploy(url: str, source: Source, *, check: bool = False) -> Outcome:
    """Deploy once. Raises DeployError, or psycopg's error when somebody held a lock too long."""
    logins = environment.logins_to_set(source.environ)
    with connect(url) as conn:
        show_notices(conn)
        with conn.transaction(force_rollback=check):
            _begin(conn)
            outcome = _Deploy(conn, source).run(logins)
        if not check and leaf_indexes.build(conn):
            with conn.transaction():
                use_plain_search_path(conn)
                snapshot.store(conn, snapshot.stored(conn), snapshot.take(conn))
        return outcome


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """A connection for a deploy: through any pooler, and with a readable error when there is none.

    Nothing is prepared, as poolers do not keep prepared statements.
    """
    try:
        conn = psycopg.connect(
            url, autocommit=True, prepare_threshold=None, application_name="db.deploy"
        )
    except psycopg.OperationalError as error:
        raise DeployError(f"cannot connect: {str(error).strip()}") from error
    with conn:
        yield conn


def _begin(conn: Connection) -> None:
    conn.execute(_SETTINGS)
    row = conn.execute("select pg_try_advisory_xact_lock(%s)", (_LOCK,)).fetchone()
    if not row or not row[0]:
        raise DeployError("another deploy is running on this database")
    use_plain_search_path(conn)
    ledger.ensure(conn)


class _Deploy:
    """The steps, with what they hand on to each other."""

    def __init__(self, conn: Connection, source: Source) -> None:
        self.conn = conn
        self.source = source
        self.tree = source.tree
        self.outcome = Outcome()
        self.known = KnownObjects(conn)
        self.digests = ledger.file_digests(conn)
        self.last = snapshot.stored(conn)
        self.comparable = ledger.took_snapshot_like(conn, snapshot.FORMAT)
        self.before = snapshot.take(conn)

    def run(self, logins: list[environment.Login]) -> Outcome:
        """All steps in order. `now` is the database after the migrations, before any code."""
        now = self._migrate()
        stale = self._replace(now)
        self._attach(now)
        self._sweep(stale)
        self._configure(logins)
        self._record()
        return self.outcome

    def _migrate(self) -> Snapshot:
        with step("migrations") as this:
            todo = migrate.plan(
                self.tree.migrations,
                ledger.migrations(self.conn),
                ledger.supabase_versions(self.conn),
            )
            this.details = [
                *(f"{one.path}: applied by the Supabase CLI, taken over" for one in todo.adopt),
                *(one.path for one in todo.run),
            ]
            self.outcome.events += [f"migration {detail}" for detail in this.details]
            if todo.adopt:  # what they changed is no drift
                self.comparable = False
            if not this.details:
                return self.before
            migrate.carry_out(self.conn, todo, self.known)
            self.known.save(self.conn)
            this.did = f"{count(len(this.details), 'migration')} applied"
            return snapshot.take(self.conn)

    def _replace(self, now: Snapshot) -> list[snapshot.Key]:
        with step("functions") as this:
            untouched = unchanged_views(
                self.tree.functions, self.digests, self.known, self.last, now
            )
            stale, taken_over = replace_code(self.conn, self.tree.functions, untouched, self.known)
            this.details = [
                f"{kind} {identity} was there before and is ours from now on"
                for kind, identity in taken_over
            ]
            loaded = len(self.tree.functions) - len(untouched)
            this.did = f"{count(loaded, 'file')} loaded"
            if untouched:
                this.did += f", {count(len(untouched), 'view')} left alone"
        return stale

    def _attach(self, now: Snapshot) -> None:
        with step("policies") as this:
            todo = targets(self.conn, self.tree.policies, self.digests, self.last, now)
            attach(self.conn, todo, self.known)
            if todo:
                this.did = f"{count(len(todo), 'table')} re-attached"
            this.details = [f"{one.table} ({one.reason})" for one in todo]

    def _sweep(self, stale: list[snapshot.Key]) -> None:
        with step("sweep") as this:
            dropped = sweep(self.conn, stale, self.known)
            if dropped:
                this.did = f"{count(len(dropped), 'object')} dropped"
            this.details = [f"{kind} {identity}" for kind, identity in dropped]

    def _configure(self, logins: list[environment.Login]) -> None:
        with step("environment") as this:
            environment.set_passwords(self.conn, logins)
            this.details = [f"password of {one.role}" for one in logins]
            if environment.has_settings(self.conn):
                changes = environment.set_settings(self.conn, self.source.environ)
                this.details += [f"setting {change}" for change in changes]
            if this.details:
                this.did = f"{count(len(this.details), 'value')} set"
            self.outcome.events += this.details

    def _record(self) -> None:
        """Write the ledger, and tell PostgREST to look again."""
        with step("ledger") as this:
            self.known.save(self.conn)
            paths = {file.path for file in self.tree.repeatable}
            ledger.record_files(self.conn, self.tree.repeatable, self.digests.keys() - paths)
            after = snapshot.take(self.conn)
            snapshot.store(self.conn, self.last, after)
            ledger.record_deploy(self.conn, self.source.git_commit, snapshot.FORMAT)
            self.conn.execute("notify pgrst, 'reload schema'")
            self.outcome.differences = differences(self.before, after)
            this.did = f"{count(len(after), 'object')} on record"
            this.details = list(self._drift(after))

    def _drift(self, after: Snapshot) -> Iterator[str]:
        """Changes made by hand must neither vanish nor become normal without a word."""
        if not self.comparable:
            return
        for one in differences(self.last, self.before):
            key = (one.entry.kind, one.entry.identity)
            end = "put right" if self.last.get(key) == after.get(key) else "stays"
            yield f"by hand since the last deploy: {one.title}: {end}"
