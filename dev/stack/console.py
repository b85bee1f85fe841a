"""What a person sees: one line a step, how long it took, and that long work is still going on."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dev.stack.errors import StackError

REMINDER_S = 10
LAST_LINES = 25


class Step:
    """One line of output that is being earned; `says` adds what came of it."""

    def __init__(self) -> None:
        self.result = "done"

    def says(self, result: str) -> None:
        """Replace `done` at the end of the line."""
        self.result = result


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Print a title, and what came of it with the time it took."""
    began = time.monotonic()
    reporting = Step()
    ended = threading.Event()
    print(f"  {title:<28} ", end="", flush=True)

    def remind() -> None:
        while not ended.wait(REMINDER_S):
            print(f"... {time.monotonic() - began:.0f} s ", end="", flush=True)

    reminder = threading.Thread(target=remind, daemon=True)
    reminder.start()
    try:
        yield reporting
    except BaseException:
        ended.set()
        print(f"failed after {time.monotonic() - began:.1f} s", flush=True)
        raise
    ended.set()
    print(f"{reporting.result} ({time.monotonic() - began:.1f} s)", flush=True)


def run_quietly(
    command: Sequence[str],
    *,
    log: Path,
    advice: str = "",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a program with its output in `log`; raise StackError with the end of it on failure."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as output:
        output.write(f"\n$ {' '.join(command)}\n")
        output.flush()
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            check=False,
        )
    if done.returncode:
        lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        raise StackError(
            f"{command[0]} failed ({done.returncode}); the end of {log}:",
            advice="\n".join([*(f"    {line}" for line in lines), advice]).rstrip(),
        )


def complain(error: StackError) -> None:
    """Print what went wrong and what to do."""
    print(f"\n{error}", file=sys.stderr, flush=True)
