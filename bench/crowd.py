"""A thousand clients in one process, each as cheap as can be: so that the server is measured.

They read no more of what comes than the time that is written in it.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

# By the machine's own clock, which all its processes share.
AT = re.compile(rb'"(?:at|title)" ?: ?"?(\d+)')
JOINED = b'"status":"ok"'
TEXT, PING = 1, 9
SHORT, MEDIUM = 126, 127


@dataclass
class Crowd:
    """What all clients have noticed."""

    delays_ms: list[float] = field(default_factory=list)
    by_change: Counter[int] = field(default_factory=Counter)
    joined: int = 0
    answers: int = 0
    refused: int = 0

    def hear(self, at: int) -> None:
        """Note a change that was made at a time."""
        self.delays_ms.append((time.monotonic_ns() - at) / 1e6)
        self.by_change[at] += 1

    def forget(self) -> None:
        """Begin anew."""
        self.delays_ms = []
        self.answers = self.refused = 0


class Listening(asyncio.Protocol):
    """A client that has joined one topic."""

    def __init__(self, crowd: Crowd, path: str, topic: str) -> None:
        self._crowd = crowd
        self._path = path
        self._topic = topic
        self._buffer = bytearray()
        self._open = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a socket."""
        self._transport = cast("asyncio.Transport", transport)
        lines = [
            f"GET {self._path} HTTP/1.1",
            *("Host: bench", "Connection: Upgrade", "Upgrade: websocket"),
            *("Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {'A' * 22}=="),
        ]
        self._transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Read all frames that are whole."""
        self._buffer += data
        if not self._open:
            head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head:
                message = f"no socket: {head!r}"
                raise AssertionError(message)
            self._open = True
            self._buffer = bytearray(rest)
            self._join()
        while self._take_frame():
            pass

    def _join(self) -> None:
        payload = {"config": {"private": True, "broadcast": {}}}
        join = json.dumps(["1", "1", f"realtime:{self._topic}", "phx_join", payload]).encode()
        # Masked with zeros.
        self._transport.write(bytes([0x81, 0x80 | len(join)]) + bytes(4) + join)

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 4:
            return False
        length, start = buffer[1], 2
        if length == SHORT:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        if length == MEDIUM:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + length:
            return False
        content = bytes(buffer[start : start + length])
        kind = buffer[0] & 0x0F
        del buffer[: start + length]
        if kind == PING:
            self._transport.write(bytes([0x8A, 0x80 | len(content)]) + bytes(4) + content)
        elif kind == TEXT:
            self._hear(content)
        return True

    def _hear(self, content: bytes) -> None:
        if found := AT.search(content):
            self._crowd.hear(int(found[1]))
        elif JOINED in content:
            self._crowd.joined += 1


class Polling(asyncio.Protocol):
    """A client that asks again each second, or as soon as it has an answer if that takes longer."""

    def __init__(self, crowd: Crowd, path: str, first_after_s: float) -> None:
        self._crowd = crowd
        self._request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        self._first_after_s = first_after_s
        self._loop = asyncio.get_running_loop()
        self._due = 0.0
        self._seen = b""
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin in its turn."""
        self._transport = cast("asyncio.Transport", transport)
        self._due = self._loop.time() + self._first_after_s
        self._loop.call_at(self._due, self._ask)

    def _ask(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Read the answer; what it says counts when it is new."""
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if not end or not length or len(body) < int(length[1]):
            return
        self._buffer = b""
        if b" 200 " in head:
            self._crowd.answers += 1
        else:
            self._crowd.refused += 1
        found = AT.search(body)
        if found and found[1] != self._seen:
            # What was there before it first asked is no change.
            if self._seen:
                self._crowd.hear(int(found[1]))
            self._seen = found[1]
        self._due = max(self._due + 1, self._loop.time())
        self._loop.call_at(self._due, self._ask)


async def gathered(
    address: tuple[str, int], clients: int, protocol: Callable[[int], asyncio.Protocol]
) -> list[asyncio.BaseTransport]:
    """Connect so many clients, a hundred at a time."""
    loop = asyncio.get_running_loop()
    transports: list[asyncio.BaseTransport] = []
    for first in range(0, clients, 100):
        numbers = range(first, min(first + 100, clients))
        connecting = (
            loop.create_connection(lambda number=number: protocol(number), *address)  # type: ignore[misc]
            for number in numbers
        )
        transports += [transport for transport, _ in await asyncio.gather(*connecting)]
    return transports


async def until(condition: Callable[[], bool], looking_every_s: float = 0.001) -> None:
    """Wait for what nobody announces."""
    while not condition():  # noqa: ASYNC110 - an event for each of a million messages costs more
        await asyncio.sleep(looking_every_s)
