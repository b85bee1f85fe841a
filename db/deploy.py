"""Bring a Postgres database to the state the files in this folder describe.

    python -m db.deploy [--check] [--folder DIR] [URL]
    python -m db.deploy verify [URL]
    python -m db.deploy status [--folder DIR] [URL]

URL defaults to $DATABASE_URL; it must log in as the role that owns the objects, which need not
be a superuser. `db/README.md` explains what happens.

  deploy   exits with 0 when it is done, with 1 when it failed: then nothing was changed.
  --check  does everything, shows the difference and takes it back. Exits with 0 when nothing
           would change, with 2 when something would, with 1 when it failed.
  verify   compares the database with what the last deploy left. Exits with 1 when they differ.
  status   tells what is deployed, and which files are not yet.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from db.deployment.apply import Outcome, Source, deploy
from db.deployment.commit import git_commit
from db.deployment.console import say
from db.deployment.errors import DeployError
from db.deployment.loading import is_busy
from db.deployment.reports import status, verify
from db.deployment.tree import read_tree

HERE = Path(__file__).parent
WAITS = (0.2, 0.4, 0.8, 1.5, 3.0, 5.0, 8.0, 12.0)
"""Seconds between attempts when somebody holds a lock: half a minute in all."""

WOULD_CHANGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the result is the exit code."""
    options = _parse(arguments)
    try:
        url = options.url or os.environ.get("DATABASE_URL")
        if not url:
            raise DeployError("no database: give a URL or set DATABASE_URL")
        if options.command == "verify":
            return verify(url)
        if options.command == "status":
            return status(url, read_tree(options.folder))
        return _deploy(url, options.folder, check=options.check)
    except (DeployError, psycopg.Error) as error:
        say_error(error)
    except KeyboardInterrupt:
        say_error(DeployError("interrupted"))
    return 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m db.deploy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="[verify|status] [URL]")
    parser.add_argument("--check", action="store_true", help="show the difference, change nothing")
    parser.add_argument("--folder", type=Path, default=HERE, help="the folder to deploy")
    options = parser.parse_intermixed_args(arguments)
    words = list(options.words)
    options.command = words.pop(0) if words and words[0] in ("verify", "status") else "deploy"
    options.url = words.pop(0) if words else None
    if words or (options.check and options.command != "deploy"):
        parser.error("too much on the command line")
    return options


def _deploy(url: str, folder: Path, *, check: bool) -> int:
    begun = time.perf_counter()
    source = Source(read_tree(folder), os.environ, git_commit(folder))
    outcome = _with_retries(url, source, check=check)
    seconds = time.perf_counter() - begun
    if not check:
        say(f"deployed in {seconds:.2f} s")
        return 0
    _show(outcome)
    return WOULD_CHANGE if outcome.changes_something else 0


def _with_retries(url: str, source: Source, *, check: bool) -> Outcome:
    """Deploy, and again from the start as long as somebody else holds a lock that is needed."""
    for attempt, wait in enumerate((*WAITS, None), 1):
        try:
            return deploy(url, source, check=check)
        except psycopg.Error as error:
            if not is_busy(error):
                raise
            where = " ".join(getattr(error, "__notes__", []))
            reason = f"{where or 'something'} is in use: {error.diag.message_primary}"
            if wait is None:
                raise DeployError(f"gave up after {attempt} attempts: {reason}") from error
            say(f"  {reason}; trying again in {wait} s")
            time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def _show(outcome: Outcome) -> None:
    say("")
    for event in outcome.events:
        say(f"WOULD SET OR RUN {event}")
    for difference in outcome.differences:
        say(difference.title)
        for line in difference.diff:
            say(f"    {line}")
    if outcome.changes_something:
        say(f"{len(outcome.differences)} objects would change. This was a check: nothing was.")
    else:
        say("no differences")


def say_error(error: Exception) -> None:
    """Print what went wrong, in red where that can be seen."""
    red, plain = ("\033[31m", "\033[0m") if sys.stderr.isatty() else ("", "")
    print(f"{red}error:{plain} {error}\nnothing was changed", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
