"""What `reconcile` and `verify` print, and the exit code that it amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from api.imagekit.storage import Storage
from api.media.queue import Problem, Queue
from api.media.reconciling import left_of, outlived_days, reconcile


async def print_problems(
    queue: Queue, storage: Storage, folders: Iterable[str], *, apply: bool
) -> int:
    """Compare folders and print a table of what does not agree; 1 when something does not."""
    problems: list[Problem] = []
    async for problem in reconcile(queue, storage, folders, apply=apply):
        problems.append(problem)
    if not problems:
        print("ImageKit and the database agree.")
        return 0
    _print_table(
        ("problem", "path", "file id"),
        [(one.problem, one.file_path, one.file_id or "-") for one in problems],
    )
    if apply:
        print(f"{len(problems)} found: orphans are ordered deleted, missing files raise alarms.")
    else:
        print(f"{len(problems)} found, nothing changed; --apply acts on them.")
    return 1


async def print_survivors(queue: Queue, storage: Storage, day: date | None) -> int:
    """List days that should be gone and print what is left of them; 1 when a file survived.

    Files that a held video keeps, or that an order waits for, are counted and are no survivors.
    """
    retired = await queue.last_retired_day()
    if day is not None and day > retired:
        print(f"{day} is too young: days up to {retired} should be gone.")
        return 1
    days = [day.isoformat()] if day else await outlived_days(queue, storage)
    survivors: list[str] = []
    waiting = 0
    for name in days:
        async for left in left_of(queue, storage, name):
            survivors += left.survivors
            waiting += left.files - len(left.survivors)
    if survivors:
        _print_table(("survived",), [(path,) for path in survivors])
    print(
        f"{len(days)} retired {'day' if len(days) == 1 else 'days'} with a folder at ImageKit: "
        f"{len(survivors)} files survived, {waiting} are kept or about to go."
    )
    return 1 if survivors else 0


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, ["-" * width for width in widths], *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
