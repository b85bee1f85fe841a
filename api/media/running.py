"""Workers running: inside the API's process, or by themselves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.database import Pool, PsycopgPool
from api.imagekit.account import ImageKitAccount
from api.imagekit.client import ImageKitClient
from api.imagekit.storage import Storage
from api.media.queue import Queue
from api.media.worker import Worker
from api.settings import MediaSettings
from api.startup import StartRefusedError, login_problems

CONNECTIONS = 2
LONGEST_WAIT_S = 60.0

_log = logging.getLogger("api.media")


@asynccontextmanager
async def worker_on(
    pool: Pool, account: ImageKitAccount, writes_per_second: float
) -> AsyncIterator[Worker]:
    """Make a worker on a pool that somebody else opens and closes."""
    async with Storage(account) as storage, ImageKitClient(account, max_retries=0) as imagekit:
        yield Worker(
            Queue(pool),
            storage,
            imagekit,
            account.url_endpoint,
            writes_per_second=writes_per_second,
        )


@asynccontextmanager
async def beside(
    pool: Pool, account: ImageKitAccount, writes_per_second: float
) -> AsyncIterator[None]:
    """Run a worker for the length of a block; whatever happens to it, the block goes on."""
    task = asyncio.create_task(_keep_running(pool, account, writes_per_second), name="media")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_running(pool: Pool, account: ImageKitAccount, writes_per_second: float) -> None:
    wait = 1.0
    while True:
        try:
            async with worker_on(pool, account, writes_per_second) as worker:
                await worker.run()
        except Exception:
            _log.exception("the media worker broke and starts again")
        await asyncio.sleep(wait)
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
