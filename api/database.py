"""Connections to Postgres: one pool per role, one statement per call, bytes out as they came.

`Pool` is the whole of what the rest knows. The implementation here stands on psycopg_pool; another
that talks to libpq more directly can take its place.
"""

from __future__ import annotations

import asyncio
import logging
import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg import generators, pq
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

Row = tuple[bytes | None, ...]

# How long a call waits for a connection, and how many may wait, before the answer is 503.
WAIT_S = 2.0
MAX_WAITING = 256
CONNECT_TIMEOUT_S = 5
OPEN_TIMEOUT_S = 5.0
RETRY_AFTER_S = 0.05

PERMISSION_DENIED = "42501"
ADMIN_SHUTDOWN = "57P01"

# Which arguments an RPC names, and what it asks of the result, is the client's choice, and each
# choice is a statement.
MAX_PREPARED = 200

# Limits of time stand on the login and on the role it works as, to which Postgres itself does not
# look: the stricter one holds. A number without a unit is in milliseconds.
_LIMIT_AS_THE_ROLE = """
select set_config('statement_timeout', min(l.ms)::bigint::text, false)
from (
    select s.setting::numeric as ms
    from pg_catalog.pg_settings as s
    where s.name = 'statement_timeout'
    union all
    select 1000 * extract(epoch from regexp_replace(t.span, '^[0-9]+$', '\\&ms')::interval)
    from pg_catalog.pg_roles as r
    cross join unnest(r.rolconfig) as c (setting)
    cross join substr(c.setting, length('statement_timeout=') + 1) as t (span)
    where r.rolname = current_user and c.setting like 'statement\\_timeout=%'
) as l
where l.ms > 0
having count(*) > 0
"""

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


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a pool is at the moment."""

    connections: int
    idle: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """What goes around a statement that cannot go alone.

    `opening` begins the transaction and sets what must be set before the statement; `accept` says
    of the row whether it is committed. It is returned in either case.
    """

    opening: str
    accept: Callable[[Row], bool]


class Pool(Protocol):
    """Connections that are all logged in as the same role."""

    async def open(self) -> None:
        """Connect; raise `UnavailableError` when the database does not answer."""

    async def close(self) -> None:
        """Wait for nothing more and disconnect."""

    def load(self) -> Load:
        """Return how busy it is."""

    async def run(
        self,
        statement: str,
        parameters: Sequence[bytes | None],
        transaction: Transaction | None = None,
    ) -> Row:
        """Run one statement, which commits by itself or in its `transaction`; return its one row.

        The first column is null only when the statement's own guard found the wrong session.
        Raise `QueryError`, `BusyError`, `UnavailableError` or `IdentityLostError`. Cancelling
        the call cancels the query.
        """


class _Session(psycopg.AsyncConnection[Any]):
    """A connection that knows which statements are prepared on it."""

    def __init__(self, pgconn: pq.abc.PGconn) -> None:
        super().__init__(pgconn)
        # The least recently used first.
        self.prepared: dict[str, bytes] = {}
        self.prepared_so_far = 0


class PsycopgPool:
    """`Pool` on psycopg_pool. Statements go to libpq as they are, results come back as bytes."""

    def __init__(self, url: str, size: int, role: str) -> None:
        """Prepare `size` connections that work as `role`; nothing connects before `open`."""
        self._role = role.encode()
        self._attempts = size + 1
        self._pool = AsyncConnectionPool(
            url,
            connection_class=_Session,
            min_size=size,
            max_size=size,
            timeout=WAIT_S,
            max_waiting=MAX_WAITING,
            name=role,
            open=False,
            configure=_limit_as_the_role,
            kwargs={
                "autocommit": True,
                "connect_timeout": CONNECT_TIMEOUT_S,
                "application_name": f"api ({role})",
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

    def load(self) -> Load:
        """Return how busy it is."""
        stats = self._pool.get_stats()
        return Load(
            connections=stats.get("pool_size", 0),
            idle=stats.get("pool_available", 0),
            waiting=stats.get("requests_waiting", 0),
        )

    async def run(
        self,
        statement: str,
        parameters: Sequence[bytes | None],
        transaction: Transaction | None = None,
    ) -> Row:
        """See `Pool.run`."""
        for parameter in parameters:
            if parameter is not None and b"\0" in parameter:
                # libpq would cut the text there without a word.
                raise _failed("22021")
        try:
            return await self._run_once(statement, parameters, transaction)
        except _EndedBeforeError:
            # The server ended the session before it did anything for us, and perhaps all others:
            # a moment later they show it.
            await asyncio.sleep(RETRY_AFTER_S)
            try:
                return await self._run_once(statement, parameters, transaction)
            except _EndedBeforeError:
                raise UnavailableError from None

    async def _run_once(
        self,
        statement: str,
        parameters: Sequence[bytes | None],
        transaction: Transaction | None,
    ) -> Row:
        session = await self._take()
        try:
            if transaction is None:
                row = await _row(session, statement, parameters)
            else:
                row = await _row_within(session, statement, parameters, transaction)
            if row[0] is None:
                raise IdentityLostError
            return row
        except QueryError as error:
            # Rights are looked at before the statement's own guard is.
            if error.sqlstate == PERMISSION_DENIED and not await self._is_itself(session):
                await session.close()
                raise IdentityLostError from None
            raise
        except psycopg.Error as error:
            await session.close()
            _log.warning("a connection broke: %s", type(error).__name__)
            raise UnavailableError from None
        except BaseException:
            # Cancelled or worse: psycopg has stopped the query, but any doubt retires it.
            await session.close()
            raise
        finally:
            await self._pool.putconn(session)

    async def _is_itself(self, session: _Session) -> bool:
        """Tell whether the session still has the role of this pool."""
        try:
            return await _row(session, "select current_user", ()) == (self._role,)
        except (psycopg.Error, QueryError, UnavailableError, _EndedBeforeError):
            return False

    async def _take(self) -> _Session:
        """Take a connection that is alive as far as this end can see."""
        for _ in range(self._attempts):
            try:
                session = await self._pool.getconn()
            except (PoolTimeout, TooManyRequests):
                raise BusyError from None
            except PoolClosed as error:
                raise UnavailableError(str(error)) from None
            if _alive(session):
                return session
            await session.close()
            await self._pool.putconn(session)
        raise UnavailableError


async def _limit_as_the_role(session: psycopg.AsyncConnection[Any]) -> None:
    await session.execute(_LIMIT_AS_THE_ROLE)


class _EndedBeforeError(Exception):
    """The server ended the session, and the statement was certainly not committed."""


async def _row(session: _Session, statement: str, parameters: Sequence[bytes | None]) -> Row:
    """Run a statement, prepared from its first use on, and return its one row."""
    pgconn = session.pgconn
    name = session.prepared.pop(statement, None)
    if name is None:
        name = await _prepare(session, statement)
    # Those used last come last.
    session.prepared[statement] = name
    pgconn.send_query_prepared(name, parameters)
    result = _succeeded(await session.wait(generators.execute(pgconn)))
    if result.ntuples != 1:
        raise _failed("XX000")
    return tuple(result.get_value(0, column) for column in range(result.nfields))


async def _row_within(
    session: _Session,
    statement: str,
    parameters: Sequence[bytes | None],
    transaction: Transaction,
) -> Row:
    """Do the same in a transaction."""
    await _command(session, transaction.opening)
    try:
        row = await _row(session, statement, parameters)
    except QueryError:
        await _command(session, "rollback")
        raise
    accepted = row[0] is not None and transaction.accept(row)
    await _command(session, "commit" if accepted else "rollback")
    return row


async def _prepare(session: _Session, statement: str) -> bytes:
    if len(session.prepared) >= MAX_PREPARED:
        oldest = next(iter(session.prepared))
        await _command(session, f"deallocate {session.prepared.pop(oldest).decode()}")
    name = b"api_%d" % session.prepared_so_far
    session.prepared_so_far += 1
    session.pgconn.send_prepare(name, statement.encode())
    _succeeded(await session.wait(generators.execute(session.pgconn)))
    return name


async def _command(session: _Session, text: str) -> None:
    session.pgconn.send_query(text.encode())
    _succeeded(await session.wait(generators.execute(session.pgconn)))


def _succeeded(results: Sequence[pq.abc.PGresult]) -> pq.abc.PGresult:
    """Return the one result, or raise what the server said."""
    last = results[-1]
    if last.status in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
        return last
    state = _told(last, pq.DiagnosticField.SQLSTATE)
    if state is None:
        # libpq's own word for a connection that broke.
        raise UnavailableError
    ended = _told(last, pq.DiagnosticField.SEVERITY_NONLOCALIZED) == "FATAL"
    if ended and state == ADMIN_SHUTDOWN and len(results) == 1:
        # A commit would have sent a result first.
        raise _EndedBeforeError
    raise QueryError(
        state,
        _told(last, pq.DiagnosticField.MESSAGE_PRIMARY) or "",
        _told(last, pq.DiagnosticField.MESSAGE_DETAIL),
        _told(last, pq.DiagnosticField.MESSAGE_HINT),
    )


def _told(result: pq.abc.PGresult, field: pq.DiagnosticField) -> str | None:
    text = result.error_field(field)
    return None if text is None else text.decode("utf-8", "replace")


def _alive(session: _Session) -> bool:
    """Tell without a round trip: a server that ended a session has left word in the socket."""
    try:
        if not _readable(session.pgconn.socket):
            return True
        session.pgconn.consume_input()
        # A notice is read now; the end of the stream stays readable for ever.
        return not _readable(session.pgconn.socket)
    except (psycopg.Error, OSError, ValueError):
        return False


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


async def close_together(pools: Sequence[Pool]) -> None:
    """Close several pools at once."""
    await asyncio.gather(*(pool.close() for pool in pools), return_exceptions=True)
