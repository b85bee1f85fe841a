"""Listens for the word that the schema has changed: `notify pgrst, 'reload schema'`.

Nothing depends on it: what is missing or fits no more is looked for again in any case.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from api.catalogue import Catalogue
from api.database import CONNECT_TIMEOUT_S, BusyError, QueryError, UnavailableError

CHANNEL = "pgrst"
RECONNECT_AFTER_S = 1.0
# Of many words at once, as a deploy may send them, one is enough.
SETTLE_S = 0.05

_log = logging.getLogger("api.database")


@asynccontextmanager
async def listening(url: str, catalogue: Catalogue) -> AsyncIterator[None]:
    """Keep `catalogue` as it should be for as long as the context lasts."""
    task = asyncio.create_task(_listen_for_ever(url, catalogue))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen_for_ever(url: str, catalogue: Catalogue) -> None:
    while True:
        try:
            await _listen(url, catalogue)
        except psycopg.Error as error:
            _log.warning("listening for changes of the schema: %s", type(error).__name__)
        await asyncio.sleep(RECONNECT_AFTER_S)


async def _listen(url: str, catalogue: Catalogue) -> None:
    connection = await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name="api listening (schema)",
        # A connection that says nothing for hours must notice that nobody is there any more.
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
    )
    async with connection:
        await connection.execute(f"listen {CHANNEL}")
        # What was said while nobody listened.
        await _reload(catalogue)
        async for _ in connection.notifies():
            await asyncio.sleep(SETTLE_S)
            await _reload(catalogue)


async def _reload(catalogue: Catalogue) -> None:
    try:
        await catalogue.reload()
    except (BusyError, UnavailableError, QueryError) as error:
        _log.warning("the schema was not read: %s", type(error).__name__)
