"""What waits to be sent to one client: bounded, so that one who does not read costs little."""

from __future__ import annotations

import asyncio
from collections import deque

from api.realtime.limits import MAX_WAITING_BYTES, MAX_WAITING_MESSAGES


class Outbox:
    """A queue with an end."""

    def __init__(self) -> None:
        """Begin empty."""
        self._texts: deque[str] = deque()
        self._size = 0
        self._filled = asyncio.Event()

    def put(self, text: str) -> bool:
        """Add a message; tell whether there was room for it."""
        if len(self._texts) >= MAX_WAITING_MESSAGES or self._size + len(text) > MAX_WAITING_BYTES:
            return False
        self._texts.append(text)
        self._size += len(text)
        self._filled.set()
        return True

    async def take(self) -> str:
        """Wait for the next message."""
        while not self._texts:
            self._filled.clear()
            await self._filled.wait()
        text = self._texts.popleft()
        self._size -= len(text)
        return text
