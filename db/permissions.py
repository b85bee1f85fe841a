"""Print db/permissions.tsv: what every role may do with every object, by effective right.

    python -m db.permissions [URL]           prints it
    python -m db.permissions --check [URL]   compares it with db/permissions.tsv

One line an object and a column a role; "-" is nothing at all. A right counts however a role
comes by it: granted, granted to PUBLIC, or inherited. A new object has no line and a dropped one
leaves a line behind: both fail the check by name, until somebody has looked at the line, which
is the decision. Daily leaves share one line, and must be alike.

URL defaults to $DATABASE_URL and must log in as the owner. Nothing is changed.
"""

import sys
from collections.abc import Iterable
from typing import Any

from psycopg import Connection

from db.generated import GeneratedFile

ROLES = (
    "public",
    "anon",
    "authenticated",
    "service_role",
    "media_worker",
    "api_anon",
    "api_user",
    "api_media",
)

# An extension's objects are the extension's; those of other applications in the project's
# public schema are theirs, and a database of the tests has none.
_OBJECTS = """
with rooms as (
    select n.oid, n.nspname as name
    from pg_namespace as n
    where n.nspname in ('public', 'private', 'partitions', 'ops', 'deploy')
),
relations as (
    select
        c.oid,
        case c.relkind
            when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'view' else 'table'
        end as kind,
        r.name || '.' || case
            when r.name = 'partitions'
                then regexp_replace(c.relname, '[0-9]{8}', '<day>')
            else c.relname
        end as name
    from pg_class as c
    inner join rooms as r on c.relnamespace = r.oid
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and not exists (
            select from pg_depend as d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
        )
),
verbs (kind, verb) as (
    values
    ('schema', 'usage'), ('schema', 'create'),
    ('table', 'select'), ('table', 'insert'), ('table', 'update'), ('table', 'delete'),
    ('table', 'truncate'), ('table', 'references'), ('table', 'trigger'),
    ('column', 'select'), ('column', 'insert'), ('column', 'update'), ('column', 'references'),
    ('sequence', 'usage'), ('sequence', 'select'), ('sequence', 'update'),
    ('function', 'execute')
    union all
    select 'table', 'maintain' where current_setting('server_version_num')::integer >= 170000
)
select 'schema' as kind, r.name::text as object, o.role, v.verb,
    has_schema_privilege(o.role, r.oid, v.verb) as held
from rooms as r, unnest(%(roles)s::text[]) as o (role), verbs as v
where v.kind = 'schema'
union all
select c.kind, c.name, o.role, v.verb, has_table_privilege(o.role, c.oid, v.verb)
from relations as c, unnest(%(roles)s::text[]) as o (role), verbs as v
where c.kind in ('table', 'view') and v.kind = 'table'
union all
select 'column', c.name || '.' || a.attname, o.role, v.verb,
    has_column_privilege(o.role, c.oid, a.attnum, v.verb)
from relations as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped,
    unnest(%(roles)s::text[]) as o (role), verbs as v
where c.kind in ('table', 'view') and v.kind = 'column'
union all
select 'sequence', c.name, o.role, v.verb, has_sequence_privilege(o.role, c.oid, v.verb)
from relations as c, unnest(%(roles)s::text[]) as o (role), verbs as v
where c.kind = 'sequence' and v.kind = 'sequence'
union all
select
    case p.prokind when 'p' then 'procedure' else 'function' end,
    p.oid::regprocedure::text, o.role, v.verb,
    has_function_privilege(o.role, p.oid, v.verb)
from pg_proc as p
inner join rooms as r on p.pronamespace = r.oid,
    unnest(%(roles)s::text[]) as o (role), verbs as v
where
    v.kind = 'function'
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
"""
_KINDS = ("schema", "table", "view", "sequence", "column", "function", "procedure")


Rights = dict[tuple[str, str], dict[str, list[str]]]


def rights(conn: Connection[Any]) -> Rights:
    """What each role may do, by kind and name of the object."""
    found: Rights = {}
    rows = conn.execute(_OBJECTS.encode(), {"roles": list(ROLES)}).fetchall()
    for kind, name, role, verb, held in rows:
        of_object = found.setdefault((kind, name), {role: [] for role in ROLES})
        if held and verb not in of_object[role]:
            of_object[role].append(verb)
    return found


def _lines(found: Rights) -> Iterable[str]:
    yield "\t".join(("kind", "object", *ROLES))
    for kind, name in sorted(found, key=lambda key: (_KINDS.index(key[0]), key[1])):
        held_by = found[kind, name]
        yield "\t".join((kind, name, *(" ".join(held_by[role]) or "-" for role in ROLES)))


def render(conn: Connection[Any]) -> str:
    """The file's text."""
    return "\n".join(_lines(rights(conn))) + "\n"


PERMISSIONS = GeneratedFile(
    name="permissions.tsv",
    module="db.permissions",
    target="permissions",
    about=__doc__,
    render=render,
)
main = PERMISSIONS.main
describe = PERMISSIONS.describe

if __name__ == "__main__":
    sys.exit(main())
