"""What the database looks like, object by object, and how two such pictures differ."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path

from psycopg import Connection
from psycopg.rows import class_row

from db.deployment import cron

_QUERIES = Path(__file__).parent / "snapshot_queries"
# The first begins with the common table expressions that all of them use.
_KINDS = (
    "schemas",
    "relations",
    "grants",
    "constraints",
    "indexes",
    "triggers",
    "policies",
    "rules",
    "publications",
    "types",
    "functions",
)
_OBJECTS = "\nunion all\n".join(
    (_QUERIES / f"{kind}.sql").read_text(encoding="utf-8").rstrip().removesuffix(";")
    for kind in _KINDS
).encode()

FORMAT = sha256(_OBJECTS).hexdigest()
"""Two snapshots can only be compared when both were taken by the same queries."""

_FORGET = "delete from deploy.snapshot where kind = %s and identity = %s"
_REMEMBER = """
insert into deploy.snapshot (kind, identity, relation, definition) values (%s, %s, %s, %s)
on conflict (kind, identity) do update
set relation = excluded.relation, definition = excluded.definition
"""

Key = tuple[str, str]
"""Kind and identity of an object."""


@dataclass(frozen=True)
class Entry:
    """One object. `relation` is the table or view it hangs on."""

    kind: str
    identity: str
    relation: str
    definition: str


Snapshot = dict[Key, Entry]


@dataclass(frozen=True)
class Difference:
    """An object that is new (no `before`), gone (no `after`) or changed."""

    before: Entry | None
    after: Entry | None

    @property
    def entry(self) -> Entry:
        """The object, as it is or was."""
        entry = self.after or self.before
        if entry is None:
            raise ValueError("a difference has at least one side")
        return entry

    @property
    def name(self) -> str:
        """Kind and identity."""
        return f"{self.entry.kind} {self.entry.identity}"

    @property
    def title(self) -> str:
        """`CHANGED policy select_own on public.videos` and the like."""
        verb = "CHANGED" if self.before and self.after else "ADDED" if self.after else "DROPPED"
        return f"{verb} {self.name}"

    @property
    def diff(self) -> list[str]:
        """The lines of the unified diff of the two definitions."""
        lines = unified_diff(
            self.before.definition.splitlines() if self.before else [],
            self.after.definition.splitlines() if self.after else [],
            f"before: {self.name}" if self.before else "before: nothing",
            f"after: {self.name}" if self.after else "after: nothing",
            lineterm="",
        )
        return list(lines)


def take(conn: Connection) -> Snapshot:
    """The database as it is now. Wants `use_plain_search_path`."""
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        entries = cursor.execute(_OBJECTS).fetchall()
    jobs = cron.scheduled_jobs(conn)
    return _by_key([*entries, *(Entry("job", name, name, text) for name, text in jobs.items())])


def stored(conn: Connection) -> Snapshot:
    """The database as the last deploy left it; empty before the first."""
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        cursor.execute("select kind, identity, relation, definition from deploy.snapshot")
        return _by_key(cursor.fetchall())


def store(conn: Connection, before: Snapshot, after: Snapshot) -> None:
    """Turn the stored snapshot `before` into `after`; rows that are the same are not touched."""
    found = differences(before, after)
    gone = [(one.before.kind, one.before.identity) for one in found if one.before and not one.after]
    with conn.cursor() as cursor:
        cursor.executemany(_FORGET, gone)
        cursor.executemany(_REMEMBER, [astuple(one.after) for one in found if one.after])


def differences(before: Snapshot, after: Snapshot) -> list[Difference]:
    """What is not the same, sorted by kind and identity."""
    return [
        Difference(before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]


def _by_key(entries: Iterable[Entry]) -> Snapshot:
    return {(entry.kind, entry.identity): entry for entry in entries}
