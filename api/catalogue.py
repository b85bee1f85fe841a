"""The functions of the exposed schemas, as the database's own catalogue lists them.

Who may execute one is not asked here: Postgres refuses, so the grants are the list.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec

from api.database import Pool

# A caller who makes names up must not make us read the catalogue each time.
RELOAD_EVERY_S = 1.0

# Types whose length json_to_record would take literally are widened, as PostgREST does.
_LIST_FUNCTIONS = """
select coalesce(json_agg(f order by f.id), '[]')::text
from (
    select
        p.oid as id,
        n.nspname as schema,
        p.proname as name,
        p.provolatile = 'v' as is_volatile,
        p.proretset as returns_set,
        p.provariadic <> 0 as is_variadic,
        p.pronargdefaults as default_count,
        rt.typname = 'void' as returns_void,
        coalesce(bt.typtype, rt.typtype) = 'c'
        or rt.typname = 'record'
        or coalesce(p.proargmodes && '{o,b,t}'::"char"[], false) as returns_row,
        coalesce(array_to_string(p.proconfig, ' ') ~ '(^| )search_path=', false)
            as pins_search_path,
        (
            select substr(c.setting, length('statement_timeout=') + 1)
            from unnest(p.proconfig) as c (setting)
            where c.setting like 'statement\\_timeout=%'
        ) as timeout,
        (
            select coalesce(json_agg(
                json_build_object(
                    'name', coalesce(p.proargnames[a.position], ''),
                    'type', case format_type(a.type, null)
                        when 'bit' then 'bit varying'
                        when 'bit[]' then 'bit varying[]'
                        when 'character' then 'character varying'
                        when 'character[]' then 'character varying[]'
                        else format_type(a.type, null)
                    end
                )
                order by a.position
            ), '[]')
            from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]))
                with ordinality as a (type, position)
            where coalesce(p.proargmodes[a.position], 'i') in ('i', 'b', 'v')
        ) as arguments,
        (
            select coalesce(
                json_object_agg(c.name, c.type in ('json'::regtype, 'jsonb'::regtype)), '{}'
            )
            from (
                select a.attname::text as name, a.atttypid as type
                from pg_catalog.pg_attribute as a
                where
                    a.attrelid = coalesce(nullif(rt.typrelid, 0), bt.typrelid)
                    and a.attnum > 0
                    and not a.attisdropped
                union all
                select p.proargnames[o.position], o.type
                from unnest(p.proallargtypes) with ordinality as o (type, position)
                where p.proargmodes[o.position] in ('o', 'b', 't')
            ) as c
            where c.name <> ''
        ) as columns
    from pg_catalog.pg_proc as p
    inner join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    inner join pg_catalog.pg_type as rt on rt.oid = p.prorettype
    left join pg_catalog.pg_type as bt on bt.oid = rt.typbasetype
    where
        n.nspname in (select json_array_elements_text($1::json))
        and p.prokind = 'f'
        and rt.typname not in ('trigger', 'event_trigger')
) as f
"""


class Argument(msgspec.Struct, frozen=True):
    """An input argument; the name may be empty."""

    name: str
    type: str


class Function(msgspec.Struct, frozen=True, eq=False):
    """One overload of one function. It is itself alone: statements are remembered for it."""

    schema: str
    name: str
    is_volatile: bool
    returns_set: bool
    is_variadic: bool
    default_count: int
    returns_void: bool
    returns_row: bool
    pins_search_path: bool
    # Its own `set statement_timeout`, which Postgres itself applies to no statement.
    timeout: str | None
    arguments: tuple[Argument, ...]
    # The columns of its rows, and whether each holds a document.
    columns: dict[str, bool]

    def takes(self, keys: AbstractSet[str]) -> bool:
        """Tell whether it can be called with exactly these argument names."""
        names = [argument.name for argument in self.arguments]
        if "" in names:
            return False
        optional = set(names[len(names) - self.default_count :]) if self.default_count else set()
        if self.is_variadic:
            optional.add(names[-1])
        return set(names) - optional <= keys <= set(names)

    @property
    def takes_any_json(self) -> bool:
        """Tell whether its one argument has no name and is a document: a whole body."""
        return [(a.name, a.type in {"json", "jsonb"}) for a in self.arguments] == [("", True)]

    def signature(self) -> str:
        """Return how PostgREST writes it in its messages."""
        listed = ", ".join(f"{argument.name} => {argument.type}" for argument in self.arguments)
        return f"{self.schema}.{self.name}({listed})"


_decode = msgspec.json.Decoder(list[Function]).decode


class Catalogue:
    """What was read last; read again when something is missing or fits no more."""

    def __init__(self, pool: Pool, schemas: Sequence[str]) -> None:
        """Read through `pool`; every role may read the catalogue."""
        self._pool = pool
        self._schemas = msgspec.json.encode(schemas)
        self._raw: bytes | None = None
        self._functions: dict[tuple[str, str], list[Function]] = {}
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def overloads(self, schema: str, name: str, keys: AbstractSet[str]) -> list[Function]:
        """Return the overloads that take `keys`; look again before saying there is none."""
        matching = self._matching(schema, name, keys)
        if not matching:
            await self.refresh()
            matching = self._matching(schema, name, keys)
        return matching

    async def named(self, schema: str, name: str) -> list[Function]:
        """Return every overload of a name."""
        if (schema, name) not in self._functions:
            await self.refresh()
        return self._functions.get((schema, name), [])

    async def refresh(self) -> None:
        """Read the catalogue, unless it was read a moment ago."""
        async with self._reading:
            if not self._read_at or time.monotonic() - self._read_at >= RELOAD_EVERY_S:
                await self._read()

    async def reload(self) -> None:
        """Read the catalogue: somebody says that it has changed."""
        async with self._reading:
            await self._read()

    async def _read(self) -> None:
        row = await self._pool.run(_LIST_FUNCTIONS, (self._schemas,))
        if row[0] != self._raw:
            functions: dict[tuple[str, str], list[Function]] = {}
            for function in _decode(row[0] or b"[]"):
                functions.setdefault((function.schema, function.name), []).append(function)
            self._raw, self._functions = row[0], functions
        self._read_at = time.monotonic()

    def _matching(self, schema: str, name: str, keys: AbstractSet[str]) -> list[Function]:
        overloads = self._functions.get((schema, name), [])
        return [function for function in overloads if function.takes(keys)]
