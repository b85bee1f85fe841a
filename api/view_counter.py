"""Counts a view after the answer to a read has gone, without the reader ever waiting for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from api.calls import Call, Pools
from api.database import BusyError, IdentityLostError, QueryError, UnavailableError
from api.identity import Identity

# A view lost under load costs less than a read delayed by it.
MAX_PENDING = 256
CLOSE_WAIT_S = 2.0

RECORD_VIEW = Call(
    "(public.record_view(video_id => $2::uuid))::text", parameters=1, needs_address=True
)

_log = logging.getLogger("api.views")


class ViewCounter:
    """A short queue with one worker; what does not fit is dropped."""

    def __init__(self, pools: Pools) -> None:
        """Prepare the queue; nothing runs before `open`."""
        self._pools = pools
        self._pending: asyncio.Queue[tuple[Identity, str | None, bytes]] = asyncio.Queue(
            MAX_PENDING
        )
        self._worker: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start counting."""
        self._worker = asyncio.create_task(self._work(), name="view counter")

    async def close(self) -> None:
        """Count what is pending, if that is quick, and stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pending.join(), CLOSE_WAIT_S)
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    def ask(self, identity: Identity, address: str | None, video_id: bytes) -> None:
        """Ask for a view of a video that was just read. Returns at once, promises nothing."""
        with contextlib.suppress(asyncio.QueueFull):
            self._pending.put_nowait((identity, address, video_id))

    async def _work(self) -> None:
        while True:
            identity, address, video_id = await self._pending.get()
            try:
                await RECORD_VIEW.run(self._pools, identity, address, video_id)
            except (QueryError, BusyError, UnavailableError, IdentityLostError) as error:
                # The video may be gone by now, the database busy: the read was answered.
                _log.debug("a view was not counted: %s", type(error).__name__)
            finally:
                self._pending.task_done()
