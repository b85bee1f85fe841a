"""Workers running: inside the API's process, or by themselves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.database import Pool, PsycopgPool
from api.imagekit.account import ImageKitAccount
from api.imagekit.client import ImageKitClient
from api.imagekit.storage import BULK, Storage
from api.media.deleting import Deletions
from api.media.pace import Pace
from api.media.queue import Queue
from api.media.worker import Worker
from api.settings import MediaSettings
from api.startup import StartRefusedError, login_problems

CONNECTIONS = 2
CALL_TIMEOUT_S = 30.0
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
# How long the API's end waits for a call in flight. What is cut off then comes again.
LAST_CALL_S = 10.0

_log = logging.getLogger("api.media")


@asynccontextmanager
async def worker_on(
    pool: Pool,
    account: ImageKitAccount,
    pace: Pace,
    *,
    timeout: float = CALL_TIMEOUT_S,  # noqa: ASYNC109 - of each call, not of this block
    files_in_a_call: int = BULK,
) -> AsyncIterator[Worker]:
    """Make a worker on a pool that somebody else opens and closes."""
    async with (
        Storage(account, timeout=timeout, before_write=pace.before_write) as storage,
        ImageKitClient(account, max_retries=0) as imagekit,
    ):
        queue = Queue(pool)
        deletions = Deletions(queue, storage, account.url_endpoint, files_in_a_call)
        yield Worker(queue, storage, imagekit, deletions, pace)


@asynccontextmanager
async def beside(
    pool: Pool, account: ImageKitAccount, writes_per_second: float
) -> AsyncIterator[None]:
    """Run a worker for the length of a block; whatever happens to it, the block goes on."""
    pace = Pace(writes_per_second)
    task = asyncio.create_task(keep_running(pool, account, pace), name="media")
    try:
        yield
    finally:
        pace.stop()
        await asyncio.wait({task}, timeout=LAST_CALL_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def keep_running(pool: Pool, account: ImageKitAccount, pace: Pace) -> None:
    """Run a worker until its pace is asked to stop, and another when it breaks."""
    wait = FIRST_WAIT_S
    while not pace.stopping:
        began = time.monotonic()
        try:
            async with worker_on(pool, account, pace) as worker:
                await worker.run()
        except Exception:
            _log.exception("the media worker broke and starts again")
            if time.monotonic() - began > LONGEST_WAIT_S:
                wait = FIRST_WAIT_S
            await pace.rest(wait)
            wait = min(LONGEST_WAIT_S, wait * 2)


@asynccontextmanager
async def opened(settings: MediaSettings) -> AsyncIterator[Pool]:
    """Open the connections of a worker by itself; `StartRefusedError` for a wrong login."""
    pool = PsycopgPool(settings.database_url, CONNECTIONS, "media_worker")
    try:
        if problems := await login_problems("API_DATABASE_URL_MEDIA", pool, "media_worker"):
            message = "\n".join(["the worker does not start:", *(f"  {one}" for one in problems)])
            raise StartRefusedError(message)
        yield pool
    finally:
        await pool.close()
