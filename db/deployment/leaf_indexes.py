"""Build what a migration left out: an index of a partitioned table on leaves that have rows.

Inside the deploy's transaction building would keep everybody from writing until it is over. So a
migration makes such an index `on only` the parent, and here each leaf gets its own, concurrently,
one after the other, in transactions of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql

from db.deployment.console import count, step
from db.deployment.loading import is_busy

# Writers wait behind us, so we wait for a moment only; what was not had is tried next time.
_SETTINGS = "set lock_timeout = '500ms'; set statement_timeout = 0"

# Only what the deploy made itself; its leaves lie in a schema of their own.
_MISSING = """
select
    parent_index.oid::regclass::text as parent_index,
    leaf.relname as leaf,
    overlay(
        parent_index.relname placing leaf.relname from 1 for length(parent.relname)
    ) as name,
    substring(pg_get_indexdef(parent_index.oid) from ' USING (.*)$') as definition
from pg_index as i
inner join pg_class as parent_index on i.indexrelid = parent_index.oid
inner join pg_class as parent on i.indrelid = parent.oid
inner join pg_inherits as h on parent.oid = h.inhparent
inner join pg_class as leaf on h.inhrelid = leaf.oid
where
    parent_index.relkind = 'I'
    and not i.indisvalid
    and not i.indisunique
    and leaf.relnamespace = to_regnamespace('partitions')
    and starts_with(parent_index.relname, parent.relname)
    and not exists (
        select from pg_inherits as a
        inner join pg_index as l on a.inhrelid = l.indexrelid
        where a.inhparent = parent_index.oid and l.indrelid = leaf.oid
    )
order by parent_index.relname, leaf.relname
"""


@dataclass(frozen=True)
class LeafIndex:
    """An index that one leaf lacks."""

    parent_index: str
    leaf: str
    name: str
    definition: str


def missing(conn: Connection) -> list[LeafIndex]:
    """Return what is left to build."""
    return [LeafIndex(*row) for row in conn.execute(_MISSING.encode())]


def build(conn: Connection) -> bool:
    """Build it, outside any transaction, and tell whether anything was.

    What is in use is left for the next deploy, and said.
    """
    conn.execute(_SETTINGS)
    todo = missing(conn)
    with step("indexes") as this:
        left = list(_build_each(conn, todo))
        if todo:
            this.did = f"{count(len(todo) - len(left), 'leaf', 'leaves')} indexed"
        this.details = [f"{one.leaf} is in use: deploy again" for one in left]
    return len(todo) > len(left)


def _build_each(conn: Connection, todo: list[LeafIndex]) -> Iterator[LeafIndex]:
    for one in todo:
        name = sql.Identifier("partitions", one.name)
        try:
            # What an interrupted attempt left is unusable, and in the way.
            conn.execute(sql.SQL("drop index if exists {}").format(name))
            conn.execute(
                sql.SQL("create index concurrently {} on {} using {}").format(
                    sql.Identifier(one.name),
                    sql.Identifier("partitions", one.leaf),
                    sql.SQL(one.definition),
                )
            )
            conn.execute(
                sql.SQL("alter index {} attach partition {}").format(
                    sql.SQL(one.parent_index),
                    name,
                )
            )
        except psycopg.Error as error:
            if not is_busy(error):
                raise
            yield one
