"""Deletion workers and their tools.

    python -m api.media worker [--once]
    python -m api.media reconcile [--day YYYY-MM-DD | --folder PATH] [--apply]
    python -m api.media verify [--days N]

worker     carries out deletions, finishes held uploads, sweeps after ended ones, until stopped.
reconcile  compares yesterday, or the day or folder named, with what ImageKit lists. Changes
           nothing unless told to. Exits with 1 when something does not agree.
verify     names folders of days at ImageKit that should be gone. Exits with 1 when there are any.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from datetime import UTC, date, datetime, timedelta

from api.imagekit.errors import ImageKitError
from api.imagekit.storage import Storage
from api.logs import log_to_stdout
from api.media.queue import Queue
from api.media.reconciling import folders_of, reconcile, surviving
from api.media.running import opened, worker_on
from api.settings import MediaSettings, SettingsError
from api.startup import StartRefusedError

RETENTION_DAYS = 14


def main() -> int:
    """Run the command line; the result is the exit code."""
    options = _parse()
    try:
        settings = MediaSettings.from_environment(os.environ)
        return asyncio.run(_run(settings, options))
    except (SettingsError, StartRefusedError, ImageKitError) as error:
        print(error, file=sys.stderr)
        return 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m api.media",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    worker = commands.add_parser("worker", help="carry out what is ordered")
    worker.add_argument("--once", action="store_true", help="only what is due now")
    reconciling = commands.add_parser("reconcile", help="compare ImageKit with the database")
    where = reconciling.add_mutually_exclusive_group()
    where.add_argument("--day", type=date.fromisoformat, help="a UTC day; yesterday if not given")
    where.add_argument("--folder", help="one folder")
    reconciling.add_argument("--apply", action="store_true", help="act on what is found")
    verifying = commands.add_parser("verify", help="name folders that should be gone")
    verifying.add_argument("--days", type=int, default=RETENTION_DAYS, help="the retention")
    return parser.parse_args()


async def _run(settings: MediaSettings, options: argparse.Namespace) -> int:
    if options.command == "verify":
        async with Storage(settings.account) as storage:
            left = await surviving(storage, timedelta(days=options.days))
        print("\n".join(left) if left else "Nothing is left of retired days.")
        return 1 if left else 0
    async with opened(settings) as pool:
        if options.command == "reconcile":
            day = options.day or (datetime.now(UTC) - timedelta(days=1)).date()
            folders = [options.folder] if options.folder else folders_of(day)
            agree = True
            async with Storage(settings.account) as storage:
                async for line in reconcile(Queue(pool), storage, folders, apply=options.apply):
                    print(line)
                    agree = "agree" in line
            return 0 if agree else 1
        log_to_stdout()
        async with worker_on(pool, settings.account, settings.writes_per_second) as worker:
            if options.once:
                while await worker.run_once():
                    pass
                return 0
            await _until_stopped(asyncio.ensure_future(worker.run()))
    return 0


async def _until_stopped(task: asyncio.Future[None]) -> None:
    """Let SIGTERM and SIGINT end the work; what is leased and not spoken of comes again."""
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    sys.exit(main())
