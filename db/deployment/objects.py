"""The objects that deploys have created: the only ones a deploy ever drops."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection

from db.deployment.snapshot import Key

# A view is replaced in place too, but only its rule gets a new row then.
_LIVE = """
select
    'function' as kind,
    p.oid,
    p.oid::regprocedure::text as identity,
    n.nspname || '.' || p.proname as name,
    p.ctid::text as row_version,
    'pg_proc'::regclass as class
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
union all
select
    case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end,
    c.oid,
    c.oid::regclass::text,
    n.nspname || '.' || c.relname,
    r.ctid::text,
    'pg_class'::regclass
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
left join pg_rewrite as r on c.oid = r.ev_class and r.rulename = '_RETURN'
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
union all
select
    'type',
    t.oid,
    format_type(t.oid, null),
    n.nspname || '.' || t.typname,
    null,
    'pg_type'::regclass
from pg_type as t
inner join pg_namespace as n on t.typnamespace = n.oid
where t.typtype in ('e', 'd')
"""
# Neither the system's own, nor what belongs to an extension or to an identity column; and
# the daily leaves in partitions come and go by themselves.
_OURS_TO_SEE = f"""
select o.kind, o.oid, o.identity, o.name, o.row_version
from ({_LIVE}) as o
where
    split_part(o.name, '.', 1) not in ('information_schema', 'partitions')
    and not starts_with(o.name, 'pg_')
    and not exists (
        select from pg_depend as d
        where
            d.classid = o.class
            and d.objid = o.oid
            and (d.deptype = 'e' or (d.deptype = 'i' and o.kind = 'sequence'))
    )
"""  # noqa: S608 - both parts stand above
_SAVE = """
insert into deploy.objects (kind, identity, file) values (%s, %s, %s)
on conflict (kind, identity) do update set file = excluded.file
"""
_FORGET = "delete from deploy.objects where kind = %s and identity = %s"


@dataclass(frozen=True)
class LiveObject:
    """An object as the catalog has it at this moment."""

    kind: str
    oid: int
    identity: str
    name: str
    """Schema and name as they are, without quotes and argument types."""
    row_version: str | None
    """Changes whenever a function or view is created or replaced."""

    @property
    def key(self) -> Key:
        """What the ledger calls it."""
        return self.kind, self.identity


Live = dict[tuple[str, int], LiveObject]
"""By kind and oid, which stay when an object is renamed."""


def live_objects(conn: Connection) -> Live:
    """All objects that anybody made here. Wants `use_plain_search_path`."""
    rows = conn.execute(_OURS_TO_SEE.encode()).fetchall()
    return {(row[0], row[1]): LiveObject(*row) for row in rows}


class KnownObjects:
    """The rows of deploy.objects, and what becomes of them in this deploy."""

    def __init__(self, conn: Connection) -> None:
        rows = conn.execute("select kind, identity, file from deploy.objects").fetchall()
        self.files: dict[Key, str] = {(kind, identity): file for kind, identity, file in rows}
        self._saved = dict(self.files)

    def follow(self, before: Live, after: Live, created_by: str) -> None:
        """Take over what was created, renamed or dropped between two looks at the catalog."""
        for place, was in before.items():
            file = self.files.get(was.key)
            now = after.get(place)
            if file is not None and now != was and (not now or now.key != was.key):
                del self.files[was.key]
                if now:
                    self.files[now.key] = file
        for place in after.keys() - before.keys():
            self.files.setdefault(after[place].key, created_by)

    def declare(self, key: Key, file: str) -> None:
        """Note that this file declares the object."""
        self.files[key] = file

    def forget(self, keys: Iterable[Key]) -> None:
        """Note that these objects are gone."""
        for key in keys:
            self.files.pop(key, None)

    def of_files(self, folder: str) -> dict[Key, str]:
        """The objects that files of this folder declare."""
        return {key: file for key, file in self.files.items() if file.startswith(f"{folder}/")}

    def of_kind(self, kind: str) -> list[str]:
        """The identities of one kind."""
        return [identity for found, identity in self.files if found == kind]

    def save(self, conn: Connection) -> None:
        """Write what differs to deploy.objects."""
        with conn.cursor() as cursor:
            cursor.executemany(_FORGET, list(self._saved.keys() - self.files.keys()))
            cursor.executemany(
                _SAVE,
                [(*key, file) for key, file in self.files.items() if self._saved.get(key) != file],
            )
        self._saved = dict(self.files)
