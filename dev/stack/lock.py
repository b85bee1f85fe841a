"""One command at a time changes what runs and what is installed."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from dev.stack.paths import LOCAL


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other command of this checkout installs, starts or stops anything."""
    LOCAL.mkdir(exist_ok=True)
    # Freed by the system when the process ends, however it ends.
    with (LOCAL / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  waiting for another command of this checkout ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
