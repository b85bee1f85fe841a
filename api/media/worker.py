"""One worker: takes what is due, calls ImageKit, says what came of it.

ImageKit is never called inside a transaction. What a worker leased and did not speak of, because
it died, is due again when its lease runs out; ImageKit then answers that the file is gone, which is
as good as deleted.
"""

from __future__ import annotations

import logging
import random
from collections import Counter

from api.database import BusyError, IdentityLostError, UnavailableError
from api.imagekit.client import ImageKitClient
from api.imagekit.storage import Storage
from api.media.deleting import Deletions, answerable, count
from api.media.held import finish_upload
from api.media.pace import InterruptedPassError, Pace
from api.media.queue import Queue

UPLOADS = 20
IDLE_S = 3.0
AFTER_TROUBLE_S = 5.0

NO_DATABASE = (BusyError, UnavailableError, IdentityLostError)

_log = logging.getLogger("api.media")


class Worker:
    """Carries out deletions, finishes held uploads and sweeps after ended ones."""

    def __init__(
        self,
        queue: Queue,
        storage: Storage,
        imagekit: ImageKitClient,
        deletions: Deletions,
        pace: Pace,
    ) -> None:
        """Use connections that somebody else opens and closes."""
        self._queue = queue
        self._storage = storage
        self._imagekit = imagekit
        self._deletions = deletions
        self._pace = pace

    async def run(self) -> None:
        """Work until its pace is asked to stop; trouble with the database is waited out."""
        while not self._pace.stopping:
            try:
                done = await self.run_once()
            except NO_DATABASE as error:
                _log.warning("the worker waits for the database: %s", type(error).__name__)
                await self._pace.rest(AFTER_TROUBLE_S)
                continue
            if done["broken"]:
                await self._pace.rest(AFTER_TROUBLE_S)
            elif not done:
                # Apart from the other workers, which woke up at the same time.
                await self._pace.rest(IDLE_S * random.uniform(0.7, 1.3))  # noqa: S311 - no secret

    async def run_once(self) -> Counter[str]:
        """Do what is due now, a batch of each kind; gives how much of each was done.

        What breaks one kind of work keeps none of the others from being done; only without a
        database nothing goes on, and its error is raised.
        """
        done: Counter[str] = Counter()
        for step in (
            self._finish_uploads,
            self._sweep,
            self._deletions.files,
            self._deletions.folders,
            self._deletions.purges,
        ):
            try:
                self._pace.check()
                await step(done)
            except InterruptedPassError:
                done["interrupted"] += 1
                break
            except NO_DATABASE:
                raise
            except Exception:
                # Its orders come again when their lease runs out.
                _log.exception("the media worker broke at one kind of work")
                done["broken"] += 1
        return done

    async def _finish_uploads(self, done: Counter[str]) -> None:
        for upload in await self._queue.lease_uploads(UPLOADS):
            self._pace.check()
            async with answerable(self._queue, ()):
                outcome = await finish_upload(self._queue.pool, self._imagekit, upload)
                count(done, outcome, ticket=upload.ticket_id)

    async def _sweep(self, done: Counter[str]) -> None:
        while folder := await self._queue.lease_sweep():
            async with answerable(self._queue, ()):
                files = await self._storage.list_files(folder)
                ordered = await self._queue.sweep(folder, files)
                count(done, "folders swept", target=folder, files=ordered)
            self._pace.check()
