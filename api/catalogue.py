"""The functions of the exposed schema, as the database's own catalogue lists them.

Who may execute one is not asked here: Postgres refuses, so the grants are the list.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Set as AbstractSet

import msgspec

from api.database import Pool

SCHEMA = "public"
# A caller who makes names up must not make us read the catalogue each time.
RELOAD_EVERY_S = 1.0

# Types whose length json_to_record would take literally are widened, as PostgREST does.
_LIST_FUNCTIONS = """
select coalesce(json_agg(f), '[]')::text
from (
    select
        p.proname as name,
        p.provolatile = 'v' as is_volatile,
        p.proretset as returns_set,
        p.provariadic <> 0 as is_variadic,
        p.pronargdefaults as default_count,
        rt.typname = 'void' as returns_void,
        coalesce(bt.typtype, rt.typtype) = 'c'
        or rt.typname = 'record'
        or coalesce(p.proargmodes && '{o,b,t}'::"char"[], false) as returns_row,
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
        ) as arguments
    from pg_catalog.pg_proc as p
    inner join pg_catalog.pg_type as rt on rt.oid = p.prorettype
    left join pg_catalog.pg_type as bt on bt.oid = rt.typbasetype
    where
        p.pronamespace = 'public'::regnamespace
        and p.prokind = 'f'
        and rt.typname not in ('trigger', 'event_trigger')
) as f
"""


class Argument(msgspec.Struct, frozen=True):
    """An input argument; the name may be empty."""

    name: str
    type: str


class Function(msgspec.Struct, frozen=True):
    """One overload of one function."""

    name: str
    is_volatile: bool
    returns_set: bool
    is_variadic: bool
    default_count: int
    returns_void: bool
    returns_row: bool
    arguments: tuple[Argument, ...]

    def takes(self, keys: AbstractSet[str]) -> bool:
        """Tell whether it can be called with exactly these argument names."""
        names = [argument.name for argument in self.arguments]
        if "" in names:
            return False
        optional = set(names[len(names) - self.default_count :]) if self.default_count else set()
        if self.is_variadic:
            optional.add(names[-1])
        return set(names) - optional <= keys <= set(names)

    def signature(self) -> str:
        """Return how PostgREST writes it in its messages."""
        listed = ", ".join(f"{argument.name} => {argument.type}" for argument in self.arguments)
        return f"{SCHEMA}.{self.name}({listed})"


_decode = msgspec.json.Decoder(list[Function]).decode


class Catalogue:
    """What was read last; read again when something is missing or fits no more."""

    def __init__(self, pool: Pool) -> None:
        """Read through `pool`; every role may read the catalogue."""
        self._pool = pool
        self._functions: dict[str, list[Function]] = {}
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def overloads(self, name: str, keys: AbstractSet[str]) -> list[Function]:
        """Return the overloads that take `keys`; look again before saying there is none."""
        matching = self._matching(name, keys)
        if not matching:
            await self.refresh()
            matching = self._matching(name, keys)
        return matching

    async def named(self, name: str) -> list[Function]:
        """Return every overload of a name."""
        if name not in self._functions:
            await self.refresh()
        return self._functions.get(name, [])

    async def refresh(self) -> None:
        """Read the catalogue, unless it was read a moment ago."""
        async with self._reading:
            if self._read_at and time.monotonic() - self._read_at < RELOAD_EVERY_S:
                return
            row = await self._pool.run(_LIST_FUNCTIONS, ())
            functions: dict[str, list[Function]] = {}
            for function in _decode(row[0] or b"[]"):
                functions.setdefault(function.name, []).append(function)
            self._functions = functions
            self._read_at = time.monotonic()

    def _matching(self, name: str, keys: AbstractSet[str]) -> list[Function]:
        return [function for function in self._functions.get(name, []) if function.takes(keys)]
