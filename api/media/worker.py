"""One worker: takes what is due, calls ImageKit, says what came of it.

ImageKit is never called inside a transaction. What a worker leased and did not speak of, because
it died, is due again when its lease runs out; ImageKit then answers that the file is gone, which is
as good as deleted.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from api.database import BusyError, IdentityLostError, QueryError, UnavailableError
from api.imagekit.client import ImageKitClient
from api.imagekit.errors import (
    FileIdMalformed,
    FolderTooLarge,
    ImageKitError,
    ImageKitRefused,
    RateLimited,
)
from api.imagekit.storage import BULK, Storage
from api.media.held import finish_upload
from api.media.queue import Order, Queue

FILES = BULK
UPLOADS = 20
FOLDERS = 5
PURGES = 20
# Of a folder that ImageKit will not delete whole: this many go singly before it is tried again.
SPLIT = 5000
IDLE_S = 3.0
AFTER_TROUBLE_S = 5.0
UNSAID_PAUSE_S = 1.0

_log = logging.getLogger("api.media")


class _InterruptedError(Exception):
    """ImageKit must not be called any more in this pass."""


class Pace:
    """At most so many writes a second; 0 is as many as one likes."""

    def __init__(self, per_second: float) -> None:
        """Begin with a write at once."""
        self._every = 1 / per_second if per_second > 0 else 0.0
        self._next = 0.0

    async def keep(self) -> None:
        """Wait until the next write may go."""
        now = time.monotonic()
        if self._next > now:
            await asyncio.sleep(self._next - now)
        self._next = max(now, self._next) + self._every


class Worker:
    """Carries out deletions, finishes held uploads and sweeps after ended ones."""

    def __init__(
        self,
        queue: Queue,
        storage: Storage,
        imagekit: ImageKitClient,
        url_endpoint: str,
        *,
        writes_per_second: float = 4.0,
    ) -> None:
        """Use connections that somebody else opens and closes.

        ImageKit sustains five writes a second for an account; one worker leaves room.
        """
        self._queue = queue
        self._storage = storage
        self._imagekit = imagekit
        self._url_endpoint = url_endpoint
        self._pace = Pace(writes_per_second)

    async def run(self) -> None:
        """Work until cancelled; trouble with the database is waited out."""
        while True:
            try:
                done = await self.run_once()
            except (BusyError, UnavailableError, IdentityLostError, QueryError) as error:
                _log.warning("the worker waits for the database: %s", type(error).__name__)
                await asyncio.sleep(AFTER_TROUBLE_S)
                continue
            if not done:
                # Apart from the other workers, which woke up at the same time.
                await asyncio.sleep(IDLE_S * random.uniform(0.7, 1.3))  # noqa: S311 - no secret

    async def run_once(self) -> Counter[str]:
        """Do what is due now, a batch of each kind; gives how much of each was done."""
        done: Counter[str] = Counter()
        try:
            await self._finish_uploads(done)
            await self._sweep(done)
            await self._delete_files(done)
            await self._delete_folders(done)
            await self._purge(done)
        except _InterruptedError:
            done["interrupted"] += 1
        if done:
            _log.info("media", extra={"fields": {"done": dict(done)}})
        return done

    async def _finish_uploads(self, done: Counter[str]) -> None:
        for upload in await self._queue.lease_uploads(UPLOADS):
            async with self._answerable(()):
                outcome = await finish_upload(self._queue.pool, self._imagekit, upload)
                done[outcome] += 1

    async def _sweep(self, done: Counter[str]) -> None:
        while folder := await self._queue.lease_sweep():
            async with self._answerable(()):
                files = await self._storage.list_files(folder)
                await self._queue.sweep(folder, files)
                done["folders swept"] += 1

    async def _delete_files(self, done: Counter[str]) -> None:
        orders = await self._queue.lease("file", FILES)
        if not orders:
            return
        by_id = {order.file_id or "": order for order in orders}
        async with self._answerable(orders):
            await self._pace.keep()
            try:
                outcome = await self._storage.delete_files(list(by_id))
            except FileIdMalformed:
                await self._delete_singly(orders, done)
                return
            await self._queue.finish([by_id[one] for one in outcome.deleted])
            await self._queue.finish([by_id[one] for one in outcome.gone], "gone")
            for file_id, error in outcome.failed.items():
                await self._queue.postpone([by_id[file_id]], error)
            done["files deleted"] += len(outcome.deleted)
            done["files gone"] += len(outcome.gone)
            done["files failed"] += len(outcome.failed)

    async def _delete_singly(self, orders: Sequence[Order], done: Counter[str]) -> None:
        """One of the ids is none: find it, and delete the others."""
        for order in orders:
            async with self._answerable((order,)):
                await self._pace.keep()
                try:
                    was_there = await self._storage.delete_file(order.file_id or "")
                except FileIdMalformed as error:
                    await self._queue.kill(order, str(error))
                    done["files given up"] += 1
                    continue
                await self._queue.finish((order,), None if was_there else "gone")
                done["files deleted" if was_there else "files gone"] += 1

    async def _delete_folders(self, done: Counter[str]) -> None:
        for _ in range(FOLDERS):
            orders = await self._queue.lease("folder", 1)
            if not orders:
                return
            async with self._answerable(orders):
                await self._delete_folder(orders[0], done)

    async def _delete_folder(self, order: Order, done: Counter[str]) -> None:
        if not order.is_whole:
            files = await self._storage.list_files(order.target)
            await self._queue.split(order, files, is_complete=True)
            done["folders split"] += 1
            return
        await self._pace.keep()
        try:
            was_there = await self._storage.delete_folder(order.target)
        except FolderTooLarge:
            files = await self._storage.list_files(order.target, most=SPLIT)
            await self._queue.split(order, files, is_complete=False)
            done["folders split"] += 1
            return
        await self._queue.finish((order,), None if was_there else "gone")
        done["folders deleted" if was_there else "folders gone"] += 1

    async def _purge(self, done: Counter[str]) -> None:
        orders = await self._queue.lease("purge", PURGES)
        async with self._answerable(orders):
            for order in orders:
                async with self._answerable((order,)):
                    await self._pace.keep()
                    await self._storage.purge(self._url_endpoint + order.target)
                    await self._queue.spend_purge()
                    await self._queue.finish((order,))
                    done["purges"] += 1

    @asynccontextmanager
    async def _answerable(self, orders: Sequence[Order]) -> AsyncIterator[None]:
        """Say of leased orders what became of them, when ImageKit is in the way."""
        try:
            yield
        except RateLimited as error:
            pause = error.retry_after if error.retry_after is not None else UNSAID_PAUSE_S
            await self._queue.pause(pause)
            await self._queue.postpone(orders, str(error), is_attempt=False)
            _log.warning("ImageKit wants %.1f s of peace", pause)
            raise _InterruptedError from None
        except ImageKitRefused as error:
            await self._queue.stop(str(error))
            await self._queue.postpone(orders, str(error), is_attempt=False)
            _log.error("%s; workers stop until ops.start_media()", error)
            raise _InterruptedError from None
        except ImageKitError as error:
            await self._queue.postpone(orders, str(error))
            _log.warning("orders wait: %s", error)
        except _InterruptedError:
            # Inside: what it did not get to is given back; what it did is not this worker's now.
            await self._queue.postpone(orders, "interrupted", is_attempt=False)
            raise
