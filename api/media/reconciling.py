"""Comparing what ImageKit has with what the database knows, by hand or from a scheduler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date

from api.imagekit.storage import Storage
from api.media.queue import Problem, Queue

VIDEOS = "/videos"


def folders_of(day: date) -> Iterable[str]:
    """The folders into which tickets of a UTC day went."""
    yield from (f"{VIDEOS}/{day:%Y-%m-%d}/{hour:02}" for hour in range(24))
    yield f"/avatars/{day:%Y-%m-%d}"


async def reconcile(
    queue: Queue, storage: Storage, folders: Iterable[str], *, apply: bool
) -> AsyncIterator[Problem]:
    """Compare folders and give each problem; with `apply` the database acts on them."""
    for folder in folders:
        files = await storage.list_files(folder)
        found = await queue.compare(folder, files)
        if any(one.problem == "missing" for one in found):
            # What was published after the list was made is not missing: make it again.
            files = await storage.list_files(folder)
            found = await queue.compare(folder, files)
        if apply and found:
            await queue.reconcile(folder, files)
        for one in found:
            yield one


@dataclass(frozen=True, slots=True)
class Left:
    """What is still in a folder of a day that has outlived the retention."""

    folder: str
    files: int
    # Of these nobody knows why they are there: no row wants them, no order waits for them.
    survivors: tuple[str, ...]


async def left_of(queue: Queue, storage: Storage, day: str) -> AsyncIterator[Left]:
    """List a day's folders at ImageKit, by its name there, and give those that are not empty.

    ImageKit keeps a folder whose files are gone: it is the files that tell.
    """
    above = f"{VIDEOS}/{day}"
    for folder in (above, *await storage.list_folders(above)):
        files = await storage.list_files(folder)
        if files:
            found = await queue.compare(folder, files)
            survivors = tuple(one.file_path for one in found if one.problem == "orphan")
            yield Left(folder, len(files), survivors)


async def outlived_days(queue: Queue, storage: Storage) -> list[str]:
    """The days with a folder at ImageKit that should be retired by now, as they are called there.

    A day is over when its last video has outlived the retention; a day more is the retirement's.
    """
    youngest = await queue.last_retired_day()
    names = (path.rpartition("/")[2] for path in await storage.list_folders(VIDEOS))
    return sorted(name for name in names if name <= youngest.isoformat())
