"""Orders to delete and to purge, carried out at ImageKit and answered for in the database."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from api.imagekit.client import FILE_ID
from api.imagekit.errors import (
    FileIdMalformed,
    FolderTooLarge,
    ImageKitError,
    ImageKitRefused,
    RateLimited,
)
from api.imagekit.storage import BULK, BulkOutcome, Storage
from api.media.pace import InterruptedPassError
from api.media.queue import Order, Queue

FOLDERS = 5
PURGES = 20
# One after the other no longer than this: then the lease of six minutes still holds for the call
# that is in flight, and nobody else makes it again.
SINGLY_S = 240.0
# Of a folder that ImageKit will not delete whole: this many go singly before it is tried again.
SPLIT = 5000
# ImageKit says for how long it wants peace; without a word, or with less, it is this.
SHORTEST_PAUSE_S = 0.25
UNSAID_PAUSE_S = 1.0

_log = logging.getLogger("api.media")


@asynccontextmanager
async def answerable(queue: Queue, orders: Sequence[Order]) -> AsyncIterator[None]:
    """Say of leased orders what became of them when ImageKit is in the way.

    Raises `InterruptedPassError` when nobody may call ImageKit for now. `FileIdMalformed` is the
    caller's to answer for: it says something about one order and nothing about ImageKit.
    """
    try:
        yield
    except FileIdMalformed:
        raise
    except RateLimited as error:
        asked = UNSAID_PAUSE_S if error.retry_after is None else error.retry_after
        pause = max(asked, SHORTEST_PAUSE_S)
        await queue.pause(pause)
        await queue.postpone(orders, str(error), is_attempt=False)
        log_trouble("paused", logging.WARNING, seconds=round(pause, 3))
        raise InterruptedPassError from None
    except ImageKitRefused as error:
        await queue.stop(str(error))
        await queue.postpone(orders, str(error), is_attempt=False)
        log_trouble("stopped", logging.ERROR, error=str(error), until="ops.start_media()")
        raise InterruptedPassError from None
    except ImageKitError as error:
        await queue.postpone(orders, str(error))
        log_trouble("postponed", logging.WARNING, orders=len(orders), error=str(error))
    except InterruptedPassError:
        # What it did not get to is given back, for others to take at once.
        await queue.postpone(orders, "interrupted", is_attempt=False)
        raise


class Deletions:
    """Deletes files and folders, and purges what the CDN has of them."""

    def __init__(
        self, queue: Queue, storage: Storage, url_endpoint: str, files_in_a_call: int = BULK
    ) -> None:
        """Use connections that somebody else opens and closes."""
        self._queue = queue
        self._storage = storage
        self._url_endpoint = url_endpoint
        self._files_in_a_call = files_in_a_call

    async def files(self, done: Counter[str]) -> None:
        """A batch of files, in one call unless ImageKit misses some."""
        leased = await self._queue.lease("file", self._files_in_a_call)
        orders = await self._without_impossible(leased, done)
        if not orders:
            return
        by_id: defaultdict[str, list[Order]] = defaultdict(list)
        for order in orders:
            by_id[order.file_id or ""].append(order)
        try:
            async with answerable(self._queue, orders):
                await self._note(await self._storage.delete_files(list(by_id)), by_id, done)
        except FileIdMalformed:
            # ImageKit says that one of them is no id: find it, and delete the others.
            await self._each(orders, lambda order: self._file(order, done))

    async def _note(
        self, outcome: BulkOutcome, by_id: dict[str, list[Order]], done: Counter[str]
    ) -> None:
        await self._queue.finish([order for one in outcome.deleted for order in by_id[one]])
        await self._queue.finish([order for one in outcome.gone for order in by_id[one]], "gone")
        for file_id, error in outcome.failed.items():
            await self._queue.postpone(by_id.get(file_id, ()), error)
        count(done, "files deleted", len(outcome.deleted))
        count(done, "files gone", len(outcome.gone))
        count(done, "files failed", len(outcome.failed))

    async def _without_impossible(self, orders: Sequence[Order], done: Counter[str]) -> list[Order]:
        """Give up what is no id by its looks: one of them spoils the call for all the others."""
        possible = []
        for order in orders:
            if FILE_ID.fullmatch(order.file_id or ""):
                possible.append(order)
            else:
                await self._give_up(order, "this is not a file id", done)
        return possible

    async def _give_up(self, order: Order, error: str, done: Counter[str]) -> None:
        await self._queue.kill(order, error)
        count(done, "files given up", target=order.target, error=error)

    async def _file(self, order: Order, done: Counter[str]) -> None:
        try:
            was_there = await self._storage.delete_file(order.file_id or "")
        except FileIdMalformed as error:
            await self._give_up(order, str(error), done)
            return
        await self._queue.finish((order,), None if was_there else "gone")
        count(done, "files deleted" if was_there else "files gone")

    async def _each(
        self, orders: Sequence[Order], carry_out: Callable[[Order], Awaitable[None]]
    ) -> None:
        """One after the other: each is spoken of by itself, and the rest when one ends the pass."""
        deadline = time.monotonic() + SINGLY_S
        for done, order in enumerate(orders, start=1):
            if time.monotonic() > deadline:
                await self._queue.postpone(orders[done - 1 :], "not reached", is_attempt=False)
                return
            try:
                async with answerable(self._queue, (order,)):
                    await carry_out(order)
            except InterruptedPassError:
                await self._queue.postpone(orders[done:], "interrupted", is_attempt=False)
                raise

    async def folders(self, done: Counter[str]) -> None:
        """Some folders, one after the other: each may take minutes."""
        for _ in range(FOLDERS):
            orders = await self._queue.lease("folder", 1)
            if not orders:
                return
            async with answerable(self._queue, orders):
                await self._folder(orders[0], done)

    async def _folder(self, order: Order, done: Counter[str]) -> None:
        if not order.is_whole:
            files = await self._storage.list_files(order.target)
            ordered = await self._queue.split(order, files, is_complete=True)
            count(done, "folders split", target=order.target, files=ordered)
            return
        try:
            was_there = await self._storage.delete_folder(order.target)
        except FolderTooLarge:
            files = await self._storage.list_files(order.target, most=SPLIT)
            if not files:
                # Nothing that would make it smaller: this may not come again for ever.
                message = "too large to delete, and no file lies directly in it"
                raise ImageKitError(message) from None
            ordered = await self._queue.split(order, files, is_complete=False)
            count(done, "folders split", target=order.target, files=ordered)
            return
        await self._queue.finish((order,), None if was_there else "gone")
        count(done, "folders deleted" if was_there else "folders gone", target=order.target)

    async def purges(self, done: Counter[str]) -> None:
        """Some purges, one after the other."""
        orders = await self._queue.lease("purge", PURGES)
        await self._each(orders, lambda order: self._purge(order, done))

    async def _purge(self, order: Order, done: Counter[str]) -> None:
        await self._storage.purge(self._url_endpoint + order.target)
        await self._queue.spend_purge()
        await self._queue.finish((order,))
        count(done, "purges", target=order.target)


def count(done: Counter[str], action: str, times: int = 1, **fields: str | int) -> None:
    """Count what was done, and log it; nothing when it was done no times."""
    if times:
        done[action] += times
        _log_fields(logging.INFO, {"action": action, "times": times, **fields})


def log_trouble(action: str, level: int, **fields: str | float) -> None:
    """Log what ImageKit had against it."""
    _log_fields(level, {"action": action, **fields})


def _log_fields(level: int, fields: dict[str, str | int] | dict[str, str | float]) -> None:
    # One line for one action. Never a key: nothing here has one.
    _log.log(level, "media", extra={"fields": fields})
