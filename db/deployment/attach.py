"""Rebuild what hangs on a table: its grants, policies, triggers, and defaults that call functions.

It needs the table's lock, so it is done only where something changed: the file, or, by hand, what
it made.

A file with a schema in its name, `realtime.messages.sql`, is about a table of somebody else, where
we may do nothing but create and drop policies; ours have a prefix, and all others stay. Where there
is no such table, the file waits until there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from db.deployment.errors import DeployError
from db.deployment.loading import load
from db.deployment.objects import KnownObjects
from db.deployment.snapshot import Snapshot
from db.deployment.tree import SqlFile

_SCHEMAS = ("public", "private")
"""Where the table of a policies file is looked for, in this order."""
_HANGING = ("table", "grants", "policy", "trigger")
_FOREIGN_PREFIX = "ig_live_"
"""What the names of our policies on other people's tables begin with."""

_FIND = """
select c.oid::regclass::text
from pg_class as c
inner join unnest(%s::text[]) with ordinality as s (name, rank)
    on c.relnamespace = to_regnamespace(s.name)
where c.relname = %s and c.relkind in ('r', 'p')
order by s.rank
limit 1
"""
_DETACH = """
select format('drop policy %%I on %%s', p.polname, p.polrelid::regclass)
from pg_policy as p
where p.polrelid = to_regclass(%(table)s)
union all
select format('drop trigger %%I on %%s', t.tgname, t.tgrelid::regclass)
from pg_trigger as t
where t.tgrelid = to_regclass(%(table)s) and not t.tgisinternal and t.tgparentid = 0
union all
-- Only those that call a function of ours: others belong to a migration.
select format('alter table %%s alter column %%I drop default', d.adrelid::regclass, a.attname)
from pg_attrdef as d
inner join pg_attribute as a on d.adrelid = a.attrelid and d.adnum = a.attnum
where
    d.adrelid = to_regclass(%(table)s)
    and a.attgenerated = ''
    and exists (
        select from pg_depend as p
        where
            p.classid = 'pg_attrdef'::regclass
            and p.objid = d.oid
            and p.refclassid = 'pg_proc'::regclass
            and p.refobjid::regprocedure::text = any (%(functions)s)
    )
union all
-- Taking a privilege back from a table takes it back from its columns too.
select format(
    'revoke all on %%s from %%s cascade', to_regclass(%(table)s),
    string_agg(distinct coalesce(quote_ident(r.rolname), 'public'), ', ')
)
from (
    select c.relacl as acl, c.relowner as owner
    from pg_class as c
    where c.oid = to_regclass(%(table)s)
    union all
    select a.attacl, c.relowner
    from pg_class as c
    inner join pg_attribute as a on c.oid = a.attrelid
    where c.oid = to_regclass(%(table)s)
) as t
cross join lateral aclexplode(t.acl) as x
left join pg_roles as r on x.grantee = r.oid
where x.grantee <> t.owner
having count(*) > 0
"""
_DETACH_FOREIGN = """
select format('drop policy %%I on %%s', p.polname, p.polrelid::regclass)
from pg_policy as p
where p.polrelid = to_regclass(%(table)s) and starts_with(p.polname, %(prefix)s)
"""


@dataclass(frozen=True)
class Target:
    """A policies file and its table; without a file, what hangs on the table only goes."""

    table: str
    file: SqlFile | None
    reason: str
    is_foreign: bool = False


def targets(
    conn: Connection,
    files: Sequence[SqlFile],
    digests: dict[str, str],
    last: Snapshot,
    now: Snapshot,
) -> list[Target]:
    """The tables that need it, by name."""
    found = []
    for file in files:
        foreign = "." in file.name
        table = _find_table(conn, file.name)
        if table is None:
            if foreign:
                continue
            places = " or ".join(f"{schema}.{file.name}" for schema in _SCHEMAS)
            raise DeployError(f"{file.path}: there is no table {places}")
        if file.path not in digests:
            found.append(Target(table, file, "new", foreign))
        elif digests[file.path] != file.sha256:
            found.append(Target(table, file, "changed", foreign))
        elif _hanging(last, table) != _hanging(now, table):
            found.append(Target(table, file, "not as it was left", foreign))
        elif foreign and not _hanging(now, table):
            found.append(Target(table, file, "there is a table now", foreign))
    present = {file.path for file in files}
    for path in digests:
        if path.startswith("policies/") and path not in present:
            name = path.removeprefix("policies/").removesuffix(".sql")
            table = _find_table(conn, name)
            if table:
                found.append(Target(table, None, "file removed", "." in name))
    return sorted(found, key=lambda target: target.table)


def attach(conn: Connection, todo: Sequence[Target], known: KnownObjects) -> None:
    """Take off what hangs on these tables and load their files."""
    ours = [target for target in todo if not target.is_foreign]
    for target in ours:
        _lock(conn, target.table)
    for target in todo:
        _detach(conn, target, known.of_kind("function"))
    load(conn, [target.file for target in todo if target.file])
    for target in ours:
        if target.file and ("table", target.table) not in known.files:
            # Its migration was not run by us, but by the Supabase CLI.
            known.declare(("table", target.table), target.file.path)


def _find_table(conn: Connection, name: str) -> str | None:
    """The table a policies file is named for, as the catalog prints it."""
    if "." in name:
        return _find_foreign_table(conn, name)
    row = conn.execute(_FIND, (list(_SCHEMAS), name)).fetchone()
    return row[0] if row else None


def _find_foreign_table(conn: Connection, name: str) -> str | None:
    row = conn.execute("select to_regclass(%s)::text", (name,)).fetchone()
    return row[0] if row else None


def _hanging(snapshot: Snapshot, table: str) -> set[tuple[str, str, str]]:
    return {
        (entry.kind, entry.identity, entry.definition)
        for entry in snapshot.values()
        if entry.relation == table and entry.kind in _HANGING
    }


def _lock(conn: Connection, table: str) -> None:
    """The lock all that follows needs, alone, so that a refusal can name the table."""
    try:
        conn.execute(f"lock table only {table} in access exclusive mode".encode())
    except LockNotAvailable as error:
        error.add_note(f"table {table}")
        raise


def _detach(conn: Connection, target: Target, functions: list[str]) -> None:
    query = _DETACH_FOREIGN if target.is_foreign else _DETACH
    values = {"table": target.table, "functions": functions, "prefix": _FOREIGN_PREFIX}
    statements = conn.execute(query, values).fetchall()
    if statements:
        conn.execute(";\n".join(statement for (statement,) in statements).encode())
