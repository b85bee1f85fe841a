"""Ctrl-C, a plain `kill` and a closed terminal: each ends a command in good order."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def install() -> None:
    """Have every ending arrive as a KeyboardInterrupt."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup's choice stays
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    if number == signal.SIGHUP:
        fall_silent()
    raise KeyboardInterrupt


def fall_silent() -> None:
    """Say whatever follows to nobody: writing to a closed terminal would end us halfway."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_watched() -> bool:
    """Tell whether somebody can still read what we print.

    A closed terminal signals only the process that leads its session. That is a `make` or a
    shell above us at times, and those wait for us without a word.
    """
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return not any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))


@contextmanager
def held() -> Iterator[None]:
    """Let nothing interrupt the block: an impatient second Ctrl-C would leave half behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
