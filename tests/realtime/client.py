"""A client of the socket that says exactly what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATIENCE_S = 5.0
# How long nothing must come for a test to believe that nothing does.
SILENCE_S = 0.3


@dataclass(frozen=True, slots=True)
class Said:
    """One message from the server, in whichever form it came."""

    topic: str
    event: str
    payload: dict[str, Any]
    ref: Any
    join_ref: Any

    @property
    def response(self) -> dict[str, Any]:
        """What a reply answers."""
        response: dict[str, Any] = self.payload["response"]
        return response

    @property
    def reason(self) -> str:
        """Why the server does not do what was asked."""
        assert self.payload["status"] == "error", self
        reason: str = self.response["reason"]
        return reason


@dataclass
class Client:
    """One line, with references counted as clients do."""

    line: ClientConnection
    arrays: bool
    _refs: Iterator[int] = field(default_factory=lambda: count(1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.line.close()

    def say(
        self, topic: str, event: str, payload: Any = None, *, join_ref: str | None = None
    ) -> str:
        """Send a message; gives its reference."""
        ref = str(next(self._refs))
        join_ref = ref if event == "phx_join" else join_ref
        content = {} if payload is None else payload
        self.line.send(
            json.dumps([join_ref, ref, topic, event, content])
            if self.arrays
            else json.dumps(
                {
                    "topic": topic,
                    "event": event,
                    "payload": content,
                    "ref": ref,
                    "join_ref": join_ref,
                }
            )
        )
        return ref

    def hear(self, timeout: float = PATIENCE_S) -> Said:
        """Wait for the next message."""
        content = json.loads(self.line.recv(timeout=timeout))
        if self.arrays:
            join_ref, ref, topic, event, payload = content
            return Said(topic, event, payload, ref, join_ref)
        assert set(content) == {"topic", "event", "payload", "ref"}
        return Said(content["topic"], content["event"], content["payload"], content["ref"], None)

    def hears_nothing(self, seconds: float = SILENCE_S) -> bool:
        """Tell whether nothing comes for a moment."""
        try:
            self.hear(timeout=seconds)
        except TimeoutError:
            return True
        return False

    def closed_with(self, timeout: float = PATIENCE_S) -> int | None:
        """Read on to the end; gives the code it was closed with."""
        try:
            while True:
                self.line.recv(timeout=timeout)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    def ask(self, topic: str, event: str, payload: Any = None, **more: Any) -> Said:
        """Send a message and return the reply to it."""
        ref = self.say(topic, event, payload, **more)
        said = self.hear()
        assert (said.event, said.ref, said.topic) == ("phx_reply", ref, topic), said
        return said

    def join(self, topic: str, *, private: bool = True, **payload: Any) -> Said:
        """Ask to join; gives the reply."""
        config = {"private": private, "broadcast": {"ack": False, "self": False}}
        return self.ask(f"realtime:{topic}", "phx_join", {"config": config, **payload})

    def joined(self, topic: str, **how: Any) -> str:
        """Join, which must work; gives the join's reference."""
        said = self.join(topic, **how)
        assert said.payload == {"status": "ok", "response": {"postgres_changes": []}}, said
        return str(said.ref)


def address(url: str, **query: str) -> str:
    """Return the socket's address."""
    socket = url.replace("http://", "ws://") + "/realtime/v1/websocket"
    return f"{socket}?{urlencode(query)}" if query else socket


@contextmanager
def connected(url: str, apikey: str, *, arrays: bool = True) -> Iterator[Client]:
    """Open a line."""
    vsn = "2.0.0" if arrays else "1.0.0"
    with (
        connect(address(url, apikey=apikey, vsn=vsn), max_size=2**24, compression=None) as line,
        Client(line, arrays) as client,
    ):
        yield client
