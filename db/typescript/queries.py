"""Ask the catalogue what clients may select, write and call in `public`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

CLIENTS = ["anon", "authenticated"]
"""Who an app speaks as. What only the holder of the service key may do is in no type."""

_RELATIONS = """
select
    c.oid,
    c.relname::text as name,
    c.relkind in ('v', 'm') as is_view,
    obj_description(c.oid, 'pg_class') as comment,
    (select r.ev_action::text from pg_rewrite as r where r.ev_class = c.oid) as tree
from pg_class as c
where
    c.relnamespace = 'public'::regnamespace
    and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not c.relispartition
    and exists (
        select from unnest(%(clients)s::text[]) as o (role)
        where has_any_column_privilege(o.role, c.oid, 'select')
    )
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
order by c.relname::text collate "C"
"""
_COLUMNS = """
select
    a.attrelid as relation_id,
    a.attnum as number,
    a.attname::text as name,
    t.oid as type_id,
    a.attnotnull or t.typnotnull as is_required,
    a.atthasdef or a.attidentity <> '' as has_default,
    a.attgenerated = '' and a.attidentity <> 'a' and exists (
        select from unnest(%(clients)s::text[]) as o (role)
        where has_column_privilege(o.role, a.attrelid, a.attnum, 'insert')
    ) as may_insert,
    a.attgenerated = '' and a.attidentity <> 'a' and exists (
        select from unnest(%(clients)s::text[]) as o (role)
        where has_column_privilege(o.role, a.attrelid, a.attnum, 'update')
    ) as may_update,
    col_description(a.attrelid, a.attnum) as comment
from pg_attribute as a
inner join pg_type as t on a.atttypid = t.oid
where
    a.attrelid = any (%(relations)s::oid[])
    and a.attnum > 0
    and not a.attisdropped
    and exists (
        select from unnest(%(clients)s::text[]) as o (role)
        where has_column_privilege(o.role, a.attrelid, a.attnum, 'select')
    )
order by a.attname::text collate "C"
"""
_REQUIRED = """
select a.attrelid, a.attnum
from pg_attribute as a
where a.attnotnull and a.attrelid = any (%(relations)s::oid[])
"""
_KEYS = """
select
    c.conname::text as name,
    c.conrelid as relation_id,
    c.conkey as columns,
    c.confrelid as referenced_id,
    c.confkey as referenced_columns,
    exists (
        select from pg_constraint as u
        where u.conrelid = c.conrelid and u.contype in ('p', 'u')
            and u.conkey <@ c.conkey and u.conkey @> c.conkey
    ) as is_one_to_one
from pg_constraint as c
where c.contype = 'f' and c.conparentid = 0
"""
_FUNCTIONS = """
select
    p.proname::text as name,
    p.proargnames as argument_names,
    coalesce(p.proallargtypes, p.proargtypes::oid[]) as argument_types,
    p.proargmodes::text[] as argument_modes,
    array(
        select pg_get_function_arg_default(p.oid, n)
        from generate_series(1, coalesce(cardinality(p.proallargtypes), p.pronargs)) as n
    ) as argument_defaults,
    p.prorettype as result_type,
    p.proretset as returns_set,
    p.prorows > 1 as returns_many,
    obj_description(p.oid, 'pg_proc') as comment
from pg_proc as p
where
    p.pronamespace = 'public'::regnamespace
    and p.prokind = 'f'
    and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and exists (
        select from unnest(%(clients)s::text[]) as o (role)
        where has_function_privilege(o.role, p.oid, 'execute')
    )
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
order by p.proname::text collate "C", p.oid::regprocedure::text collate "C"
"""
_TYPES = """
select
    t.oid,
    t.typname::text as name,
    t.typnamespace = 'public'::regnamespace as is_public,
    t.typbasetype as base_id,
    case when t.typcategory = 'A' then t.typelem else 0 end as element_id,
    t.typrelid as relation_id,
    array(
        select e.enumlabel::text from pg_enum as e
        where e.enumtypid = t.oid
        order by e.enumsortorder
    ) as labels
from pg_type as t
"""

_TOKEN = re.compile(r"\\.|[{}]|[^\\{}]+", re.DOTALL)
_ENTRY_DEPTH = 2
_ORIGIN = re.compile(
    r"^TARGETENTRY.*:resno (\d+) .*:resorigtbl (\d+) :resorigcol (\d+) ", re.DOTALL
)


@dataclass(frozen=True)
class Relation:
    """A table or view that clients may select from."""

    oid: int
    name: str
    is_view: bool
    comment: str | None
    tree: str | None

    @cached_property
    def origins(self) -> dict[int, tuple[int, int]]:
        """Where the columns of a view come from that it only passes on: relation and column."""
        return dict(_origins(self.tree or ""))


@dataclass(frozen=True)
class Column:
    """A column that clients may select."""

    relation_id: int
    number: int
    name: str
    type_id: int
    is_required: bool
    has_default: bool
    may_insert: bool
    may_update: bool
    comment: str | None


@dataclass(frozen=True)
class Key:
    """A foreign key, its columns by number."""

    name: str
    relation_id: int
    columns: list[int]
    referenced_id: int
    referenced_columns: list[int]
    is_one_to_one: bool


@dataclass(frozen=True)
class Argument:
    """What a function takes or gives under a name; the default is an expression."""

    name: str
    type_id: int
    default: str | None

    @property
    def is_null_by_default(self) -> bool:
        """Whether null means the same as leaving it out."""
        return bool(self.default) and str(self.default).upper().startswith("NULL::")


@dataclass(frozen=True)
class Function:
    """A function that clients may call."""

    name: str
    argument_names: list[str] | None
    argument_types: list[int]
    argument_modes: list[str] | None
    argument_defaults: list[str | None]
    result_type: int
    returns_set: bool
    returns_many: bool
    comment: str | None

    def arguments(self, modes: str) -> list[Argument]:
        """Those whose mode is one of these letters, by name."""
        names = self.argument_names or [""] * len(self.argument_types)
        letters = self.argument_modes or ["i"] * len(self.argument_types)
        rows = zip(names, self.argument_types, self.argument_defaults, letters, strict=True)
        found = [
            Argument(name, type_id, default)
            for name, type_id, default, letter in rows
            if letter in modes
        ]
        return sorted(found, key=lambda one: one.name)


@dataclass(frozen=True)
class Type:
    """A type of the database."""

    oid: int
    name: str
    is_public: bool
    base_id: int
    element_id: int
    relation_id: int
    labels: list[str]


@dataclass(frozen=True)
class Surface:
    """All of it."""

    relations: dict[int, Relation]
    columns: list[Column]
    required: set[tuple[int, int]]
    """Columns that are never null, of whatever the relations come from too."""
    keys: list[Key]
    functions: list[Function]
    types: dict[int, Type]

    def columns_of(self, relation_id: int) -> list[Column]:
        """The columns of a relation, by name."""
        return [one for one in self.columns if one.relation_id == relation_id]


def read_surface(conn: Connection[Any]) -> Surface:
    """Look at the database. Wants `use_plain_search_path`."""
    with conn.cursor(row_factory=class_row(Relation)) as cursor:
        relations = cursor.execute(_RELATIONS, {"clients": CLIENTS}).fetchall()
    oids = [relation.oid for relation in relations]
    with conn.cursor(row_factory=class_row(Column)) as cursor:
        columns = cursor.execute(_COLUMNS, {"clients": CLIENTS, "relations": oids}).fetchall()
    sources = {relation for one in relations for relation, _ in one.origins.values()}
    required = conn.execute(_REQUIRED.encode(), {"relations": [*oids, *sources]}).fetchall()
    with conn.cursor(row_factory=class_row(Key)) as cursor:
        keys = cursor.execute(_KEYS).fetchall()
    with conn.cursor(row_factory=class_row(Function)) as cursor:
        functions = cursor.execute(_FUNCTIONS, {"clients": CLIENTS}).fetchall()
    with conn.cursor(row_factory=class_row(Type)) as cursor:
        types = cursor.execute(_TYPES).fetchall()
    return Surface(
        {relation.oid: relation for relation in relations},
        columns,
        set(required),
        keys,
        functions,
        {one.oid: one for one in types},
    )


def _origins(tree: str) -> Iterator[tuple[int, tuple[int, int]]]:
    """Number of each column of a view, with the relation and the column that it comes from.

    Postgres notes them in the parsed query, for columns that are passed on as they are, and
    follows joins and subqueries. Entries of subqueries lie deeper than the view's own.
    """
    depth = 0
    entry: list[str] = []
    for token in _TOKEN.findall(tree):
        if token == "{":
            depth += 1
            if depth == _ENTRY_DEPTH:
                entry = []
        elif token == "}":
            found = _ORIGIN.match("".join(entry)) if depth == _ENTRY_DEPTH else None
            if found and found[2] != "0":
                yield int(found[1]), (int(found[2]), int(found[3]))
            depth -= 1
        elif depth == _ENTRY_DEPTH:
            entry.append(token)
