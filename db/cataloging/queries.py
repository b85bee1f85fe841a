"""What the catalog says about the database, read from Postgres's own tables.

Only what prints alike on every supported version is asked for; no view definitions, for example.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

Row = TypeVar("Row")

_RELATIONS = """
select
    n.nspname as schema,
    c.relname as name,
    c.relkind in ('v', 'm') as is_view,
    obj_description(c.oid, 'pg_class') as comment,
    c.relrowsecurity as has_row_security,
    pg_get_partkeydef(c.oid) as partitioned_by
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p', 'v', 'm')
    and (
        n.nspname in ('private', 'ops')
        or c.oid::regclass::text in (select o.identity from deploy.objects as o)
    )
order by n.nspname <> 'public', n.nspname collate "C", c.relname collate "C"
"""
_COLUMNS = """
select
    format('%I.%I', n.nspname, c.relname) as relation,
    a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull as not_null,
    case
        when a.attidentity <> '' then 'identity'
        when a.attgenerated <> '' then 'generated: ' || pg_get_expr(d.adbin, d.adrelid)
        else pg_get_expr(d.adbin, d.adrelid)
    end as default_value,
    coalesce(p.conkey @> array[a.attnum], false) as in_primary_key,
    (
        select min(f.confrelid::regclass::text)
        from pg_constraint as f
        where f.conrelid = c.oid and f.contype = 'f' and f.conkey @> array[a.attnum]
    ) as refers_to,
    col_description(c.oid, a.attnum) as comment
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid
left join pg_attrdef as d on c.oid = d.adrelid and a.attnum = d.adnum
left join pg_constraint as p on c.oid = p.conrelid and p.contype = 'p'
where
    c.relkind in ('r', 'p', 'v', 'm')
    and n.nspname in ('public', 'private', 'ops')
    and a.attnum > 0
    and not a.attisdropped
order by a.attnum
"""
_POLICIES = """
select
    p.polrelid::regclass::text as relation,
    p.polname as name,
    case p.polcmd
        when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
        when 'd' then 'delete' else 'all'
    end as command,
    p.polpermissive as permissive,
    array(
        select coalesce(r.rolname, 'public')
        from unnest(p.polroles) as m (oid)
        left join pg_roles as r on m.oid = r.oid
        order by 1
    )::text[] as roles,
    pg_get_expr(p.polqual, p.polrelid) as using_expression,
    pg_get_expr(p.polwithcheck, p.polrelid) as check_expression
from pg_policy as p
order by p.polname collate "C"
"""
_TRIGGERS = """
select t.tgrelid::regclass::text as relation, t.tgname as name, pg_get_triggerdef(t.oid) as text
from pg_trigger as t
where not t.tgisinternal and t.tgparentid = 0
order by t.tgname collate "C"
"""
# MAINTAIN came with version 17, and goes wherever everything is granted.
_GRANTS = """
select
    a.relation,
    coalesce(r.rolname, 'public') as role,
    lower(x.privilege_type) as privilege,
    array_remove(array_agg(a.column_name order by a.number), null)::text[] as columns
from (
    select c.oid::regclass::text as relation, c.relowner, c.relacl as acl,
        null::name as column_name, 0 as number
    from pg_class as c
    union all
    select c.oid::regclass::text, c.relowner, m.attacl, m.attname, m.attnum
    from pg_class as c
    inner join pg_attribute as m on c.oid = m.attrelid
    where m.attnum > 0 and not m.attisdropped
) as a
cross join lateral aclexplode(a.acl) as x
left join pg_roles as r on x.grantee = r.oid
where x.grantee <> a.relowner and x.privilege_type <> 'MAINTAIN'
group by a.relation, a.column_name is null, 2, x.privilege_type
order by 2, x.privilege_type, a.relation
"""
_FUNCTIONS = """
select
    n.nspname as schema,
    p.proname as name,
    pg_get_function_arguments(p.oid) as arguments,
    pg_get_function_result(p.oid) as result,
    p.prosecdef as is_definer,
    obj_description(p.oid, 'pg_proc') as comment,
    array(
        select distinct coalesce(r.rolname, 'public')
        from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x
        left join pg_roles as r on x.grantee = r.oid
        where x.grantee <> p.proowner
        order by 1
    )::text[] as callers
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
inner join deploy.objects as o on p.oid::regprocedure::text = o.identity and o.kind = 'function'
where n.nspname in ('public', 'private', 'ops')
order by p.proname collate "C", p.oid::regprocedure::text collate "C"
"""
_REFERENCES = """
select
    f.conrelid::regclass::text as child,
    f.confrelid::regclass::text as parent,
    (
        select string_agg(a.attname, ', ' order by k.place)
        from unnest(f.conkey) with ordinality as k (number, place)
        inner join pg_attribute as a on f.conrelid = a.attrelid and k.number = a.attnum
    ) as columns,
    exists (
        select from pg_constraint as u
        where u.conrelid = f.conrelid and u.contype in ('p', 'u') and u.conkey <@ f.conkey
    ) as at_most_one
from pg_constraint as f
inner join pg_namespace as n on f.connamespace = n.oid
where f.contype = 'f' and f.conparentid = 0 and n.nspname in ('public', 'private')
order by f.confrelid::regclass::text collate "C", f.conrelid::regclass::text collate "C", 3
"""
_JOBS = """
select t.job, t.schedule, t.command, t.purpose
from ops.timetable as t
order by t.job collate "C"
"""


@dataclass(frozen=True)
class Relation:
    """A table or view."""

    schema: str
    name: str
    is_view: bool
    comment: str | None
    has_row_security: bool
    partitioned_by: str | None

    @property
    def identity(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Column:
    """A column of a table or view."""

    relation: str
    name: str
    type: str
    not_null: bool
    default_value: str | None
    in_primary_key: bool
    refers_to: str | None
    comment: str | None


@dataclass(frozen=True)
class Policy:
    """A row-level security policy."""

    relation: str
    name: str
    command: str
    permissive: bool
    roles: list[str]
    using_expression: str | None
    check_expression: str | None


@dataclass(frozen=True)
class Trigger:
    """A trigger, as the statement that creates it."""

    relation: str
    name: str
    text: str


@dataclass(frozen=True)
class Grant:
    """What a role may do with a table; no columns means all of it."""

    relation: str
    role: str
    privilege: str
    columns: list[str]


@dataclass(frozen=True)
class Function:
    """A function, and who may call it besides its owner."""

    schema: str
    name: str
    arguments: str
    result: str | None
    is_definer: bool
    comment: str | None
    callers: list[str]


@dataclass(frozen=True)
class Reference:
    """A foreign key."""

    child: str
    parent: str
    columns: str
    at_most_one: bool


@dataclass(frozen=True)
class Job:
    """A line of the timetable."""

    job: str
    schedule: str
    command: str
    purpose: str


@dataclass(frozen=True)
class Catalog:
    """Everything that is written down."""

    relations: list[Relation]
    columns: list[Column]
    policies: list[Policy]
    triggers: list[Trigger]
    grants: list[Grant]
    functions: list[Function]
    references: list[Reference]
    jobs: list[Job]


def read_catalog(conn: Connection[Any]) -> Catalog:
    """Ask for everything. Wants a search path of pg_catalog, so that names carry their schema."""
    return Catalog(
        relations=_rows(conn, Relation, _RELATIONS),
        columns=_rows(conn, Column, _COLUMNS),
        policies=_rows(conn, Policy, _POLICIES),
        triggers=_rows(conn, Trigger, _TRIGGERS),
        grants=_rows(conn, Grant, _GRANTS),
        functions=_rows(conn, Function, _FUNCTIONS),
        references=_rows(conn, Reference, _REFERENCES),
        jobs=_rows(conn, Job, _JOBS),
    )


def _rows(conn: Connection[Any], row: type[Row], query: str) -> list[Row]:
    with conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(query.encode()).fetchall()
