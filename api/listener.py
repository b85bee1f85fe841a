"""A connection that hears what is notified: it comes back by itself, whatever ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from api.database import CONNECT_TIMEOUT_S

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
# How long a line may be dead before somebody notices.
ASKED_EVERY_S = 15.0
ANSWERED_WITHIN_S = 5.0
OPENED_WITHIN_S = 5.0

_log = logging.getLogger("api.database")


class Listener:
    """Listens on one channel. Any login may; it needs no right on any table."""

    def __init__(
        self, url: str, channel: str, on_notice: Callable[[str], None], on_gap: Callable[[], None]
    ) -> None:
        """Hand each notice to `on_notice`; call `on_gap` when some may have been missed."""
        self._url = url
        self._channel = channel
        self._on_notice = on_notice
        self._on_gap = on_gap
        self._task: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()

    @property
    def hears(self) -> bool:
        """Tell whether a message sent now would be heard."""
        return self._hears.is_set()

    async def open(self) -> None:
        """Begin, and wait for a moment: whoever joins should find somebody listening."""
        self._task = asyncio.create_task(self._run(), name=f"listener ({self._channel})")
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENED_WITHIN_S):
                await self._hears.wait()

    async def close(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        delay = FIRST_DELAY_S
        again = False
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(
                        sql.SQL("listen {}").format(sql.Identifier(self._channel))
                    )
                    _log.info("listening on %s%s", self._channel, " again" if again else "")
                    self._hears.set()
                    delay = FIRST_DELAY_S
                    if again:
                        self._on_gap()
                    again = True
                    await self._listen(connection)
            except (psycopg.Error, OSError, TimeoutError) as error:
                _log.warning("not listening on %s: %s", self._channel, type(error).__name__)
            finally:
                self._hears.clear()
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name=f"api listening ({self._channel})",
        )

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            async for notice in connection.notifies(timeout=ASKED_EVERY_S):
                try:
                    self._on_notice(notice.payload)
                except Exception:  # one bad message must not end all that follow
                    _log.exception("a notice could not be handled")
            # Nothing came, or the line is dead: only an answer tells.
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                await connection.execute("select 1")
