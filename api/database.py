"""Connections to Postgres: one pool per role, one statement per call, bytes out as they came.

`Pool` is the whole of what the rest knows. The implementation here stands on psycopg_pool; another
that talks to libpq more directly can take its place.
"""

from __future__ import annotations

import asyncio
import logging
import select
from collections.abc import Sequence
from typing import Protocol

import psycopg
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

Row = tuple[bytes | None, ...]

# How long a call waits for a connection, and how many may wait, before the answer is 503.
WAIT_S = 2.0
MAX_WAITING = 256
CONNECT_TIMEOUT_S = 5
OPEN_TIMEOUT_S = 15.0

_log = logging.getLogger("api.database")


class QueryError(Exception):
    """The statement was refused or failed in the database."""

    def __init__(
        self, sqlstate: str, message: str, detail: str | None = None, hint: str | None = None
    ) -> None:
        """Keep what the database said; `api.sqlstates` decides what of it may be told."""
        super().__init__(sqlstate)
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint


def _failed(sqlstate: str) -> QueryError:
    return QueryError(sqlstate, "")


class BusyError(Exception):
    """No connection came free in time, or too many calls were waiting already."""


class UnavailableError(Exception):
    """The database could not be reached, or the connection broke under the statement."""


class IdentityLostError(Exception):
    """The session was not the role it should be. Its connection is gone; the call did nothing."""


class Pool(Protocol):
    """Connections that are all logged in as the same role."""

    async def open(self) -> None:
        """Connect; raise `UnavailableError` when the database does not answer."""

    async def close(self) -> None:
        """Wait for nothing more and disconnect."""

    async def run(self, statement: str, parameters: Sequence[bytes | None]) -> Row:
        """Run one autocommit statement and return its one row.

        The first column is null only when the statement's own guard found the wrong session.
        Raise `QueryError`, `BusyError`, `UnavailableError` or `IdentityLostError`. Cancelling
        the call cancels the query.
        """


class _Verbatim(Dumper):
    """Sends bytes as text of a type that the statement's own cast decides."""

    def dump(self, obj: bytes) -> Buffer:
        return obj


class PsycopgPool:
    """`Pool` on psycopg_pool."""

    def __init__(self, url: str, size: int, name: str) -> None:
        """Prepare a pool of `size` connections to `url`; nothing connects before `open`."""
        self._attempts = size + 1
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[tuple[object, ...]]]
        self._pool = AsyncConnectionPool(
            url,
            min_size=size,
            max_size=size,
            timeout=WAIT_S,
            max_waiting=MAX_WAITING,
            name=name,
            open=False,
            configure=_configure,
            kwargs={
                "autocommit": True,
                # Prepared from the first use on: the same few statements run for ever.
                "prepare_threshold": 0,
                "cursor_factory": psycopg.AsyncRawCursor,
                "connect_timeout": CONNECT_TIMEOUT_S,
                "application_name": f"api_{name}",
            },
        )

    async def open(self) -> None:
        """Connect all of them, so that a wrong URL stops the start and not the first request."""
        try:
            await self._pool.open(wait=True, timeout=OPEN_TIMEOUT_S)
        except PoolTimeout as error:
            raise UnavailableError(str(error)) from None

    async def close(self) -> None:
        """Disconnect."""
        await self._pool.close()

    async def run(self, statement: str, parameters: Sequence[bytes | None]) -> Row:
        """See `Pool.run`."""
        for parameter in parameters:
            if parameter is not None and b"\0" in parameter:
                # libpq would cut the text there without a word.
                raise _failed("22021")
        connection = await self._take()
        try:
            cursor = await connection.execute(statement, parameters)
            row = _row(cursor)
        except psycopg.Error as error:
            if connection.closed or error.sqlstate is None:
                await connection.close()
            raise _translated(error) from None
        except BaseException:
            # Cancelled or worse: psycopg has stopped the query, but any doubt retires it.
            await connection.close()
            raise
        else:
            if row[0] is None:
                await connection.close()
                raise IdentityLostError
            return row
        finally:
            await self._pool.putconn(connection)

    async def _take(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        """Take a connection that is alive as far as this end can see."""
        for _ in range(self._attempts):
            try:
                connection = await self._pool.getconn()
            except (PoolTimeout, TooManyRequests):
                raise BusyError from None
            except PoolClosed as error:
                raise UnavailableError(str(error)) from None
            if _alive(connection):
                return connection
            await connection.close()
            await self._pool.putconn(connection)
        raise UnavailableError


async def _configure(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
    connection.adapters.register_dumper(bytes, _Verbatim)


def _alive(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> bool:
    """Tell without a round trip: a server that ended a session has left word in the socket."""
    try:
        if not _readable(connection.pgconn.socket):
            return True
        connection.pgconn.consume_input()
        # A notice is read now; the end of the stream stays readable for ever.
        return not _readable(connection.pgconn.socket)
    except (psycopg.Error, OSError, ValueError):
        return False


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _row(cursor: psycopg.AsyncCursor[tuple[object, ...]]) -> Row:
    result = cursor.pgresult
    if result is None or result.status != pq.ExecStatus.TUPLES_OK or result.ntuples != 1:
        raise _failed("XX000")
    return tuple(result.get_value(0, column) for column in range(result.nfields))


def _translated(error: psycopg.Error) -> Exception:
    if error.sqlstate is None:
        _log.warning("a connection broke: %s", type(error).__name__)
        return UnavailableError(type(error).__name__)
    said = error.diag
    return QueryError(
        error.sqlstate, said.message_primary or "", said.message_detail, said.message_hint
    )


async def open_together(pools: Sequence[Pool]) -> None:
    """Open several pools at once; on a failure none stays open."""
    results = await asyncio.gather(*(pool.open() for pool in pools), return_exceptions=True)
    failed = [result for result in results if isinstance(result, BaseException)]
    if failed:
        await close_together(pools)
        raise failed[0]


async def close_together(pools: Sequence[Pool]) -> None:
    """Close several pools at once."""
    await asyncio.gather(*(pool.close() for pool in pools), return_exceptions=True)
