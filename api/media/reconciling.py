"""Comparing what ImageKit has with what the database knows, by hand or from a scheduler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, timedelta

from api.imagekit.storage import Storage
from api.media.queue import Queue

VIDEOS = "/videos"


def folders_of(day: date) -> Iterable[str]:
    """The folders into which tickets of a UTC day went."""
    yield from (f"{VIDEOS}/{day:%Y-%m-%d}/{hour:02}" for hour in range(24))
    yield f"/avatars/{day:%Y-%m-%d}"


async def reconcile(
    queue: Queue, storage: Storage, folders: Iterable[str], *, apply: bool
) -> AsyncIterator[str]:
    """Compare folders and say a line for each problem; with `apply` the database acts on them."""
    problems = 0
    for folder in folders:
        files = await storage.list_files(folder)
        found = await queue.compare(folder, files)
        problems += len(found)
        for one in found:
            yield f"  {one.problem:<8} {one.file_path}"
        if apply and found:
            await queue.reconcile(folder, files)
    if not problems:
        yield "  ImageKit and the database agree."
    elif apply:
        yield f"  {problems} found; orphans are ordered deleted, what is missing raised an alarm."
    else:
        yield f"  {problems} found, nothing changed; --apply acts on them."


async def surviving(storage: Storage, retention: timedelta) -> list[str]:
    """The folders of days at ImageKit that have outlived the retention and two days more."""
    oldest = (datetime.now(UTC) - retention - timedelta(days=2)).date()
    names = (path.rpartition("/")[2] for path in await storage.list_folders(VIDEOS))
    return sorted(f"{VIDEOS}/{name}" for name in names if name < f"{oldest:%Y-%m-%d}")
