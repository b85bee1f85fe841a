"""Deletion workers and their tools.

    python -m api.media worker [--once]
    python -m api.media reconcile [--day YYYY-MM-DD | --folder PATH] [--apply]
    python -m api.media verify [--day YYYY-MM-DD]

worker     carries out deletions, finishes held uploads, sweeps after ended ones, until stopped;
           a call in flight is then waited for, a second signal cuts it off.
reconcile  compares yesterday, or the day or folder named, with what ImageKit lists. Changes
           nothing unless told to. Exits with 1 when something does not agree.
verify     lists at ImageKit the days that have outlived the retention, or the one named, and
           prints what should be gone and is there. Exits with 1 when there is any.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from api.database import BusyError, IdentityLostError, Pool, QueryError, UnavailableError
from api.imagekit.errors import ImageKitError
from api.imagekit.storage import Storage
from api.logs import log_to_stdout
from api.media.pace import Pace
from api.media.queue import Queue
from api.media.reconciling import folders_of
from api.media.running import keep_running, opened, worker_on
from api.media.tools import print_problems, print_survivors
from api.settings import MediaSettings, SettingsError
from api.startup import StartRefusedError


def main() -> int:
    """Run the command line; the result is the exit code."""
    options = _parse()
    try:
        settings = MediaSettings.from_environment(os.environ)
        return asyncio.run(_run(settings, options))
    except (SettingsError, StartRefusedError, ImageKitError) as error:
        print(error, file=sys.stderr)
    except (QueryError, BusyError, UnavailableError, IdentityLostError) as error:
        reason = error.message if isinstance(error, QueryError) else type(error).__name__
        print(f"the database gave no answer: {reason}", file=sys.stderr)
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
    verifying = commands.add_parser("verify", help="print what survived its retirement")
    verifying.add_argument("--day", type=date.fromisoformat, help="a UTC day; all if not given")
    return parser.parse_args()


async def _run(settings: MediaSettings, options: argparse.Namespace) -> int:
    async with opened(settings) as pool:
        if options.command == "worker":
            log_to_stdout()
            pace = Pace(settings.writes_per_second)
            if options.once:
                working = asyncio.ensure_future(_work_once(pool, settings, pace))
            else:
                working = asyncio.ensure_future(_work(pool, settings, pace))
            _stop_on_signals(pace, working)
            await asyncio.wait({working})
            return 1 if working.cancelled() else working.result()
        async with Storage(settings.account) as storage:
            if options.command == "verify":
                return await print_survivors(Queue(pool), storage, options.day)
            day = options.day or (datetime.now(UTC) - timedelta(days=1)).date()
            folders = [options.folder] if options.folder else folders_of(day)
            return await print_problems(Queue(pool), storage, folders, apply=options.apply)


async def _work(pool: Pool, settings: MediaSettings, pace: Pace) -> int:
    await keep_running(pool, settings.account, pace)
    return 0


async def _work_once(pool: Pool, settings: MediaSettings, pace: Pace) -> int:
    """Do all that is due; 1 when something of it broke."""
    done: Counter[str] = Counter()
    async with worker_on(pool, settings.account, pace) as worker:
        while not pace.stopping and (now := await worker.run_once()):
            done += now
    return 1 if done["broken"] else 0


def _stop_on_signals(pace: Pace, working: asyncio.Future[int]) -> None:
    """Let SIGTERM and SIGINT end the work after the call in flight, and at once when repeated."""

    def stop() -> None:
        if pace.stopping:
            working.cancel()
        pace.stop()

    loop = asyncio.get_running_loop()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, stop)


if __name__ == "__main__":
    sys.exit(main())
