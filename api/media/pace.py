"""When the next call may go: at a pace, and not at all once the worker is to stop."""

from __future__ import annotations

import asyncio
import contextlib
import time


class InterruptedPassError(Exception):
    """ImageKit must not be called any more in this pass."""


class Pace:
    """At most so many writes a second, 0 for as many as one likes, until asked to stop."""

    def __init__(self, per_second: float) -> None:
        """Begin with a write at once."""
        self._every = 1 / per_second if per_second > 0 else 0.0
        self._next = 0.0
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let nothing begin any more; what has begun goes on to its end."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping.is_set()

    def check(self) -> None:
        """Raise `InterruptedPassError` once stopping."""
        if self.stopping:
            message = "the worker stops"
            raise InterruptedPassError(message)

    async def before_write(self) -> None:
        """Wait until the next write may go; raises `InterruptedPassError` once stopping."""
        now = time.monotonic()
        turn = max(now, self._next)
        self._next = turn + self._every
        await self.rest(turn - now)
        self.check()

    async def rest(self, seconds: float) -> None:
        """Sleep, but no longer than until asked to stop."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)
