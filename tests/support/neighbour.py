"""Something in PostgREST's place that answers as it is told to, wrongly too, and writes down what
it was asked. What PostgREST itself answers is tested with PostgREST itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Neighbour:
    """What it will answer, and what it was asked."""

    url: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"[]"
    after_s: float = 0.0
    hangs_up: bool = False
    asked: list[Asked] = field(default_factory=list)

    def forget(self) -> None:
        """Be as in the beginning, at the same address."""
        self.says(200, b"[]")
        self.after_s, self.hangs_up = 0.0, False
        self.asked.clear()

    def says(self, status: int, body: bytes, **headers: str) -> None:
        """Answer this from now on."""
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def next_door() -> Iterator[Neighbour]:
    """Listen until the block ends."""
    neighbour = Neighbour()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers: dict[str, str] = {}
            for name, value in self.headers.items():
                # What is said twice shows.
                before = headers.get(name.lower())
                headers[name.lower()] = value if before is None else f"{before}, {value}"
            neighbour.asked.append(Asked(self.command, self.path, headers, body))
            time.sleep(neighbour.after_s)
            if neighbour.hangs_up:
                self.close_connection = True
                return
            self.send_response(neighbour.status)
            for name, value in neighbour.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(neighbour.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(neighbour.body)

        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    neighbour.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield neighbour
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
